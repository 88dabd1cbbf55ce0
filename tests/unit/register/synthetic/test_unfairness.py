"""Unfairness planted on purpose: it does what it says, and the oracle knows the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.oracle import lasted, read_inputs, read_spells, watched
from ml.errors import UsageError
from ml.register.schema import TABLES
from ml.register.synthetic import Unfairness, parse_unfairness, write_register

AS_OF = pd.Timestamp(2020, 1, 31)
SIZE = 1_200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("outcome", "does not read as WHAT:COLUMN=VALUE:SHARE"),
        ("outcome:gender=2", "does not read as WHAT:COLUMN=VALUE:SHARE"),
        ("outcome:gender=2:much", "does not read as WHAT:COLUMN=VALUE:SHARE"),
        ("gender:age=50+:0.2", "gender cannot be made worse"),
        ("outcome:shoe_size=44:0.2", "no groups by shoe_size"),
        ("outcome:gender=3:0.2", "gender has no 3"),
        ("outcome:mother_tongue=klingon:0.2", "mother_tongue has no klingon"),
        ("outcome:age=old:0.2", "age has no old; write ages like 50+"),
        ("outcome:gender=2:0", "the share must be above 0 and at most 1"),
        ("outcome:gender=2:1.5", "the share must be above 0 and at most 1"),
    ],
)
def test_what_cannot_be_planted_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_unfairness(text)
    assert words in str(refused.value)


groups = st.sampled_from(["gender=2", "mother_tongue=foreign", "mother_tongue=so", "citizenship=foreign", "age=50+"])


@given(st.sampled_from(["outcome", "education_level", "occupation"]), groups, st.integers(1, 100))
def test_the_text_form_reads_back(what: str, group: str, percent: int) -> None:
    text = f"{what}:{group}:{percent / 100:g}"
    assert str(parse_unfairness(text)) == text
    assert parse_unfairness(text) == Unfairness(what, *group.split("=", 1), percent / 100)


# ---------------------------------------------------------------- what the register then says


def planted(folder: Path, *texts: str) -> tuple[Path, pd.DataFrame]:
    """Return a planted register and who its people are, one row a person."""
    out = write_register(folder / "raw", SIZE, seed=4, unfairness=tuple(parse_unfairness(text) for text in texts))
    people = pd.read_csv(out / "jobseekers.csv", sep=";", encoding="utf-8-sig", dtype=str)
    return out, people


@pytest.fixture(scope="module")
def late_for_women(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    return planted(tmp_path_factory.mktemp("late"), "outcome:gender=2:0.15")


def _of_women(people: pd.DataFrame, codes: pd.Series) -> pd.Series:
    return codes.map(people.drop_duplicates("identity_code").set_index("identity_code")["gender"]) == "2"


def test_exits_of_the_group_are_late_in_the_share_asked_for(late_for_women: tuple[Path, pd.DataFrame]) -> None:
    out, people = late_for_women
    spells = read_spells(out)
    # Earlier exits are in the register because they are late, later ones are not yet recorded.
    exits = spells[spells["end"].between(AS_OF - pd.DateOffset(years=6), AS_OF - pd.DateOffset(years=1))]
    women = _of_women(people, exits["identity_code"])
    assert not exits.loc[~women, "is_planted"].any()
    assert 0.11 < exits.loc[women, "is_planted"].mean() < 0.165  # less where the next spell leaves no room
    late = (exits["recorded_end"] - exits["end"]).dt.days
    assert (late[exits["is_planted"]] > 0).all()
    assert (late[~exits["is_planted"]] == 0).all()


def test_spells_of_the_group_seem_to_last(late_for_women: tuple[Path, pd.DataFrame]) -> None:
    out, people = late_for_women
    spells = watched(read_spells(out), AS_OF)
    women = _of_women(people, spells["identity_code"])
    more = lasted(spells, "recorded_end").astype(int) - lasted(spells).astype(int)
    assert more[women].mean() > 0.005
    assert (more[~women] == 0).all()


def test_the_register_tells_the_recorded_end(late_for_women: tuple[Path, pd.DataFrame]) -> None:
    out, _ = late_for_women
    codes = pd.read_csv(out / "employment_codes.csv", sep=";", encoding="utf-8-sig", dtype=str)
    codes["after"] = pd.to_datetime(codes["end"], format="%d.%m.%Y") + pd.Timedelta(days=1)
    spells = read_spells(out)
    late = spells[spells["is_planted"] & (spells["recorded_end"] < AS_OF - pd.DateOffset(months=3))]
    assert len(late) > 50
    ends = set(zip(codes["identity_code"], codes["after"], strict=True))
    assert all(row in ends for row in zip(late["identity_code"], late["recorded_end"], strict=True))
    assert not any(row in ends for row in zip(late["identity_code"], late["end"], strict=True))


GROUPS: Mapping[str, tuple[str, str, float]] = {
    "education": ("education_level:mother_tongue=foreign:0.5", "education_level", 0.5),
    "occupation": ("occupation:citizenship=foreign:0.4", "occupation", 0.4),
}


@pytest.mark.parametrize(("text", "column", "share"), GROUPS.values(), ids=GROUPS)
def test_inputs_of_the_group_are_missing_and_kept_in_the_oracle(
    tmp_path: Path, text: str, column: str, share: float
) -> None:
    out, people = planted(tmp_path, text)
    taken = read_inputs(out)
    assert set(taken["column"]) == {column}
    foreign = people["citizenship"] != "FI" if "citizenship" in text else ~people["mother_tongue"].isin(["fi", "sv"])
    rows = people.assign(valid_from=pd.to_datetime(people["valid_from"], format="%d.%m.%Y"), member=foreign)
    both = rows.merge(taken, on=["identity_code", "valid_from"], how="left")
    assert len(both) == len(people)
    assert both.loc[both["value"].notna(), column].isna().all(), "what was taken is not there"
    assert both.loc[both["value"].notna(), "member"].all(), "nobody else is touched"
    had = both["value"].notna() | both[column].notna()
    assert abs(both.loc[had & both["member"], "value"].notna().mean() - share) < 0.06
    assert set(taken["value"]) <= set(TABLES["jobseekers"][column].codes or ())
