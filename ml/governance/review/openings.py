"""What a person could do about a version now, asked before any form is filled in: each step, open or why not.

The rules are those of the steps themselves. What only the answers show (a reason, an acceptance, an audit) is not asked
here; `faults` asks all of it once they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from ml.contracts import Policy
from ml.errors import ApualyError, GateError, UsageError

from ..signing.chain import Chain
from ..signing.trust import Person
from .conditions import RETRAIN
from .history import Review, review_of
from .rules import RULES
from .states import Step
from .steps import Ask, Material, Said, require_role, row_now, said_by, statements_of

STATE, ROLE, KEY, CARD = "state", "role", "key", "card"
CONDITION = "is_condition"
BEFORE_ANSWERS = ("not_author", "not_assessor", "documented", "complete", "whole", "same_policy", "as_assessed")


@dataclass(frozen=True)
class Closed:
    """Why a step is not open to somebody.

    rule   the rule that stands in the way (`rules.WORDS`), or "state", "role", "key" (none that signs today), "card"
           (it cannot be read)
    words  one line
    """

    rule: str
    words: str


def openings(
    which: tuple[str, int],
    person: Person,
    at: datetime,
    chain: Chain,
    material: Callable[[], Material],
    policy: Policy,
) -> dict[Step, Closed | None]:
    """Return each step, with why it is not open to a person; None: it is, with good answers.

    which  name and version of the model
    """
    review, once = review_of(statements_of(chain), *which), cache(material)
    return {step: _closed(Ask(*which, step, person.name, at), review, person, chain, once, policy) for step in Step}


def _closed(
    ask: Ask, review: Review, person: Person, chain: Chain, material: Callable[[], Material], policy: Policy
) -> Closed | None:
    try:
        row = row_now(review, ask)
    except GateError as refusal:
        return Closed(STATE, str(refusal))
    try:
        require_role(row, ask.step, person)
    except GateError as refusal:
        return Closed(ROLE, str(refusal))
    if not any(key.signs_on(ask.at.astimezone(UTC).date()) for key in person.keys):
        return Closed(KEY, f"no key of {person.name} signs today; make a newer one: apualy keys new")
    try:
        said = said_by(person, ask, chain, material, policy, answered=False)
    except ApualyError as refusal:
        return Closed(CARD, str(refusal))
    if ask.step is Step.FULFIL and all(each.condition.kind == RETRAIN for each in review.standings()):
        return Closed(CONDITION, f"each condition of {review.what} is met by training and submitting a newer version")
    return next((Closed(*each) for each in _refusals(said, BEFORE_ANSWERS)), None)


def faults(ask: Ask, person: Person, chain: Chain, material: Callable[[], Material], policy: Policy) -> dict[str, str]:
    """Return rule → words of each rule that a step with these answers would break; none: `Registry.take` takes it.

    Raises GateError when the step is not open, ContractError when a form is odd.
    """
    said = said_by(person, ask, chain, material, policy)
    return dict(_refusals(said, said.row.must))


def _refusals(said: Said, rules: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the rules of a row among some that refuse, with their words."""
    for rule in said.row.must:
        if rule in rules:
            try:
                RULES[rule](said.situation)
            except (GateError, UsageError) as refusal:
                yield rule, str(refusal)
