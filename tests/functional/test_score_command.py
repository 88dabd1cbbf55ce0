"""The whole way: a synthetic register, a reviewed model, clients taken in, and `apualy score`."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import apualy as main
from ml.pseudonym import read_key
from serving.hints.needs import NeedHint
from serving.store.advices import stored_hints
from serving.store.database import Database

from ..conftest import Ran

FORMS = Path(__file__).parents[2] / "model_cards" / "demo"
MODEL = "service-need"
WHY = "As the demonstration says it."
REGISTER = (
    "register synth --target-group 900 --seed 5 --out raw",
    "register key key",
    f"register pseudonymise raw extract --purpose {MODEL} --plan-days Act",
    "register build extract",
    "register build extract --current",
    f"train {MODEL}",
    "keys demo",
)
pytestmark = pytest.mark.slow  # trains a model, and has it reviewed


@dataclass(frozen=True)
class Demo:
    """A demonstration in a folder of its own."""

    folder: Path

    def run(self, *argv: object, **environ: str) -> Ran:
        said = {
            "USER": "ada",
            "APUALY_ENV": "demo",
            "APUALY_HOME": str(self.folder / "var"),
            "APUALY_PSEUDONYM_KEY_FILE": str(self.folder / "key"),
            "APUALY_SIGNING_PASSPHRASE_FILE": str(self.folder / "var" / "keys" / "passphrase"),
        }
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main.main([str(each) for each in argv], said | environ)
        return Ran(code, out.getvalue(), err.getvalue())

    def do(self, *argv: object) -> str:
        ran = self.run(*argv)
        assert (ran.code, ran.err) == (0, ""), argv
        return ran.out

    @property
    def cohort(self) -> Path:
        return self.folder / "var" / "current" / MODEL

    @property
    def clients(self) -> Path:
        return self.folder / "raw.oracle" / "clients.csv"

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        with contextlib.closing(Database(f"sqlite:///{self.folder}/var/service.db")) as database:
            yield database


@pytest.fixture(scope="module")
def demo(rooms: None, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return a demonstration with a model that is approved and clients that are taken in."""
    demo = Demo(tmp_path_factory.mktemp("demo"))
    for command in REGISTER:
        ran = demo.run(*command.split())
        assert ran.code == 0, (command, ran.err)
    by = ("--as", "Demo Data Scientist")
    demo.do("card", "fill", MODEL, "--form", FORMS / "card.toml", *by)
    demo.do("card", "fill", MODEL, "--form", FORMS / "needs.toml", *by)
    demo.do("review", "submit", MODEL, *by, "--reason", WHY)
    by = ("--as", "Demo Ethics Reviewer")
    demo.do("card", "fill", MODEL, "--form", FORMS / "dialogue.toml", *by)
    demo.do("review", "assess", MODEL, *by, "--reason", WHY)
    approve(demo)
    demo.do("database", "upgrade")
    demo.do("clients", "import", demo.clients)
    return demo


def approve(demo: Demo) -> None:
    form = subprocess.run(
        ["sed", "-f", FORMS / f"{MODEL}.sed"], input=demo.do("review", "form", MODEL), capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    (demo.folder / "approval.toml").write_text(form)
    demo.do("review", "approve", MODEL, "--as", "Demo Service Owner", "--form", "approval.toml")


def test_hints_lie_ready_about_the_right_people(demo: Demo) -> None:
    (scored,) = json.loads(demo.do("score", demo.cohort, "--valid-days", 3, "--json"))
    assert (scored["model"], scored["version"], scored["went_on"]) == (MODEL, 1, 0)
    until = datetime.fromisoformat(scored["valid_until"])
    assert timedelta(days=2, hours=23) < until - datetime.now(UTC) < timedelta(days=3)
    consenting, planned, hints = consents(demo), with_plan(demo), hints_by_code(demo)
    assert 0 < len(hints) == scored["hints"] < scored["people"]
    assert set(hints) <= consenting  # nobody without consent has one
    by_rule = {code for code, hint in hints.items() if hint.basis == "rule"}
    assert by_rule == planned & set(hints)  # the rule tells whose facts stand behind a hint: the register's own plans
    assert len(by_rule) > 10


def test_it_is_told_in_words_and_goes_the_same_way_again(demo: Demo) -> None:
    told = demo.do("score", demo.cohort)
    assert f"{MODEL} version 1: " in told
    assert " hints lie ready until 20" in told
    assert "people have none: not known here, or a right stands in the way" in told
    assert "the log is whole" in demo.do("log", "verify")


def test_what_cannot_be_scored_is_refused_in_a_line(demo: Demo, tmp_path: Path) -> None:
    for folders, code, words in (
        ((tmp_path,), 3, "is no folder made by apualy register build --current"),
        ((demo.cohort, demo.cohort), 2, "two of the cohorts are for the same model"),
    ):
        ran = demo.run("score", *folders)
        assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
        assert words in ran.err
    demo_of_another_key = demo.folder / "other"
    demo.do("register", "key", demo_of_another_key)
    ran = demo.run("score", demo.cohort, APUALY_PSEUDONYM_KEY_FILE=str(demo_of_another_key))
    assert ran.code == 3
    assert "pseudonyms of another key" in ran.err


def test_a_model_that_was_revoked_scores_nobody(demo: Demo) -> None:
    """The last of them: nobody approves it again."""
    before = hints_by_code(demo)
    demo.do("review", "revoke", MODEL, "--as", "Demo Ethics Reviewer", "--reason", WHY)
    ran = demo.run("score", demo.cohort)
    assert (ran.code, ran.out) == (4, "")
    assert hints_by_code(demo) == before


def people(demo: Demo) -> list[dict[str, str]]:
    with demo.clients.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def consents(demo: Demo) -> set[str]:
    return {each["identity_code"] for each in people(demo) if each["consent"] == "given"}


def with_plan(demo: Demo) -> set[str]:
    """Return who has an integration plan in force on the register's last day, as the raw register says it."""
    as_of = datetime(2020, 1, 31)
    found = set()
    with (demo.folder / "raw" / "jobseekers.csv").open(encoding="utf-8-sig", newline="") as file:
        for each in csv.DictReader(file, delimiter=";"):
            start, end = _day(each["integration_plan_start"]), _day(each["integration_plan_end"])
            if start is not None and start <= as_of and (end is None or as_of <= end):
                found.add(each["identity_code"])
    return found


def _day(text: str) -> datetime | None:
    return datetime.strptime(text, "%d.%m.%Y") if text else None


def hints_by_code(demo: Demo) -> dict[str, Any]:
    """Return the hints that lie ready, by identity code."""
    codes = [each["identity_code"] for each in people(demo)]
    key = read_key({"APUALY_PSEUDONYM_KEY_FILE": str(demo.folder / "key")})
    pseudonyms = key.for_purpose("advice").pseudonyms(codes)
    with demo.database() as database, database.reading() as connection:
        found = {code: stored_hints(connection, name) for code, name in zip(codes, pseudonyms, strict=True)}
    return {code: NeedHint.from_json(each["needs"].content) for code, each in found.items() if each}
