"""What the report tells beside the findings: which model, of what data, by which policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ml.contracts.audit import AuditPolicy

Labels = Mapping[str, Mapping[str, str]]  # name → language → words


@dataclass(frozen=True)
class Predicted:
    """What a score is the chance of, in one language, as it goes into sentences.

    what     "the chance of still being unemployed 12 months after registration"
    came     of people for whom it came true: "who were still unemployed after 12 months"
    did_not  of those for whom it did not: "whose unemployment ended within 12 months"
    """

    what: str
    came: str
    did_not: str


@dataclass(frozen=True)
class ReportFacts:
    """What was audited, and how names read.

    predicted  language → words, all three (`unemployment` and `any_outcome` make them)
    labels     attribute → language → words; a name that is not there reads as it is
    values     attribute → group → language → words; likewise
    inputs     input of the model → language → words; likewise
    card, run  where the model card and the run are: "" there is none
    seconds    part of the work → how long it took
    """

    model: str
    version: str
    predicted: Mapping[str, Predicted]
    policy: AuditPolicy
    made: date
    data_digest: str
    policy_digest: str
    labels: Labels = field(default_factory=dict)
    values: Mapping[str, Labels] = field(default_factory=dict)
    inputs: Labels = field(default_factory=dict)
    card: str = ""
    run: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
