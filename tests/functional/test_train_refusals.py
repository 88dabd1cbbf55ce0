"""`apualy train` when it cannot: one line, the right exit code, and nothing half-written."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

import apualy as main
from ml.errors import ContractError, DataError

IDENTITY_CODE = "131052-308T"  # the Digital and Population Data Services Agency's own example
Change = Callable[[str], str]


@pytest.fixture
def own(small: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a contract and data that a test may spoil."""
    monkeypatch.chdir(tmp_path)
    for source in small:
        (tmp_path / source.name).write_bytes(source.read_bytes())
    return tmp_path / "cohort.toml", tmp_path / "spells.csv"


def edit(path: Path, change: Change) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def replaced(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def first_row(place: int, value: str) -> Change:
    """Return a change of one cell of the first row."""

    def change(text: str) -> str:
        head, row, rest = text.split("\n", 2)
        cells = row.split(",")
        cells[place] = value
        return "\n".join((head, ",".join(cells), rest))

    return change


def every_row(place: int, value: str) -> Change:
    def change(text: str) -> str:
        head, *rows = text.rstrip("\n").split("\n")
        rows = [",".join(value if at == place else cell for at, cell in enumerate(row.split(","))) for row in rows]
        return "\n".join((head, *rows)) + "\n"

    return change


def assert_refused(ran: Any, code: int, *words: str) -> None:
    """Check exit code, silence on standard output, and one line that says what is wrong."""
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("apualy: ")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("\n")
    for word in words:
        assert word in ran.err


# ---------------------------------------------------------------- contract and data: exit code 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("trade", "craft", 1), ["craft", "trade"]),
        (first_row(5, "many"), ["spells.csv", "row", "years", "many"]),
        (first_row(5, "-1"), ["years", "-1"]),
        (first_row(1, "-4"), ["weeks", "-4"]),
        (first_row(1, ""), ["weeks"]),
        (first_row(6, "x"), ["gender", '"x"']),
        (every_row(2, "no"), ["every spell is censored"]),
        (every_row(1, "2"), ["horizon"]),
        (lambda text: text.split("\n")[0] + "\n", ["spells.csv"]),
        (lambda text: "\n".join(text.split("\n")[:9]) + "\n", []),
        (lambda _: "", ["spells.csv"]),
        (lambda _: "\0\1\2", ["spells.csv"]),
    ],
)
def test_data_that_breaks_a_rule_writes_nothing(
    apualy: Any, own: tuple[Path, Path], change: Change, words: list[str]
) -> None:
    edit(own[1], change)
    ran = apualy("train", "--contract", own[0], "--data", own[1], "--json", APUALY_HOME="home")
    assert_refused(ran, 3, *words)
    assert not Path("home").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replaced("horizon = 26", "horizon = -1"), ["cohort.toml", "horizon"]),
        (replaced('role = "protected"', 'role = "Protected"'), ["cohort.toml", "gender", "role"]),
        (replaced('name = "small"', 'name = "../small"'), ["cohort.toml", "name"]),
        (replaced('reference = "men"', 'reference = "boys"'), ["gender", "boys"]),
        (replaced("[outcome]", "[outcom]"), ["cohort.toml", "outcom"]),
        (replaced("[columns.car]", "[columns.car"), ["cohort.toml"]),
    ],
)
def test_a_contract_that_breaks_a_rule_writes_nothing(
    apualy: Any, own: tuple[Path, Path], change: Change, words: list[str]
) -> None:
    edit(own[0], change)
    ran = apualy("train", "--contract", own[0], "--data", own[1], APUALY_HOME="home")
    assert_refused(ran, 3, *words)
    assert not Path("home").exists()


@pytest.mark.parametrize("missing", ["contract", "data"])
@pytest.mark.parametrize("in_its_place", ["nothing", "a folder"])
def test_files_that_are_not_there(apualy: Any, own: tuple[Path, Path], missing: str, in_its_place: str) -> None:
    paths = dict(zip(("contract", "data"), own, strict=True))
    paths[missing] = Path("elsewhere.csv")
    if in_its_place == "a folder":
        paths[missing].mkdir()
    ran = apualy("train", "--contract", paths["contract"], "--data", paths["data"], APUALY_HOME="home")
    assert_refused(ran, 3, "elsewhere.csv")
    assert not Path("home").exists()


def test_a_latin_1_file_with_semicolons_is_daily_bread(apualy: Any, home: Path, own: tuple[Path, Path]) -> None:
    text = own[1].read_text(encoding="utf-8").replace("nurse", "lähihoitaja").replace(".", "|").replace(",", ";")
    own[1].write_text(text.replace("|", ","), encoding="latin-1")
    assert apualy("train", "--contract", own[0], "--data", own[1]).code == 0
    (artefact,) = home.rglob("model.json")
    assert "lähihoitaja" in artefact.read_text(encoding="utf-8")


# ---------------------------------------------------------------- the command line: exit code 2


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "COMMAND"),
        (["trian"], "trian"),
        (["train"], "--contract"),
        (["train", "--contract", "cohort.toml"], "--data"),
        (["train", "--contract", "cohort.toml", "--data", "spells.csv", "--seed", "-1"], "'-1' is not a whole number"),
        (["train", "--contract", "cohort.toml", "--data", "spells.csv", "--seed", "x"], "'x' is not a whole number"),
        (["train", "--contract", "cohort.toml", "--data", "spells.csv", "--name", "../up"], "../up"),
        (["train", "--contract", "cohort.toml", "--data", "spells.csv", "--name", ""], "slug"),
        (["train", "--contract", "cohort.toml", "--data", "spells.csv", "--name", "Ä b"], "slug"),
        (["train", "--contract", "cohort.toml", "--data", "spells.csv", "--no-such"], "--no-such"),
    ],
)
def test_a_wrong_command_line(apualy: Any, own: tuple[Path, Path], argv: list[str], words: str) -> None:
    ran = apualy(*argv, APUALY_HOME="home")
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not Path("home").exists()


# ---------------------------------------------------------------- tracebacks


def test_debug_shows_where_an_error_came_from(own: tuple[Path, Path]) -> None:
    edit(own[1], first_row(5, "many"))
    argv = ["train", "--contract", str(own[0]), "--data", str(own[1])]
    with pytest.raises(DataError, match="many"):
        main.main(["--debug", *argv], {"APUALY_HOME": "home"})
    own[0].write_text("cohort = 1", encoding="utf-8")
    with pytest.raises(ContractError):
        main.main(["--debug", *argv], {"APUALY_HOME": "home"})


@pytest.mark.parametrize(("debug", "lines"), [([], 1), (["--debug"], None)])
def test_the_program_shows_a_traceback_only_when_asked(
    own: tuple[Path, Path], debug: list[str], lines: int | None
) -> None:
    program = [str(Path(sys.executable).with_name("apualy"))]
    argv = [*program, *debug, "train", "--contract", "none.toml", "--data", str(own[1])]
    ran = subprocess.run(
        argv, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "APUALY_HOME": "home"}
    )
    assert ran.stdout == ""
    assert ("Traceback" in ran.stderr) is bool(debug)
    assert (ran.returncode, ran.stderr.count("\n")) == (3, 1) if lines else ran.returncode == 1
    assert not Path("home").exists()


# ---------------------------------------------------------------- nothing half-written


def files_of_cards(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "model_cards").rglob("*") if path.is_file())


def client_of(home: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{home.absolute()}/mlflow/mlflow.db")


def test_a_file_in_the_place_of_the_cards_folder_leaves_no_model(
    apualy: Any, home: Path, small: tuple[Path, Path]
) -> None:
    (home / "model_cards").mkdir()
    (home / "model_cards" / "ltu-small").write_text("in the way", encoding="utf-8")
    ran = apualy("train", "--contract", small[0], "--data", small[1], "--json")
    assert_refused(ran, 1, "ltu-small")
    assert client_of(home).search_model_versions("name = 'ltu-small'") == []
    (run,) = client_of(home).search_runs(["1"])
    assert run.info.status == "FAILED"
    assert apualy("serve", "ltu-small", APUALY_ENV="demo").code == 4

    (home / "model_cards" / "ltu-small").unlink()
    assert apualy("train", "--contract", small[0], "--data", small[1]).code == 0
    (version,) = client_of(home).search_model_versions("name = 'ltu-small'")
    assert {f"{version.version}.{kind}" for kind in ("json", "md", "html")} <= set(files_of_cards(home))


def test_a_card_that_can_only_be_written_by_half_is_taken_back(
    apualy: Any, home: Path, small: tuple[Path, Path]
) -> None:
    (home / "model_cards" / "ltu-small" / "1.md").mkdir(parents=True)
    ran = apualy("train", "--contract", small[0], "--data", small[1], "--json")
    assert_refused(ran, 1, "1.md")
    assert files_of_cards(home) == []
    assert client_of(home).search_model_versions("name = 'ltu-small'") == []


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let writes beyond a size fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# The store is about 930 kB: the writes that fail are those of the end of a run, of its start, of the experiment.
@pytest.mark.parametrize("size", [600_000, 300_000, 20_000])
def test_a_disk_that_fills_up_leaves_no_model_without_a_card(
    apualy: Any, home: Path, small: tuple[Path, Path], size: int
) -> None:
    with no_file_larger_than(size):
        ran = apualy("train", "--contract", small[0], "--data", small[1], "--json")
    assert_refused(ran, 1, "disk I/O error")
    assert files_of_cards(home) == []
    client = client_of(home)
    assert client.search_model_versions("name = 'ltu-small'") == []
    assert all(run.info.status != "FINISHED" for run in client.search_runs(["1"]))


# ---------------------------------------------------------------- identity codes


@pytest.mark.parametrize("code", [IDENTITY_CODE, IDENTITY_CODE.lower(), IDENTITY_CODE.replace("-", "A")])
@pytest.mark.parametrize("column", ["person", "weeks", "ended", "trade", "car", "years", "gender"])
def test_identity_codes_stop_the_run_and_are_repeated_nowhere(
    apualy: Any, own: tuple[Path, Path], column: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    head = own[1].read_text(encoding="utf-8").split("\n")[0].split(",")
    edit(own[1], first_row(head.index(column), code))
    ran = apualy("train", "--contract", own[0], "--data", own[1], "--json", APUALY_HOME="home")
    assert_refused(ran, 3, column)
    assert code not in ran.err
    assert code not in caplog.text
    assert not Path("home").exists()


def test_an_identity_code_in_an_ignored_column_is_kept_nowhere(apualy: Any, home: Path, own: tuple[Path, Path]) -> None:
    edit(own[0], lambda text: text + '\n[columns.code]\nrole = "ignore"\n')
    edit(own[1], lambda text: "\n".join(
        line + ("," + (IDENTITY_CODE if number else "code") if line else "")
        for number, line in enumerate(text.split("\n"))
    ))  # fmt: skip
    ran = apualy("train", "--contract", own[0], "--data", own[1], "--json")
    assert ran.code in {0, 3}
    assert IDENTITY_CODE not in ran.out + ran.err
    for path in home.rglob("*"):
        assert not path.is_file() or IDENTITY_CODE.encode() not in path.read_bytes(), path


def test_an_identity_code_in_a_file_name_or_header_is_struck_out(apualy: Any, own: tuple[Path, Path]) -> None:
    named = own[1].rename(own[1].with_name(f"{IDENTITY_CODE}.csv"))
    edit(named, replaced("trade", IDENTITY_CODE))
    ran = apualy("train", "--contract", own[0], "--data", named, APUALY_HOME="home")
    assert_refused(ran, 3, "[identity code]")
    assert IDENTITY_CODE not in ran.err
