"""The whole way of a register, command by command; and no identity code, birth date or postal code comes through.

Raw are the extract, what intake makes of it and what it sets aside, and they lie apart. All else is searched: files to
the byte, Parquet and SQLite by their values too, and all that the commands printed.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import apualy as main


@dataclass(frozen=True)
class Way:
    """Where the files of one way lie, and what each command printed."""

    folder: Path
    printed: dict[str, str]

    def json(self, command: str) -> dict[str, object]:
        """Return what a command printed, as JSON."""
        return dict(json.loads(self.printed[command]))


STEPS = {
    "synth": "register synth --target-group 900 --seed 5 --out raw",
    "report": "register report raw --json",
    "intake": "register intake --from raw --out checked --json",
    "key": "register key key",
    "pseudonymise": "register pseudonymise checked ltu --purpose ltu-risk --json "
    "--special jobseekers.work_ability_limited Act",
    "build": "register build ltu --json",
    "guard": "register guard var/cohorts/ltu-risk ltu --json",
    "train": "train ltu-risk --json",
}
RAW = ("raw", "raw.oracle", "checked")


@pytest.fixture(scope="module")
def way(home_at: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Way:
    """Return a way that was walked once, from a synthetic register to a trained model."""
    folder = tmp_path_factory.mktemp("way")
    home_at(folder / "var")
    printed = {}
    environ = {"USER": "ada", "APUALY_PSEUDONYM_KEY_FILE": "key"}
    with contextlib.chdir(folder):
        for name, command in STEPS.items():
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main.main(command.split(), environ)
            assert code == 0, (name, err.getvalue())
            printed[name], printed[f"{name} (error)"] = out.getvalue(), err.getvalue()
    return Way(folder, printed)


def test_each_command_says_what_it_made(way: Way) -> None:
    assert way.json("report")["as_of"] == "2020-01-31"
    assert way.json("build")["rows"] == way.json("train")["cohort"]["rows"]  # type: ignore[index]
    assert way.json("train")["model"]["name"] == "ltu-risk"  # type: ignore[index]
    assert way.json("guard")["changed"] == {}


def test_the_long_term_share_rises_with_the_months_since_registration(way: Way) -> None:
    shares = [each["value"] for each in way.json("build")["long_term_share"]]  # type: ignore[attr-defined]
    assert len(shares) == 12
    assert shares == sorted(shares)
    assert shares[0] < 0.25 < 0.8 < shares[-1]


def test_no_identity_code_birth_date_or_postal_code_comes_through(way: Way) -> None:
    seekers = _seekers(way.folder / "raw" / "jobseekers.csv")
    codes = {row["identity_code"] for row in seekers}
    born = {datetime.strptime(row["birth_date"], "%d.%m.%Y").date() for row in seekers}
    days = {day for day in born if day.year < 1995}  # no day of the register itself is so old
    dates = {day.strftime(form) for day in days for form in ("%d.%m.%Y", "%Y-%m-%d", "%d%m%y-", "%d%m%yA")}
    postal = {row["postal_code"] for row in seekers}
    assert len(codes) > 1000 < len(days)
    searched = 0
    for place, text in _texts(way):
        searched += 1
        for kind, values, form in (
            ("identity code", codes, r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"),
            ("birth date", dates, r"\d\d\.\d\d\.\d{4}|\d{4}-\d\d-\d\d|\d{6}[-A]"),
            ("postal code", postal, r"(?<![\d.,_a-f-])00\d{3}(?![\d.a-f])"),
        ):
            assert not values & set(re.findall(form, text)), f"{place} holds a {kind}"
    assert searched > 50


def test_the_search_finds_what_it_looks_for(way: Way, tmp_path: Path) -> None:
    """A check that cannot fail is none: the raw extract, searched the same way, holds all three."""
    raw = "\n".join(text for _, text in _file_texts(way.folder / "checked" / "jobseekers.parquet"))
    assert re.search(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", raw)
    assert re.search(r"\d{4}-\d\d-\d\d", raw)
    assert re.search(r"(?<![\d.,_a-f-])00\d{3}(?![\d.a-f])", raw)


def test_protected_attributes_lie_apart_from_inputs(way: Way) -> None:
    def names(file: str) -> set[str]:
        return set(pq.read_schema(way.folder / file).names)

    protected = {"age", "gender", "mother_tongue", "citizenship", "district", "work_ability_limited"}
    assert protected <= names("ltu/protected/jobseekers.parquet")
    assert not protected & names("ltu/inputs/jobseekers.parquet")
    keys = {"pseudonym", "start", "landmark_months"}
    assert names("var/cohorts/ltu-risk/inputs.parquet") & names("var/cohorts/ltu-risk/protected.parquet") == keys


def test_the_card_says_what_was_looked_at_and_who_was_dealt_where(way: Way) -> None:
    card = (way.folder / str(way.json("train")["card"])).read_text(encoding="utf-8")
    assert "looks at spells of" in card
    assert "dealt to the parts at random" in card


def test_the_card_holds_the_digest_of_the_data_quality_report(way: Way) -> None:
    card = way.folder / str(way.json("train")["card"])
    digest = f"sha256:{hashlib.sha256((way.folder / 'checked' / 'quality.json').read_bytes()).hexdigest()}"
    for file in (card, card.with_suffix(".html"), card.with_suffix("") / "cohort.json"):
        assert digest in file.read_text(encoding="utf-8"), file
    assert json.loads(card.with_suffix(".json").read_text(encoding="utf-8"))["cohort"]["quality_report"] == digest
    assert "the quality report" not in card.read_text(encoding="utf-8")  # so that nobody is asked for it


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("train", 2, "say what to train: ltu-risk or service-need, or both --contract and --data"),
        ("train --contract x.toml", 2, "say what to train: ltu-risk or service-need, or both --contract and --data"),
        ("train --cohort x", 2, "say what to train: ltu-risk or service-need, or both --contract and --data"),
        ("train ltu-risk --data x.csv", 2, "ltu-risk is trained on the register's cohort"),
        ("train ltu-risk", 3, "there is no such cohort; make it with apualy register build, or give --cohort"),
        ("train other", 2, "invalid choice: 'other'"),
        ("register build nowhere", 3, "run apualy register pseudonymise"),
        ("register guard here there", 3, "give a folder of apualy register build"),
        ("register build x --as-of 2020", 2, "'2020' is not a date like 2020-01-31"),
        ("register pseudonymise x y --purpose ltu-risk", 2, "apualy register key makes a file"),
    ],
)
def test_a_command_that_cannot_be_says_what_to_do(
    command: str, code: int, words: str, apualy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = apualy(*command.split())
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not any(tmp_path.iterdir())


def _seekers(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def _texts(way: Way) -> Iterator[tuple[str, str]]:
    yield from way.printed.items()
    for path in sorted(way.folder.rglob("*")):
        if path.is_file() and path.relative_to(way.folder).parts[0] not in RAW:
            yield from _file_texts(path)
    for name in ("quality.json", "quality.html"):
        yield from _file_texts(way.folder / "checked" / name)


def _file_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield a file's bytes as text, and the values inside where they are packed."""
    yield str(path), path.read_bytes().decode("latin-1")
    if path.suffix == ".parquet":
        for name, column in zip(*_columns(path), strict=True):
            yield f"{path}: {name}", "\n".join(map(str, column))
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as store:
            yield f"{path}: dump", "\n".join(store.iterdump())


def _columns(path: Path) -> tuple[list[str], list[list[object]]]:
    table = pq.read_table(path)
    return table.column_names, [column.unique().to_pylist() for column in table.columns]
