"""One version: where it stands and what is open, what the visitor can do about it, and who did what and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from ml.errors import ApualyError
from ml.governance.card.failing import failing, insufficient
from ml.governance.desk import seen_chain
from ml.governance.review.approval_rules import deviations
from ml.governance.review.history import Review, review_of
from ml.governance.review.openings import Closed
from ml.governance.review.statement import Approval, Statement
from ml.governance.review.states import Step
from ml.governance.review.steps import statements_of, stray_entries
from ml.governance.signing.chain import Chain
from serving.language import Language, marked
from serving.permissions import Action, can

from ..page import Page, View, Visit
from .model import Version, version_of
from .signer import openings_of, signer_of
from .standing import RUNNING, ConditionLine, condition_lines, gaps_by_section, next_due, since, state_words
from .words import MEANING, ROLES, RULES, SECTIONS, STEPS, TAKEN, VERDICTS, word_of

NOT_OPEN_THEN = marked("It was not open then, or not to this role.")
STRAY = marked("Its signature or its content does not hold.")


class After(BaseModel):
    """What stands after "?": a step that was just taken, or a form that was just filled in.

    late  MLflow or the card's pages could not follow the step
    """

    taken: Step | None = None
    filled: Literal["card", "dialogue"] | None = None
    late: bool = False


@dataclass(frozen=True)
class Open:
    """What a step takes; `why` in words and `detail` in English where it is closed."""

    step: str
    words: str
    meaning: str
    why: str | None
    detail: str | None


@dataclass(frozen=True)
class Entry:
    """An entry of the log; `void`: why it counts for nothing."""

    number: int
    at: str
    step: str
    person: str
    demo: bool
    role: str
    reason: str
    void: str | None


@dataclass(frozen=True)
class Missing:
    """What a section of the card lacks; `lacks` in English."""

    section: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class CardFacts:
    """What the card says that a review is about.

    verdict    of the audit, in words
    headlines  what must not be missed, in English
    odd      why it cannot be read
    altered  what is not as it was made, in English
    """

    verdict: str = ""
    weak: bool = False
    headlines: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    deviations: tuple[str, ...] = ()
    failing: int = 0
    insufficient: int = 0
    previous: int | None = None
    altered: tuple[str, ...] = ()
    odd: str | None = None

    @property
    def lacks(self) -> int:
        """Return how many gaps there are."""
        return sum(len(each.lacks) for each in self.missing)


@dataclass(frozen=True)
class VersionPage:
    """The page of a version.

    running      its approval is neither over nor taken back
    unwitnessed  why the log cannot be held against what MLflow remembers of it, in English
    """

    version: Version
    state: str
    words: str
    since: str | None
    due: str | None
    approval: Approval | None
    approved_by: str | None
    running: bool
    conditions: tuple[ConditionLine, ...]
    card: CardFacts
    steps: tuple[Open, ...]
    may_fill: bool
    signs_as: str | None
    history: tuple[Entry, ...]
    taken: str | None
    late: bool
    unwitnessed: str | None
    filled: bool


def version_page(visit: Visit) -> View:
    """Show where a version stands, what can be done about it, and who did what and why."""
    version, now, language = version_of(visit), visit.service.now(), visit.language
    chain, odd = seen_chain(version.registry, version.name)
    review = review_of(statements_of(chain), version.name, version.number)
    state, approved = review.state(now), review.last(Step.APPROVE)
    facts, card = _facts(version, language)
    person = signer_of(visit, version.registry)
    after = _after(visit, review)
    return View(
        "review_version.html.jinja",
        VersionPage(
            version=version,
            state=state.value,
            words=state_words(state, language),
            since=since(review, card),
            due=next_due(review, now),
            approval=review.approval,
            approved_by=None if approved is None else approved.person,
            running=state in RUNNING,
            conditions=condition_lines(review, now.date(), language) if state in RUNNING else (),
            card=facts,
            steps=_steps(visit, version),
            may_fill=can(visit.who, Action.FILL_CARD),
            signs_as=None if person is None else person.name,
            history=tuple(_history(review, chain, language)),
            taken=None if after.taken is None else word_of(TAKEN, after.taken, language),
            late=after.late,
            unwitnessed=odd,
            filled=after.filled is not None,
        ),
    )


def _after(visit: Visit, review: Review) -> After:
    """Return what was just done, as the address says; a step only where it is the last that was taken."""
    after: After = visit.query
    known = bool(review.steps) and review.steps[-1].step is after.taken
    return after if known else after.model_copy(update={"taken": None, "late": False})


def _facts(version: Version, language: Language) -> tuple[CardFacts, Mapping[str, Any] | None]:
    try:
        card = version.card()
        missing = gaps_by_section(card)
    except ApualyError as problem:  # a version is stopped without its card, so its page must be there without it
        return CardFacts(odd=str(problem)), None
    facts = CardFacts(
        verdict=word_of(VERDICTS, card["audit"]["verdict"], language),
        weak=card["weak"],
        headlines=tuple(str(each["text"]) for each in card["headlines"]),
        missing=tuple(Missing(word_of(SECTIONS, name, language), tuple(lacks)) for name, lacks in missing.items()),
        deviations=tuple(deviations(card)),
        failing=len(failing(card)),
        insufficient=insufficient(card),
        previous=card["previous"],
        altered=_altered(version),
    )
    return facts, card


def _altered(version: Version) -> tuple[str, ...]:
    try:
        return version.registry.altered(version.name, version.number)
    except ApualyError as problem:  # nobody can say, which is told in the same place
        return (str(problem),)


def _steps(visit: Visit, version: Version) -> tuple[Open, ...]:
    """Return each step, those first that are open to the visitor."""
    found = [_open(step, closed, visit.language) for step, closed in openings_of(visit, version).items()]
    return tuple(sorted(found, key=lambda each: each.why is not None))


def _open(step: Step, closed: Closed | None, language: Language) -> Open:
    words, meaning = word_of(STEPS, step, language), word_of(MEANING, step, language)
    if closed is None:
        return Open(step.value, words, meaning, None, None)
    return Open(step.value, words, meaning, word_of(RULES, closed.rule, language), closed.words)


def _history(review: Review, chain: Chain, language: Language) -> Iterator[Entry]:
    """Yield every entry of a version, the newest first, with those that count for nothing."""
    stray = stray_entries(chain)
    void = {each.number: language.gettext(NOT_OPEN_THEN) for each in review.void}
    known = {each.number: each for each in (*review.steps, *review.void)}
    for entry in reversed(chain.entries):
        if entry.number in known:
            yield _entry(known[entry.number], void.get(entry.number), language)
        elif entry.number in stray and _is_of(entry.statement, review):
            yield _stray(entry.number, entry.at.isoformat(), entry.statement, language)


def _is_of(statement: Mapping[str, Any], review: Review) -> bool:
    said = statement.get("predicate") or {}
    return (said.get("name"), said.get("version")) == (review.name, review.version)


def _entry(said: Statement, void: str | None, language: Language) -> Entry:
    step, role = word_of(TAKEN, said.step, language), word_of(ROLES, said.role, language)
    return Entry(said.number, said.at.isoformat(), step, said.person, said.demo, role, said.reason, void)


def _stray(number: int, at: str, statement: Mapping[str, Any], language: Language) -> Entry:
    said = statement["predicate"]
    step = word_of(TAKEN, str(said.get("step", "")), language)
    return Entry(number, at, step, str(said.get("person", "")), bool(said.get("demo")), str(said.get("role", "")),
                 str(said.get("reason", "")), language.gettext(STRAY))  # fmt: skip


PAGES: tuple[Page, ...] = (Page("GET", "/review/{name}/{version:int}", Action.SEE_REVIEWS, version_page, query=After),)
