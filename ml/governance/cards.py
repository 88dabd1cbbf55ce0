"""The cards of a home: which there are, what they say, and whether their files are as they were made.

<home>/model_cards/<model>/<version>.json    the card; its digest is that of these bytes
<version>.md …    what is made of it alone (ml/governance/renderings.py)
<version>/        copies of the run's artefacts, which its figures link to
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.errors import ContractError, GateError, UsageError

from .card.build import FORMAT
from .card.sections import sections_of
from .files import write_whole
from .renderings import record_of, renderings
from .review.history import Review

KEPT = 4  # renderings of cards


class Cards:
    """The cards of one home folder."""

    def __init__(self, home: Path) -> None:
        """Take the folder; nothing is read yet."""
        self.home = home
        self.folder = home / "model_cards"
        self._made: dict[str, Mapping[str, str]] = {}

    def path(self, name: str, version: int) -> Path:
        """Return where the source of a version's card is."""
        return self.folder / name / f"{version}.json"

    def names(self) -> list[str]:
        """Return the names of the models that have a card."""
        return sorted({path.parent.name for path in self.folder.glob("*/*.json") if path.stem.isdecimal()})

    def versions(self, name: str) -> list[int]:
        """Return the numbers of the versions that have a card, the oldest first."""
        return sorted(int(path.stem) for path in (self.folder / name).glob("*.json") if path.stem.isdecimal())

    def latest(self, name: str) -> int:
        """Return the number of the newest version. Raises UsageError when there is none."""
        versions = self.versions(name)
        if not versions:
            raise UsageError(f"no model named {name} in {self.home}; known: {', '.join(self.names()) or 'none'}")
        return versions[-1]

    def require(self, name: str, version: int) -> None:
        """Raise UsageError when there is no such card."""
        if not self.path(name, version).is_file():
            raise UsageError(f"{name} has no version {version} in {self.home}")

    def read(self, name: str, version: int) -> dict[str, Any]:
        """Return a card. Raises GateError when it cannot be read."""
        return self.read_bound(name, version)[0]

    def read_bound(self, name: str, version: int) -> tuple[dict[str, Any], str]:
        """Return a card and the digest of the very bytes that it was read from, "sha256:…"."""
        path = self.path(name, version)
        if not path.is_file():
            raise GateError(f"{name} version {version} has no card in {self.home}: no card, no service")
        try:
            content = path.read_bytes()
            card: dict[str, Any] = json.loads(content)
            of, form = (card["model"]["name"], card["model"]["version"]), card["format"]
            _ = form != FORMAT or (card["model"]["digest"], card["deviations"], card["people"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
            raise GateError(f"{path}: the card cannot be read ({problem!r}); restore it") from problem
        if form != FORMAT:
            raise GateError(
                f"{path}: this card has form {form}, of another apualy, and cannot be reviewed or served by this one "
                f"(form {FORMAT}); move {path.parent} out of the way and train {name} again"
            )
        if of != (name, version):
            raise GateError(f"{path}: this is the card of {of[0]} version {of[1]}, not of {name} version {version}")
        try:
            sections_of(card)
        except ContractError as problem:
            raise GateError(f"{path}: the card cannot be read ({problem}); restore it") from None
        return card, f"sha256:{hashlib.sha256(content).hexdigest()}"

    def made_of(self, card: Mapping[str, Any], digest: str) -> Mapping[str, str]:
        """Return the renderings of a card; it takes half a second, so those of the last few digests are kept."""
        if digest not in self._made:
            kept = list(self._made.items())[1 - KEPT :]
            self._made = {**dict(kept), digest: renderings(card)}
        return self._made[digest]

    def strays(self, review: Review) -> tuple[str, ...]:
        """Return, in words, the record where it is not what the log gives, and files that are none of the card's."""
        path = self.path(review.name, review.version)
        record = {path.with_name(name): text for name, text in record_of(review).items()}
        why = "is not what the review log gives (apualy review promote makes it anew)"
        found = [f"{each.name} {why}" for each, text in record.items() if _bytes(each) != text.encode()]
        known = self.read(review.name, review.version)["evidence"]
        folder = path.with_suffix("")
        found += [f"{folder.name}/{each.name} is no file of this card" for each in sorted(folder.glob("*"))
                  if each.name not in known]  # fmt: skip
        return tuple(found)

    def publish(self, card: Mapping[str, Any], evidence: Mapping[str, str]) -> Path:
        """Write a card with all that is made of it and its evidence, all or nothing; return the path of its Markdown.

        evidence  file name → text, beside the card in the folder of its version
        """
        path = self.path(card["model"]["name"], card["model"]["version"])
        if path.exists():
            raise GateError(
                f"{path}: is there already, and MLflow counted the new version as {path.stem}, too: this home was made "
                "with another MLflow; name that one (APUALY_MLFLOW_URI), or another home (APUALY_HOME)"
            )
        files = {
            **{path.with_suffix("") / name: text for name, text in evidence.items()},
            **{
                path.with_name(name): text
                for name, text in record_of(Review(card["model"]["name"], card["model"]["version"])).items()
            },
            **_files(path, card),
        }
        try:
            for each, text in files.items():
                write_whole(each, text)
        except BaseException:
            for each in files:
                if each.is_file():
                    each.unlink()
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            raise
        return path.with_suffix(".md")

    def rewrite(self, card: Mapping[str, Any]) -> None:
        """Write a card's source and all that is made of it; the source last, for a card is there when its source is."""
        for each, text in _files(self.path(card["model"]["name"], card["model"]["version"]), card).items():
            write_whole(each, text)

    def render(self, card: Mapping[str, Any]) -> None:
        """Write all that is made of a card's source."""
        path = self.path(card["model"]["name"], card["model"]["version"])
        for name, text in renderings(card).items():
            write_whole(path.with_name(name), text)

    def record(self, review: Review) -> None:
        """Write the record of a review beside its card, as Markdown and as a page."""
        for name, text in record_of(review).items():
            write_whole(self.path(review.name, review.version).with_name(name), text)

    def copy(self, name: str, version: int, target: Path) -> Path:
        """Copy what people read of a card to another folder: source, pages, record, and the pages of its evidence.

        The documents behind the evidence stay: they say where data is kept. Returns the path of the Markdown.
        """
        path, folder = self.path(name, version), target / name
        made = [path.with_name(each) for each in renderings(self.read(name, version))]
        for each in (path, *made, *(path.with_suffix(f".review.{kind}") for kind in ("md", "html"))):
            write_whole(folder / each.name, each.read_text(encoding="utf-8"))
        for each in sorted(path.with_suffix("").glob("*.html")):
            write_whole(folder / str(version) / each.name, each.read_text(encoding="utf-8"))
        return folder / f"{version}.md"

    def altered(self, name: str, version: int) -> tuple[str, ...]:
        """Return which files of a card are not as they were made, in words; people read them, so they must be."""
        (card, digest), path = self.read_bound(name, version), self.path(name, version)
        found = [
            f"{each} is not what the card's source gives"
            for each, text in self.made_of(card, digest).items()
            if _bytes(path.with_name(each)) != text.encode()
        ]
        found += [
            f"{version}/{each} is not the evidence that the card was made of"
            for each, digest in card["evidence"].items()
            if f"sha256:{hashlib.sha256(_bytes(path.with_suffix('') / each)).hexdigest()}" != digest
        ]
        return tuple(found)


def made_digest(card: Mapping[str, Any]) -> str:
    """Return the digest of what training wrote in a card: all but what people fill in, and what changes with it."""
    made = {key: value for key, value in card.items() if key not in ("people", "changes")}
    text = json.dumps(made, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def source(card: Mapping[str, Any]) -> str:
    """Return the text of a card's source."""
    return json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _files(path: Path, card: Mapping[str, Any]) -> dict[Path, str]:
    """Return path → text of what is made of a card, its source last; nothing is written when that cannot be made.

    Raises ContractError where a section is not of its type.
    """
    text = source(card)
    sections_of(card)
    return {path.with_name(name): made for name, made in renderings(card).items()} | {path: text}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # unlike any text of a card: it is told as altered
