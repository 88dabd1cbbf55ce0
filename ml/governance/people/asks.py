"""What the two forms ask of a card, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .dialogue import MUST_BE_HEARD, NORMS, Dialogue, Heard, Weighed
from .people import People, unasked, unexplained
from .sections import NAMED_RISKS, Risk
from .written import comment, line, table, tables


def card_form(card: Mapping[str, Any], people: People) -> list[str]:
    """Return the sections of the form `card`."""
    field = People.model_fields["mitigation"]
    missing = [Risk(about=about) for about in NAMED_RISKS if about not in {each.about for each in people.risks}]
    return [
        f"{comment(str(field.description))}\n{line('mitigation', people.mitigation)}\n",
        table("made_by", people.made_by),
        table("data", people.data, unasked(card)),
        *_inputs_form(card, people),
        table("oversight", people.oversight),
        tables("risks", [*people.risks, *missing]),
        "# The impact assessments.\n" + table("impact", people.impact),
    ]


def _inputs_form(card: Mapping[str, Any], people: People) -> Iterator[str]:
    asked = unexplained(card)
    if asked:
        yield "[inputs]\n" + "".join(
            f"{comment(f'Why is “{label}” needed?')}\n{line(name, people.inputs.get(name, ''))}\n"
            for name, label in asked.items()
        )


def dialogue_form(dialogue: Dialogue) -> list[str]:
    """Return the sections of the form `dialogue`."""
    heard, weighed = {each.who for each in dialogue.heard}, {each.norm for each in dialogue.weighing}
    unheard = [Heard(who=groups[0]) for groups in MUST_BE_HEARD.values() if heard.isdisjoint(groups)]
    unweighed = [Weighed(norm=norm.key) for norm in NORMS if norm.key not in weighed]
    norms = {norm.key: comment(f"{norm.en[0].upper()}{norm.en[1:]} ({norm.fi}).") + "\n" for norm in NORMS}
    return [
        table("notice", dialogue.notice),
        table("description", dialogue.description),
        tables("heard", [*dialogue.heard, *unheard]),
        tables("weighing", [*dialogue.weighing, *unweighed], lambda row: norms.get(row.norm, "")),
        table("recommendation", dialogue.recommendation),
    ]
