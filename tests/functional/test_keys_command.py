"""`apualy keys`: a person makes a key, the operator adds it to the trust file, anybody lists whose signatures count."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ml.governance.signing.keys import read_key

REPO = Path(__file__).parents[2]
TODAY = datetime.now(UTC).date()
LONG = "correct horse battery staple"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, which holds no home yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def secret(name: str, text: str, mode: int = 0o600) -> str:
    path = Path(name)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return name


def refused(ran: Any, code: int, words: str) -> None:
    assert (ran.code, ran.out) == (code, ""), ran
    assert words in ran.err
    assert ran.err.startswith("apualy: ")
    assert ran.err.count("\n") == 1
    assert "unexpected" not in ran.err


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def added(apualy: Any, name: str, *roles: str, demo: bool = False) -> None:
    """Make a person's key, and let the operator trust it."""
    ran = apualy("keys", "new", "--as", name, *(word for role in roles for word in ("--role", role)),
                 *(["--demo"] if demo else []))  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    Path("block.toml").write_text(ran.out, encoding="utf-8")
    assert apualy("keys", "trust", "block.toml").code == 0


# ---------------------------------------------------------------- new


def test_a_new_key_is_kept_for_its_owner_alone_and_what_is_printed_is_for_the_operator(
    apualy: Any, passphrase: Path
) -> None:
    ran = apualy("keys", "new", "--as", "Ada Lovelace", "--role", "author", "--role", "assessor")
    assert (ran.code, ran.err) == (0, "")
    file = Path("var/keys/ada-lovelace.key")
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert "var/keys/ada-lovelace.key is your key" in ran.out
    (person,) = tomllib.loads(ran.out)["person"]
    assert (person["name"], person["roles"]) == ("Ada Lovelace", ["author", "assessor"])
    (key,) = person["key"]
    assert key["from"] == TODAY
    assert key["public"] == read_key(file, passphrase.read_bytes().strip()).public
    blob = base64.b64decode(key["public"].split()[1])
    assert f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}" in ran.out
    assert "PRIVATE" not in ran.out
    assert LONG not in ran.out


def test_another_place_for_the_key(apualy: Any) -> None:
    assert apualy("keys", "new", "--as", "Ada", "--role", "author", "--key", "mine/ada").code == 0
    assert mode(Path("mine/ada")) == 0o600
    assert not Path("var").exists()


def test_a_key_is_never_overwritten(apualy: Any) -> None:
    apualy("keys", "new", "--as", "Ada", "--role", "author")
    before = Path("var/keys/ada.key").read_bytes()
    refused(apualy("keys", "new", "--as", "Ada", "--role", "author"), 2, "ada.key: exists; a key is never overwritten")
    assert Path("var/keys/ada.key").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("short\n", "at least 12 characters"), ("\n", "holds one line"), ("", "holds one line"),
        (f"{LONG}\n{LONG}\n", "holds one line"), ("            \n", "at least 12 characters"),
    ],
)  # fmt: skip
def test_a_passphrase_that_keeps_nothing(apualy: Any, text: str, words: str) -> None:
    file = secret("passphrase", text)
    ran = apualy("keys", "new", "--as", "Ada", "--role", "author", APUALY_SIGNING_PASSPHRASE_FILE=file)
    refused(ran, 2, words)
    assert not Path("var/keys/ada.key").exists()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ("", "from the terminal or a file"), ("none", "none cannot be read"), ("open", "mode 0644"), (".", "."),
        ("link", "symbolic link"),
    ],
)  # fmt: skip
def test_a_passphrase_that_cannot_be_had(apualy: Any, environ: str, words: str) -> None:
    Path("link").symlink_to(secret("kept", LONG + "\n"))
    secret("open", LONG + "\n", 0o644)
    ran = apualy("keys", "new", "--as", "Ada", "--role", "author", APUALY_SIGNING_PASSPHRASE_FILE=environ)
    refused(ran, 2, words)
    assert LONG not in ran.err
    assert not Path("var/keys/ada.key").exists()


@pytest.mark.parametrize("name", ["", " ", "...", "A\u200bda", "A\u0434a", "Ada\n[[person]]", "Ada\x1b[31m"])
def test_a_name_that_names_nobody_surely(apualy: Any, name: str) -> None:
    refused(apualy("keys", "new", "--as", name, "--role", "author"), 2, "--as: ")
    assert not Path("var").exists()


@pytest.mark.parametrize(
    "argv",
    [["keys"], ["keys", "lend"], ["keys", "new", "--as", "Ada"], ["keys", "new", "--role", "author"],
     ["keys", "new", "--as", "Ada", "--role", "judge"], ["keys", "trust"]],
)  # fmt: skip
def test_a_wrong_command_line(apualy: Any, argv: list[str]) -> None:
    ran = apualy(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: apualy keys" in ran.err


# ---------------------------------------------------------------- trust and list


def test_from_a_new_key_to_one_that_is_trusted(apualy: Any) -> None:
    ran = apualy("keys", "new", "--as", "Ada", "--role", "author")
    Path("block.toml").write_text(ran.out, encoding="utf-8")
    print_of_key = next(word for word in ran.out.split() if word.startswith("SHA256:"))
    ran = apualy("keys", "trust", "block.toml")
    assert (ran.code, ran.err, ran.out) == (0, "", f"Ada (author): is now in var/trust.toml; key {print_of_key}\n")
    before = Path("var/trust.toml").read_bytes()
    ran = apualy("keys", "trust", "block.toml")
    assert ran.out == f"Ada (author): was already in var/trust.toml; key {print_of_key}\n"
    assert Path("var/trust.toml").read_bytes() == before
    assert apualy("keys", "list").out.splitlines() == ["Ada: author", f"  {print_of_key}  signs: from {TODAY}"]


def test_the_block_through_a_pipe(folder: Path, apualy: Any) -> None:
    block = apualy("keys", "new", "--as", "Ada", "--role", "author").out
    ran = subprocess.run(
        [sys.executable, "-m", "apualy", "keys", "trust", "-"], input=block, capture_output=True, text=True,
        check=False, env={"PYTHONPATH": str(REPO)},
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Ada (author): is now in var/trust.toml")


def test_the_trust_file_may_be_elsewhere(apualy: Any) -> None:
    block = apualy("keys", "new", "--as", "Ada", "--role", "author").out
    Path("block.toml").write_text(block, encoding="utf-8")
    there = {"APUALY_TRUST_FILE": "elsewhere/trust.toml"}
    assert apualy("keys", "trust", "block.toml", **there).code == 0
    assert not Path("var/trust.toml").exists()
    assert apualy("keys", "list", **there).out.startswith("Ada: author\n")


def test_list_as_json(apualy: Any) -> None:
    added(apualy, "Ada", "author")
    added(apualy, "Déjà Vu", "assessor", "approver", demo=True)
    (ada, other) = json.loads(apualy("keys", "list", "--json").out)
    assert (ada["name"], ada["roles"], ada["demo"]) == ("Ada", ["author"], False)
    assert (other["name"], other["roles"], other["demo"]) == ("Déjà Vu", ["assessor", "approver"], True)
    (key,) = ada["keys"]
    assert (key["from"], key["until"], key["signs"]) == (TODAY.isoformat(), None, True)
    assert key["fingerprint"].startswith("SHA256:")
    assert "Déjà Vu: assessor, approver (demo: does not exist)" in apualy("keys", "list").out


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (None, 2, "block.toml: cannot be read"),
        ("", 3, "there is no [[person]] in it"),
        ("[[person]]\n", 3, "block.toml"),
        ("[[person", 3, "block.toml"),
        ('[[person]]\nname = "Ada"\nroles = ["author"]\n[[person.key]]\npublic = "ssh-rsa AAAA"\n', 3, "ssh-ed25519"),
        ('[[person]]\nname = "Ada"\nroles = ["judge"]\n', 3, "judge"),
        ('[[person]]\nname = "Ada"\nroles = ["author"]\nadmin = true\n', 3, "admin"),
    ],
)
def test_a_block_that_is_none(apualy: Any, text: str | None, code: int, words: str) -> None:
    if text is not None:
        Path("block.toml").write_text(text, encoding="utf-8")
    refused(apualy("keys", "trust", "block.toml"), code, words)
    assert not Path("var/trust.toml").exists()


def test_a_namesake_and_a_key_of_two_people_are_refused(apualy: Any) -> None:
    added(apualy, "Ada", "author")
    before = Path("var/trust.toml").read_bytes()
    block = Path("block.toml").read_text(encoding="utf-8")
    for old, new in (('"author"', '"approver"'), ('name = "Ada"', 'name = "Grace"'), ('"Ada"', '"ADA"')):
        Path("block.toml").write_text(block.replace(old, new), encoding="utf-8")
        ran = apualy("keys", "trust", "block.toml")
        refused(ran, 3, "trust.toml")
        assert Path("var/trust.toml").read_bytes() == before


def test_nobody_is_trusted_where_there_is_no_file(apualy: Any) -> None:
    ran = apualy("keys", "list")
    assert ran.err.count("\n") <= 1
    assert "Traceback" not in ran.err
    assert ran.code in {0, 3}
    assert "trust" in ran.out + ran.err
    assert not Path("var").exists()


# ---------------------------------------------------------------- the demo's people


def test_the_demo_has_three_people_and_making_them_again_changes_nothing(apualy: Any) -> None:
    ran = apualy("keys", "demo")
    assert (ran.code, ran.err, ran.out.count("made; key")) == (0, "", 3)
    assert "their signatures count only where APUALY_ENV=demo" in ran.out
    files = {path: path.read_bytes() for path in Path("var").rglob("*") if path.is_file()}
    assert {mode(path) for path in files if path.name != "trust.toml"} == {0o600}
    listed = json.loads(apualy("keys", "list", "--json").out)
    assert [each["roles"] for each in listed] == [["author"], ["assessor"], ["approver"]]
    assert all(each["demo"] for each in listed)
    ran = apualy("keys", "demo")
    assert (ran.code, ran.out.count("is there; key")) == (0, 3)
    assert {path: path.read_bytes() for path in Path("var").rglob("*") if path.is_file()} == files
    secret_words = Path("var/keys/passphrase").read_text(encoding="ascii").strip()
    assert secret_words not in ran.out


def test_demo_people_of_before_are_given_the_accounts_of_the_pages(apualy: Any) -> None:
    apualy("keys", "demo")
    trust = Path("var/trust.toml")
    text = "".join(line for line in trust.read_text("utf-8").splitlines(keepends=True) if "account" not in line)
    trust.write_text(text, "utf-8")
    assert apualy("keys", "demo").out.count("made; key") == 3
    listed = json.loads(apualy("keys", "list", "--json").out)
    assert [each["account"] for each in listed] == ["demo-scientist", "demo-reviewer", "demo-owner"]
    assert set(text.splitlines()) <= set(trust.read_text("utf-8").splitlines())


def test_an_account_is_asked_for_kept_and_listed(apualy: Any) -> None:
    ran = apualy("keys", "new", "--as", "Ada", "--role", "author", "--account", "ada@idp")
    Path("block.toml").write_text(ran.out, encoding="utf-8")
    assert apualy("keys", "trust", "block.toml").code == 0
    assert apualy("keys", "list").out.startswith("Ada: author; signs in as ada@idp\n")
    refused(apualy("keys", "new", "--as", "Bob", "--role", "author", "--account", "a b"), 2, "--account: is the")
    assert not Path("var/keys/bob.key").exists()


def test_demo_people_beside_real_ones(apualy: Any) -> None:
    added(apualy, "Ada", "author")
    assert apualy("keys", "demo").code == 0
    assert [each["demo"] for each in json.loads(apualy("keys", "list", "--json").out)] == [False, True, True, True]
