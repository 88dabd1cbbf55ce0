"""`apualy register build --current`: those unemployed now, to be scored, under the pseudonyms of one purpose."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import apualy as main
import ml.register.features.query
from ml.contracts import CurrentCohort, PlanInForce
from ml.errors import ApualyError, DataError, UsageError
from ml.models.encode import fit_encoder
from ml.models.needs.answer import unlike_training
from ml.pipeline.current import read_current
from ml.pseudonym import read_key
from ml.register.build import build, build_current
from ml.register.cohort import build_cohort, read_placements
from ml.register.cohort.declaration import read_contract
from ml.register.features import FEATURES, PACE
from ml.register.features.catalogue.abilitator import ABILITATOR
from ml.register.features.query import sql

RATED = ("work_ability", "daily_life", "inclusion", "skills")
PURPOSES = ("ltu-risk", "service-need")
STEPS = {
    "synth": "register synth --target-group 900 --seed 5 --out raw",
    "key": "register key key",
    "ltu": "register pseudonymise raw ltu-risk --purpose ltu-risk",
    "needs": "register pseudonymise raw service-need --purpose service-need --plan-days Act "
    + " ".join(f"--special abilitator.{name} Act" for name in RATED),
    "planning": "register pseudonymise raw planning --purpose planning",
    "learn ltu": "register build ltu-risk",
    "learn needs": "register build service-need",
    "ltu now": "register build ltu-risk --current --json",
    "needs now": "register build service-need --current",
}
EVERY_PURPOSE = pytest.mark.parametrize("purpose", PURPOSES)
AS_OF = pd.Timestamp(2020, 1, 31)


@dataclass(frozen=True)
class Way:
    """Where the files of one way lie, and what each command printed."""

    folder: Path
    printed: dict[str, str]

    def now(self, purpose: str) -> Path:
        """Return the folder of those unemployed now."""
        return self.folder / "var" / "current" / purpose

    def pseudonyms(self, purpose: str, codes: list[str]) -> list[str]:
        """Return what those people are called for a purpose."""
        key = read_key({"APUALY_PSEUDONYM_KEY_FILE": str(self.folder / "key")})
        return key.for_purpose(purpose).pseudonyms(codes)

    def raw(self, table: str) -> pd.DataFrame:
        """Return a raw table as a stranger reads it, days as days."""
        rows = pd.read_csv(self.folder / "raw" / f"{table}.csv", sep=";", encoding="utf-8-sig", dtype=str)
        for name in ("start", "end", "entered", "valid_from", "integration_plan_start", "integration_plan_end"):
            if name in rows:
                rows[name] = pd.to_datetime(rows[name], format="%d.%m.%Y")
        return rows


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """Return a way that was walked once, from a synthetic register to what the night's scoring reads."""
    folder = tmp_path_factory.mktemp("current")
    printed = {}
    with contextlib.chdir(folder):
        for name, command in STEPS.items():
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main.main(command.split(), {"USER": "ada", "APUALY_PSEUDONYM_KEY_FILE": "key"})
            assert (code, err.getvalue()) == (0, ""), name
            printed[name] = out.getvalue()
    return Way(folder, printed)


# ---------------------------------------------------------------- who is there, and what is known of them


@EVERY_PURPOSE
def test_those_without_work_on_the_day_are_there_each_once(way: Way, purpose: str) -> None:
    codes = way.raw("employment_codes")
    now = codes[codes["end"].isna() | (codes["end"] >= AS_OF)].query("code in ['02', '03']")
    cohort, figures = read_current(way.now(purpose), purpose), json.loads((way.now(purpose) / "build.json").read_text())
    unemployed = set(way.pseudonyms(purpose, now["identity_code"].tolist()))
    assert set(cohort.pseudonyms) <= unemployed
    (too_old,) = figures["left_out"].values()
    assert len(cohort) + too_old == len(unemployed) > 600
    assert 0 < too_old < 50
    assert (len(cohort), cohort.as_of.isoformat()) == (figures["rows"], figures["as_of"]) == (len(cohort), "2020-01-31")
    assert set(cohort.features["code_now"]) == {"unemployed", "laid off temporarily"}


def test_who_was_without_work_when_the_window_opened_is_left_out(way: Way) -> None:
    """Nobody knows how long: the first record of theirs is the first day of the register, or before it."""
    opens = pd.Timestamp(json.loads(way.printed["ltu now"])["opens"])
    cohort = read_current(way.now("ltu-risk"), "ltu-risk")
    longest = cohort.features["days_unemployed"].max()
    assert longest < (AS_OF - opens).days
    everybody = build_current(way.folder / "ltu-risk", way.folder / "everybody", opens=date(1990, 1, 1))
    assert everybody.left_out == dict.fromkeys(everybody.left_out, 0)
    assert everybody.rows > len(cohort)


def test_features_are_those_of_a_training_cohort_that_looks_on_the_same_day(way: Way) -> None:
    """The training cohort knows what happened later; of the day of its look it says what was built for that day."""
    looks = pq.read_table(way.folder / "var/cohorts/ltu-risk/inputs.parquet").to_pandas()
    looks["look"] = pd.to_datetime(looks["start"]) + pd.to_timedelta(looks["days_unemployed"], "D")
    looks = looks[looks["code_now"].isin(["02", "03"])]
    names, compared = [feature.name for feature in (*FEATURES, PACE)], 0
    for day in looks["look"].value_counts().head(4).index:
        built = build_current(way.folder / "ltu-risk", way.folder / "then", day.date())
        now = pq.read_table(built.folder / "inputs.parquet").to_pandas().set_index("pseudonym")
        then = looks[looks["look"] == day].set_index("pseudonym")[names]
        pd.testing.assert_frame_equal(now.loc[then.index, names], then)
        compared += len(then)
    assert compared > 40
    assert set(looks["landmark_months"]) == {0, 3, 6}


@EVERY_PURPOSE
def test_inputs_are_declared_and_coded_as_the_model_of_the_purpose_learnt_them(way: Way, purpose: str) -> None:
    learning, now = way.folder / "var/cohorts" / purpose, read_current(way.now(purpose), purpose)
    if purpose == "ltu-risk":
        contract = read_contract(learning / "cohort.toml")
        columns, features = contract.inputs, build_cohort(contract, learning).features
        expected = [feature.name for feature in (*FEATURES, PACE)]
    else:
        placements = read_placements(learning)
        columns, features = placements.columns, placements.features
        expected = [feature.name for feature in (*FEATURES, *ABILITATOR)]
    assert now.columns == columns
    assert list(now.features) == list(features) == expected
    assert now.features.dtypes.equals(features.dtypes)
    encoder = fit_encoder(features, columns)
    assert unlike_training(encoder, now.features).mean() < 0.5
    codes = encoder.frame(now.features)
    assert (np.isnan(codes) == now.features.isna().to_numpy()).mean() > 0.999, "no category reads otherwise"


def test_service_needs_come_with_the_plan_that_is_in_force_and_with_its_days(way: Way) -> None:
    versions = way.raw("jobseekers").sort_values(["identity_code", "valid_from", "entered"])
    latest = versions.groupby("identity_code").tail(1)
    begun = latest["integration_plan_start"] <= AS_OF
    latest = latest[begun & ~(latest["integration_plan_end"] < AS_OF)]
    days = zip(latest["integration_plan_start"], latest["integration_plan_end"], strict=True)
    named = dict(zip(way.pseudonyms("service-need", latest["identity_code"].tolist()), days, strict=True))
    cohort = read_current(way.now("service-need"), "service-need")
    assert cohort.plans == {
        pseudonym: PlanInForce(start.date(), None if pd.isna(end) else end.date())
        for pseudonym, (start, end) in named.items()
        if pseudonym in cohort.pseudonyms
    }
    assert len(cohort.plans) > 10
    assert read_current(way.now("ltu-risk"), "ltu-risk").plans == {}
    assert f"with an integration plan in force: {len(cohort.plans)}\n" in way.printed["needs now"]


def test_the_same_rows_come_out_however_the_people_are_parted(way: Way, tmp_path: Path) -> None:
    for purpose in PURPOSES:
        parted = build_current(way.folder / purpose, tmp_path / purpose, together=3_000)
        for file in sorted(path.name for path in way.now(purpose).glob("*.parquet")):
            assert pq.read_table(parted.folder / file).equals(pq.read_table(way.now(purpose) / file))
        assert pq.ParquetFile(parted.folder / "inputs.parquet").num_row_groups > 3
        assert parted.as_json() == json.loads((way.now(purpose) / "build.json").read_text())


# ---------------------------------------------------------------- what is not there


@EVERY_PURPOSE
def test_nothing_of_the_audits_attributes_and_no_placement_or_outcome_is_read(
    way: Way, tmp_path: Path, purpose: str
) -> None:
    folder = Path(shutil.copytree(way.folder / purpose, tmp_path / purpose))
    shutil.rmtree(folder / "protected")
    (folder / "inputs/placements.parquet").unlink(missing_ok=True)
    built = build_current(folder, tmp_path / "now")
    for file in sorted(path.name for path in way.now(purpose).iterdir()):
        assert (built.folder / file).read_bytes() == (way.now(purpose) / file).read_bytes()
    names = pq.read_schema(built.folder / "inputs.parquet").names
    assert names == ["pseudonym", *(column.name for column in read_current(built.folder, purpose).columns)]


def test_people_are_called_otherwise_for_each_purpose_and_stand_in_another_order(way: Way) -> None:
    risk, needs = (read_current(way.now(purpose), purpose) for purpose in PURPOSES)
    assert not set(risk.pseudonyms) & set(needs.pseudonyms)
    assert risk.key != needs.key
    assert [list(each.pseudonyms) for each in (risk, needs)] == [sorted(each.pseudonyms) for each in (risk, needs)]
    codes = sorted(set(way.raw("employment_codes")["identity_code"]))
    places = []
    for purpose, cohort in zip(PURPOSES, (risk, needs), strict=True):
        whose = dict(zip(way.pseudonyms(purpose, codes), codes, strict=True))
        places.append([whose[pseudonym] for pseudonym in cohort.pseudonyms])
    assert set(places[0]) == set(places[1])
    same = sum(one == other for one, other in zip(*places, strict=True))
    assert same < 10, "a row's place tells nothing"


def test_no_identity_code_is_in_the_folders(way: Way) -> None:
    codes = set(way.raw("jobseekers")["identity_code"])
    for path in (path for purpose in PURPOSES for path in way.now(purpose).iterdir()):
        text = path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            text += "\n".join(str(column.unique().to_pylist()) for column in pq.read_table(path).columns)
        assert not codes & set(re.findall(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", text))


@EVERY_PURPOSE
def test_no_model_learns_from_it(way: Way, apualy: Callable[..., Any], home: Path, purpose: str) -> None:
    ran = apualy("train", purpose, "--cohort", way.now(purpose), APUALY_HOME=str(home))
    assert ran.code == 3
    assert "cohort.toml" in ran.err


# ---------------------------------------------------------------- refused


def test_a_folder_of_another_purpose_is_refused(way: Way) -> None:
    with pytest.raises(DataError, match="is a cohort for ltu-risk, not for service-need; give the folder of one for"):
        read_current(way.now("ltu-risk"), "service-need")
    with pytest.raises(DataError, match="is a cohort for service-need, not for ltu-risk"):
        read_current(way.now("service-need"), "ltu-risk")
    with pytest.raises(DataError, match=r"current\.toml is missing\); make it with apualy register build --current"):
        read_current(way.folder / "var/cohorts/service-need", "service-need")


def test_what_cannot_be_scored_is_not_built(way: Way, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'planning', which advises on nobody; give an extract pseudonymised for"):
        build_current(way.folder / "planning", tmp_path / "now")
    with pytest.raises(UsageError, match="knows integration plans as at 2020-01-31 alone; leave --as-of out"):
        build_current(way.folder / "service-need", tmp_path / "now", date(2019, 12, 31))
    with pytest.raises(UsageError, match="is later than "):
        build_current(way.folder / "ltu-risk", tmp_path / "now", date(2020, 2, 1))
    with pytest.raises(DataError, match="holds less than 12 years before 2020-01-31"):
        build_current(way.folder / "ltu-risk", tmp_path / "now", history_years=12)
    folder = Path(shutil.copytree(way.folder / "service-need", tmp_path / "extract"))
    facts = folder / "pseudonymised.toml"
    facts.write_text(facts.read_text(encoding="utf-8").replace('plan_days = "Act"\n', ""), encoding="utf-8")
    with pytest.raises(DataError, match="has no days of integration plans, and the rule"):
        build_current(folder, tmp_path / "now")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extract"]


def test_neither_kind_of_cohort_takes_the_place_of_the_other(way: Way, tmp_path: Path) -> None:
    learning = Path(shutil.copytree(way.folder / "var/cohorts/ltu-risk", tmp_path / "learning"))
    now = Path(shutil.copytree(way.now("ltu-risk"), tmp_path / "now"))
    with pytest.raises(UsageError, match="holds something else than a cohort of those unemployed now"):
        build_current(way.folder / "ltu-risk", learning)
    with pytest.raises(UsageError, match="holds something else than a cohort"):
        build(way.folder / "ltu-risk", now)
    assert build_current(way.folder / "ltu-risk", now).rows == len(read_current(now, "ltu-risk"))


def test_identity_codes_in_the_extract_stop_the_build_and_nothing_appears(way: Way, tmp_path: Path) -> None:
    """As somebody would have them who took the raw codes for pseudonyms."""
    folder = Path(shutil.copytree(way.folder / "ltu-risk", tmp_path / "extract"))
    codes = way.raw("jobseekers")["identity_code"].tolist()
    whose = dict(zip(way.pseudonyms("ltu-risk", codes), codes, strict=True))
    for path in folder.glob("inputs/*.parquet"):
        rows = pq.read_table(path)
        raw = pa.array([whose[pseudonym] for pseudonym in rows["pseudonym"].to_pylist()])
        pq.write_table(rows.set_column(0, "pseudonym", raw), path)
    with pytest.raises(DataError, match="column pseudonym holds identity codes"):
        build_current(folder, tmp_path / "now")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extract"]


def test_a_feature_that_knows_more_than_its_day_stops_the_build(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky = sql("benefits").replace("benefit_kind,\n", "(SELECT any_value(ended) FROM all_spells) AS benefit_kind,\n")
    assert leaky != sql("benefits")
    monkeypatch.setattr(ml.register.features.query, "sql", lambda name: leaky if name == "benefits" else sql(name))
    with pytest.raises(DataError, match="reads a table that is not there"):
        build_current(way.folder / "ltu-risk", tmp_path / "now")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("at", ["finding spells", "computing features", "reading it back"])
def test_a_build_that_is_interrupted_leaves_what_was_there(way: Way, tmp_path: Path, at: str) -> None:
    def stop(doing: str) -> None:
        if doing.startswith(at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_current(way.folder / "service-need", tmp_path / "now", say=stop)
    assert not list(tmp_path.iterdir())
    shutil.copytree(way.now("service-need"), tmp_path / "now")
    with pytest.raises(KeyboardInterrupt):
        build_current(way.folder / "service-need", tmp_path / "now", say=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["now"]
    assert _same(read_current(tmp_path / "now", "service-need"), read_current(way.now("service-need"), "service-need"))


def _same(one: CurrentCohort, other: CurrentCohort) -> bool:
    return (one.digest, one.pseudonyms, one.plans) == (other.digest, other.pseudonyms, other.plans)


# what is done to the folder of service needs → the message
Spoil = Callable[[Path], object]


def _edit(file: str, change: Callable[[pa.Table], pa.Table]) -> Spoil:
    return lambda folder: pq.write_table(change(pq.read_table(folder / file)), folder / file)


def _all(name: str, values: pa.Array | str) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        column = pa.array([values] * table.num_rows) if isinstance(values, str) else values
        return table.set_column(table.column_names.index(name), name, column)

    return change


def _ended(table: pa.Table) -> pa.Table:
    return _all("integration_plan_end", pa.array([date(2020, 1, 30)] * table.num_rows))(table)


def _never_begun(table: pa.Table) -> pa.Table:
    return _all("integration_plan_start", pa.nulls(table.num_rows, pa.date32()))(table)


def _declare(text: str) -> Spoil:
    def change(folder: Path) -> None:
        with (folder / "current.toml").open("a", encoding="utf-8") as declaration:
            declaration.write(f"\n{text}\n")

    return change


SPOILT: dict[str, tuple[Spoil, str]] = {
    "no declaration": (lambda folder: (folder / "current.toml").unlink(), "there is no cohort"),
    "a declaration cut short": (lambda folder: (folder / "current.toml").write_text("[cohort"), "is not valid TOML"),
    "no inputs": (lambda folder: (folder / "inputs.parquet").unlink(), "does not exist"),
    "no rows": (_edit("inputs.parquet", lambda table: table.slice(0, 0)), "has no rows"),
    "no Parquet": (lambda folder: (folder / "inputs.parquet").write_bytes(b"day;entity"), "damaged Parquet"),
    "a column less": (_edit("inputs.parquet", lambda table: table.drop_columns(["education"])), "education"),
    "a column more": (
        _edit("inputs.parquet", lambda table: table.append_column("gender", table["education"])), "gender",
    ),
    "an attribute of the audit, declared": (
        _declare('[columns.gender]\ntype = "category"\nrole = "protected"'), "pseudonym, features and nothing else",
    ),
    "an input that build does not make": (
        lambda folder: (
            _declare('[columns.shoe_size]\ntype = "number"\nrole = "feature"')(folder),
            _edit("inputs.parquet", lambda table: table.append_column("shoe_size", table["days_unemployed"]))(folder),
        ),
        "the guard refuses shoe_size",
    ),
    "identity codes": (_edit("inputs.parquet", _all("education", "010190-900P")), "holds identity codes"),
    "a person twice": (
        _edit("inputs.parquet", lambda table: pa.concat_tables([table, table.slice(0, 1)])), "stands there twice",
    ),
    "no plans": (lambda folder: (folder / "plans.parquet").unlink(), r"plans\.parquet: does not exist"),
    "plans that have ended": (_edit("plans.parquet", _ended), "not in force on 2020-01-31"),
    "plans without a first day": (_edit("plans.parquet", _never_begun), "not in force on 2020-01-31"),
    "plans of nobody here": (_edit("plans.parquet", lambda table: table.slice(0, 1).set_column(
        0, "pseudonym", pa.array(["0" * 32]))), "holds plans of people who are not in"),
    "a plan twice": (
        _edit("plans.parquet", lambda table: pa.concat_tables([table, table.slice(0, 1)])), "two of one person",
    ),
    "days that are texts": (
        _edit("plans.parquet", _all("integration_plan_end", "2020-12-31")), "a text and two days a row",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", SPOILT)
def test_a_damaged_folder_is_refused_in_one_line(way: Way, tmp_path: Path, fault: str) -> None:
    spoil, message = SPOILT[fault]
    folder = Path(shutil.copytree(way.now("service-need"), tmp_path / "now"))
    spoil(folder)
    with pytest.raises(ApualyError, match=message) as caught:
        read_current(folder, "service-need")
    assert "\n" not in str(caught.value)
    assert not re.search(r"[0-9a-f]{32}|\d{6}-\d{3}", str(caught.value)), "neither pseudonym nor identity code"


# ---------------------------------------------------------------- what is told


def test_the_command_says_where_it_is_and_prints_json_alone(way: Way) -> None:
    assert way.printed["needs now"].endswith(f"cohort: {Path('var/current/service-need')}\n")
    assert "people unemployed on 2020-01-31, to be scored for service-need" in way.printed["needs now"]
    figures = json.loads(way.printed["ltu now"])
    assert figures == json.loads((way.now("ltu-risk") / "build.json").read_text())
    assert figures["purpose"] == "ltu-risk"
    assert set(read_current(way.now("ltu-risk"), "ltu-risk").features["leaving_share"]) == {figures["leaving_share"]}
    assert set(figures["digests"]) == {"pseudonymised.toml", "inputs/jobseekers.parquet", "inputs/services.parquet",
                                       "inputs/benefits.parquet", "inputs/employment_codes.parquet",
                                       "inputs/plans.parquet"}  # fmt: skip


def test_the_key_and_the_digest_of_what_was_read_are_known(way: Way, tmp_path: Path) -> None:
    cohort = read_current(way.now("service-need"), "service-need")
    assert cohort.key == json.loads((way.now("service-need") / "build.json").read_text())["key"]
    folder = Path(shutil.copytree(way.now("service-need"), tmp_path / "now"))
    _edit("plans.parquet", lambda table: table.slice(1))(folder)
    assert read_current(folder, "service-need").digest != cohort.digest
