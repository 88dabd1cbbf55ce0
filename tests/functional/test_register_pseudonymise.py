"""`apualy register key, pseudonymise, reidentify, custody, rekey`: the journey of a data-protection officer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from ml.register.schema import TABLES
from ml.register.synthetic.extract import write_register

Apualy = Callable[..., Any]
HEXADECIMAL = re.compile(r"\b[0-9a-f]{8,64}\b")  # digests and pseudonyms hold digits
FRACTION = re.compile(r"(?<=:\d\d)\.\d{6}(?=\+)")  # of the second in which it was made: at times a postal code
IDENTITY = re.compile(r"\d{6}[-+A-FU-Ya-fu-y]\d{3}[0-9A-Ya-y]")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a raw register of a few hundred people who do not exist."""
    return write_register(tmp_path_factory.mktemp("raw") / "raw", target_group=100, seed=7)


@pytest.fixture
def keyed(apualy: Apualy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return an environment with a key; the working folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    ran = apualy("register", "key", "pseudonym.key")
    assert (ran.code, ran.err) == (0, "")
    assert Path("pseudonym.key").read_text(encoding="ascii").strip() not in ran.out
    return {"APUALY_PSEUDONYM_KEY_FILE": "pseudonym.key"}


def _seekers(raw: Path) -> list[Mapping[str, str]]:
    form = pa_csv.ParseOptions(delimiter=";")
    names = pa_csv.ConvertOptions(column_types=dict.fromkeys(TABLES["jobseekers"].names, "string"))
    rows: list[Mapping[str, str]] = pa_csv.read_csv(raw / "jobseekers.csv", None, form, names).to_pylist()
    return rows


def _traces(raw: Path) -> tuple[set[str], set[date]]:
    """Return texts that may be nowhere in an output: codes, birth dates as people write them, postal codes."""
    rows = _seekers(raw)
    days = {date(*map(int, reversed(row["birth_date"].split(".")))) for row in rows}
    forms = ("%d.%m.%Y", "%Y-%m-%d", "%d%m%y", "%d%m%Y", "%Y%m%d")
    texts = {row["identity_code"] for row in rows} | {row["postal_code"] for row in rows}
    return texts | {f"{day:{form}}" for day in days for form in forms}, days


def _pseudonym(out: Path) -> str:
    return str(pq.read_table(out / "protected/jobseekers.parquet").column("pseudonym")[0])


def test_a_raw_register_becomes_data_for_a_purpose(apualy: Apualy, keyed: dict[str, str], raw: Path):
    ran = apualy("register", "pseudonymise", raw, "out", "--purpose", "ltu-risk", **keyed)
    assert (ran.code, ran.err) == (0, "")
    assert "at least 5 share each combination" in ran.out
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "inputs", "protected", "pseudonymised.toml", "report.html", "report.json",
    ]  # fmt: skip
    again = apualy("register", "pseudonymise", raw, "again", "--purpose", "ltu-risk", "--json", **keyed)
    report = json.loads(again.out)
    assert report == json.loads(Path("again/report.json").read_text(encoding="utf-8"))
    for path in Path("out").rglob("*.parquet"):
        assert path.read_bytes() == (Path("again") / path.relative_to("out")).read_bytes()


def test_an_extract_whose_quality_report_was_changed_is_refused(apualy: Apualy, keyed: dict[str, str], raw: Path):
    assert apualy("register", "intake", "--from", raw, "--out", "checked").code == 0
    report = Path("checked/quality.json")
    said = report.read_text(encoding="utf-8")
    report.write_text(said + " ", encoding="utf-8")
    argv = ["register", "pseudonymise", "checked", "out", "--purpose", "planning"]
    ran = apualy(*argv, **keyed)
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert "quality.json: is other than the report that register.toml names" in ran.err
    assert not Path("out").exists()
    report.write_text(said, encoding="utf-8")
    assert apualy(*argv, **keyed).code == 0


@pytest.mark.parametrize("purpose", ["ltu-risk", "service-need", "planning"])
def test_nothing_of_an_identity_is_in_any_byte_of_the_output_or_of_what_is_said(
    apualy: Apualy, keyed: dict[str, str], raw: Path, purpose: str
):
    ran = apualy("register", "pseudonymise", raw, "out", "--purpose", purpose, **keyed)
    texts, days = _traces(raw)
    key = Path("pseudonym.key").read_bytes().strip()
    said = [("what is said", ran.out + ran.err)]
    for path in Path("out").rglob("*"):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            values = {value for column in table.columns for value in column.unique().to_pylist()}
            assert not values & (texts | days), path
            content = path.read_bytes()  # where digits alone prove nothing: pseudonyms are full of them
            assert not [text for text in texts if not text.isdecimal() and text.encode() in content], path
        elif path.is_file():
            said.append((str(path), path.read_text(encoding="utf-8")))
            assert key not in path.read_bytes()
    assert len(said) == 4
    for place, text in said:
        words = HEXADECIMAL.sub("", FRACTION.sub("", text))
        assert not [trace for trace in texts if trace in words], place


@pytest.mark.parametrize(
    ("environ", "argv", "code", "words"),
    [
        ({}, ["--purpose", "ltu-risk"], 2, "APUALY_PSEUDONYM_KEY_FILE"),
        ({"APUALY_PSEUDONYM_KEY_FILE": "open.key"}, ["--purpose", "ltu-risk"], 2, "mode 0644"),
        ({"APUALY_PSEUDONYM_KEY_COMMAND": "false"}, ["--purpose", "ltu-risk"], 2, "exit code 1"),
        (None, ["--purpose", "marketing"], 2, "choose one of ltu-risk"),
        (None, ["--purpose", "ltu-risk", "--k", "1"], 2, "k is 1"),
        (None, ["--purpose", "ltu-risk", "--k", "90000"], 3, "fewer than 90000 people"),
        (None, ["--purpose", "ltu-risk", "--special", "jobseekers.work_ability_limited", " "], 2, "legal basis"),
        (None, ["--purpose", "ltu-risk", "--special", "abilitator.health", "GDPR 9(2)(h)"], 2, "not for the purpose"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_and_writes_nothing(
    apualy: Apualy,
    keyed: dict[str, str],
    raw: Path,
    environ: dict[str, str] | None,
    argv: list[str],
    code: int,
    words: str,
):
    Path("open.key").write_bytes(Path("pseudonym.key").read_bytes())
    Path("open.key").chmod(0o644)
    environ = keyed if environ is None else {"PATH": "/usr/bin:/bin", **environ}
    ran = apualy("register", "pseudonymise", raw, "out", *argv, **environ)
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert words in ran.err
    assert not Path("out").exists()


def test_special_categories_are_delivered_on_a_legal_basis_only(apualy: Apualy, keyed: dict[str, str], raw: Path):
    argv = ["register", "pseudonymise", raw, "out", "--purpose", "service-need"]
    apualy(*argv, **keyed)
    assert not Path("out/inputs/abilitator.parquet").exists()
    assert "work_ability_limited" not in pq.read_schema("out/protected/jobseekers.parquet").names
    ran = apualy(*argv, "--special", "abilitator.health", "GDPR 9(2)(h)", **keyed)
    assert "special categories: abilitator.health" in ran.out
    assert set(pq.read_schema("out/inputs/abilitator.parquet").names) == {"pseudonym", "date", "health", "entered"}
    assert '"abilitator.health" = "GDPR 9(2)(h)"' in Path("out/pseudonymised.toml").read_text(encoding="utf-8")


def test_a_person_is_found_again_on_the_record_only(apualy: Apualy, keyed: dict[str, str], raw: Path):
    apualy("register", "pseudonymise", raw, "out", "--purpose", "ltu-risk", **keyed)
    asked = ["register", "reidentify", _pseudonym(Path("out")), "--from", raw, "--purpose", "ltu-risk"]
    ran = apualy(*asked, "--as", "Ada", "--reason", "a request under GDPR 15", **keyed)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.strip() in {row["identity_code"] for row in _seekers(raw)}
    assert apualy(*asked, "--as", "Ada", "--reason", " ", **keyed).code == 2
    other = [*asked[:-1], "planning"]
    nobody = apualy(*other, "--as", "Grace", "--reason", "curious", **keyed)
    assert (nobody.code, nobody.out) == (3, "")
    custody = apualy("register", "custody", "--json", **keyed)
    entries = json.loads(custody.out)
    entries = entries["entries"] if isinstance(entries, dict) else entries
    assert [(entry["by"], entry["reason"], entry["found"]) for entry in entries] == [
        ("Ada", "a request under GDPR 15", True),
        ("Grace", "curious", False),
    ]
    shown = custody.out + nobody.err + apualy("register", "custody", **keyed).out
    for text in (shown, *(path.read_text("utf-8") for path in Path("var/custody").iterdir())):
        assert not IDENTITY.search(HEXADECIMAL.sub("", text))


def test_a_log_that_somebody_altered_stops_everything(apualy: Apualy, keyed: dict[str, str], raw: Path):
    apualy("register", "pseudonymise", raw, "out", "--purpose", "ltu-risk", **keyed)
    who = ["--as", "Ada", "--reason", "a test"]
    asked = ["register", "reidentify", _pseudonym(Path("out")), "--from", raw, "--purpose", "ltu-risk", *who]
    assert apualy(*asked, **keyed).code == 0
    (log,) = Path("var").rglob("*.jsonl")
    log.write_text(log.read_text(encoding="utf-8").replace("Ada", "Eve"), encoding="utf-8")
    for argv in (asked, ["register", "custody"]):
        ran = apualy(*argv, **keyed)
        assert (ran.code, ran.out) == (4, "")
        assert "entry 1 was altered" in ran.err


def test_another_key_gives_the_data_that_it_would_have_made(apualy: Apualy, keyed: dict[str, str], raw: Path):
    assert apualy("register", "key", "new.key").code == 0
    new = {"APUALY_PSEUDONYM_KEY_FILE": "new.key"}
    apualy("register", "pseudonymise", raw, "out", "--purpose", "ltu-risk", **keyed)
    apualy("register", "pseudonymise", raw, "anew", "--purpose", "ltu-risk", **new)
    both = {**keyed, "APUALY_PSEUDONYM_NEW_KEY_FILE": "new.key"}
    ran = apualy("register", "rekey", "out", "--from", raw, **both)
    assert (ran.code, ran.err) == (0, "")
    files = sorted(path.relative_to("anew") for path in Path("anew").rglob("*.parquet"))
    assert len(files) == 6
    for file in files:
        assert (Path("out") / file).read_bytes() == (Path("anew") / file).read_bytes()
    assert apualy("register", "rekey", "out", "--from", raw, **keyed).code == 2
    assert apualy("register", "reidentify", _pseudonym(Path("out")), "--from", raw, "--purpose", "ltu-risk",
                  "--as", "Ada", "--reason", "a test", **new).code == 0  # fmt: skip


def test_a_key_is_never_overwritten(apualy: Apualy, keyed: dict[str, str]):
    before = Path("pseudonym.key").read_bytes()
    ran = apualy("register", "key", "pseudonym.key")
    assert (ran.code, ran.out) == (2, "")
    assert "never overwritten" in ran.err
    assert Path("pseudonym.key").read_bytes() == before
