"""The raw extract: what it looks like, and what must hold of its records."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from experiments.oracle import read_spells
from ml.errors import UsageError
from ml.register.extract import read_manifest
from ml.register.schema import TABLES, Table, ValueType
from ml.register.synthetic import oracle_folder, parse_unfairness, write_register

AS_OF = pd.Timestamp(2020, 1, 31)
Tables = Mapping[str, pd.DataFrame]
EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
JOBSEEKERS = ["00", "02", "03", "07", "08"]

# ---------------------------------------------------------------- as a Finnish office writes it


@EVERY_TABLE
def test_a_file_has_its_mark_and_the_columns_of_the_schema(small_register: Path, table: Table) -> None:
    content = (small_register / f"{table.name}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + ";".join(table.names).encode() + b"\n")
    assert b'"' not in content


@EVERY_TABLE
def test_each_value_reads_as_the_schema_declares(raw: Tables, table: Table) -> None:
    assert len(raw[table.name])
    forms = {
        ValueType.DATE: r"\d\d\.\d\d\.\d{4}",
        ValueType.INTEGER: r"\d+",
        ValueType.BOOLEAN: "[01]",
        ValueType.IDENTITY_CODE: r"\d{6}[-A-FU-Y]\d{3}[0-9A-Y]",
    }
    for column in table.columns:
        values = raw[table.name][column.name]
        assert not column.required or values.notna().all(), column.name
        written = set(values.dropna())
        assert written, f"{column.name} is always missing"
        if column.codes is not None:
            assert written <= set(column.codes), column.name
        else:
            form = re.compile(column.pattern or forms[column.type])
            assert all(form.fullmatch(text) for text in written), column.name
        if column.minimum is not None:
            assert column.minimum <= min(map(int, written)) <= max(map(int, written)) <= (column.maximum or 0)


def test_the_manifest_tells_the_day_and_the_size(small_register: Path) -> None:
    manifest = read_manifest(small_register)
    assert manifest is not None
    assert (manifest.as_of, manifest.target_group) == (date(2020, 1, 31), 2_500)


# ---------------------------------------------------------------- records


@EVERY_TABLE
def test_a_record_is_named_by_its_key(tables: Tables, table: Table) -> None:
    assert not tables[table.name].duplicated(list(table.key)).any()


@EVERY_TABLE
def test_everything_happened_before_it_was_entered_and_was_entered_by_the_as_of_date(
    tables: Tables, table: Table
) -> None:
    rows = tables[table.name]
    assert (rows[table.happened] <= rows[table.entered]).all()
    assert rows[table.entered].max() <= AS_OF
    assert rows[table.entered].max() > AS_OF - pd.Timedelta(days=21), "almost up to the day itself"
    if table.end:
        assert (rows[table.end].isna() | (rows[table.end] >= rows[table.happened])).all()
    if table.end and table.end_entered:
        ended = rows[rows[table.end].notna()]
        assert (rows[table.end].isna() == rows[table.end_entered].isna()).all()
        assert (ended[table.end_entered] >= ended[table.end]).all()
        assert (ended[table.end_entered] >= ended[table.entered]).all()
        assert rows[table.end_entered].max() <= AS_OF
        assert rows[table.end].isna().any()


def test_delays_are_mostly_days_and_sometimes_weeks(tables: Tables) -> None:
    delay = (tables["employment_codes"]["entered"] - tables["employment_codes"]["start"]).dt.days
    assert (delay <= 3).mean() > 0.6
    assert 0.01 < (delay > 21).mean() < 0.10
    assert delay.max() <= 62  # two months, and the weekend after
    assert set(tables["plans"]["entered"].dt.day_of_week) == {0, 1, 2, 3, 4}, "offices write on working days"


def test_a_person_has_one_employment_code_at_a_time(tables: Tables) -> None:
    codes = tables["employment_codes"].sort_values(["identity_code", "start"])
    follows = codes["identity_code"].shift(-1) == codes["identity_code"]
    assert (codes["end"] < codes["start"].shift(-1))[follows].all(), "an open or overlapping record is followed"


def test_the_register_holds_those_who_were_jobseekers_in_the_eleven_years_before(tables: Tables) -> None:
    codes = tables["employment_codes"]
    seeking = codes[codes["code"].isin(JOBSEEKERS)]
    recent = seeking[seeking["end"].isna() | (seeking["end"] >= AS_OF - pd.DateOffset(years=11))]
    everybody = set(recent["identity_code"])
    assert set(tables["jobseekers"]["identity_code"]) == everybody
    assert all(set(tables[name]["identity_code"]) <= everybody for name in TABLES)


def test_every_employment_code_that_a_city_sees_occurs(tables: Tables) -> None:
    share = tables["employment_codes"]["code"].value_counts(normalize=True)
    assert sorted(share.index) == ["00", "01", "02", "03", "04", "05", "06", "07", "08"]
    assert share["02"] > 0.4


def test_short_work_and_short_gaps_lie_inside_spells(tables: Tables) -> None:
    codes = tables["employment_codes"].sort_values(["identity_code", "start"])
    same = codes["identity_code"].shift(-1) == codes["identity_code"]
    free = (codes["start"].shift(-1) - codes["end"]).dt.days[same] - 1
    short = codes[(codes["code"] == "01") & ((codes["end"] - codes["start"]).dt.days + 1 < 28)]
    assert len(short) > 100
    assert ((free > 0) & (free <= 28)).sum() > 100
    assert (codes["code"].shift(-1)[short.index] == "02").mean() > 0.95, "after short work the spell goes on"


def test_services_and_the_codes_00_and_07_tell_the_same(tables: Tables) -> None:
    days = ["identity_code", "start", "end"]
    coded = tables["employment_codes"].query("code in ('00', '07')")
    services = tables["services"].query("kind != 'guidance_centre'")
    together = coded.merge(services, on=days, how="outer", indicator=True)
    assert (together["_merge"] == "both").all()
    assert set(together.query("code == '00'")["kind"]) == {"wage_subsidy", "start_up_grant"}
    assert not set(together.query("code == '07'")["kind"]) & {"wage_subsidy", "start_up_grant"}


def test_people_in_need_get_more_rehabilitative_work(tables: Tables) -> None:
    limited = tables["jobseekers"].groupby("identity_code")["work_ability_limited"].max() == "1"
    helped = limited.index.isin(tables["services"].query("kind == 'rehabilitative_work'")["identity_code"])
    assert helped[limited].mean() > 2 * helped[~limited].mean()


def test_benefits_are_paid_in_arrears_for_three_months_at_most(tables: Tables) -> None:
    paid = tables["benefits"]
    days = (paid["end"] - paid["start"]).dt.days + 1
    assert days.max() <= 93
    assert (paid["days_paid"] <= days * 5 / 7 + 1).all(), "five days a week"
    assert (paid["entered"] > paid["end"]).all()
    assert sorted(set(paid["kind"])) == ["basic_allowance", "earnings_related", "labour_market_subsidy"]


def test_earnings_related_allowance_ends_after_400_days(tables: Tables) -> None:
    paid = tables["benefits"].sort_values(["identity_code", "start"])
    gap = (paid["start"] - paid.groupby("identity_code")["end"].shift()).dt.days
    unbroken = (gap.isna() | (gap > 90)).cumsum()  # no time to earn the right anew
    earned = paid[paid["kind"] == "earnings_related"].groupby(unbroken)["days_paid"].sum()
    assert 390 < earned.max() <= 425  # counted in whole months
    after = paid.groupby(unbroken)["kind"].agg(lambda kinds: kinds.iloc[-1])
    assert (after[earned[earned > 390].index] == "labour_market_subsidy").any()


def test_integration_plans_and_their_rule(tables: Tables) -> None:
    people = tables["jobseekers"]
    planned = people[people["integration_plan_start"].notna()]
    assert len(planned)
    assert (~planned["mother_tongue"].isin(["fi", "sv"])).all()
    assert (planned["integration_plan_start"] - planned["arrived_in_finland"]).dt.days.max() < 3.3 * 365
    ruled = tables["placements"].query("placed_by == 'rule'")
    assert set(ruled["service_entity"]) == {"integration"}
    plan = planned.drop_duplicates("identity_code").set_index("identity_code")
    assert (ruled["date"] >= ruled["identity_code"].map(plan["integration_plan_start"])).all()
    assert (ruled["date"] <= ruled["identity_code"].map(plan["integration_plan_end"])).all()
    assert len(set(tables["placements"].query("placed_by == 'caseworker'")["service_entity"])) == 4


def test_facts_change_and_some_are_not_known(tables: Tables) -> None:
    versions = tables["jobseekers"]
    assert versions["identity_code"].duplicated().mean() > 0.1
    assert (versions.groupby("identity_code")["postal_code"].nunique() > 1).any()
    assert (versions.groupby("identity_code")["education_level"].nunique() > 1).any()
    codes = tables["employment_codes"]
    now = set(codes[codes["code"].isin(JOBSEEKERS) & codes["end"].isna()]["identity_code"])
    latest = versions.sort_values("valid_from").groupby("identity_code").last(skipna=False)
    latest = latest[latest.index.isin(now)]
    foreign = ~latest["mother_tongue"].isin(["fi", "sv"])
    unknown = latest["education_level"].isna()
    assert abs(unknown[foreign].mean() - 0.25) < 0.05  # report 3.1.1; three standard errors of 800 people
    assert unknown[~foreign].mean() < 0.05
    assert 0.35 < foreign[latest["education_level"].isin(["6", "7", "8"])].mean() < 0.51  # 43 % in the report


# ---------------------------------------------------------------- written whole, the same each time


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    one, two, other = (write_register(tmp_path / str(n), 300, seed) for n, seed in enumerate((1, 1, 2)))
    assert _bytes(one) == _bytes(two)
    assert _bytes(oracle_folder(one)) == _bytes(oracle_folder(two))
    assert not {*_bytes(one).values()} & {*_bytes(other).values()} - {(one / "register.toml").read_bytes()}


def test_the_oracle_lies_beside_the_extract_for_its_owner_only(small_register: Path) -> None:
    oracle = oracle_folder(small_register)
    assert oracle.parent == small_register.parent
    assert stat.S_IMODE(oracle.stat().st_mode) == 0o700
    assert sorted(path.name for path in small_register.iterdir()) == sorted(
        ["register.toml", *(f"{name}.csv" for name in TABLES)]
    )


def test_a_run_that_breaks_off_leaves_the_old_register(tmp_path: Path) -> None:
    out = write_register(tmp_path / "raw", 300)
    before = _bytes(out), _bytes(oracle_folder(out))

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_register(out, 400, say=stop)
    assert (_bytes(out), _bytes(oracle_folder(out))) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "raw.oracle"]


def test_a_new_register_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    out = write_register(tmp_path / "raw", 300)
    before = _bytes(out)
    assert _bytes(write_register(out, 300, seed=2)) != before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "raw.oracle"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"target_group": 5}, "a target group of 5 cannot be"),
        ({"target_group": 5_000_000}, "a target group of 5000000 cannot be"),
        ({"years": 5}, "5 years are too few"),
        ({"as_of": date(1999, 1, 1)}, "no world is known for 1999-01-01"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, asked: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        write_register(tmp_path / "raw", **asked)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_somebody_elses_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(UsageError, match="something else than a register extract"):
        write_register(tmp_path, 300)
    assert (tmp_path / "thesis.txt").exists()


def test_planting_changes_nothing_but_what_was_planted(tmp_path: Path) -> None:
    plain = write_register(tmp_path / "plain", 300)
    unfair = (parse_unfairness("occupation:gender=2:0.5"),)
    planted = write_register(tmp_path / "planted", 300, unfairness=unfair)
    differing = {name for name, content in _bytes(plain).items() if content != _bytes(planted)[name]}
    assert differing == {"jobseekers.csv"}


def test_people_live_the_same_lives_whether_or_not_their_exits_are_recorded_late(tmp_path: Path) -> None:
    unfair = (parse_unfairness("outcome:gender=2:0.5"),)
    plain, planted = (
        read_spells(write_register(tmp_path / name, 300, unfairness=some))
        for name, some in (("plain", ()), ("planted", unfair))
    )
    lives = [
        set(zip(each["start"], each["end"].fillna(AS_OF), each["employability"], strict=True))
        for each in (plain, planted)
    ]
    assert len(lives[0] & lives[1]) > 0.9 * min(map(len, lives)), (
        "whom a late exit brings in or keeps in only moves the cut"
    )
