"""What a person signs: an in-toto statement whose subjects are artefact, card and policy, to the byte.

https://github.com/in-toto/attestation (Statement v1). The predicate says who took which step on which version, when and
in which words, and the number and predecessor of its place in the log, so that it holds nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from ml.errors import GateError

from ..signing.envelope import canonical
from ..signing.trust import Role
from .states import Step

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:apualy:review:1"
Found = Literal["pass", "insufficient", "fail"]


@dataclass(frozen=True)
class Binding:
    """What a step is about: "sha256:…" of artefact, card and policy."""

    artefact: str
    card: str
    policy: str


@dataclass(frozen=True)
class Condition:
    """What an approval asks for later.

    kind   "retrain": a newer version has been trained by the day it is due; "audit": the model has been audited again
           by then, and from then on every so many days; "task": somebody has shown that it is done by then
    attribute, metric   of an audit: what is watched; None: all of it
    """

    id: str
    kind: str
    what: str
    due: date
    every_days: int | None = None
    attribute: str | None = None
    metric: str | None = None


@dataclass(frozen=True)
class Acceptance:
    """Why something outside the policy is acceptable: `of` are ids of findings, or one deviation in words."""

    of: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Approval:
    """What an approver says: what the model does and what could go wrong, what they accept, what they ask for."""

    does: str
    could_go_wrong: str
    expires: datetime
    accepted: tuple[Acceptance, ...] = ()
    conditions: tuple[Condition, ...] = ()
    supersedes: int | None = None


@dataclass(frozen=True)
class AuditFile:
    """What `apualy audit --json` printed.

    digest, data, policy   "sha256:…" of the file, of the predictions that were audited, and of the policy
    capacity               share of people who were flagged, as written: "0.25"
    verdicts               attribute, metric and the worst verdict of its findings
    """

    digest: str
    data: str
    policy: str
    made: date
    capacity: str
    verdicts: tuple[tuple[str, str, Found], ...]

    def of(self, attribute: str | None, metric: str | None) -> tuple[str, ...]:
        """Return the verdicts on an attribute and a metric; None: on any."""
        return tuple(verdict for one, other, verdict in self.verdicts
                     if attribute in (None, one) and metric in (None, other))  # fmt: skip


@dataclass(frozen=True)
class Fulfilment:
    """That a condition was met: a task by the step's words, an audit by its file."""

    condition: str
    audit: AuditFile | None = None


@dataclass(frozen=True)
class Statement:
    """One signed step of a review.

    number, previous  place in the log, and digest of the line before it
    trained_at        of a submission: when the version was trained
    """

    number: int
    previous: str
    at: datetime
    name: str
    version: int
    step: Step
    person: str
    role: Role
    demo: bool
    reason: str
    binding: Binding
    approval: Approval | None = None
    fulfilment: Fulfilment | None = None
    trained_at: datetime | None = None


def written(statement: Statement) -> bytes:
    """Return the payload that is signed."""
    said = _plain({key: value for key, value in asdict(statement).items() if key != "binding" and value is not None})
    subjects = [
        {"name": what, "digest": {"sha256": digest.removeprefix("sha256:")}}
        for what, digest in asdict(statement.binding).items()
    ]
    return canonical({"_type": TYPE, "subject": subjects, "predicateType": PREDICATE_TYPE, "predicate": said})


def read(content: Mapping[str, Any]) -> Statement:
    """Return the statement of a payload. Raises GateError when it is none of ours."""
    try:
        if (content["_type"], content["predicateType"]) != (TYPE, PREDICATE_TYPE):
            raise ValueError("it is a statement of another kind")
        digests = {each["name"]: f"sha256:{each['digest']['sha256']}" for each in content["subject"]}
        said = dict(content["predicate"])
        found = Statement(
            **{
                **said,
                "at": _moment(said["at"]),
                "step": Step(said["step"]),
                "role": Role(said["role"]),
                "binding": Binding(**digests),
                "trained_at": _moment(said["trained_at"]) if "trained_at" in said else None,
                "approval": _approval(said["approval"]) if "approval" in said else None,
                "fulfilment": _fulfilment(said["fulfilment"]) if "fulfilment" in said else None,
            }
        )
        if (found.approval is None) == (found.step is Step.APPROVE):
            raise ValueError("an approval, and nothing else, says what it accepts and when it ends")
        return _SHAPE.validate_python(_fields(found))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise GateError(f"the review log holds a statement that cannot be read ({problem!r})") from problem


def _fields(value: Any) -> Any:
    """Return a frozen type as the dictionary of its fields, so that each is held against its type."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _fields(getattr(value, each.name)) for each in fields(value)}
    return tuple(_fields(each) for each in value) if isinstance(value, tuple) else value


_SHAPE = TypeAdapter(Statement)


def _approval(said: Mapping[str, Any]) -> Approval:
    return Approval(
        **{
            **said,
            "expires": _moment(said["expires"]),
            "accepted": tuple(Acceptance(tuple(each["of"]), each["reason"]) for each in said.get("accepted", ())),
            "conditions": tuple(
                Condition(**{**each, "due": date.fromisoformat(each["due"])}) for each in said.get("conditions", ())
            ),
        }
    )


def _fulfilment(said: Mapping[str, Any]) -> Fulfilment:
    if "audit" not in said:
        return Fulfilment(**said)
    audit = said["audit"]
    known = {"made": date.fromisoformat(audit["made"]), "verdicts": tuple(tuple(each) for each in audit["verdicts"])}
    return Fulfilment(**{**said, "audit": AuditFile(**{**audit, **known})})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} does not say in which time zone")
    return moment


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; what is None is left out."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
