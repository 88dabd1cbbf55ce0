"""Judgements, advice and feedback on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ml.contracts import ENTITIES, INTERVIEW_FIRST

from .clients import ClientName
from .wire import Day, Id, Line, Posted, Staff, Text, Wire

Value = float | bool | str | None
Inputs = Annotated[dict[str, Value], Field(max_length=500, description="as GET /v1/models/{name} lists them")]


class ServiceNeed(StrEnum):
    """Which services a client needs most, as a caseworker sees it."""

    SKILLS = ENTITIES[0]
    REHABILITATION = ENTITIES[1]
    INTEGRATION = ENTITIES[2]
    INTERVIEW_FIRST = INTERVIEW_FIRST


class ChanceOfWork(StrEnum):
    """How likely work within six months is, as a caseworker sees it."""

    SMALL = "small"
    FAIR = "fair"
    GOOD = "good"


class JudgementQuestion(Posted):
    """A caseworker's own view of a client, before any hint.

    An integration names the caseworker whose view it hands on.
    """

    client: ClientName
    service_need: ServiceNeed
    chance_of_work: ChanceOfWork
    why: Line
    caseworker: Staff | None = None


class JudgementAnswer(Wire):
    """What was recorded; a hint may be asked for with it until then."""

    judgement: Id
    at: str
    valid_until: str


class Plan(Posted):
    """An integration plan in force: its first day, and its last where one was set. The rule alone sees it."""

    start: Day
    end: Day | None = None


class AdviceQuestion(Posted):
    """The judgement that was recorded first, and new inputs where the stored hint is not to be used.

    Without inputs the hint of the nightly batch is shown. `plan` matters where inputs for needs are given.
    """

    judgement: Id
    risk: Inputs | None = None
    needs: Inputs | None = None
    plan: Plan | None = None
    caseworker: Staff | None = None


class ModelName(Wire):
    """Which model, and where its card is."""

    name: str
    version: int
    digest: str
    card: str


class Part(Wire):
    """Of one model: the hint in words and figures, what made it, and until when it stands."""

    model: ModelName
    as_of: str
    valid_until: str
    caveats: list[str]


class WordedReason(Wire):
    """What goes together with a longer or a shorter spell, or a choice made more or less often; no cause."""

    reason: str
    label: str
    column: str
    value: Value
    kind: str
    what: str
    goes_with: str
    text: str


class Condition(Wire):
    """One condition of the integration rule, and whether it holds."""

    name: str
    holds: bool
    text: str


class Rule(Wire):
    """What the integration rule says, and the law that it rests on."""

    holds: bool
    conditions: list[Condition]
    source: str


class EntityChance(Wire):
    """Of people in a like situation, the share whom caseworkers placed there, with its 95 % interval."""

    entity: str
    label: str
    probability: float
    low: float
    high: float


class NeedsPart(Part):
    """Which services fit: by law where the rule says so, else by what caseworkers have chosen."""

    answer: str
    basis: Literal["rule", "model"]
    words: str
    rule: Rule
    chances: list[EntityChance]
    drivers: list[WordedReason]


class Chance(Wire):
    """Probability of still being unemployed, and the 95 % interval of the share among people in a like situation."""

    probability: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class Horizon(Wire):
    """The chance at one horizon: a time after the start of the spell."""

    units: float
    unit: str
    days: float
    still_unemployed: Chance


class RiskPart(Part):
    """How long a spell may last: chances along time, a band, both in words.

    Horizons that the spell has reached already are left out. Without the main one there is no band.
    """

    horizons: list[Horizon]
    band: Literal["low", "typical", "elevated", "uncertain"] | None
    band_words: str | None
    words: str | None
    reasons: list[WordedReason]


class Missing(Wire):
    """A part that cannot be given now, and why."""

    part: Literal["needs", "risk"]
    why: str


class AdviceAnswer(Wire):
    """A hint for a caseworker, who judged first: service needs, then the risk. It decides nothing."""

    advice: Id
    judgement: Id
    at: str
    source: Literal["stored", "live"]
    needs: NeedsPart | None
    risk: RiskPart | None
    missing: list[Missing]
    human_review_required: Literal[True] = True
    language: Literal["fi", "sv", "en"]


class Agreement(StrEnum):
    """What a caseworker says of a hint."""

    AGREE = "agree"
    PARTLY = "partly"
    DISAGREE = "disagree"


class Done(StrEnum):
    """What was done for the client after the hint."""

    SKILLS = ENTITIES[0]
    REHABILITATION = ENTITIES[1]
    INTEGRATION = ENTITIES[2]
    INTERVIEW = "interview"
    NOTHING_NEW = "nothing_new"
    OTHER = "other"


class FeedbackQuestion(Posted):
    """Whether the caseworker agrees with a hint, why, and what was done."""

    advice: Id
    agrees: Agreement
    why: Text | None = None
    done: Annotated[list[Done], Field(min_length=1, max_length=len(Done))]
    caseworker: Staff | None = None


class FeedbackAnswer(Wire):
    """What was recorded."""

    feedback: Id
    at: str


class WhatIfQuestion(Posted):
    """Inputs of the risk model as they are, and what would be different: inputs that somebody can change."""

    judgement: Id
    risk: Inputs
    changes: Inputs


class WhatIfAnswer(Wire):
    """The hint as it is and as it would be. What goes together need not cause: a change need not help."""

    judgement: Id
    as_it_is: RiskPart
    as_it_would_be: RiskPart
    association_only: Literal[True] = True
    words: str
    language: Literal["fi", "sv", "en"]
