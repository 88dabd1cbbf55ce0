"""Clients on the wire: how one is named, what is recorded of their rights, who may see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from .wire import Day, Id, Line, Posted, Pseudonym, Staff, Text, Wire

LARGEST_LIST = 1000


IdentityCode = Annotated[
    str,
    StringConstraints(max_length=20),
    Field(json_schema_extra={"format": "finnish-identity-code"}, description="DDMMYYCZZZQ; blanks around it are left"),
]


def _one_of_its_properties(schema: dict[str, Any]) -> None:
    """Turn the schema of an object into that of an object with one of its properties."""
    each = {name: next(kind for kind in said["anyOf"] if kind.get("type") != "null")
            for name, said in schema.pop("properties").items()}  # fmt: skip
    schema["oneOf"] = [
        {"type": "object", "properties": {name: said}, "required": [name], "additionalProperties": False}
        for name, said in each.items()
    ]
    del schema["additionalProperties"]


class ClientName(Posted):
    """A client by pseudonym, or by identity code, which is turned into the pseudonym at once and forgotten."""

    model_config = ConfigDict(json_schema_extra=_one_of_its_properties)

    pseudonym: Pseudonym | None = None
    identity_code: IdentityCode | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1 or (self.pseudonym is None and self.identity_code is None):
            raise PydanticCustomError("client_name", "Name the client by pseudonym or by identity_code, one of them")
        return self


class Right(StrEnum):
    """What a client can say of the use of their data."""

    CONSENT = "consent"
    OBJECTION = "objection"
    RESTRICTION = "restriction"


class RightQuestion(Posted):
    """A right that a client makes use of, or takes back (`in_force` false), since a day."""

    client: ClientName
    right: Right
    in_force: bool
    since: Day


class RightsInForce(Wire):
    """The day since which each right is in force; null: it is not."""

    consent: str | None
    objection: str | None
    restriction: str | None
    erased: str | None


class RightAnswer(Wire):
    """What was recorded, and what is in force now."""

    client: str
    rights: RightsInForce
    hints_removed: int = Field(description="stored hints that are gone, because they may not be used any more")


class ClientQuestion(Posted):
    """Which client."""

    client: ClientName


class ErasureQuestion(Posted):
    """Whom to erase, and on what request."""

    client: ClientName
    why: Line


class Ground(StrEnum):
    """Why somebody looks at a client who is not theirs."""

    ABSENT_COLLEAGUE = "absent_colleague"
    CLIENT_ASKED = "client_asked"
    HANDOVER = "handover"
    COMPLAINT = "complaint"
    OTHER = "other"


class AccessQuestion(Posted):
    """A client who is not the caseworker's, and why they must be seen."""

    client: ClientName
    ground: Ground
    why: Text


class AccessAnswer(Wire):
    """Until when the client may be seen; it stands in the log and in the manager's report."""

    id: Id
    client: str
    until: str


class Assignment(Posted):
    """Whose client somebody is, since a day; `caseworker` null: nobody's any more."""

    client: ClientName
    caseworker: Staff | None
    office: Line | None = None
    since: Day


class AssignmentsQuestion(Posted):
    """Whose clients people are; all of it or nothing is taken."""

    assignments: Annotated[list[Assignment], Field(min_length=1, max_length=LARGEST_LIST)]


class AssignmentsAnswer(Wire):
    """Of how many clients it was taken."""

    assigned: int


class ClientAnswer(Wire):
    """How a client stands: whose they are, what they said of their rights, and whether a hint lies ready."""

    client: str
    yours: bool
    office: str | None
    assigned_on: str | None
    rights: RightsInForce
    hint_ready: bool
    refusal: str | None = Field(description="why no hint may be given now; null: it may")


class Listed(Wire):
    """One client of a caseworker's."""

    client: str
    assigned_on: str | None


class ListedAnswer(Wire):
    """A page of clients; `after` of the next page, null on the last."""

    clients: list[Listed]
    after: str | None


class PageQuery(Posted):
    """Which page: the one after what `after` of the page before said."""

    after: Annotated[str, StringConstraints(pattern="^[0-9a-f]{1,32}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
