"""The table of states → the page that shows it: `make pages` writes it, a test compares."""

from __future__ import annotations

from pathlib import Path

from ..card.markdown.pieces import table
from .rules import WORDS
from .states import TABLE, State, Transition

PAGE = Path(__file__).with_name("STATES.md")


def diagram() -> str:
    """Return the page: a diagram, and each transition with who may, what must hold and which event is written."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for row in TABLE:
        arrows.setdefault((row.source, row.target), []).append(str(row.by))
    lines = [f"    {_id(source)} --> {_id(target)}: {', '.join(by)}" for (source, target), by in arrows.items()]
    named = [f'    state "{state.value}" as {_id(state)}' for state in State]
    rows = [[row.source.value, str(row.by), row.target.value, _who(row), _must(row), row.event] for row in TABLE]
    return (
        "# States of a model version\n\nMade from `states.py` by `make pages`; a test compares.\n\n```mermaid\n"
        "stateDiagram-v2\n" + "\n".join([*named, f"    [*] --> {_id(State.DRAFT)}: train", *lines])
        + "\n```\n\n" + table(["from", "by", "to", "who may", "what must hold", "event in the log"], rows) + "\n"
    )  # fmt: skip


def _id(state: State) -> str:
    return state.name.lower()


def _who(row: Transition) -> str:
    return " or ".join(role.value for role in row.who) or "—"


def _must(row: Transition) -> str:
    return "; ".join(WORDS[rule] for rule in row.must) or "—"


if __name__ == "__main__":
    PAGE.write_text(diagram(), encoding="utf-8")
