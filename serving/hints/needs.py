"""A case → a hint about service needs: the integration rule first, then the model. Free of any language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Floats, Reason
from ml.models.needs.drivers import explain_needs
from ml.models.needs.model import NeedAnswers, NeedModel
from ml.models.needs.rule import IntegrationPlan, RuleAnswer, integration_rule

from .inputs import Case, Row, Told, listed, many_cases, names_of, one_case, told_of

if TYPE_CHECKING:
    import pandas as pd

DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """What the integration rule says: each condition and whether it holds, and the number of the act.

    over_usual_term  the plan has lasted longer than its act usually lets it
    """

    holds: bool
    conditions: tuple[tuple[str, bool], ...]
    act: str
    over_usual_term: bool


@dataclass(frozen=True, slots=True)
class EntityChance:
    """Among people in a like situation, the share whom caseworkers placed in the entity, with its 95 % interval."""

    entity: str
    probability: float
    low: float
    high: float


@dataclass(frozen=True)
class NeedHint:
    """What is said of one case's service needs.

    answer         an entity, or "interview_first"
    basis          "rule": the law, and nothing of the model stands here; "model": what caseworkers have chosen
    chances        of all three entities, likeliest first; none where the rule answers, or the case is unlike the
                   training
    never_answers  the model names no entity, whatever the case is
    drivers        of the answer; none where there is no entity to give reasons for
    never_seen, missing  inputs
    weak           what the model's card says of it
    """

    answer: str
    basis: Literal["rule", "model"]
    rule: Rule
    chances: tuple[EntityChance, ...] = ()
    never_answers: bool = False
    drivers: tuple[Told, ...] = ()
    never_seen: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()
    weak: bool = False
    band: ClassVar[None] = None

    def as_json(self) -> dict[str, Any]:
        """Return plain data; `from_json` reads it back."""
        rule = self.rule
        return {
            "answer": self.answer,
            "basis": self.basis,
            "rule": {
                "holds": rule.holds,
                "conditions": [list(each) for each in rule.conditions],
                "act": rule.act,
                "over_usual_term": rule.over_usual_term,
            },
            "chances": [
                {"entity": each.entity, "probability": each.probability, "low": each.low, "high": each.high}
                for each in self.chances
            ],
            "never_answers": self.never_answers,
            "drivers": [each.as_json() for each in self.drivers],
            "never_seen": listed(self.never_seen),
            "missing": listed(self.missing),
            "weak": self.weak,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> NeedHint:
        """Return what `as_json` wrote. Raises KeyError, TypeError or ValueError when it is no hint."""
        rule = dict(content["rule"])
        rule["conditions"] = tuple((name, holds) for name, holds in rule["conditions"])
        return cls(
            content["answer"],
            content["basis"],
            Rule(**rule),
            tuple(EntityChance(**each) for each in content["chances"]),
            content["never_answers"],
            tuple(Told.from_json(each) for each in content["drivers"]),
            names_of(content["never_seen"]),
            names_of(content["missing"]),
            content["weak"],
        )


def compute_needs(model: NeedModel, row: Row, plan: IntegrationPlan | None, day: date, *, weak: bool) -> NeedHint:
    """Return the hint about one case on a day; the rule is asked first.

    row   input → value as of the wire: numbers, true/false, categories as they read, None or left out when missing
    plan  the person's integration plan, None without one; the rule alone sees it
    weak  what the model's card says of it
    Raises GateError when the explanation does not add up to the model's output.
    """
    rule = integration_rule(plan, day)
    if rule.entity is not None:
        return _by_rule(rule, rule.entity)
    case = one_case(model.encoder, row)
    return next(_hints(model, [case], np.array([case.codes]), [rule], weak))


def compute_many_needs(
    model: NeedModel, features: pd.DataFrame, plans: Sequence[IntegrationPlan | None], day: date, *, weak: bool
) -> list[NeedHint]:
    """Return the hints about the cases of a frame of inputs, each as `compute_needs` has it.

    plans  one a case, or None
    Raises GateError when an explanation does not add up to the model's output.
    """
    rules = [integration_rule(plan, day) for plan in plans]
    asked = [place for place, rule in enumerate(rules) if rule.entity is None]
    of_model = _hints(model, *many_cases(model.encoder, features.iloc[asked]), [rules[place] for place in asked], weak)
    return [next(of_model) if rule.entity is None else _by_rule(rule, rule.entity) for rule in rules]


def _by_rule(rule: RuleAnswer, entity: str) -> NeedHint:
    return NeedHint(entity, "rule", _rule(rule))


def _rule(rule: RuleAnswer) -> Rule:
    conditions = tuple((each.name, each.holds) for each in rule.conditions)
    return Rule(rule.entity is not None, conditions, rule.source, rule.over_usual_term)


def _hints(
    model: NeedModel, cases: Sequence[Case], codes: Floats, rules: Sequence[RuleAnswer], weak: bool
) -> Iterator[NeedHint]:
    strange, margins = np.array([any(each.strange) for each in cases], dtype=bool), model.scorer.margins(codes)
    said = model.answers_of(codes, strange, margins)
    top = said.probability.argmax(axis=1)
    named = np.flatnonzero(said.answer != INTERVIEW_FIRST)
    ranks: dict[int, int] = {place: rank for rank, place in enumerate(named.tolist())}
    ways = explain_needs(model, codes[named], top[named], margins[named]) if len(named) else None
    for place, (case, rule, chances) in enumerate(zip(cases, rules, _chances(said), strict=True)):
        yield NeedHint(
            answer=str(said.answer[place]),
            basis="model",
            rule=_rule(rule),
            chances=() if strange[place] else chances,
            never_answers=model.threshold is None,
            drivers=() if ways is None or place not in ranks else told_of(case, ways, ranks[place]),
            never_seen=case.never_seen(),
            missing=case.missing(),
            weak=weak,
        )


def _chances(said: NeedAnswers) -> Iterator[tuple[EntityChance, ...]]:
    """Yield the chances of each case, likeliest first."""
    order = np.argsort(-said.probability, axis=1, kind="stable")
    three = (said.probability.tolist(), said.low.tolist(), said.high.tolist())
    for ranked, *figures in zip(order.tolist(), *three, strict=True):
        yield tuple(
            EntityChance(ENTITIES[entity], *(round(each[entity], DECIMALS) for each in figures)) for entity in ranked
        )
