"""The report of a pseudonymised extract: JSON for machines, one self-contained page for a data-protection officer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray

from ml.disclosure import redact
from ml.register.pseudonymise.attributes import ATTRIBUTES
from ml.register.pseudonymise.ladder import Ladder, Numbers
from ml.register.pseudonymise.manifest import Pseudonymised
from ml.register.pseudonymise.plan import Fate, Plan
from ml.register.pseudonymise.risk import Risk, shown_share
from ml.register.schema import PURPOSES, TABLES
from ml.register.schema.purposes import AUDIT_BASIS

JSON_FILE, PAGE_FILE = "report.json", "report.html"
TEMPLATE = Path(__file__).with_name("report.html.jinja")


@dataclass(frozen=True)
class Detail:
    """How many people carry an attribute at one level of detail, by the latest version of their facts.

    people  rounded; None when 1 to 4
    share   of all people, from rounded counts
    """

    level: str
    people: int | None
    share: float | None


@dataclass(frozen=True)
class Report:
    """What was delivered, what was not and why, how far it was generalised, and what risk remains.

    facts    what `pseudonymised.toml` says
    people   in the output, rounded
    details  attribute → levels from suppressed to finest, then those that the register does not know
    """

    facts: Pseudonymised
    people: int | None
    fates: tuple[Fate, ...]
    details: Mapping[str, tuple[Detail, ...]]
    risk: Risk

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        facts = asdict(self.facts)
        purpose = PURPOSES[self.facts.purpose]
        return {
            **facts,
            "as_of": self.facts.as_of.isoformat(),
            "made_at": self.facts.made_at.isoformat(),
            "purpose_words": purpose.words.as_labels(),
            "legal_basis": purpose.legal_basis,
            "protected_basis": AUDIT_BASIS,
            "retention_months": purpose.retention_months,
            "people": self.people,
            "columns": [asdict(fate) for fate in self.fates],
            "generalised": {name: [asdict(each) for each in details] for name, details in self.details.items()},
            "risk": asdict(self.risk),
        }

    def as_lines(self) -> list[str]:
        """Return the report in a few lines for a terminal."""
        lost = {name: details[0].share for name, details in self.details.items() if details[0].people != 0}
        shares = ", ".join(f"{name} {_percent(share)}" for name, share in lost.items())
        own = _percent(self.risk.unique_histories)
        return [
            f"{_people(self.people)} people; at least {self.facts.k} share each combination of recognisable facts",
            f"suppressed: {shares or 'nothing'}",
            f"special categories: {', '.join(self.facts.special) or 'none'}",
            *(["exact days: of integration plans in force, for the rule alone"] if self.facts.plan_days else []),
            f"pseudonymised, not anonymous: {own} of people have a history that nobody else has",
        ]


def details_of(
    plan: Plan, ladders: Sequence[Ladder], levels: Mapping[str, NDArray[np.int8]], latest: Numbers
) -> dict[str, tuple[Detail, ...]]:
    """Return how many people carry each attribute at each level; `latest` is one row a person."""
    words = {attribute.name: [level.words for level in attribute.levels] for attribute in plan.attributes}
    return {
        ladder.name: _details(("suppressed", *words[ladder.name]), ladder, levels[ladder.name], latest)
        for ladder in ladders
    }


def _details(words: Sequence[str], ladder: Ladder, levels: NDArray[np.int8], latest: Numbers) -> tuple[Detail, ...]:
    level, missing = levels[latest], ladder.is_missing()[latest]
    unknown = missing & (level > 0)
    counts = [(name, int(((level == number) & ~unknown).sum())) for number, name in enumerate(words)]
    counts.append(("missing in the register", int(unknown.sum())))
    return tuple(Detail(name, redact(count), shown_share(count, len(latest))) for name, count in counts)


def write_report(folder: Path, content: Mapping[str, Any]) -> None:
    """Write what `Report.as_json` returned into a folder, as JSON and as a page."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    for name, made in ((JSON_FILE, text), (PAGE_FILE, page(content))):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(made, encoding="utf-8")


def page(content: Mapping[str, Any]) -> str:
    """Return the report as a page without scripts and without anything from elsewhere."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = _percent
    environment.filters["people"] = _people
    made_of = {attribute.name: ", ".join(attribute.sources) for attribute in ATTRIBUTES}
    words = {table.name: table.words.en for table in TABLES.values()}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        **content, made_of=made_of, tables=words
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _people(count: int | None) -> str:
    return "fewer than 5" if count is None else f"{count:,}".replace(",", "\u202f")
