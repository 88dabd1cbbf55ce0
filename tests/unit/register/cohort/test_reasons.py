"""What inputs tell of together, as a contract declares it, and every way in which it can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.contracts import CohortContract, Kind
from ml.errors import ContractError
from ml.register.cohort.declaration import read_contract

WHOLE = """
[cohort]
name = "small"
[outcome]
duration = "weeks"
unit = "week"
exit = "how"
exit_when = ["work"]
horizon = 10
[columns.days_1y]
type = "number"
role = "feature"
kind = "immutable"
reason = "history"
[columns.days_5y]
type = "number"
role = "feature"
kind = "immutable"
reason = "history"
[columns.trade]
type = "category"
role = "feature"
[columns.age]
type = "number"
role = "protected"
[reasons.history]
label = { en = "Earlier unemployment", fi = "Aiempi työttömyys", sv = "Tidigare arbetslöshet" }
"""


def read(tmp_path: Path, text: str) -> CohortContract:
    (tmp_path / "cohort.toml").write_text(text, encoding="utf-8")
    return read_contract(tmp_path / "cohort.toml")


def test_columns_share_a_reason_that_has_words(tmp_path: Path) -> None:
    columns = read(tmp_path, WHOLE).columns
    reason = columns["days_1y"].reason
    assert reason is not None
    assert reason == columns["days_5y"].reason
    assert reason.name == "history"
    assert [reason.words(language) for language in ("en", "fi", "sv", "de")] == [
        "Earlier unemployment", "Aiempi työttömyys", "Tidigare arbetslöshet", "Earlier unemployment",
    ]  # fmt: skip


def test_a_column_that_names_none_is_a_reason_of_its_own(tmp_path: Path) -> None:
    columns = read(tmp_path, WHOLE).columns
    assert (columns["trade"].reason, columns["age"].reason) == (None, None)
    assert read(tmp_path, WHOLE[: WHOLE.index("[reasons")].replace('reason = "history"', "")).columns["days_1y"]


def test_a_text_alone_is_the_english_label(tmp_path: Path) -> None:
    text = WHOLE[: WHOLE.index("label = { en")] + 'label = "Earlier unemployment"\n'
    reason = read(tmp_path, text).columns["days_1y"].reason
    assert reason is not None
    assert reason.label == {"en": "Earlier unemployment"}


def test_a_kind_said_once_for_all_members(tmp_path: Path) -> None:
    columns = read(tmp_path, WHOLE.replace('kind = "immutable"', "") + 'kind = "can_change"\n').columns
    assert {columns[name].kind for name in ("days_1y", "days_5y")} == {Kind.CAN_CHANGE}
    assert columns["trade"].kind is Kind.CONTEXT
    assert {each.kind for each in read(tmp_path, WHOLE + 'kind = "immutable"\n').columns.values() if each.reason} == {
        Kind.IMMUTABLE
    }


def test_a_reason_may_be_called_as_its_own_member(tmp_path: Path) -> None:
    text = WHOLE.replace("reasons.history", "reasons.days_1y").replace('reason = "history"', 'reason = "days_1y"')
    reason = read(tmp_path, text).columns["days_5y"].reason
    assert reason is not None
    assert reason.name == "days_1y"


def test_a_protected_input_may_have_a_reason(tmp_path: Path) -> None:
    text = WHOLE.replace(
        'role = "protected"',
        'role = "protected"\nkind = "immutable"\nuse_in_model = true\njustification = "x"\nreason = "history"',
    )
    assert read(tmp_path, text).columns["age"].reason is not None


# what is replaced | by what | what the message must say
BROKEN = [
    ('reason = "history"', 'reason = "histroy"', '[columns.days_1y] reason = "histroy" names no table of [reasons]'),
    ('reason = "history"', 'reason = "histroy"', "declare it; there are: history"),
    ('reason = "history"', "reason = 3", "must be a text"),
    ('reason = "history"', 'reason = ""', "reason"),
    ('kind = "immutable"', 'kind = "context"', "[reasons] history has members of several kinds (days_1y is context, "),
    ('kind = "immutable"', "", "(days_1y is context, days_5y is immutable): make a reason of each kind"),
    ("[reasons.history]", '[reasons.history]\nkind = "context"', '[columns.days_1y] kind = "immutable" is not that of'),
    ("[reasons.history]", '[reasons.history]\nkind = "fixed"', '[reasons.history] kind = "fixed" is unknown'),
    ("[reasons.history]", '[reasons.history]\nlable = "x"', "lable is unknown here; known: label, kind"),
    ("[reasons.history]", '[reasons.other]\nlabel = "x"\n[reasons.history]', "other is the reason of no column"),
    ("[reasons.history]", '[reasons.trade]\nlabel = "x"\n[reasons.history]', "trade is the reason of no column"),
    ("[reasons.history]", '[reasons]\n" x" = { label = "x" }\n[reasons.history]', "is no name of a reason"),
    ("[reasons.history]", "[reasons]\nplain = 3\n[reasons.history]", "plain = 3 must be a table"),
    ("label = { en", "# label = { en", "[reasons.history] label is missing: say what people are told"),
    ('fi = "Aiempi työttömyys"', 'de = "x"', "[reasons.history.label] de is unknown here; known: en, fi, sv"),
    ('role = "protected"', 'role = "protected"\nreason = "history"', "is only for inputs of the model, and"),
    ('role = "protected"', 'role = "ignore"\nreason = "history"', "is only for inputs of the model, and the role is"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "instead", "message"), BROKEN)
def test_a_broken_reason_says_where_and_what(tmp_path: Path, found: str, instead: str, message: str) -> None:
    assert found in WHOLE
    with pytest.raises(ContractError) as error:
        read(tmp_path, WHOLE.replace(found, instead, 1))
    assert message in str(error.value)
    assert str(error.value).startswith("cohort.toml: ")
    assert "\n" not in str(error.value)


def test_a_reason_is_not_called_as_an_input_that_is_no_member(tmp_path: Path) -> None:
    """Who reads a reason could not tell which of the two it is."""
    text = WHOLE.replace("reasons.history", "reasons.trade").replace('reason = "history"', 'reason = "trade"')
    with pytest.raises(ContractError, match="trade is also the name of an input that is no member"):
        read(tmp_path, text)


def test_without_reasons_a_contract_that_names_one_says_that_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="declare it; there are: none"):
        read(tmp_path, WHOLE[: WHOLE.index("[reasons")])
