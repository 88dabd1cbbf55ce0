"""`apualy register synth`: a contract and spells of people who do not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_writes_a_contract_and_spells_and_says_where(apualy: Any) -> None:
    ran = apualy("register", "synth", "--persons", 200, "--out", "made")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"contract: {Path('made/cohort.toml')}\nspells:   {Path('made/spells.csv')}\n"
    assert sorted(path.name for path in Path("made").iterdir()) == ["cohort.toml", "spells.csv"]
    assert not Path("var").exists()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(apualy: Any) -> None:
    def made(folder: str, *seed: object) -> bytes:
        assert apualy("register", "synth", "--persons", 200, "--out", folder, *seed).code == 0
        return (Path(folder) / "spells.csv").read_bytes()

    assert made("one") == made("two", "--seed", 1)
    assert made("one") != made("three", "--seed", 2)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["register", "synth"], "--out"),
        (["register", "synth", "--out", "x", "--persons", "-5"], "'-5' is not a whole number"),
        (["register", "synth", "--out", "x", "--persons", "many"], "'many' is not a whole number"),
        (["register", "synth", "--out", "x", "--seed", "1.5"], "'1.5' is not a whole number"),
        (["register"], "COMMAND"),
        (["register", "synth", "--out", "x", "--persons", "99"], "99 persons are too few"),
    ],
)
def test_a_wrong_command_line_is_told_and_writes_nothing(apualy: Any, argv: list[str], words: str) -> None:
    ran = apualy(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not any(Path().iterdir())


def test_a_file_in_the_place_of_the_folder_is_one_line(apualy: Any) -> None:
    Path("made").write_text("mine", encoding="utf-8")
    ran = apualy("register", "synth", "--persons", 200, "--out", "made")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert Path("made").read_text(encoding="utf-8") == "mine"
