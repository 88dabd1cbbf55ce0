"""What every test lives under: no global randomness, no way off loopback; and a model that many tests share."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import ipaddress
import random
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import apualy as main


@pytest.fixture(autouse=True)
def no_global_randomness() -> Iterator[None]:
    """Fail a test during which anyone seeds or draws from global random state."""
    before = (random.getstate(), np.random.get_state()[1].tobytes(), np.random.get_state()[2])
    yield
    after = (random.getstate(), np.random.get_state()[1].tobytes(), np.random.get_state()[2])
    assert after == before, "global random state was touched: pass a numpy Generator or a seed"


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket's path
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def nothing_leaves_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse connections and look-ups off loopback, also those whose refusal a library swallows."""
    attempts: list[str] = []

    def guarded(original: Any, address_of: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            address = address_of(*args, **kwargs)
            if not _is_local(address):
                attempts.append(str(address))
                raise OSError(f"tests stay on loopback: {address}")
            return original(*args, **kwargs)

        return call

    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", guarded(connect, lambda _, address: address))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex, lambda _, address: address))
    monkeypatch.setattr(socket, "getaddrinfo", guarded(look_up, lambda host, port, *a, **k: (host or "", port)))
    yield
    assert not attempts, f"something tried to leave loopback: {attempts}"


# ---------------------------------------------------------------- one store, one cohort and one model a session


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str


Apualy = Callable[..., Ran]


def copy_home(source: Path, target: Path) -> Path:
    """Return a copy of a home whose store knows its artefacts at their new place."""
    shutil.copytree(source, target)
    old, new = str(source.absolute()), str(target.absolute())
    with closing(sqlite3.connect(target / "mlflow" / "mlflow.db")) as store, store:
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for _, column, kind, *_ in store.execute(f"PRAGMA table_info({table})").fetchall():
                if kind.upper().startswith(("VARCHAR", "TEXT")):
                    store.execute(
                        f"UPDATE {table} SET {column} = replace({column}, ?, ?) WHERE instr({column}, ?)",
                        (old, new, old),
                    )
    return target


@pytest.fixture(scope="session")
def rooms() -> None:
    """Import all that a command needs: libraries may do at import what no test may do."""
    for pipeline in ("ltu", "needs", "fractions", "replay"):
        importlib.import_module(f"ml.pipeline.{pipeline}")
    importlib.import_module("mlflow.pyfunc")
    importlib.import_module("serving.run")


@pytest.fixture(scope="session")
def empty_home(rooms: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with MLflow's schema and nothing else: making it takes seconds, copying it does not."""
    from ml.governance.policy import POLICY, read_policy
    from ml.governance.registry import Registry

    home = tmp_path_factory.mktemp("store") / "home"
    Registry(home, read_policy(POLICY)).store.client.search_experiments()
    return home


@pytest.fixture(scope="session")
def home_at(empty_home: Path) -> Callable[[Path], Path]:
    """Return what makes an empty home in a place."""
    return lambda place: copy_home(empty_home, place)


@pytest.fixture
def home(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home as it is by default: `var` in the working folder."""
    monkeypatch.chdir(tmp_path)
    return copy_home(empty_home, tmp_path / "var")


@pytest.fixture(scope="session")
def passphrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the passphrase of every signing key in tests."""
    file = tmp_path_factory.mktemp("secret") / "passphrase"
    file.touch(mode=0o600)
    file.write_text("correct horse battery staple\n", encoding="ascii")
    return file


@pytest.fixture
def apualy(rooms: None, passphrase: Path, capsys: pytest.CaptureFixture[str]) -> Apualy:
    """Return a runner of commands in this process; words are arguments, keywords the environment."""

    def run(*argv: object, **environ: str) -> Ran:
        capsys.readouterr()
        signing = {"APUALY_SIGNING_PASSPHRASE_FILE": str(passphrase)}
        try:
            code = main.main([str(each) for each in argv], {"USER": "ada", **signing, **environ})
        except SystemExit as stop:  # argparse
            code = int(stop.code or 0)
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def pseudonymised(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what pseudonymises a small Helsinki of people who do not exist, for a purpose.

    Always under the same key: pseudonyms order people, and so decide who is dealt to which part of a split.
    """
    from ml.register.intake import read_extract
    from ml.register.pseudonymise import pseudonymise, read_key
    from ml.register.synthetic import write_register

    folder = tmp_path_factory.mktemp("helsinki")
    extract = read_extract(write_register(folder / "raw", 900, 1), None, lambda _: None)
    (folder / "key").touch(mode=0o600)
    (folder / "key").write_text(hashlib.sha256(b"a key for tests").hexdigest() + "\n", encoding="ascii")
    key = read_key({"APUALY_PSEUDONYM_KEY_FILE": str(folder / "key")})
    special = (("jobseekers.work_ability_limited", "a test"),)

    def made_for(purpose: str) -> Path:
        pseudonymise(extract, folder / purpose, purpose, key, made_at=datetime(2026, 1, 1, tzinfo=UTC),
                     say=lambda _: None, special=special)  # fmt: skip
        return folder / purpose

    return made_for


@pytest.fixture(scope="session")
def helsinki(pseudonymised: Callable[[str], Path]) -> Path:
    """Return the cohort folder of a small Helsinki of people who do not exist."""
    from ml.register.build import build

    extract = pseudonymised("ltu-risk")
    return build(extract, extract.parent / "cohort").folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return contract and data of a small cohort without dates, as somebody would write them by hand."""
    folder = tmp_path_factory.mktemp("small")
    rng = np.random.default_rng(20260702)
    rows = 500
    trade, car = rng.choice(["cook", "nurse", "welder"], rows), rng.random(rows) < 0.5
    weeks = np.ceil(rng.exponential(np.where(trade == "cook", 45, 14) * np.where(car, 0.8, 1.2)))
    watched = rng.integers(13, 80, rows)
    columns = {
        "person": [f"p{number}" for number in rng.integers(0, 450, rows)],
        "weeks": np.minimum(weeks, watched).astype(int),
        "ended": np.where(weeks <= watched, "yes", "no"),
        "trade": trade,
        "car": np.where(car, "yes", "no"),
        "years": rng.uniform(0, 30, rows).round(1),
        "gender": rng.choice(["m", "w"], rows),
    }
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    (folder / "spells.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "cohort.toml").write_text(SMALL_CONTRACT, encoding="utf-8")
    return folder / "cohort.toml", folder / "spells.csv"


SMALL_CONTRACT = """\
[cohort]
name = "small"
description = "Five hundred spells, made up for a test"
licence = "none"

[outcome]
duration = "weeks"
unit = "week"
exit = "ended"
exit_when = ["yes"]
horizon = 26
horizons = [13, 26]

[columns.person]
role = "id"

[columns.trade]
type = "category"
role = "feature"
kind = "context"
label = { en = "Trade", fi = "Ammatti" }
why = "Known to go together with how long spells last."

[columns.car]
type = "boolean"
role = "feature"
kind = "can_change"
why = "Known to go together with how long spells last."

[columns.years]
type = "number"
role = "feature"
kind = "immutable"
min = 0
why = "Known to go together with how long spells last."

[columns.gender]
type = "category"
role = "protected"
values = { m = "men", w = "women" }
reference = "men"
"""


@pytest.fixture(scope="session")
def trained_home(
    empty_home: Path, small: tuple[Path, Path], reviewers: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a home with two versions of ltu-small, drafts both, and reviewers. Copy it before changing anything."""
    home = copy_home(empty_home, tmp_path_factory.mktemp("trained") / "home")
    shutil.copytree(reviewers, home, dirs_exist_ok=True)
    contract, data = small
    with contextlib.redirect_stdout(io.StringIO()):
        for seed in ("1", "2"):
            argv = ["train", "--contract", str(contract), "--data", str(data), "--seed", seed]
            assert main.main(argv, {"APUALY_HOME": str(home), "USER": "ada"}) == 0
    return home


REVIEWERS = {"Ada": "author", "Grace": "assessor", "Alan": "approver"}
FORMS = Path(__file__).parents[1] / "model_cards" / "demo"


@pytest.fixture(scope="session")
def reviewers(passphrase: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the keys of Ada, Grace and Alan, and a trust file that names them."""
    from ml.governance.signing.demo import key_file
    from ml.governance.signing.keys import new_key, write_key
    from ml.governance.signing.role import Role
    from ml.governance.signing.trust import Person, PersonKey
    from ml.governance.signing.trust_text import add_person

    folder = tmp_path_factory.mktemp("reviewers")
    for name, role in REVIEWERS.items():
        key = new_key()
        write_key(key, key_file(folder / "keys", name), passphrase.read_bytes().strip())
        add_person(folder / "trust.toml", Person(name, frozenset({Role(role)}), False, (PersonKey(key.public_key),)))
    return folder


def filled_in(form: str) -> str:
    """Return the form of an approval with an answer to each question."""
    answers = {
        "does": "It estimates how long people in a like situation stay without work.",
        "could_go_wrong": "People with limited health may be flagged in vain, and feel watched.",
        "reason": "Read it all, and talked it over.",
        "what": "Trained and audited again by then.",
    }
    for key, words in answers.items():
        form = form.replace(f'{key} = ""', f'{key} = "{words}"')
    return form


Review = Callable[..., Ran]


@pytest.fixture(scope="session")
def review_in(rooms: None, passphrase: Path, tmp_path_factory: pytest.TempPathFactory) -> Review:
    """Return what takes the whole way, or steps of it, on a version of ltu-small in a home: by Ada, Grace and Alan."""
    scratch = tmp_path_factory.mktemp("forms")

    def run(home: Path, version: int = 1, steps: Sequence[str] = ("fill", "submit", "assess", "approve")) -> None:
        environ = {"APUALY_HOME": str(home), "APUALY_SIGNING_PASSPHRASE_FILE": str(passphrase)}

        def command(*argv: object) -> str:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                code = main.main([str(each) for each in argv], environ)
            assert code == 0, out.getvalue()
            return out.getvalue()

        form = scratch / "approval.toml"
        for step in steps:
            if step == "fill":
                for each in ("card", "dialogue"):
                    command("card", "fill", "ltu-small", version, "--form", FORMS / f"{each}.toml", "--as", "Ada")
            elif step == "approve":
                form.write_text(filled_in(command("review", "form", "ltu-small", version)), encoding="utf-8")
                command("review", "approve", "ltu-small", version, "--as", "Alan", "--form", form)
            else:
                by = {"submit": "Ada", "assess": "Grace"}.get(step, "Grace")
                command("review", step, "ltu-small", version, "--as", by, "--reason", "Read it from end to end.")

    return run


@pytest.fixture(scope="session")
def approved_home(trained_home: Path, review_in: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which version 1 of ltu-small is approved and version 2 a draft. Copy it before use."""
    home = copy_home(trained_home, tmp_path_factory.mktemp("approved") / "home")
    review_in(home)
    return home


@pytest.fixture
def drafts(trained_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of one's own with two drafts of ltu-small: `var` in the working folder."""
    monkeypatch.chdir(tmp_path)
    return copy_home(trained_home, tmp_path / "var")


@pytest.fixture
def in_use(approved_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of one's own with an approved version 1 and a draft 2: `var` in the working folder."""
    monkeypatch.chdir(tmp_path)
    return copy_home(approved_home, tmp_path / "var")
