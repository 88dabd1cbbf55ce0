"""Published cards, as in model_cards/: their pages and their record, made again from source and signed steps."""

from __future__ import annotations

import json
from pathlib import Path

from ml.home import POLICY

from .files import write_whole
from .renderings import record_of, renderings
from .review.history import review_of
from .review.statement import read
from .signing.envelope import payload_of


def published(source: Path) -> dict[str, str]:
    """Return file name → text of all that is made of a published card and of the signed steps beside it."""
    card = json.loads(source.read_text(encoding="utf-8"))
    name, version = card["model"]["name"], card["model"]["version"]
    lines = source.with_suffix(".review.jsonl").read_text(encoding="utf-8").splitlines()
    steps = [read(json.loads(payload_of(json.loads(line)))) for line in lines]
    return {**renderings(card), **record_of(review_of(steps, name, version))}


def main(folder: Path) -> None:
    """Make the pages of every published card anew, after a change of how cards are rendered."""
    for source in sorted(folder.glob("*/[0-9]*.json")):
        for name, text in published(source).items():
            write_whole(source.with_name(name), text)


if __name__ == "__main__":
    main(POLICY.parent)
