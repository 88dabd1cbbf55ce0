"""Inputs of many clients on the wire, handed in by another system; and what became of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from .advice import Inputs, Plan
from .clients import LARGEST_LIST, ClientName
from .problems import Fault
from .wire import Posted, Wire


class HandedInTask(StrEnum):
    """Which model the inputs are for."""

    RISK = "risk"
    NEEDS = "needs"


class HandedIn(Posted):
    """One client and the inputs about them; the plan is for the integration rule, and belongs to needs."""

    client: ClientName
    inputs: Inputs
    plan: Plan | None = None


_NO_PLAN: JsonDict = {"properties": {"plan": {"type": "null"}}}
_RISK_WITHOUT_PLANS: JsonDict = {
    "if": {"properties": {"task": {"const": "risk"}}},
    "then": {"properties": {"clients": {"items": _NO_PLAN}}},
}


class HandInQuestion(Posted):
    """Inputs of many clients, each once, for one model."""

    model_config = ConfigDict(json_schema_extra=_RISK_WITHOUT_PLANS)

    task: HandedInTask
    clients: Annotated[list[HandedIn], Field(min_length=1, max_length=LARGEST_LIST)]

    @model_validator(mode="after")
    def _plans_of_needs(self) -> Self:
        if self.task is HandedInTask.RISK and any(each.plan is not None for each in self.clients):
            raise PydanticCustomError("plan", "A plan belongs to needs; the risk model takes none")
        return self


class HandedInAnswer(Wire):
    """Whether a hint lies ready about one client; else why not, as `type` of a problem would say it."""

    stored: bool
    reason: (
        Literal[
            "not-known", "twice", "client", "inputs", "plan",
            "consent-missing", "objection", "restriction", "erased",
        ]
        | None
    )  # fmt: skip
    detail: str | None
    errors: list[Fault] | None = Field(description="what is wrong with the inputs, by column")


class HandInAnswer(Wire):
    """What became of each client, in the order in which they were posted; never what a hint says."""

    model: str
    version: int
    valid_until: str
    stored: int
    clients: list[HandedInAnswer]
