"""The cards of a home: all or nothing, the same bytes again, and words for what is not as it was made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ml.errors import GateError, UsageError
from ml.governance.card import build_card
from ml.governance.card.files import digests
from ml.governance.card.page import page
from ml.governance.cards import Cards, source
from ml.governance.renderings import renderings
from ml.governance.review.history import Review
from ml.governance.review.record import render_review

EVIDENCE = {"audit.json": "{}\n", "evidence.html": "<!doctype html>\n"}


@pytest.fixture
def cards(tmp_path: Path) -> Cards:
    return Cards(tmp_path / "home")


@pytest.fixture
def card(report: Any, provenance: Any, policy: Any) -> Callable[..., dict[str, Any]]:
    """Return what makes the card of a version of ltu-small."""

    def make(version: int = 3, **changed: Any) -> dict[str, Any]:
        made = replace(provenance, version=version, **changed)
        return build_card(report, made, policy, evidence=digests(EVIDENCE))

    return make


def files(cards: Cards) -> dict[str, bytes]:
    found = (path for path in cards.home.rglob("*") if path.is_file())
    return {path.relative_to(cards.home).as_posix(): path.read_bytes() for path in found}


# ---------------------------------------------------------------- names and versions


def test_there_is_a_card_where_there_is_its_source(cards: Cards, card: Callable[..., Any]) -> None:
    assert (cards.names(), cards.versions("ltu-small")) == ([], [])
    for version in (3, 10, 9):
        cards.publish(card(version), EVIDENCE)
    folder = cards.folder / "ltu-small"
    for name in ("notes.json", "11.md", "12.review.md", "13.public.fi.html"):
        (folder / name).write_text("", encoding="utf-8")
    (cards.folder / "ltu-empty").mkdir()
    assert cards.names() == ["ltu-small"]
    assert cards.versions("ltu-small") == [3, 9, 10]
    assert cards.latest("ltu-small") == 10
    cards.require("ltu-small", 9)
    for version in (11, 0, -1):
        with pytest.raises(UsageError, match=f"ltu-small has no version {version} in "):
            cards.require("ltu-small", version)
    with pytest.raises(UsageError, match=r"no model named ltu-empty in .*; known: ltu-small"):
        cards.latest("ltu-empty")


# ---------------------------------------------------------------- all or nothing


def test_a_card_its_pages_and_its_evidence_appear_together(cards: Cards, card: Callable[..., Any]) -> None:
    made = card()
    path = cards.publish(made, EVIDENCE)
    assert path == cards.home / "model_cards" / "ltu-small" / "3.md"
    assert cards.read("ltu-small", 3) == made
    expected = {**renderings(made), "3.json": source(made), **{f"3/{name}": text for name, text in EVIDENCE.items()}}
    found = files(cards)
    record = found.pop("model_cards/ltu-small/3.review.md").decode()
    assert record == render_review(Review("ltu-small", 3))
    assert found.pop("model_cards/ltu-small/3.review.html").decode() == page(record)
    assert found == {f"model_cards/ltu-small/{name}": text.encode() for name, text in expected.items()}
    assert cards.altered("ltu-small", 3) == ()


WRITES = len(EVIDENCE) + 8  # the source, five pages, and the record of a review that has not begun


@pytest.mark.parametrize("failing", range(WRITES))
@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_cut_short_anywhere_it_leaves_nothing(
    cards: Cards, card: Callable[..., Any], failing: int, problem: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = cards.publish(card(2), EVIDENCE)
    before, count = files(cards), iter(range(WRITES))
    rename = Path.replace

    def fails(path: Path, target: Path) -> Path:
        if next(count) == failing:
            raise problem
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(type(problem)):
        cards.publish(card(3), EVIDENCE)
    monkeypatch.undo()
    assert files(cards) == before
    assert not (other.parent / "3").exists()
    assert cards.versions("ltu-small") == [2]
    cards.publish(card(3), EVIDENCE)


def test_what_stands_in_the_way_stays_and_nothing_else(cards: Cards, card: Callable[..., Any]) -> None:
    (cards.folder / "ltu-small" / "3.html").mkdir(parents=True)
    with pytest.raises(OSError, match=r"3\.html"):
        cards.publish(card(), EVIDENCE)
    assert [path.name for path in (cards.folder / "ltu-small").iterdir()] == ["3.html"]


def test_a_number_that_is_none_is_found_before_anything_is_written(cards: Cards, card: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        cards.publish(card() | {"extra": float("nan")}, EVIDENCE)
    assert files(cards) == {}


def test_a_card_is_never_written_over_by_the_one_of_another_mlflow(cards: Cards, card: Callable[..., Any]) -> None:
    cards.publish(card(), EVIDENCE)
    before = files(cards)
    with pytest.raises(GateError, match=r"3\.json: is there already, and MLflow counted the new version as 3"):
        cards.publish(card(digest="sha256:other"), EVIDENCE)
    assert files(cards) == before


def test_a_card_is_made_anew_in_its_place_source_last(
    cards: Cards, card: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cards.publish(card(), EVIDENCE)
    written: list[str] = []
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: (written.append(to.name), rename(path, to))[1])
    cards.rewrite(card() | {"purpose": "Another one."})
    assert written[-1] == "3.json"
    assert cards.read("ltu-small", 3)["purpose"] == "Another one."
    assert cards.altered("ltu-small", 3) == ()


# ---------------------------------------------------------------- reading


def test_the_digest_is_of_the_bytes_that_were_read(cards: Cards, card: Callable[..., Any]) -> None:
    path = cards.publish(card(), EVIDENCE).with_suffix(".json")
    found, digest = cards.read_bound("ltu-small", 3)
    assert found == cards.read("ltu-small", 3) == card()
    assert digest == digests({"": path.read_text(encoding="utf-8")})[""]
    path.write_bytes(path.read_bytes() + b"\n")
    assert cards.read_bound("ltu-small", 3)[0] == found
    assert cards.read_bound("ltu-small", 3)[1] != digest


OLD = {"format": 1, "model": {"name": "ltu-small", "version": 3, "digest": "sha256:abc"}, "deviations": [], "gaps": []}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the card cannot be read"),
        (b"{", "the card cannot be read"),
        (b"\xff", "the card cannot be read"),
        (b"[1]", "the card cannot be read"),
        (b"{}", "the card cannot be read"),
        (b'{"format": 2, "model": {"name": "ltu-small", "version": 3}}', "the card cannot be read"),
        (json.dumps(OLD | {"format": 2}).encode(), r"the card cannot be read \(KeyError\('people'\)\)"),
        (
            json.dumps(OLD).encode(),
            r"this card has form 1, of another apualy, .* \(form 2\); move .* and train ltu-small",
        ),
        (json.dumps(OLD | {"format": 9}).encode(), "this card has form 9"),
    ],
)
def test_a_card_that_cannot_be_read_is_told_in_one_line(
    cards: Cards, card: Callable[..., Any], content: bytes, words: str
) -> None:
    path = cards.publish(card(), EVIDENCE).with_suffix(".json")
    path.write_bytes(content)
    with pytest.raises(GateError, match=words) as refused:
        cards.read("ltu-small", 3)
    assert str(path) in str(refused.value)


def test_the_card_of_another_version_is_not_this_ones(cards: Cards, card: Callable[..., Any]) -> None:
    path = cards.publish(card(3), EVIDENCE).with_suffix(".json")
    other = cards.publish(card(4), EVIDENCE).with_suffix(".json")
    path.write_bytes(other.read_bytes())
    with pytest.raises(GateError, match="this is the card of ltu-small version 4, not of ltu-small version 3"):
        cards.read("ltu-small", 3)


def test_no_card_no_service(cards: Cards) -> None:
    with pytest.raises(GateError, match="ltu-small version 3 has no card"):
        cards.read("ltu-small", 3)


# ---------------------------------------------------------------- altered, copied


@pytest.mark.parametrize("name", ["3.md", "3.html", "3.public.fi.html", "3.public.sv.html", "3.public.en.html"])
def test_a_page_that_its_source_does_not_give(cards: Cards, card: Callable[..., Any], name: str) -> None:
    path = cards.publish(card(), EVIDENCE).with_name(name)
    path.write_bytes(path.read_bytes() + b" ")
    assert cards.altered("ltu-small", 3) == (f"{name} is not what the card's source gives",)
    path.unlink()
    assert cards.altered("ltu-small", 3) == (f"{name} is not what the card's source gives",)
    cards.render(cards.read("ltu-small", 3))
    assert cards.altered("ltu-small", 3) == ()


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_that_the_card_was_not_made_of(cards: Cards, card: Callable[..., Any], name: str) -> None:
    path = cards.publish(card(), EVIDENCE).with_name("3") / name
    path.write_text("{ }\n", encoding="utf-8")
    assert cards.altered("ltu-small", 3) == (f"3/{name} is not the evidence that the card was made of",)
    path.unlink()
    assert cards.altered("ltu-small", 3) == (f"3/{name} is not the evidence that the card was made of",)


def test_what_was_rendered_before_is_kept_for_its_digest_alone(cards: Cards, card: Callable[..., Any]) -> None:
    cards.publish(card(), EVIDENCE)
    read = [cards.read_bound("ltu-small", 3)]
    first = cards.made_of(*read[0])
    assert cards.made_of(*read[0]) is first == renderings(read[0][0])
    other = {**read[0][0], "purpose": "Another purpose."}
    assert cards.made_of(other, "sha256:other") == renderings(other) != first
    for number in range(5):
        cards.made_of(other, f"sha256:{number}")
    assert cards.made_of(*read[0]) is not first  # memory is not filled with what nobody looks at any more


def test_a_source_written_otherwise_shows_on_every_page(cards: Cards, card: Callable[..., Any]) -> None:
    path = cards.publish(card(), EVIDENCE).with_suffix(".json")
    changed = card() | {"purpose": "To decide by itself."}
    path.write_text(source(changed), encoding="utf-8")
    assert "3.md is not what the card's source gives" in cards.altered("ltu-small", 3)


def test_a_copy_is_what_people_read_and_no_more(cards: Cards, card: Callable[..., Any], tmp_path: Path) -> None:
    path = cards.publish(card(), EVIDENCE)
    copied = cards.copy("ltu-small", 3, tmp_path / "elsewhere")
    assert copied == tmp_path / "elsewhere" / "ltu-small" / "3.md"
    for name in ("3.json", *renderings(card())):
        assert copied.with_name(name).read_bytes() == path.with_name(name).read_bytes()
    assert [each.name for each in copied.with_suffix("").iterdir()] == ["evidence.html"]


def test_nothing_is_left_beside_what_was_written(cards: Cards, card: Callable[..., Any]) -> None:
    cards.publish(card(), EVIDENCE)
    cards.rewrite(card())
    assert not [name for name in files(cards) if Path(name).name.startswith(".")]
    assert source(card()).endswith("}\n")
