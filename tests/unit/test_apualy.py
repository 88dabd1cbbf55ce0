"""The command line itself: what it tells of errors, and what it takes from the environment."""

from __future__ import annotations

import argparse
import getpass
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import apualy
from ml.errors import AccessError, ApualyError, ContractError, DataError, GateError, InputError, UsageError
from ml.governance.deployment import open_registry
from ml.pipeline import commands

REPO = Path(apualy.__file__).parent


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs `apualy register synth` when it comes to an end by an exception."""

    def run(problem: BaseException, *argv: str) -> int:
        def fail(*_: object) -> None:
            raise problem

        monkeypatch.setattr(apualy.register, "_synth", fail)
        return apualy.main([*argv, "register", "synth", "--out", "never"], {})

    return run


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (UsageError("say which"), 2),
        (InputError("no"), 3),
        (ContractError("no"), 3),
        (DataError("no"), 3),
        (GateError("no"), 4),
        (AccessError("no"), 1),
        (ApualyError("no"), 1),
    ],
)
def test_what_apualy_can_explain_is_one_line(
    failing: Any, capsys: pytest.CaptureFixture[str], problem: ApualyError, code: int
) -> None:
    assert failing(problem) == code
    assert capsys.readouterr() == ("", f"apualy: {problem}\n")


def test_what_nobody_expected_is_one_line_without_identity_codes(
    failing: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(ZeroDivisionError("in row\n131052-308T")) == 1
    assert capsys.readouterr() == (
        "",
        "apualy: unexpected ZeroDivisionError: in row [identity code] (--debug shows where)\n",
    )


@pytest.mark.parametrize("problem", [GateError("no"), ZeroDivisionError("no")])
def test_debug_lets_it_through(failing: Any, problem: Exception) -> None:
    with pytest.raises(type(problem), match="no"):
        failing(problem, "--debug")


def test_an_interruption_is_no_error(failing: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "")


# ---------------------------------------------------------------- the environment


@pytest.mark.parametrize(
    ("environ", "home"), [({}, "var"), ({"APUALY_HOME": ""}, "var"), ({"APUALY_HOME": "/x/y"}, "/x/y")]
)
def test_state_lives_in_one_folder(environ: dict[str, str], home: str) -> None:
    assert open_registry(environ).home == Path(home)


def test_who_asks_is_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    assert commands.user({"USER": "ada"}) == "ada"
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")
    assert commands.user({}) == "grace"


@pytest.mark.parametrize("problem", [KeyError("getpwuid(): uid not found: 4242"), OSError("No username set")])
def test_an_account_without_a_name_can_train(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    def nameless() -> str:
        raise problem

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert commands.user({}) == "unknown"


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7)])
def test_whole_numbers(text: str, number: int) -> None:
    assert apualy.register.whole_number(text) == number


@pytest.mark.parametrize("text", ["-1", "1.0", "1e3", "", " 1", "1_000", "²", "١", "x"])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=re.escape(repr(text))):
        apualy.register.whole_number(text)


# ---------------------------------------------------------------- its promises to others


def test_the_installed_command_is_this_one() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"apualy": "apualy:main"}


@pytest.mark.parametrize("command", ["", "train", "review", "review approve", "serve", "register synth"])
def test_every_command_has_its_help(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as stop:
        apualy.main([*command.split(), "--help"], {})
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: apualy {command}".rstrip())


def test_help_does_not_wait_for_the_libraries() -> None:
    code = "import sys, apualy; print([name for name in ('numpy', 'mlflow', 'fastapi') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPO)
    assert ran.stdout == "[]\n"


def test_only_the_command_line_reads_argv_and_environ() -> None:
    readers = {
        path.relative_to(REPO).as_posix()
        for folder in ("ml", "serving")
        for path in (REPO / folder).rglob("*.py")
        if re.search(r"sys\.argv|os\.environ|getenv", path.read_text(encoding="utf-8"))
    }
    assert readers <= {"ml/__init__.py"}  # which tells libraries to be silent before they are imported
