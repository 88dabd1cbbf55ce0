"""A purpose receives its columns and no others; nothing of an identity survives; whole or not at all."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.errors import ApualyError, DataError, UsageError
from ml.progress import silent
from ml.pseudonym import MasterKey
from ml.register.extract import Extract
from ml.register.folder import beside
from ml.register.pseudonymise import Report, pseudonymise, read_pseudonymised
from ml.register.schema import TABLES, Sensitivity

Deliver = Callable[..., Report]
LIMITED = ("jobseekers.work_ability_limited", "GDPR 9(2)(g); the ministry's decree")


@pytest.fixture
def deliver(key: MasterKey, made_at: datetime, out: Path) -> Deliver:
    def run(extract: Extract, purpose: str = "ltu-risk", folder: Path = out, **how: Any) -> Report:
        return pseudonymise(extract, folder, purpose, key, **{"made_at": made_at, "say": silent, **how})

    return run


def columns(out: Path) -> dict[str, set[str]]:
    return {
        str(path.relative_to(out)).removesuffix(".parquet"): set(pq.read_schema(path).names)
        for path in out.glob("*/*.parquet")
    }


# ---------------------------------------------------------------- what is delivered


def test_the_risk_model_receives_its_columns_and_no_others(deliver: Deliver, varied: Extract, out: Path):
    deliver(varied)
    always = {"pseudonym", "entered"}
    assert columns(out) == {
        "inputs/jobseekers": always | {"valid_from", "education_level", "education_code", "occupation"},
        "protected/jobseekers": always
        | {
            "valid_from",
            "age",
            "gender",
            "mother_tongue",
            "citizenship",
            "municipality",
            "district",
            "years_in_finland",
        },
        "inputs/employment_codes": always | {"code", "start", "end", "end_entered"},
        "inputs/services": always | {"kind", "start", "end", "ended", "end_entered"},
        "inputs/benefits": always | {"kind", "start", "end", "days_paid"},
        "inputs/plans": always | {"kind", "date"},
    }


def test_the_need_model_also_receives_plans_of_integration_and_placements(deliver: Deliver, varied: Extract, out: Path):
    deliver(varied, "service-need")
    found = columns(out)
    assert {"integration_plan", "integration_plan_since"} <= found["protected/jobseekers"]
    assert found["inputs/placements"] == {"pseudonym", "service_entity", "placed_by", "date", "entered"}
    assert found["protected/placements"] == {"pseudonym", "date", "entered", "integration_plan"}
    assert "inputs/abilitator" not in found


def test_planning_receives_fewer(deliver: Deliver, varied: Extract, out: Path):
    deliver(varied, "planning")
    found = columns(out)
    assert "inputs/plans" not in found
    assert "protected/placements" not in found
    assert {"municipality", "district", "years_in_finland"}.isdisjoint(found["protected/jobseekers"])
    assert found["inputs/services"] == {"pseudonym", "kind", "start", "end", "entered", "end_entered"}


@pytest.mark.parametrize("purpose", ["ltu-risk", "service-need", "planning"])
def test_special_categories_stay_out_unless_named(deliver: Deliver, varied: Extract, out: Path, purpose: str):
    special = {c.name for t in TABLES.values() for c in t.columns if c.sensitivity is Sensitivity.SPECIAL_CATEGORY}
    assert special
    deliver(varied, purpose)
    assert special.isdisjoint(set().union(*columns(out).values()))
    assert read_pseudonymised(out).special == {}


def test_a_named_special_category_comes_with_its_legal_basis_on_record(deliver: Deliver, varied: Extract, out: Path):
    report = deliver(varied, "service-need", special=[LIMITED, ("abilitator.health", "GDPR 9(2)(b)")])
    found = columns(out)
    assert "work_ability_limited" in found["protected/jobseekers"]
    assert "work_ability_limited" not in found["inputs/jobseekers"]
    assert found["inputs/abilitator"] == {"pseudonym", "date", "health", "entered"}
    assert read_pseudonymised(out).special == dict([LIMITED, ("abilitator.health", "GDPR 9(2)(b)")])
    assert LIMITED[1].replace("'", "&#39;") in (out / "report.html").read_text(encoding="utf-8")
    assert any(LIMITED[1] in fate.reason for fate in report.fates)


# ---------------------------------------------------------------- the days of plans in force, for the rule alone

DAY = date(2020, 1, 31)  # the extract's own
# versions of a person's facts: held from, entered, first and last day of the plan → whether it is in force, as known
PLANS: dict[str, tuple[list[tuple[date, date, date | None, date | None]], bool]] = {
    "none": ([(date(2018, 1, 1), date(2018, 1, 2), None, None)], False),
    "under way": ([(date(2018, 1, 1), date(2018, 1, 2), date(2019, 1, 1), date(2021, 1, 1))], True),
    "without a last day": ([(date(2018, 1, 1), date(2018, 1, 2), date(2019, 1, 1), None)], True),
    "begins that day": ([(date(2020, 1, 1), date(2020, 1, 2), DAY, date(2021, 1, 1))], True),
    "begins the day after": ([(date(2020, 1, 1), date(2020, 1, 2), date(2020, 2, 1), None)], False),
    "ends that day": ([(date(2018, 1, 1), date(2018, 1, 2), date(2019, 1, 1), DAY)], True),
    "ended the day before": ([(date(2018, 1, 1), date(2018, 1, 2), date(2019, 1, 1), date(2020, 1, 30))], False),
    "extended": (
        [(date(2018, 1, 1), date(2018, 1, 2), date(2018, 1, 1), date(2019, 12, 31)),
         (date(2019, 12, 1), date(2019, 12, 2), date(2018, 1, 1), date(2020, 12, 31))], True,
    ),
    "taken back": (
        [(date(2018, 1, 1), date(2018, 1, 2), date(2019, 1, 1), None),
         (date(2019, 6, 1), date(2019, 6, 2), None, None)], False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANS)
def test_the_days_of_a_plan_in_force_as_it_was_known_last(
    deliver: Deliver, make_extract: Callable[..., Extract], key: MasterKey,
    identity_code: Callable[[int], str], out: Path, case: str,
):  # fmt: skip
    versions, in_force = PLANS[case]
    names = ("valid_from", "entered", "integration_plan_start", "integration_plan_end")
    others = [{"person": number} for number in range(1, 12)]
    report = deliver(
        make_extract([*({"person": 0, **dict(zip(names, each, strict=True))} for each in versions), *others]),
        "service-need",
        plan_days="Act 681/2023",
    )
    rows = pq.read_table(out / "rule/jobseekers.parquet").to_pylist()
    _, _, first, last = versions[-1]
    (pseudonym,) = key.for_purpose("service-need").pseudonyms([identity_code(0)])
    whole = {"pseudonym": pseudonym, "integration_plan_start": first, "integration_plan_end": last}
    assert rows == ([whole] if in_force else [])
    assert "exact days: of integration plans in force, for the rule alone" in report.as_lines()


def test_days_of_plans_are_on_record_and_nothing_else_changes(deliver: Deliver, varied: Extract, out: Path):
    deliver(varied, "service-need")
    before = {path.relative_to(out): path.read_bytes() for path in out.glob("*/*.parquet")}
    assert read_pseudonymised(out).plan_days is None
    report = deliver(varied, "service-need", plan_days="Act  681/2023\nsection 2")
    after = {path.relative_to(out): path.read_bytes() for path in out.glob("*/*.parquet")}
    assert after.keys() - before.keys() == {Path("rule/jobseekers.parquet")}
    assert {name: after[name] for name in before} == before
    assert read_pseudonymised(out).plan_days == "Act 681/2023 section 2"
    assert "exact, so that k people need not share them" in (out / "report.html").read_text(encoding="utf-8")
    told = {fate.column: fate for fate in report.fates if "rule" in fate.delivered}
    assert set(told) == {"integration_plan_start", "integration_plan_end"}
    assert all("on: Act 681/2023 section 2" in fate.reason for fate in told.values())
    assert stat.S_IMODE((out / "rule").stat().st_mode) == 0o700


@pytest.mark.parametrize(("purpose", "basis", "words"), [
    ("ltu-risk", "an Act", "integration plans are not for the purpose ltu-risk; no legal basis changes that"),
    ("planning", "an Act", "integration plans are not for the purpose planning"),
    ("service-need", " ", "give the legal basis on which they are delivered"),
])  # fmt: skip
def test_days_of_plans_need_a_purpose_and_a_legal_basis(
    deliver: Deliver, varied: Extract, out: Path, purpose: str, basis: str, words: str
):
    with pytest.raises(UsageError, match=words):
        deliver(varied, purpose, plan_days=basis)
    assert not out.exists()


@pytest.mark.parametrize("quality", [None, f"sha256:{'5' * 64}"])
def test_the_digest_of_the_quality_report_goes_with_the_data(
    deliver: Deliver, varied: Extract, out: Path, quality: str | None
):
    deliver(replace(varied, manifest=replace(varied.manifest, quality=quality)), special=[LIMITED])
    assert read_pseudonymised(out).quality == quality
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["quality"] == quality
    told = "none came with the source" if quality is None else f"<code>{quality}</code>"
    assert f"data-quality report</dt><dd>{told}</dd>" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("quality", ['"none"', "5", f'"sha256:{"A" * 64}"'])
def test_what_is_no_digest_of_a_report_is_refused(deliver: Deliver, varied: Extract, out: Path, quality: str):
    deliver(varied)
    said = out / "pseudonymised.toml"
    said.write_text(f"quality = {quality}\n{said.read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(DataError, match='quality must be "sha256:" and 64 hexadecimal digits'):
        read_pseudonymised(out)


@pytest.mark.parametrize(
    ("purpose", "special", "words"),
    [
        ("ltu-risk", [("jobseekers.work_ability_limited", "  ")], "give the legal basis"),
        ("ltu-risk", [LIMITED, LIMITED], "named twice"),
        ("ltu-risk", [("abilitator.health", "x")], "not for the purpose ltu-risk"),
        ("ltu-risk", [("jobseekers.gender", "x")], "no special category"),
        ("ltu-risk", [("jobseekers.identity_code", "x")], "no special category"),
        ("ltu-risk", [("jobseekers", "x")], "not declared"),
        ("ltu-risk", [("jobseekers.wealth", "x")], "not declared"),
        ("marketing", [], "choose one of ltu-risk, service-need, planning"),
    ],
)
def test_a_wrong_request_is_refused_and_writes_nothing(
    deliver: Deliver, varied: Extract, out: Path, purpose: str, special: Any, words: str
):
    with pytest.raises(UsageError, match=words):
        deliver(varied, purpose, special=special)
    assert not any(out.parent.iterdir())


def test_the_frames_hold_k_anonymity_together(deliver: Deliver, varied: Extract, out: Path):
    for k in (2, 5):
        deliver(varied, k=k)
        inputs, protected = (pd.read_parquet(out / part / "jobseekers.parquet") for part in ("inputs", "protected"))
        assert (inputs.pseudonym == protected.pseudonym).all()
        assert (inputs.valid_from == protected.valid_from).all()
        facts = pd.concat([inputs, protected.drop(columns=["pseudonym", "valid_from", "entered"])], axis=1).fillna(
            "NULL"
        )
        names = list(facts.columns.difference(["pseudonym", "valid_from", "entered"]))
        assert len(names) == 10
        shared = facts.groupby(names).pseudonym.nunique()
        assert shared.min() >= k
        assert len(shared) > 1, "not all is suppressed"


def test_histories_stay_as_they_were(deliver: Deliver, varied: Extract, out: Path, key: MasterKey):
    deliver(varied)
    raw = varied.tables["benefits"].to_pandas()
    raw.insert(0, "pseudonym", [key.for_purpose("ltu-risk").pseudonym(code) for code in raw.identity_code])
    got = pd.read_parquet(out / "inputs/benefits.parquet")
    same = raw[got.columns].sort_values("pseudonym", ignore_index=True)
    pd.testing.assert_frame_equal(got, same, check_dtype=False)


# ---------------------------------------------------------------- nothing of an identity


def _traces(extract: Extract) -> tuple[set[str], set[date]]:
    """Return texts that must not be found, and birthdays."""
    seekers = extract.tables["jobseekers"].to_pandas()
    codes = {form for code in seekers.identity_code for form in (code, code.lower(), code[:6] + code[7:], code[:6])}
    born = set(seekers.birth_date)
    forms = ("%d.%m.%Y", "%Y-%m-%d", "%d%m%y", "%d%m%Y", "%Y%m%d", "%-d.%-m.%Y", "%d/%m/%Y")
    return codes | set(seekers.postal_code) | {day.strftime(form) for day in born for form in forms}, born


def _values(out: Path) -> Iterator[tuple[str, Any]]:
    for path in out.rglob("*.parquet"):
        table = pq.read_table(path)
        for name in table.column_names:
            yield from ((f"{path.name}.{name}", value) for value in table.column(name).unique().to_pylist())


@pytest.mark.parametrize("purpose", ["ltu-risk", "service-need", "planning"])
def test_no_identity_code_birth_date_or_postal_code_survives(
    deliver: Deliver, varied: Extract, out: Path, purpose: str, capfd: pytest.CaptureFixture[str]
):
    said: list[str] = []
    report = deliver(varied, purpose, special=[LIMITED] if purpose == "ltu-risk" else [], say=said.append)
    texts, born = _traces(varied)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        text = path.read_bytes().decode("utf-8", "ignore")
        if path.suffix == ".parquet":  # where digits alone prove nothing: pseudonyms are full of them
            found = {trace for trace in texts if not trace.isdecimal() and trace in text}
        else:
            found = {trace for trace in texts if trace in re.sub(r"\b[0-9a-f]{16,64}\b", "", text)}
        assert not found, path
    for place, value in _values(out):
        assert value not in born, place
        if not place.endswith("pseudonym"):
            assert str(value) not in texts, place
            assert not any(trace in str(value) for trace in texts if len(trace) > 6), place
    shown = repr(report) + "".join(said) + "".join(capfd.readouterr())
    assert not {trace for trace in texts if trace in re.sub(r"\b[0-9a-f]{16,64}\b", "", shown)}


def test_an_error_shows_no_identity_code(deliver: Deliver, varied: Extract, identity_code: Any):
    stranger = pa.Table.from_pylist(
        [{**row, "identity_code": identity_code(999)} for row in varied.tables["plans"].slice(0, 1).to_pylist()],
        schema=varied.tables["plans"].schema,
    )
    broken = varied.tables["plans"].set_column(0, "identity_code", pa.array(["010101-999Z"] * 60))
    for plans, words in ((stranger, "not among the jobseekers"), (broken, "is not one")):
        with pytest.raises(DataError, match=words) as refused:
            deliver(Extract({**varied.tables, "plans": plans}, varied.manifest))
        assert not re.search(r"\d{6}[-A]\d{3}", str(refused.value))
        assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_source_or_basis_that_names_somebody_is_struck_out(deliver: Deliver, varied: Extract, out: Path):
    manifest = type(varied.manifest)(varied.manifest.as_of, 'about 131052-308T\n"and" \x7f others')
    deliver(Extract(varied.tables, manifest), special=[(LIMITED[0], "because 131052-308T\nsaid so")])
    facts = read_pseudonymised(out)
    assert facts.source == 'about [identity code]\n"and" \x7f others'
    assert facts.special[LIMITED[0]] == "because [identity code] said so"


# ---------------------------------------------------------------- the order of rows, the bytes


def _bytes(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_the_same_extract_key_and_moment_give_the_same_bytes(
    deliver: Deliver, varied: Extract, out: Path, tmp_path: Path, made_at: datetime
):
    deliver(varied)
    deliver(varied, folder=tmp_path / "again")
    assert _bytes(out) == _bytes(tmp_path / "again")
    deliver(varied, folder=tmp_path / "later", made_at=made_at + timedelta(days=1))
    later = _bytes(tmp_path / "later")
    differing = {name for name, content in _bytes(out).items() if later[name] != content}
    assert differing == {"pseudonymised.toml", "report.json", "report.html"}


def test_the_order_of_the_source_is_not_to_be_seen(deliver: Deliver, varied: Extract, out: Path, tmp_path: Path):
    rng = np.random.default_rng(3)
    tables = {name: table.take(pa.array(rng.permutation(len(table)))) for name, table in varied.tables.items()}
    deliver(varied)
    deliver(Extract(tables, varied.manifest), folder=tmp_path / "shuffled")
    shuffled = _bytes(tmp_path / "shuffled")
    parquet = {name: content for name, content in _bytes(out).items() if name.endswith(".parquet")}
    assert parquet
    assert all(shuffled[name] == content for name, content in parquet.items())
    for path in out.rglob("*.parquet"):
        pseudonyms = pq.read_table(path).column("pseudonym").to_pylist()
        assert pseudonyms == sorted(pseudonyms)


def test_codes_are_the_same_person_however_they_are_written(deliver: Deliver, varied: Extract, out: Path):
    plans = varied.tables["plans"]
    lower = pa.array([f" {code.lower()}" for code in plans.column("identity_code").to_pylist()])
    deliver(Extract({**varied.tables, "plans": plans.set_column(0, "identity_code", lower)}, varied.manifest))
    seekers, planned = (
        set(pd.read_parquet(out / f"inputs/{name}.parquet").pseudonym) for name in ("jobseekers", "plans")
    )
    assert planned == seekers


def test_empty_tables_are_written_empty(deliver: Deliver, varied: Extract, out: Path):
    empty = {name: table.slice(0, 0) for name, table in varied.tables.items() if name != "jobseekers"}
    report = deliver(Extract({**varied.tables, **empty}, varied.manifest))
    assert pq.read_table(out / "inputs/plans.parquet").num_rows == 0
    assert report.risk.unique_histories is None


# ---------------------------------------------------------------- the report


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_report_says_what_became_of_each_column_and_what_remains(deliver: Deliver, varied: Extract, out: Path):
    report = deliver(varied)
    content = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert content == json.loads(json.dumps(report.as_json()))
    assert {(each["table"], each["column"]) for each in content["columns"]} == {
        (table.name, column) for table in TABLES.values() for column in table.names
    }
    assert all(each["reason"] for each in content["columns"])
    fates = {f"{each['table']}.{each['column']}": each for each in content["columns"]}
    assert fates["jobseekers.birth_date"]["delivered"] == {"protected": ["age"]}
    assert fates["jobseekers.work_ability_limited"]["delivered"] == {}
    assert "no legal basis" in fates["jobseekers.work_ability_limited"]["reason"]
    assert fates["placements.date"]["delivered"] == {}
    assert content["people"] == 60
    assert content["risk"]["prosecutor_max"] == 0.2
    for details in content["generalised"].values():
        assert all(each["people"] is None or each["people"] % 5 == 0 for each in details)
    lines = report.as_lines()
    assert lines[0] == "60 people; at least 5 share each combination of recognisable facts"
    assert lines[2] == "special categories: none"
    facts = tomllib.loads((out / "pseudonymised.toml").read_text(encoding="utf-8"))
    assert {name: content[name] for name in ("purpose", "k", "key", "source", "source_digest")} == {
        name: facts[name] for name in ("purpose", "k", "key", "source", "source_digest")
    }
    assert facts["as_of"] == date(2020, 1, 31)


def test_the_report_rounds_and_withholds_counts_of_people(deliver: Deliver, make_extract: Any):
    """Eight men and six women; two men with a level of education each that only "higher" covers."""
    levels = ["1"] * 12 + ["7", "8"]
    people = [{"gender": "12"[number < 6], "education_level": level} for number, level in enumerate(levels)]
    report = deliver(make_extract(people), k=2)
    assert report.people == 15
    assert [(each.people, each.share) for each in report.details["gender"]] == [(0, 0), (15, 1), (0, 0)]
    assert [(each.people, each.share) for each in report.details["education_level"]] == [
        (0, 0), (None, None), (10, 0.6667), (0, 0),
    ]  # fmt: skip


def test_the_page_needs_nothing_and_runs_nothing(deliver: Deliver, varied: Extract, out: Path):
    deliver(varied, special=[(LIMITED[0], "<script>alert(1)</script>")])
    page = (out / "report.html").read_text(encoding="utf-8")
    elements = _Elements()
    elements.feed(page)
    assert {"script", "link", "img", "iframe"}.isdisjoint(tag for tag, _ in elements.found)
    assert not [attrs for _, attrs in elements.found if {"src", "href", "onload", "onclick"} & attrs.keys()]
    assert "pseudonymised, not anonymous" in page
    assert "fewer than 5" in page or "people" in page


# ---------------------------------------------------------------- whole or not at all


def test_only_the_owner_can_open_it(deliver: Deliver, varied: Extract, out: Path):
    before = os.umask(0)
    try:
        deliver(varied)
    finally:
        os.umask(before)
    for path in [out, *out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_an_earlier_output_is_replaced_and_something_else_is_not(
    deliver: Deliver, varied: Extract, out: Path, tmp_path: Path
):
    deliver(varied)
    deliver(varied, "planning")
    assert read_pseudonymised(out).purpose == "planning"
    assert "inputs/plans.parquet" not in _bytes(out)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(out)
    for name, words in (("mine", "holds something else"), ("file", "is not a folder"), ("link", "is not a folder")):
        with pytest.raises(UsageError, match=words):
            deliver(varied, folder=tmp_path / name)
    assert (tmp_path / "mine/letter.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "empty").mkdir()
    deliver(varied, folder=tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "link", "mine", "out"]


def test_a_failure_on_the_way_leaves_the_old_output(deliver: Deliver, varied: Extract, out: Path):
    deliver(varied)
    before = _bytes(out)

    def give_up(_: str) -> None:
        if any(out.parent.glob(".out.making/inputs/services.parquet")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(varied, "service-need", say=give_up)
    assert _bytes(out) == before
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_what_a_killed_run_left_is_taken_away(deliver: Deliver, varied: Extract, out: Path):
    (out.parent / ".out.making/inputs").mkdir(parents=True)
    (out.parent / ".out.making/inputs/abilitator.parquet").write_text("half", encoding="utf-8")
    deliver(varied)
    assert "inputs/abilitator.parquet" not in _bytes(out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_two_runs_at_once_are_refused(deliver: Deliver, varied: Extract, out: Path):
    with beside(out, "making"), pytest.raises(UsageError, match="another process"):
        deliver(varied)


def test_fewer_people_than_k_or_a_k_of_one_is_refused(deliver: Deliver, varied: Extract, out: Path):
    with pytest.raises(DataError, match="fewer than 61 people"):
        deliver(varied, k=61)
    with pytest.raises(UsageError, match="k is 1"):
        deliver(varied, k=1)
    assert not out.exists()


FULL_DISK = """
import resource, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
import pyarrow.parquet as pq
from ml.pseudonym import MasterKey
from ml.errors import ApualyError
from ml.register.extract import Extract, Manifest
from ml.register.pseudonymise import pseudonymise
folder = Path(sys.argv[1])
tables = {path.stem: pq.read_table(path) for path in (folder / "raw").glob("*.parquet")}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit then fails as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    pseudonymise(Extract(tables, Manifest(date(2020, 1, 31), "test")), folder / "out", "planning",
                 MasterKey(bytes(range(32))), made_at=datetime(2026, 1, 1, tzinfo=UTC), say=lambda _: None)
except ApualyError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("room", [100, 3000, 6000])
def test_a_disk_that_fills_leaves_the_old_output(
    deliver: Deliver, varied: Extract, out: Path, tmp_path: Path, room: int
):
    deliver(varied)
    before = _bytes(out)
    (tmp_path / "raw").mkdir()
    for name, table in varied.tables.items():
        pq.write_table(table, tmp_path / "raw" / f"{name}.parquet")
    ran = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path, str(room)], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (ApualyError.exit_code, "")
    assert "cannot be written" in ran.stdout
    assert ran.stdout.count("\n") == 1
    assert _bytes(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "raw"]
