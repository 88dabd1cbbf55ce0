"""The sections that every card has: which model it is, what it is for, where it comes from, what changed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from ...people.people import People
from .values import Count, Day, Digest, Kind, Many, Moment, Named, Section, Source, Words


class Model(Section):
    """Which model it is; version and digest bind the card to one artefact."""

    name: str
    version: Annotated[int, Field(ge=1)]
    digest: Named


class Headline(Section):
    """What a reviewer must not miss, with the source of its figures."""

    text: str
    source: Source


class Explanation(Section):
    """How answers are explained to people, and what an explanation cannot say."""

    method: str
    limits: Many[str]


class Why(Section):
    """Why the model needs an input, as its declaration says."""

    en: str


def _declared(why: Any) -> Any:
    """Return None for "", which is how a card says that nothing is declared; null is no way to say it."""
    return None if why == "" else "" if why is None else why


class Input(Section):
    """One input of the model.

    kind  who, if anyone, can change what it says
    why   None, and "" on the card, where its declaration does not say
    """

    name: str
    label: Words
    kind: Kind
    why: Annotated[
        Why | None, BeforeValidator(_declared), PlainSerializer(lambda why: "" if why is None else why.model_dump())
    ]
    source: Source


class Limit(Section):
    """Between what a metric of a group may lie, against its reference's."""

    of: Literal["ratio", "difference"]
    low: float
    high: float


class Limits(Section):
    """What the policy asks of an audit.

    metrics               metric → its limits
    answers               limits of the answers of a service-need model
    smallest_denominator  fewer people than this are insufficient evidence
    policy                digest of the policy
    """

    metrics: dict[str, Limit]
    answers: Limit
    smallest_denominator: Count
    policy: Named
    source: Source


class Provenance(Section):
    """Run, person, time and environment of a training.

    environment  name → version of each library; "code" and "lock" → digests
    """

    run: str
    trained_by: str
    trained_at: Moment
    environment: dict[str, str]


class Change(Section):
    """One thing that two versions of a model differ in, in words."""

    what: str
    before: str
    after: str
    note: str


class TimeSpan(Section):
    """From which day to which day the rows of a part began; None where the data has no days."""

    first: Day | None = Field(alias="from")
    last: Day | None = Field(alias="to")


class Card(Section):
    """What is on the cards of both sorts.

    weak        whether the model tells people apart poorly, by the policy
    deviations  what stands between the model and the policy, in words
    people      what people filled in
    evidence    file beside the card → digest of it
    previous    the version that `changes` are since; None: there was none
    """

    format: Literal[2]
    model: Model
    weak: bool
    headlines: Many[Headline]
    purpose: str
    not_for: Many[str]
    explanation: Explanation
    not_inputs: Many[Words]
    limits: Limits
    deviations: Many[str]
    warnings: Many[str]
    people: People
    evidence: dict[str, Digest]
    provenance: Provenance
    previous: Count | None
    changes: Many[Change]
