"""All that people have filled in on a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ml.errors import ContractError

from .answers import Section, Text, asked
from .dialogue import Dialogue
from .problems import problems_of, refused
from .sections import NEEDS_ONLY, SERVICE_NEED, Data, Impact, MadeBy, Oversight, Risk


class Filled(Section):
    """Who filled in what, and when."""

    by: str
    at: str  # ISO 8601, UTC
    sections: tuple[str, ...]


class People(Section):
    """`card["people"]`, section by section in the order of the card."""

    mitigation: Text = asked(
        "what was weighed against unequal errors",
        "Why no mitigation was weighed against unequal errors. Leave it empty where one was: the card shows it.",
        "The audit found no gap that a mitigation could narrow.",
    )
    made_by: MadeBy = asked("who made it and who answers for it", "", default=MadeBy())
    data: Data = asked("the data", "", default=Data())
    inputs: dict[str, Text] = asked("why each input is needed", "", default={})
    oversight: Oversight = asked("human oversight", "", default=Oversight())
    risks: tuple[Risk, ...] = asked("risks", "", default=())
    impact: Impact = asked("impact assessments", "", default=Impact())
    dialogue: Dialogue = asked("the ethical dialogue", "", default=Dialogue())
    filled: tuple[Filled, ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return the sections that are filled in, each whole, as a card holds them; the others are left out."""
        kept = {**_filled_in(self), "dialogue": _filled_in(self.dialogue)}
        return {name: section for name, section in kept.items() if section}


def _filled_in(section: Section) -> dict[str, Any]:
    """Return the parts of a section that are other than empty, each with all its answers."""
    empty = type(section)()
    whole = section.model_dump(mode="json")
    return {name: value for name, value in whole.items() if getattr(section, name) != getattr(empty, name)}


def people_of(card: Mapping[str, Any]) -> People:
    """Return what people have filled in. Raises ContractError where the card holds something else."""
    try:
        return People.model_validate(card["people"])
    except ValidationError as problem:
        name, version = card["model"]["name"], card["model"]["version"]
        raise ContractError(refused(f"{name} version {version}: the card's people", problems_of(problem))) from None


def unexplained(card: Mapping[str, Any]) -> dict[str, str]:
    """Return name and English label of each input for which no reason is declared: people say why it is needed."""
    return {each["name"]: _english(each) for each in card["inputs"] if not each.get("why")}


def unasked(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the questions about the data that are not asked: of another sort of model, or known without people."""
    needs_only = () if card.get("sort") == SERVICE_NEED else NEEDS_ONLY
    return (*needs_only, "quality_report") if knows_quality_report(card) else needs_only


def knows_quality_report(card: Mapping[str, Any]) -> bool:
    """Return whether the data itself told the digest of its quality report."""
    return bool(card.get("cohort", {}).get("quality_report"))  # cards of before say nothing of it


def _english(each: Mapping[str, Any]) -> str:
    return str(each["label"].get("en") or each["name"])
