"""A person's key: made once, shown to nobody, readable by OpenSSH's tools; and the commands about keys."""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import stat
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey as SodiumKey

from ml.errors import ApualyError, ContractError, UsageError
from ml.governance.signing import passphrase as passphrases
from ml.governance.signing.commands import add_commands
from ml.governance.signing.keys import new_key, read_key, write_key
from ml.governance.signing.passphrase import new_passphrase, read_passphrase
from ml.governance.signing.public_key import of_crypto, public_key
from ml.governance.signing.trust import read_trust

PASSPHRASE = b"correct horse battery"
Run = Callable[..., int]


def seed_of(file: Path) -> bytes:
    """Return the 32 secret bytes in a key file."""
    private = read_key(file, PASSPHRASE)._private
    return private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def private_file(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


# ---------------------------------------------------------------- the key file


def test_a_key_comes_back_and_shows_itself_nowhere(tmp_path: Path):
    key, file = new_key(), tmp_path / "keys" / "ada.key"
    write_key(key, file, PASSPHRASE)
    assert read_key(file, PASSPHRASE).public == key.public
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    assert os.listdir(file.parent) == ["ada.key"]
    seed = seed_of(file)
    assert bytes(SodiumKey(seed).verify_key) == base64.b64decode(key.public.split()[1])[-32:]  # libsodium agrees
    inside = base64.b64decode(b"".join(file.read_bytes().splitlines()[1:-1]))
    assert inside.startswith(b"openssh-key-v1\0\0\0\0\x0aaes256-ctr\0\0\0\x06bcrypt")
    for shown in (file.read_bytes(), inside, repr(key).encode(), str(key).encode()):
        assert seed not in shown
        assert seed.hex().encode() not in shown
        assert b"private" not in shown.lower() or shown == file.read_bytes()


def test_a_key_is_never_overwritten(tmp_path: Path):
    file = tmp_path / "ada.key"
    write_key(new_key(), file, PASSPHRASE)
    before = file.read_bytes()
    with pytest.raises(UsageError, match="exists; it is never overwritten"):
        write_key(new_key(), file, PASSPHRASE)
    assert (file.read_bytes(), os.listdir(tmp_path)) == (before, ["ada.key"])


@pytest.mark.parametrize("short", [b"", b" " * 20, b"elevenchars", "åäöåäöåäöåä".encode()])
def test_a_short_passphrase_keeps_no_key(tmp_path: Path, short: bytes):
    with pytest.raises(UsageError, match="at least 12 characters"):
        write_key(new_key(), tmp_path / "ada.key", short)
    assert not os.listdir(tmp_path)


def test_what_is_no_key_of_ones_own_is_refused_in_one_line(tmp_path: Path):
    write_key(new_key(), tmp_path / "ada.key", PASSPHRASE)
    good = (tmp_path / "ada.key").read_bytes()
    ssh = (Encoding.PEM, PrivateFormat.OpenSSH)
    bare = Ed25519PrivateKey.generate().private_bytes(*ssh, NoEncryption())
    rsa = generate_private_key(65537, 2048).private_bytes(*ssh, BestAvailableEncryption(PASSPHRASE))
    (tmp_path / "link").symlink_to(tmp_path / "ada.key")
    for file, passphrase, words in (
        (tmp_path / "ada.key", b"wrong horse battery", "the passphrase is wrong"),
        (tmp_path / "ada.key", b"", "the passphrase is wrong"),
        (private_file(tmp_path / "cut", good[:200]), PASSPHRASE, "the key is damaged"),
        (private_file(tmp_path / "text", b"hello"), PASSPHRASE, "is not a private key"),
        (private_file(tmp_path / "empty", b""), PASSPHRASE, "is not a private key"),
        (private_file(tmp_path / "bare", bare), PASSPHRASE, "has no passphrase"),
        (private_file(tmp_path / "rsa", rsa), PASSPHRASE, "is not an Ed25519 key"),
        (private_file(tmp_path / "open", good, 0o640), PASSPHRASE, "mode 0640, so others can read it"),
        (private_file(tmp_path / "world", good, 0o604), PASSPHRASE, "mode 0604, so others can read it"),
        (tmp_path / "link", PASSPHRASE, "is a symbolic link"),
        (tmp_path / "nothing", PASSPHRASE, "cannot be read"),
        (tmp_path, PASSPHRASE, "is not a regular file"),
    ):
        with pytest.raises(UsageError, match=words) as refused:
            read_key(file, passphrase)
        assert str(file) in str(refused.value)
        assert (passphrase or b"?").decode() not in str(refused.value)


def test_a_key_file_of_mode_0400_is_private_enough(tmp_path: Path):
    write_key(new_key(), tmp_path / "ada.key", PASSPHRASE)
    (tmp_path / "ada.key").chmod(0o400)
    read_key(tmp_path / "ada.key", PASSPHRASE)


# ---------------------------------------------------------------- the public key


def test_fingerprint_and_line_are_openssh_s():
    key = new_key()
    kind, blob = key.public.split()
    raw = base64.b64decode(blob)
    assert (kind, raw[:19], len(raw)) == ("ssh-ed25519", b"\0\0\0\x0bssh-ed25519\0\0\0\x20", 51)
    digest = base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
    assert public_key(f" {key.public} ada@laptop\n").fingerprint == f"SHA256:{digest}"
    assert public_key(f"{key.public} ada@laptop").line == key.public


def test_the_key_id_is_the_digest_of_the_canonical_key():
    """The rule of securesystemslib, written out once: SHA-256 of the key's canonical JSON."""
    key = new_key()
    raw = base64.b64decode(key.public.split()[1])[-32:].hex()
    text = f'{{"keytype":"ed25519","keyval":{{"public":"{raw}"}},"scheme":"ed25519"}}'
    assert key.keyid == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("line", ["", "hello", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 ÅÄÖ", "ssh-dss AAAA b"])
def test_what_is_no_public_key_is_refused(line: str):
    with pytest.raises(ContractError, match="is not a public key"):
        public_key(line)


def test_keys_of_other_sorts_and_keys_with_which_anybody_signs_are_refused():
    rsa = generate_private_key(65537, 2048).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    with pytest.raises(ContractError, match="is not an Ed25519 key"):
        public_key(rsa)
    for point in (  # libsodium's list of points of small order; with either sign of x
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ):
        for sign in (0, 0x80):
            raw = bytearray.fromhex(point)
            raw[31] |= sign
            blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + raw
            with pytest.raises(ContractError, match="anybody can sign"):
                public_key("ssh-ed25519 " + base64.b64encode(blob).decode())


@given(st.binary(min_size=32, max_size=32))
def test_every_honest_key_is_taken(seed: bytes):
    theirs = bytes(SodiumKey(seed).verify_key)
    assert of_crypto(Ed25519PrivateKey.from_private_bytes(seed).public_key()).line.endswith(
        base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + theirs).decode()
    )


# ---------------------------------------------------------------- the passphrase


def test_a_passphrase_comes_from_a_private_file_or_the_terminal(tmp_path: Path):
    file = private_file(tmp_path / "passphrase", PASSPHRASE + b"\n")
    environ = {passphrases.FILE: str(file)}
    answers = iter([PASSPHRASE.decode(), PASSPHRASE.decode(), "one long passphrase", "another passphrase", "short"])
    assert read_passphrase(environ, None) == PASSPHRASE
    assert new_passphrase(environ, None) == PASSPHRASE
    assert new_passphrase({}, lambda _: next(answers)) == PASSPHRASE
    with pytest.raises(UsageError, match="not the same"):
        new_passphrase({}, lambda _: next(answers))
    with pytest.raises(UsageError, match="at least 12"):
        new_passphrase({}, lambda _: next(answers))
    with pytest.raises(UsageError, match=f"at a terminal, or set {passphrases.FILE}"):
        read_passphrase({"APUALY_SIGNING_PASSPHRASE": "correct horse battery"}, None)


@pytest.mark.parametrize(("content", "mode", "words"), [
    (PASSPHRASE, 0o644, "mode 0644"),
    (b"", 0o600, "holds one line"),
    (b"one\ntwo\n", 0o600, "holds one line"),
])  # fmt: skip
def test_a_file_that_is_no_passphrase_is_refused(tmp_path: Path, content: bytes, mode: int, words: str):
    file = private_file(tmp_path / "passphrase", content, mode)
    with pytest.raises(UsageError, match=words) as refused:
        read_passphrase({passphrases.FILE: str(file)}, None)
    assert passphrases.FILE in str(refused.value)
    assert PASSPHRASE.decode() not in str(refused.value)


# ---------------------------------------------------------------- the commands


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    file = private_file(tmp_path / "passphrase", PASSPHRASE)
    return {"APUALY_HOME": str(tmp_path / "home"), passphrases.FILE: str(file)}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Return what runs a command as `apualy` does: its exit code."""

    def call(*words: str) -> int:
        parser = argparse.ArgumentParser()
        add_commands(parser.add_subparsers(required=True))
        arguments = parser.parse_args(["keys", *words])
        try:
            arguments.run(arguments, environ)
        except ApualyError as problem:
            print(problem, file=sys.stderr)
            return problem.exit_code
        return 0

    return call


def test_a_person_makes_a_key_and_the_operator_trusts_it(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run("new", "--as", "Grace Häkkinen", "--role", "approver", "--role", "assessor") == 0
    block = capsys.readouterr().out
    (person,) = tomllib.loads(block)["person"]  # all of it is a block: it can be piped
    assert (person["name"], person["roles"]) == ("Grace Häkkinen", ["assessor", "approver"])
    file = tmp_path / "home" / "keys" / "grace-häkkinen.key"
    assert read_key(file, PASSPHRASE).public == person["key"][0]["public"]
    (tmp_path / "block").write_text(block)
    assert run("list") == 3
    assert "there is no trust file" in capsys.readouterr().err
    assert run("trust", str(tmp_path / "block")) == 0
    assert "Grace Häkkinen (assessor, approver): is now in" in capsys.readouterr().out
    assert run("trust", str(tmp_path / "block")) == 0
    assert "was already in" in capsys.readouterr().out
    assert run("list", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["name"], listed["roles"], listed["demo"]) == ("Grace Häkkinen", ["assessor", "approver"], False)
    (key,) = listed["keys"]
    assert (key["fingerprint"], key["signs"]) == (public_key(person["key"][0]["public"]).fingerprint, True)
    assert key["fingerprint"] in block
    assert run("list") == 0
    assert key["fingerprint"] in capsys.readouterr().out


def test_a_second_key_goes_under_the_same_person(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for file in ("one", "two"):
        capsys.readouterr()
        run("new", "--as", "Ada Lovelace", "--role", "author", "--key", str(tmp_path / file))
        monkeypatch.setattr(sys, "stdin", io.StringIO(capsys.readouterr().out))
        assert run("trust", "-") == 0
    (ada,) = read_trust(tmp_path / "home" / "trust.toml").people
    assert [key.public.line for key in ada.keys] == [
        read_key(tmp_path / each, PASSPHRASE).public for each in ("one", "two")
    ]


def test_what_cannot_be_is_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
):
    (tmp_path / "empty").write_text("# nothing\n")
    new = ("new", "--role", "author", "--as")
    assert run(*new, "Ada") == 0
    for words, code, told in (
        ((*new, "Ada"), 2, "exists; a key is never overwritten"),
        ((*new, "Аda"), 2, "mixes letters of CYRILLIC and LATIN"),
        ((*new, "Ada\u200b"), 2, "characters that nobody sees"),
        ((*new, "--- "), 2, "a name has letters"),
        (("trust", str(tmp_path / "nothing")), 2, "cannot be read"),
        (("trust", str(tmp_path / "empty")), 3, r"there is no [[person]] in it"),
    ):
        capsys.readouterr()
        assert run(*words) == code
        assert told in capsys.readouterr().err
    del environ[passphrases.FILE]
    assert run(*new, "Grace") == 2  # pytest's standard input is no terminal
    assert "run this at a terminal" in capsys.readouterr().err
    assert not (tmp_path / "home" / "keys" / "grace.key").exists()
    with pytest.raises(SystemExit):
        run("new", "--as", "Ada", "--role", "king")


def test_a_demo_is_made_once_and_mended_after_an_interruption(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    home = tmp_path / "home"
    assert run("demo") == 0
    people = read_trust(home / "trust.toml").people
    assert [(person.name, sorted(person.roles), person.demo) for person in people] == [
        ("Demo Data Scientist", ["author"], True),
        ("Demo Ethics Reviewer", ["assessor"], True),
        ("Demo Service Owner", ["approver"], True),
    ]
    passphrase = (home / "keys" / "passphrase").read_bytes().strip()
    assert stat.S_IMODE((home / "keys" / "passphrase").stat().st_mode) == 0o600
    files = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert read_key(home / "keys" / "demo-service-owner.key", passphrase).keyid == people[2].keys[0].public.keyid
    capsys.readouterr()
    assert run("demo") == 0
    assert capsys.readouterr().out.count("is there") == 3
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == files
    (home / "trust.toml").unlink()
    assert run("demo") == 0
    assert read_trust(home / "trust.toml").people == people
    assert passphrase.decode() not in capsys.readouterr().out
