"""What people filled in, as sections of the card's Markdown; each gap stands where its answer would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...people.answers import InLanguages, Section
from ...people.dialogue import NAMES, Dialogue
from ...people.gaps import ABOUT, Gap, gaps
from ...people.people import People, people_of
from .pieces import NONE, listed, plain, table

LANGUAGES = ("fi", "sv", "en")


def render_people(card: Mapping[str, Any]) -> str:
    """Return the sections that people answer for, the ethical dialogue last."""
    people, found = people_of(card), gaps(card)

    def missing(*sections: str) -> str:
        return _missing([gap for gap in found if gap.section in sections])

    parts = (
        ("Who made it and who answers for it", _answers(people.made_by), missing("made_by")),
        ("Data: purpose and legal basis", _answers(people.data), missing("data")),
        ("Why each input is needed", _inputs(card, people), missing("inputs")),
        ("Why no mitigation was weighed", people.mitigation and _plain(people.mitigation), missing("mitigation")),
        ("Human oversight", _answers(people.oversight), missing("oversight")),
        ("Risks", _risks(people), missing("risks")),
        ("Impact assessments", _impact(people), missing("impact")),
        ("The ethical dialogue", _dialogue(people.dialogue), missing("dialogue")),
        ("Who filled this in", _filled(people), ""),
    )
    return "\n\n".join(
        "\n\n".join(part for part in (f"## {title}", told, lacks) if part)
        for title, told, lacks in parts
        if told or lacks
    )


def _missing(found: Sequence[Gap]) -> str:
    return listed([f"**Gap:** {plain(gap.words)}" for gap in found]) if found else ""


def _answers(section: Section) -> str:
    """Return question and answer of what is filled in."""
    rows: list[list[str]] = []
    for name, field in type(section).model_fields.items():
        value, title = getattr(section, name), str(field.title)
        if isinstance(value, InLanguages):
            rows += [[f"{title} ({language})", _plain(getattr(value, language))] for language in LANGUAGES
                     if getattr(value, language)]  # fmt: skip
        elif value:
            rows.append([title, _plain(value)])
    return table(["what", "answer"], rows) if rows else ""


def _inputs(card: Mapping[str, Any], people: People) -> str:
    labels = {each["name"]: each["label"]["en"] for each in card["inputs"]}
    rows = [[labels.get(name, name), _plain(words)] for name, words in people.inputs.items()]
    return table(["input", "why it is needed, in people's words"], rows) if rows else ""


def _risks(people: People) -> str:
    rows = [
        [ABOUT.get(each.about, each.about or NONE), *map(_plain, (each.what, each.likelihood, each.severity,
                                                                  each.measure, each.owner))]
        for each in people.risks
    ]  # fmt: skip
    return table(["about", "what may go wrong", "likelihood", "severity", "measure", "owner"], rows) if rows else ""


def _impact(people: People) -> str:
    assessments = {"data protection": people.impact.data_protection,
                   "fundamental rights": people.impact.fundamental_rights}  # fmt: skip
    rows = [[name, _plain(each.reference), _day(each), f"`{each.digest}`" if each.digest else NONE]
            for name, each in assessments.items() if each.told()]  # fmt: skip
    return table(["assessment of", "reference", "accepted on", "document"], rows) if rows else ""


def _dialogue(dialogue: Dialogue) -> str:
    first = (("notice", dialogue.notice), ("description", dialogue.description))
    steps = [[name, _day(each), _plain(each.by), _plain(each.text)] for name, each in first if each.told()]
    heard = [[each.who.replace("_", " "), _day(each), _plain(each.by), _plain(each.said), _plain(each.answer)]
             for each in dialogue.heard]  # fmt: skip
    weighing = [
        [NAMES.get(each.norm, NONE), each.verdict or NONE,
         *map(_plain, (each.duty, each.consequences, each.virtue, each.by)), _day(each)]
        for each in dialogue.weighing
    ]  # fmt: skip
    parts = [
        ("Noticed and described", ["step", "day", "by", "words"], steps),
        ("Who was heard", ["who", "day", "heard by", "said", "answer"], heard),
        ("Weighed", ["norm", "the model", "duty", "consequences", "virtue", "by", "day"], weighing),
    ]
    told = [f"### {title}\n\n{table(head, rows)}" for title, head, rows in parts if rows]
    return "\n\n".join([*told, *_recommended(dialogue)])


def _recommended(dialogue: Dialogue) -> list[str]:
    said = dialogue.recommendation
    if not said.told():
        return []
    what = said.recommend.replace("_", " ") or NONE
    return [f"### Recommended: {what}\n\n{_plain(said.reasons)} ({_plain(said.by)}, {_day(said)})"]


def _filled(people: People) -> str:
    rows = [[_plain(each.by), each.at, ", ".join(each.sections)] for each in people.filled]
    return table(["by", "at", "sections"], rows) if rows else ""


def _day(record: Any) -> str:
    return NONE if record.date is None else record.date.isoformat()


def _plain(text: str) -> str:
    return plain(text) or NONE
