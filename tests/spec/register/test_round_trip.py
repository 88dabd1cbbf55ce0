"""A frame written in any usual way reads back as it was."""

from __future__ import annotations

import csv
import io
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.register.cohort.declaration import read_contract
from ml.register.cohort.values.validate import check_values
from ml.register.files import read_table

CONTRACT = """
[cohort]
name = "round-trip"
[outcome]
duration = "kesto"
unit = "day"
horizon = 1
[time]
start = "alku"
[columns."väri"]
type = "category"
role = "feature"
missing = "allowed"
[columns.on]
type = "boolean"
role = "feature"
"""
NAMES = ["kesto", "alku", "väri", "on"]
DATE_FORMS = {
    "iso": date.isoformat,
    "finnish": lambda day: f"{day.day:02}.{day.month:02}.{day.year:04}",
    "short finnish": lambda day: f"{day.day}.{day.month}.{day.year:04}",
    "moment": lambda day: f"{day.isoformat()}T12:30:00Z",
}
TRUTHS = [("1", "0"), ("true", "FALSE"), ("kyllä", "ei"), ("ja", "nej"), ("Yes", "no")]

# Latin letters and the characters that part fields; all can be written in Windows-1252.
words = st.text("abcåäöÅÄÖé €;,\t|\"'\n.1", max_size=8)
rows = st.lists(
    st.tuples(
        st.floats(min_value=0, max_value=1e9, allow_nan=False),
        st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)),
        words,
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(
    rows=rows,
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    wants_comma=st.booleans(),
    date_form=st.sampled_from(sorted(DATE_FORMS)),
    truth=st.sampled_from(TRUTHS),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float, date, str, bool]],
    delimiter: str,
    encoding: str,
    wants_comma: bool,
    date_form: str,
    truth: tuple[str, str],
    line_end: str,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    mark = "," if wants_comma and delimiter != "," else "."
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(NAMES)
    for days, start, word, on in rows:
        number = repr(days).replace(".", mark)
        writer.writerow([number, DATE_FORMS[date_form](start), word, truth[0] if on else truth[1]])
    data, declared = folder / "round-trip.csv", folder / "round-trip.toml"
    data.write_bytes(text.getvalue().encode(encoding))
    declared.write_text(CONTRACT, encoding="utf-8")
    contract = read_contract(declared)
    checked = check_values(read_table(data, contract.columns), contract)
    assert checked["kesto"].values.tolist() == [days for days, *_ in rows]
    assert checked["alku"].values.tolist() == [start for _, start, *_ in rows]
    assert checked["väri"].values.tolist() == [word.strip() or None for _, _, word, _ in rows]
    np.testing.assert_array_equal(checked["on"].values, [float(on) for *_, on in rows])
