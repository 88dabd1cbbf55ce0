"""The invented Helsinki: held against the figures it must resemble."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.contracts import Cohort, ColumnType
from ml.errors import UsageError
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from ml.register.synthetic import write_synthetic


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    contract, data = write_synthetic(tmp_path_factory.mktemp("helsinki"), persons=4000, seed=1)
    return build_cohort(read_contract(contract), data)


def test_it_keeps_to_its_own_contract_without_a_warning(cohort: Cohort) -> None:
    assert cohort.warnings == ()
    assert list(cohort.protected) == ["age", "gender", "mother_tongue"]
    assert {column.type for column in cohort.contract.inputs} == set(ColumnType)
    assert all(set(column.label) == {"en", "fi", "sv"} for column in cohort.contract.columns.values())


def test_new_spells_reach_twelve_months_as_seldom_as_they_should(cohort: Cohort) -> None:
    assert cohort.start is not None
    followed = cohort.start <= np.datetime64("2022-06-30")  # a whole year before the extract
    assert 0.08 < (cohort.duration[followed] >= 365).mean() < 0.20


def test_the_chance_of_leaving_falls_with_duration(cohort: Cohort) -> None:
    def share_leaving(first: int, last: int) -> float:
        at_risk = cohort.duration >= first
        return float((at_risk & cohort.exited & (cohort.duration < last)).sum() / at_risk.sum())

    assert share_leaving(0, 91) > 1.3 * share_leaving(182, 273) > 1.3 * share_leaving(365, 456)


def test_a_temporal_split_has_room_for_follow_up(cohort: Cohort) -> None:
    assert cohort.start is not None
    days = np.sort(cohort.start)
    cuts = [days[int(share * len(days))] for share in (0.6, 0.8)]
    assert all((late - early).astype(int) >= 1.5 * 365 for early, late in [cuts, (cuts[1], days[-1])])


def test_education_is_unknown_for_a_quarter_of_other_language_speakers(cohort: Cohort) -> None:
    unknown = cohort.features["education"].isna()
    other = cohort.protected["mother_tongue"] == "other"
    assert unknown[other].mean() == pytest.approx(0.25, abs=0.03)
    assert not unknown[~other].any()


def test_some_people_come_back(cohort: Cohort) -> None:
    persons = len(np.unique(cohort.person))
    assert 1.3 < len(cohort) / persons < 2.5


def test_the_spells_of_one_person_do_not_overlap(cohort: Cohort) -> None:
    assert cohort.start is not None
    order = np.lexsort((cohort.start, cohort.person))
    start, person = cohort.start[order], cohort.person[order]
    end = start + cohort.duration[order].astype("timedelta64[D]")
    assert (start[1:] >= end[:-1])[person[1:] == person[:-1]].all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (
        write_synthetic(tmp_path / name, persons=100, seed=seed)[1].read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again != other
    assert first.startswith(b"\xef\xbb\xbfperson;start;")


def test_nothing_is_left_beside_the_two_files(tmp_path: Path) -> None:
    write_synthetic(tmp_path, persons=100, seed=1)
    write_synthetic(tmp_path, persons=100, seed=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.toml", "spells.csv"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write_synthetic(tmp_path, persons=100, seed=1)[1].read_bytes()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    with pytest.raises(OSError, match="no space left"):
        write_synthetic(tmp_path, persons=100, seed=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.toml", "spells.csv"]
    assert (tmp_path / "spells.csv").read_bytes() == before


def test_too_few_persons(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 100"):
        write_synthetic(tmp_path, persons=99, seed=1)
