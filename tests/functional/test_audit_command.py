"""`apualy audit`: any system's predictions, hostile files among them, as somebody types it."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

REPO = Path(__file__).parents[2]
CODE = "131052-308T"  # has the form and the check character of an identity code; nobody's
# Cohort contract, "What --json prints": a finding
FINDING = ["attribute", "group", "n", "metric", "value", "low", "high", "reference", "ratio", "ratio_low", "ratio_high",
           "verdict"]  # fmt: skip
COLUMNS = ("--outcome", "stayed", "--score", "chance")

Audit = Callable[..., Any]


def people(rows: int, seed: int = 1) -> pd.DataFrame:
    """Return fair predictions of people of two sexes and three tongues; 60 % of the outcomes are of the majority."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(2, 3, rows).round(3)
    return pd.DataFrame({
        "person": [f"p{number}" for number in range(rows)],
        "stayed": (rng.random(rows) < chance).astype(int),
        "chance": chance,
        "sex": rng.choice(["women", "men"], rows),
        "tongue": rng.choice(["Finnish", "Swedish", "other"], rows, p=[0.6, 0.15, 0.25]),
        "age": rng.integers(18, 65, rows),
        "weight": rng.choice([1.0, 1.4], rows),
    })  # fmt: skip


@pytest.fixture
def audit(apualy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Return what audits a frame, or a file, with more arguments."""
    monkeypatch.chdir(tmp_path)

    def run(data: pd.DataFrame | Path, *argv: object, protected: str = "sex,tongue") -> Any:
        if isinstance(data, pd.DataFrame):
            data.to_csv(tmp_path / "said.csv", index=False)
            data = tmp_path / "said.csv"
        return apualy("audit", "--data", data, *COLUMNS, "--protected", protected, *argv)

    return run


def told(ran: Any) -> dict[str, Any]:
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1), ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def refused(ran: Any, code: int = 3) -> str:
    """Return the one line that somebody reads who handed in what cannot be audited."""
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("apualy: ")
    assert ran.err.count("\n") == 1
    assert "unexpected" not in ran.err
    assert "Traceback" not in ran.err
    return str(ran.err)


def of_single(found: dict[str, Any], metric: str | None = None) -> list[dict[str, Any]]:
    return [f for f in found["findings"] if f["scope"] == "attribute" and metric in (None, f["metric"])]


# ---------------------------------------------------------------- what it prints


def test_json_is_one_object_with_what_the_contract_promises(audit: Audit) -> None:
    found = told(audit(people(4_000), "--json"))
    assert list(found)[:3] == ["verdict", "findings", "seconds"]
    assert found["verdict"] in {"pass", "fail", "insufficient"}
    for finding in found["findings"]:
        assert list(finding)[: len(FINDING)] == FINDING
        assert finding["verdict"] in {"pass", "fail", "insufficient"}
    singles = {(f["attribute"], f["group"], f["reference"], f["metric"]) for f in of_single(found)}
    groups = {("sex", *sorted(["women", "men"], key=lambda each: each == largest(people(4_000)["sex"]))),
              ("tongue", "Swedish", "Finnish"), ("tongue", "other", "Finnish")}  # fmt: skip
    assert singles == {(*each, metric) for each in groups
                       for metric in ("false_positive_rate", "false_negative_rate", "calibration_gap")}  # fmt: skip
    assert found["seconds"].keys() == {"read", "audit", "equal_risk"}
    assert all(isinstance(seconds, float) for seconds in found["seconds"].values())
    assert (found["people"], found["rows"]) == (4_000, 4_000)


def largest(column: pd.Series) -> str:
    return str(column.value_counts().idxmax())


def test_a_person_reads_the_verdict_and_what_it_rests_on(audit: Audit) -> None:
    data = people(6_000)
    data["chance"] = (data["chance"] + 0.2 * (data["tongue"] == "other")).clip(upper=1)
    ran = audit(data)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0].startswith("fail: 6000 people, highest 25% flagged (really 25.")
    assert "false positive rate of “tongue: other”" in ran.out
    assert "times that of “Finnish” (95 % interval" in ran.out
    assert lines[-1].startswith("  time        read ")


def test_the_same_file_gives_the_same_findings_and_parquet_the_same_as_csv(audit: Audit, tmp_path: Path) -> None:
    data = people(3_000)
    data.to_parquet(tmp_path / "said.parquet")
    one, same, of_parquet = (told(audit(each, "--json")) for each in (data, data, tmp_path / "said.parquet"))
    assert one["findings"] == same["findings"] == of_parquet["findings"]
    assert one["figures"] == of_parquet["figures"]


def test_in_a_pipe_with_a_report_beside_it(audit: Audit, tmp_path: Path) -> None:
    ran = audit(people(2_000), "--html", tmp_path / "new" / "report.html", "--csv", tmp_path / "findings.csv", "--json")
    found = told(ran)
    page = (tmp_path / "new" / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "findings.csv").read_text(encoding="utf-8"))))
    assert len(rows) == len(found["findings"]) + len(found["figures"])
    assert sorted(os.listdir(tmp_path)) == ["findings.csv", "new", "said.csv"]


def test_a_report_that_cannot_be_written_leaves_nothing(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be", encoding="utf-8")
    (tmp_path / "old.html").mkdir()
    for place in (tmp_path / "taken" / "report.html", tmp_path / "old.html"):
        ran = audit(people(500), "--html", place, "--csv", tmp_path / "findings.csv")
        assert ran.code != 0
        assert ran.out == ""
        assert "Traceback" not in ran.err
    assert sorted(os.listdir(tmp_path)) == ["old.html", "said.csv", "taken"]
    assert os.listdir(tmp_path / "old.html") == []


# ---------------------------------------------------------------- its options


def test_bands_cut_a_number_and_without_them_quartiles_do(audit: Audit) -> None:
    data = people(3_000)
    cut = told(audit(data, "--bands", "age=25,50", "--json", protected="age"))
    assert {f["group"] for f in (*cut["findings"], *cut["figures"])} == {"under 25", "25–49", "50 and over"}
    plain = told(audit(data, "--json", protected="age"))
    assert len({f["group"] for f in (*plain["findings"], *plain["figures"])}) == 4


def test_direct_use_fails_whatever_the_rates(audit: Audit) -> None:
    found = told(audit(people(3_000), "--direct-use", "sex", "--json"))
    assert (found["verdict"], found["direct_use"]) == ("fail", ["sex"])
    assert (found["findings"][0]["attribute"], found["findings"][0]["metric"]) == ("sex", "direct_use")


def test_weights_are_those_of_the_rates(audit: Audit) -> None:
    """Women who were flagged in vain weigh nothing: what came of them is not known."""
    data = people(6_000)
    line = data["chance"].quantile(0.75)
    in_vain = (data["sex"] == "women") & (data["chance"] >= line) & (data["stayed"] == 0)
    data["weight"] = np.where(in_vain, 0, 1.0)
    found = told(audit(data, "--weight", "weight", "--json"))
    rates = {f["group"]: f["value"] for f in (*found["findings"], *found["figures"])
             if (f["attribute"], f["metric"], f["scope"]) == ("sex", "false_positive_rate", "attribute")}  # fmt: skip
    assert rates["women"] == 0
    assert rates["men"] > 0.1


@pytest.mark.parametrize("unit", [1e-7, 1e7])
def test_weights_may_be_of_any_unit(audit: Audit, unit: float) -> None:
    data = people(3_000)
    one = told(audit(data, "--weight", "weight", "--json"))
    other = told(audit(data.assign(weight=data["weight"] * unit), "--weight", "weight", "--json"))
    for first, second in zip(of_single(one), of_single(other), strict=True):
        assert (first["group"], first["metric"], first["n"]) == (second["group"], second["metric"], second["n"])
        assert first["value"] == pytest.approx(second["value"], abs=1e-4)
        assert first["low"] == pytest.approx(second["low"], abs=0.01)


def test_rows_of_one_person_are_of_one_person(audit: Audit) -> None:
    data = people(2_000)
    thrice = pd.concat([data] * 3)
    once, counted, taken = (told(audit(*each, "--json")) for each in
                            ((data,), (thrice, "--person", "person"), (thrice,)))  # fmt: skip
    assert (counted["people"], counted["rows"], taken["people"]) == (2_000, 6_000, 6_000)

    def widths(found: dict[str, Any]) -> Any:
        return np.array([f["high"] - f["low"] for f in of_single(found)])

    assert np.mean(widths(counted) / widths(once)) == pytest.approx(1, abs=0.1)
    assert np.mean(widths(taken) / widths(once)) < 0.7


def test_capacity_and_policy_are_those_that_were_asked_for(audit: Audit, tmp_path: Path) -> None:
    found = told(audit(people(3_000), "--capacity", "0.4", "--json"))
    assert (found["capacity"], found["selected_share"]) == (0.4, pytest.approx(0.4, abs=0.01))
    text = (REPO / "model_cards" / "policy.toml").read_text(encoding="utf-8")
    strict = text.replace("low = 0.8, high = 1.25", "low = 0.999, high = 1.001")
    (tmp_path / "strict.toml").write_text(strict, encoding="utf-8")
    found = told(audit(people(3_000), "--policy", tmp_path / "strict.toml", "--json"))
    assert found["verdict"] != "pass"
    assert found["policy"]["limits"]["false_positive_rate"] == {"of": "ratio", "low": 0.999, "high": 1.001}


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--capacity", "0"), "--capacity"),
        (("--capacity", "1.5"), "--capacity"),
        (("--capacity", "nan"), "--capacity"),
        (("--bands", "age"), "--bands"),
        (("--bands", "sex=a,b"), "--bands"),
        (("--bands", "sex=5,1"), "must rise"),
        (("--bands", "sex=nan"), "--bands"),
        (("--bands", "chance=0.5"), "chance is none"),
        (("--direct-use", "chance"), "chance is none"),
    ],
)
def test_a_command_line_that_cannot_be_meant(audit: Audit, argv: tuple[str, ...], words: str) -> None:
    assert words in refused(audit(people(100), *argv), code=2)


def test_a_command_line_without_what_it_needs(apualy: Any, audit: Audit, tmp_path: Path) -> None:
    for argv in (("audit",), ("audit", "--data", "x"), ("audit", "--data", "x", *COLUMNS),
                 ("audit", "--data", "x", *COLUMNS, "--protected", "a", "--language", "de")):  # fmt: skip
        assert apualy(*argv).code == 2
    assert "names no column" in refused(audit(people(100), protected=","), code=2)
    assert "does not exist" in refused(audit(tmp_path / "no.csv"))


# ---------------------------------------------------------------- files that say little


def verdicts(found: dict[str, Any]) -> set[str]:
    return {f["verdict"] for f in found["findings"]}


def whys(found: dict[str, Any]) -> set[str]:
    return {f["why"] for f in found["findings"]}


def test_one_group(audit: Audit) -> None:
    found = told(audit(people(500).assign(sex="women"), "--json", protected="sex"))
    assert (found["verdict"], verdicts(found), whys(found)) == ("insufficient", {"insufficient"},
                                                                {"everyone is of this group"})  # fmt: skip
    assert found["warnings"] == ["sex: everyone is of the group 'women': there is nothing to compare"]


def test_a_group_of_two(audit: Audit) -> None:
    data = people(2_000)
    data.loc[[3, 90], "tongue"] = "Sámi"
    found = told(audit(data, "--json"))
    small = [f for f in (*found["findings"], *found["figures"]) if f["group"] == "Sámi"]
    assert {f["metric"] for f in small} >= {"false_positive_rate", "auc", "selection_rate"}
    assert {f["verdict"] for f in small} <= {"insufficient", None}
    assert {f[name] for f in small for name in ("n", "value", "low", "high", "ratio", "difference", "chance")} == {None}
    assert found["verdict"] == "insufficient"


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_outcome(audit: Audit, outcome: int) -> None:
    found = told(audit(people(1_000).assign(stayed=outcome), "--json"))
    of_none = of_single(found, "false_positive_rate" if outcome else "false_negative_rate")
    assert {(f["value"], f["ratio"], f["verdict"]) for f in of_none} == {(None, None, "insufficient")}
    assert {f["value"] for f in found["figures"] if f["metric"] == "auc"} == {None}
    assert found["verdict"] != "pass"


def test_no_outcomes_at_all(audit: Audit) -> None:
    found = told(audit(people(1_000).assign(stayed=np.nan), "--json"))
    assert (found["verdict"], verdicts(found), whys(found)) == ("insufficient", {"insufficient"}, {"too few people"})
    assert {f["value"] for f in found["findings"]} == {None}
    selected = [f for f in found["figures"] if f["metric"] == "selection_rate" and f["scope"] == "attribute"]
    assert all(0.1 < f["value"] < 0.4 for f in selected)  # who is flagged is known all the same


def test_missing_values_everywhere(audit: Audit) -> None:
    data = people(2_000)
    data.loc[data.index % 3 == 0, "sex"] = None
    data["tongue"] = None
    data.loc[data.index % 4 == 0, "stayed"] = np.nan
    found = told(audit(data, "--json"))
    groups = {(f["attribute"], f["group"]): f["n"] for f in (*found["findings"], *found["figures"])
              if f["scope"] == "attribute"}  # fmt: skip
    assert groups["sex", "missing"] == 665
    assert groups["tongue", "missing"] == 2_000
    assert sum(n for (name, _), n in groups.items() if name == "sex") == pytest.approx(2_000, abs=5)


def test_one_row(audit: Audit, tmp_path: Path) -> None:
    for rows in (1, 2, 3, 9):
        found = told(audit(people(rows), "--json", "--html", tmp_path / "r.html"))
        assert (found["verdict"], verdicts(found)) == ("insufficient", {"insufficient"})
        assert found["people"] in (None, 10)
    assert audit(people(3)).out.startswith("insufficient: fewer than 5 people, ")


def test_equal_scores(audit: Audit) -> None:
    found = told(audit(people(1_000).assign(chance=0.3), "--json"))
    assert (found["verdict"], found["selected_share"]) == ("insufficient", 1.0)
    assert "everyone is flagged" in whys(found)


def test_fifty_thousand_people_with_a_group_each(audit: Audit) -> None:
    data = people(50_000)
    data["sex"] = [f"group {number}" for number in range(50_000)]
    line = refused(audit(data))
    assert "'sex': more than 1000 different values are no groups of people; band numbers, join places" in line
    assert "group 1" not in line


def test_a_thousand_groups(audit: Audit, tmp_path: Path) -> None:
    """Of thirty people each: nothing can be said of any of them."""
    data = people(30_000, seed=2)
    data["sex"] = [f"group {number % 1000}" for number in range(30_000)]
    text = (REPO / "model_cards" / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "quick.toml").write_text(text.replace("replicates = 2000", "replicates = 500"), encoding="utf-8")
    found = told(audit(data, "--json", "--policy", tmp_path / "quick.toml", protected="sex"))
    assert len({f["group"] for f in of_single(found)}) == 999
    assert found["verdict"] == "insufficient"


NAMES = (
    "日本語",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    'q"uote, comma',
    "عربي",
    "a × b",
    "ру\u200bсский",
    "🙂",
)


def test_names_of_any_script_and_of_markup(audit: Audit, tmp_path: Path) -> None:
    data = people(4_000)
    data["tongue"] = [NAMES[number % len(NAMES)] for number in range(4_000)]
    found = told(audit(data, "--json", "--html", tmp_path / "r.html", "--csv", tmp_path / "f.csv"))
    assert {f["group"] for f in (*found["findings"], *found["figures"]) if f["attribute"] == "tongue"} == set(NAMES)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "日本語" in page
    rows = csv.reader(io.StringIO((tmp_path / "f.csv").read_text(encoding="utf-8"), newline=""))
    cells = {cell for row in rows for cell in row}
    assert "'=HYPERLINK(1)" in cells
    assert not any(cell.startswith("=") for cell in cells)


def test_columns_of_any_name(audit: Audit, apualy: Any, tmp_path: Path) -> None:
    data = people(800).rename(columns={"stayed": "jäi työttömäksi?", "chance": "p=1", "sex": "<b>sukupuoli</b>"})
    data.to_csv(tmp_path / "x.csv", index=False)
    ran = apualy("audit", "--data", tmp_path / "x.csv", "--outcome", "jäi työttömäksi?", "--score", "p=1",
                 "--protected", "<b>sukupuoli</b>", "--json", "--html", tmp_path / "r.html")  # fmt: skip
    assert {f["attribute"] for f in told(ran)["findings"]} == {"<b>sukupuoli</b>"}
    assert "<b>sukupuoli" not in (tmp_path / "r.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------- files that cannot be audited


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("chance", 6, np.nan, "'chance' is not a chance from 0 to 1 in 1 of 50 rows, the first in data row 7"),
        ("chance", 6, 1.2, "'chance' is not a chance from 0 to 1"),
        ("chance", 6, -0.1, "'chance' is not a chance from 0 to 1"),
        ("chance", 6, np.inf, "'chance' is not a chance from 0 to 1"),
        ("chance", 6, "high", "'chance' is not a chance from 0 to 1"),
        ("weight", 6, np.nan, "'weight' is not a weight, not negative"),
        ("weight", 6, -1, "'weight' is not a weight, not negative"),
        ("weight", 6, np.inf, "'weight' is not a weight, not negative"),
        ("weight", 6, "heavy", "'weight' is not a weight, not negative"),
        ("stayed", 6, 2, "'stayed' holds '2', which is no outcome"),
        ("stayed", 6, "maybe", "'stayed' holds 'maybe', which is no outcome"),
        ("person", 6, None, "'person' is missing in 1 rows"),
    ],
)
def test_values_that_cannot_be(audit: Audit, column: str, row: int, value: object, words: str) -> None:
    data = people(50)
    data[column] = data[column].astype(object)
    data.loc[row, column] = value
    assert words in refused(audit(data, "--weight", "weight", "--person", "person"))


@pytest.mark.parametrize("told_as", [("1", "0"), ("1.0", "0.0"), ("true", "false"), ("TRUE", "False"), ("yes", "no")])
def test_outcomes_may_be_written_in_several_ways(audit: Audit, told_as: tuple[str, str]) -> None:
    data = people(600)
    plain = told(audit(data, "--json"))
    data["stayed"] = np.where(data["stayed"] == 1, *told_as)
    data.loc[3, "stayed"] = ""
    assert [f["verdict"] for f in told(audit(data, "--json"))["findings"]] == [f["verdict"] for f in plain["findings"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "blank"),
        (b"stayed,chance,sex,tongue\n", "has a header and no rows"),
        (b"stayed,chance,sex\n1,0.5,f\n", "there is no column 'tongue'; it has stayed, chance, sex"),
        (b"PK\x03\x04" + bytes(range(256)) * 20, "is a spreadsheet or an archive; save the sheet as CSV"),
        (bytes(range(256)) * 50, "holds NUL bytes: it is not text"),
        (bytes(range(128, 256)) * 50, "there is no column"),
        (b"\x1f\x8b\x08" + bytes(range(256)), "is compressed; unpack it first"),
        (b"PAR1" + bytes(200), "is damaged Parquet"),
        (b"PAR1", "is damaged Parquet"),
        (b"stayed,chance,sex,tongue\n1,0.5,f,fi\n1,0.5,f,fi,more,and,more\n", "row 3 has 7 fields, the header has 4"),
        (b"stayed,chance,sex,tongue\n1,0.5,f,fi,\n0,0.4,m,fi,\n", "row 2 has 5 fields, the header has 4"),
        (b"stayed,chance,sex,tongue\n1,0.5\n", "row 2 has 2 fields"),
        (b"stayed,chance,sex,sex,tongue\n1,0.5,f,m,fi\n0,0.4,m,f,fi\n", "the header names more than once: sex"),
        (b",stayed,chance,sex,tongue\n0,1,0.5,f,fi\n", "column 1 of the header has no name"),
        (b'stayed,chance,sex,tongue\n1,0.5,"f,fi\n', "one is not closed"),
    ],
)
def test_files_that_are_none(audit: Audit, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "said.csv").write_bytes(content)
    assert words in refused(audit(tmp_path / "said.csv", "--html", tmp_path / "r.html"))
    assert not (tmp_path / "r.html").exists()


def test_a_folder_is_no_file(audit: Audit, tmp_path: Path) -> None:
    assert "is not a file" in refused(audit(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("form", [{}, {"sep": ";", "decimal": ","}, {"sep": "\t", "lineterminator": "\r\n"}])
def test_files_as_spreadsheets_write_them(audit: Audit, tmp_path: Path, encoding: str, form: dict[str, str]) -> None:
    data = people(300).replace({"tongue": {"other": "åländska"}})
    plain = told(audit(data, "--json"))
    (tmp_path / "x.csv").write_bytes(data.to_csv(index=False, **form).encode(encoding))
    assert told(audit(tmp_path / "x.csv", "--json"))["findings"] == plain["findings"]


def test_codes_of_places_are_no_numbers(audit: Audit) -> None:
    """Numbers would be banded: 00100 is a place."""
    data = people(900)
    data["sex"] = [f"00{100 + 10 * (number % 12)}" for number in range(900)]
    found = told(audit(data, "--json", protected="sex"))
    assert {"00100", "00210"} <= {f["group"] for f in (*found["findings"], *found["figures"])}


def test_a_parquet_file_whose_column_holds_lists(audit: Audit, tmp_path: Path) -> None:
    data = people(50)
    data["sex"] = [["a", "b"]] * 50
    data.to_parquet(tmp_path / "x.parquet")
    assert "sex holds lists or records" in refused(audit(tmp_path / "x.parquet"))


def test_numbers_without_end_are_not_known(audit: Audit, tmp_path: Path) -> None:
    data = people(600)
    data["age"] = np.where(np.arange(600) % 10 == 0, np.inf, data["age"])
    data.to_parquet(tmp_path / "x.parquet")
    found = told(audit(tmp_path / "x.parquet", "--json", protected="age"))
    assert {f["n"] for f in (*found["findings"], *found["figures"]) if f["group"] == "missing"} == {60}


def test_one_column_for_two_things(audit: Audit, apualy: Any, tmp_path: Path) -> None:
    """Who audits the score by the score asks nothing; to be a group and an outcome may be meant."""
    people(600).to_csv(tmp_path / "said.csv", index=False)
    ran = apualy("audit", "--data", tmp_path / "said.csv", "--outcome", "stayed", "--score", "chance",
                 "--protected", "sex,sex,stayed", "--json")  # fmt: skip
    found = told(ran)
    assert {f["attribute"] for f in of_single(found)} == {"sex", "stayed"}


# ---------------------------------------------------------------- identity codes


def test_identity_codes_are_no_groups_and_are_repeated_nowhere(audit: Audit, tmp_path: Path) -> None:
    for value in (CODE, f"tunnus {CODE}", f"x{CODE}"):
        data = people(400)
        data.loc[7, "sex"] = value
        line = refused(audit(data, "--html", tmp_path / "r.html", "--csv", tmp_path / "f.csv", "--json"))
        assert "'sex' holds identity codes" in line
        assert CODE not in line
        assert os.listdir(tmp_path) == ["said.csv"]


def test_identity_codes_as_persons_are_repeated_nowhere(audit: Audit, tmp_path: Path) -> None:
    data = people(600)
    data.loc[[7, 8, 9], "person"] = CODE
    for more in (("--json",), ()):
        ran = audit(data, "--person", "person", "--html", tmp_path / "r.html", "--csv", tmp_path / "f.csv", *more)
        assert ran.code == 0
        written = ran.out + ran.err + "".join((tmp_path / name).read_text("utf-8") for name in ("r.html", "f.csv"))
        assert CODE not in written
        assert CODE[:6] not in written


@pytest.mark.parametrize("column", ["chance", "stayed", "weight"])
def test_identity_codes_where_numbers_should_be_are_struck_out(audit: Audit, column: str) -> None:
    data = people(50)
    data[column] = data[column].astype(object)
    data.loc[7, column] = CODE
    assert CODE not in refused(audit(data, "--weight", "weight"))


def test_identity_codes_as_names_of_columns_are_struck_out(audit: Audit, tmp_path: Path) -> None:
    data = people(300).rename(columns={"sex": CODE})
    assert CODE not in refused(audit(data))
    line = refused(audit(data, "--json", "--html", tmp_path / "r.html", protected=f"{CODE},tongue"))
    assert "a column is named by an identity code" in line
    assert CODE not in line


def test_an_identity_code_as_the_name_of_the_file_is_struck_out(audit: Audit, tmp_path: Path) -> None:
    people(300).to_csv(tmp_path / f"{CODE}.csv", index=False)
    ran = audit(tmp_path / f"{CODE}.csv", "--json", "--html", tmp_path / "r.html")
    assert told(ran)["model"]["name"] == "[identity code]"
    assert CODE not in (tmp_path / "r.html").read_text("utf-8")
