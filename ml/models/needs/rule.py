"""The integration rule: the law, not a score, opens integration services. Evaluated first, shown as a rule.

    condition      holds when
    -----------    ----------------------------------------------------------------
    plan           an integration plan has been made
    begun          the day is not before the plan's first day
    not_ended      the day is not after the plan's last day, or none has been set

All three hold: integration services, by rule. Sources (checked in 2026; counsel confirms):

* Act on the Promotion of Immigrant Integration 681/2023, in force from 1.1.2025: a jobseeker with an integration plan
  is a client of integration services while it lasts. As a rule a plan lasts two years at most, three before
  (Administration Committee of Parliament, HaVM 8/2024).
* Act 1386/2010, before it: three years from the first plan's signing, two more where needed (report 3.1.4).
* Report, appendix 2: clients of integration services "are within the integration act"; those who need similar service
  without being so are for a caseworker to see, and for the model.

The plan's own last day counts, for it holds the extensions that were granted. A plan older than its act's usual
term is pointed out, not refused: whether it was extended is a person's to check.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ml.contracts import ENTITIES, Placements
from ml.contracts.needs_report import RuleQuality
from ml.errors import DataError

from .proportion import proportion

INTEGRATION = ENTITIES[2]
ACT_681 = date(2025, 1, 1)  # the day on which act 681/2023 came into force
USUAL_YEARS_681 = 2
USUAL_YEARS_1386 = 3


@dataclass(frozen=True)
class IntegrationPlan:
    """A jobseeker's integration plan: first day, and last day where one has been set; both within the plan."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        """Raise DataError when the plan ends before it begins."""
        if self.end is not None and self.end < self.start:
            raise DataError(f"integration plan: it ends on {self.end}, before it begins on {self.start}; correct one")


@dataclass(frozen=True)
class Condition:
    """One condition of the rule, and whether it holds."""

    name: str
    holds: bool


@dataclass(frozen=True)
class RuleAnswer:
    """What the rule says of a person on a day.

    over_usual_term  the plan has lasted longer than its act usually lets it: check whether it was extended
    """

    conditions: tuple[Condition, ...]
    source: str
    over_usual_term: bool

    @property
    def entity(self) -> str | None:
        """Return "integration" when every condition holds; None: the rule says nothing."""
        return INTEGRATION if all(each.holds for each in self.conditions) else None


def integration_rule(plan: IntegrationPlan | None, day: date) -> RuleAnswer:
    """Return what the rule says of somebody with this plan, or none, on a day."""
    conditions = (
        Condition("plan", plan is not None),
        Condition("begun", plan is not None and plan.start <= day),
        Condition("not_ended", plan is not None and (plan.end is None or day <= plan.end)),
    )
    if plan is None:
        return RuleAnswer(conditions, source_on(day), over_usual_term=False)
    under_new_act = plan.start >= ACT_681
    usual = USUAL_YEARS_681 if under_new_act else USUAL_YEARS_1386
    over = plan.start <= day and day > _years_later(plan.start, usual)
    return RuleAnswer(conditions, source_on(day), over_usual_term=over)


def source_on(day: date) -> str:
    """Return the number of the act in force on a day."""
    return "681/2023" if day >= ACT_681 else "1386/2010"


def rule_quality(placements: Placements) -> RuleQuality:
    """Return how the rule agrees with the placements that the register calls made by rule."""
    holds, by_rule = placements.plan_in_force, ~placements.by_caseworker
    return RuleQuality(
        holds=int(holds.sum()),
        by_rule=int(by_rule.sum()),
        placed_where_holds=proportion(by_rule[holds], placements.person[holds]),
        holds_where_placed=proportion(holds[by_rule], placements.person[by_rule]),
    )


def _years_later(day: date, years: int) -> date:
    """Return the same day some years later; 28 February for 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
