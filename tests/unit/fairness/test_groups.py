"""Who is of which group: names, unknown values, references, and groups of several attributes together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import DataError
from ml.fairness.groups import MOST_GROUPS, REST, Grouping, grouping, together


def of(values: list[object], given: str | None = None, name: str = "g") -> Grouping:
    return grouping(pd.Series(values, name=name, dtype=object), given)


def rows_of(groups: Grouping) -> list[str]:
    """Return the name of each row's group."""
    return [groups.names[code] for code in groups.code]


# ---------------------------------------------------------------- of one attribute


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["b", "a", "b"], ["b", "a", "b"]),
        (["b", None, "a"], ["b", "missing", "a"]),
        ([np.nan, None, pd.NaT, pd.NA], ["missing"] * 4),
        (["missing", None], ["missing", "missing"]),  # whoever writes it down means the same
        (["", "  ", "a"], ["missing", "missing", "a"]),  # nobody is of a group without a name
        ([1, 2, 1], ["1", "2", "1"]),
        ([1, "1"], ["1", "1"]),
        ([True, False], ["True", "False"]),
        (["Ääkköset", "<b>", "日本", "a × b"], ["Ääkköset", "<b>", "日本", "a × b"]),
    ],
)
def test_names_of_groups(values: list[object], names: list[str]) -> None:
    found = of(values)
    assert rows_of(found) == names
    assert list(found.names) == sorted(set(names))
    assert REST not in found.names


@pytest.mark.parametrize("column", [pd.Series(["b", "a", None]), pd.Series(["b", "a", None], dtype="category"),
                                    pd.Series(["b", "a", None], dtype="string")])  # fmt: skip
def test_whatever_the_type_of_the_column(column: pd.Series) -> None:
    assert rows_of(grouping(column.rename("g"))) == ["b", "a", "missing"]


def test_sizes_and_some_of_the_rows() -> None:
    found = of(["b", "a", "b", None])
    assert dict(zip(found.names, found.sizes.tolist(), strict=True)) == {"a": 1, "b": 2, "missing": 1}
    some = found[np.array([0, 2])]
    assert (some.names, some.sizes.tolist()) == (found.names, [0, 2, 0])
    assert found[np.array([False, True, False, False])].sizes.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("values", "given", "reference"),
    [
        (["a", "b", "b"], None, "b"),
        (["b", "a"], None, "a"),  # of equals the first in the alphabet
        (["a", None, None], None, "a"),
        ([None, None], None, "missing"),
        (["a", "b", "b"], "a", "a"),
        (["a", None], "missing", "missing"),
    ],
)
def test_the_reference(values: list[object], given: str | None, reference: str) -> None:
    found = of(values, given)
    assert found.names[found.reference] == reference


def test_a_reference_that_nobody_is_of_is_an_error() -> None:
    with pytest.raises(DataError, match=r"reference group 'c'.*groups present: 'a', 'b'"):
        of(["a", "b"], "c")


@pytest.mark.parametrize(("groups", "allowed"), [(MOST_GROUPS, True), (MOST_GROUPS + 1, False)])
def test_so_many_groups_and_no_more(groups: int, allowed: bool) -> None:
    values = [f"street {number}" for number in range(groups)]
    if allowed:
        assert len(of([*values, None]).names) == groups + 1
    else:
        with pytest.raises(DataError, match="more than 1000 different values are no groups of people"):
            of(values)


def test_a_million_different_values_are_refused_at_once() -> None:
    with pytest.raises(DataError, match="protected attribute 'id': more than 1000"):
        grouping(pd.Series(np.arange(1_000_000), name="id"))


# ---------------------------------------------------------------- of several together

SEX, AGE = ["f", "f", "m", "m", "m", "f"], ["old", "old", "old", "young", "old", None]


def test_two_attributes_together() -> None:
    found = together((of(SEX, name="sex"), of(AGE, name="age")), 1)
    assert found.attribute == "sex × age"
    assert rows_of(found) == ["f × old", "f × old", "m × old", "m × young", "m × old", "f × missing"]
    assert found.names[-1] == REST
    assert found.sizes[-1] == 0


def test_groups_of_too_few_are_the_rest_and_not_told_apart() -> None:
    found = together((of(SEX, name="sex"), of(AGE, name="age")), 2)
    assert found.names == ("f × old", "m × old", REST)
    assert rows_of(found) == ["f × old", "f × old", "m × old", REST, "m × old", REST]


def test_where_all_are_too_few_everybody_is_of_the_rest() -> None:
    found = together((of(SEX, name="sex"), of(AGE, name="age")), 7)
    assert (found.names, found.reference) == ((REST,), 0)
    assert found.sizes.tolist() == [6]


@pytest.mark.parametrize(
    ("sex", "age", "fewest", "reference"),
    [
        ("m", "young", 1, "m × young"),  # of both references
        ("m", "young", 2, "f × old"),  # these are too few: the largest, of equals the first
        (None, None, 1, "f × old"),
    ],
)
def test_the_reference_of_two_together(sex: str | None, age: str | None, fewest: int, reference: str) -> None:
    found = together((of(SEX, sex, "sex"), of(AGE, age, "age")), fewest)
    assert found.names[found.reference] == reference


def test_three_attributes_together() -> None:
    found = together((of(SEX, name="sex"), of(AGE, name="age"), of(["x", "y"] * 3, name="place")), 1)
    assert found.attribute == "sex × age × place"
    assert rows_of(found)[:4] == ["f × old × x", "f × old × y", "m × old × x", "m × young × y"]


def test_of_too_many_groups_the_largest_stand() -> None:
    """A thousand and one pairs: one of them is of a single row, and falls away."""
    first, second = np.divmod(np.arange(1_001), 100)
    rows = np.repeat(np.arange(1_001), np.where(np.arange(1_001) == 500, 1, 2))
    parts = (of([str(each) for each in first[rows]], name="a"), of([str(each) for each in second[rows]], name="b"))
    found = together(parts, 1)
    assert len(found.names) == MOST_GROUPS + 1
    assert "5 × 0" not in found.names
    assert found.sizes[-1] == 1


VALUE = st.sampled_from(["a", "b", "c", None])


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=40), st.integers(1, 4))
@settings(deadline=None)
def test_each_row_is_of_the_groups_of_its_parts(rows: list[tuple[str | None, ...]], fewest: int) -> None:
    names = [" × ".join(value or "missing" for value in row) for row in rows]
    sizes = Counter(names)
    parts = tuple(of(list(column), name=str(place)) for place, column in enumerate(zip(*rows, strict=True)))
    found = together(parts, fewest)
    assert rows_of(found) == [name if sizes[name] >= fewest else REST for name in names]
    assert len(set(found.names)) == len(found.names)
