"""The key of pseudonyms is guarded; the same person has the same pseudonym for one purpose and key only."""

from __future__ import annotations

import ast
import hashlib
import hmac
import os
import shlex
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ml
import ml.pseudonym
from ml.errors import DataError, UsageError
from ml.pseudonym import NEW_KEY, PSEUDONYM, MasterKey, make_key_file, normalised, read_key

SECRET = bytes(range(100, 132))
PERSON = "131052-308T"  # the example of the Digital and Population Data Services Agency
CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


@st.composite
def identity_codes(draw: st.DrawFn) -> str:
    day, month, year = draw(st.integers(1, 28)), draw(st.integers(1, 12)), draw(st.integers(0, 99))
    born, number = f"{day:02d}{month:02d}{year:02d}", f"{draw(st.integers(2, 999)):03d}"
    return f"{born}{draw(st.sampled_from('-+ABCDEFUVWXY'))}{number}{CHECKS[int(born + number) % 31]}"


secrets = st.binary(min_size=32, max_size=64)
purposes = st.sampled_from(["ltu-risk", "service-need", "planning"])


def test_a_pseudonym_is_hmac_sha_256_under_a_key_of_hkdf_sha_256():
    extracted = hmac.digest(bytes(32), SECRET, "sha256")  # RFC 5869 by hand, no salt
    purpose_key = hmac.digest(extracted, b"apualy/pseudonym/v1/ltu-risk\x01", "sha256")
    expected = hmac.digest(purpose_key, PERSON.encode(), hashlib.sha256).hex()[:32]
    assert MasterKey(SECRET).for_purpose("ltu-risk").pseudonym(PERSON) == expected


@given(identity_codes(), secrets, purposes)
def test_the_same_person_key_and_purpose_give_the_same_pseudonym(code: str, secret: bytes, purpose: str):
    pseudonym = MasterKey(secret).for_purpose(purpose).pseudonym(code)
    assert MasterKey(secret).for_purpose(purpose).pseudonym(f" {code.lower()}\n") == pseudonym
    assert PSEUDONYM.fullmatch(pseudonym)
    assert code not in pseudonym


@given(identity_codes(), secrets, secrets)
def test_other_purposes_and_keys_give_others(code: str, one: bytes, other: bytes):
    keys = {one, other}
    made = {MasterKey(key).for_purpose(purpose).pseudonym(code) for key in keys for purpose in ("ltu-risk", "planning")}
    assert len(made) == 2 * len(keys)


@given(st.lists(identity_codes(), unique=True))
def test_different_people_have_different_pseudonyms(codes: list[str]):
    pseudonymiser = MasterKey(SECRET).for_purpose("ltu-risk")
    made = pseudonymiser.pseudonyms(codes)
    assert len(set(made)) == len(codes)
    assert made == [pseudonymiser.pseudonym(code) for code in codes]


def test_fingerprints_tell_keys_and_purposes_apart_and_nothing_shows_the_key():
    key, other = MasterKey(SECRET), MasterKey(SECRET[::-1])
    made = [each.for_purpose(purpose) for each in (key, other) for purpose in ("ltu-risk", "planning")]
    assert len({each.fingerprint for each in made}) == 4
    shown = repr(key) + str(key) + repr(made) + f"{made[0].fingerprint}"
    for secret in (SECRET, made[0]._key, key.for_custody()):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "form"),
        ("131052-308", "form"),
        ("131052-308T1", "form"),
        ("131052308T", "form"),
        ("131352-308T", "form"),
        ("321052-308T", "form"),
        ("131052G308T", "form"),
        ("131052-001K", "form"),
        ("١٣١٠٥٢-308T", "form"),
        ("131052-308U", "check character"),
        ("131053-308T", "check character"),
    ],
)
def test_what_is_no_identity_code_is_refused_without_showing_it(code: str, words: str):
    with pytest.raises(DataError, match=words) as refused:
        MasterKey(SECRET).for_purpose("ltu-risk").pseudonym(code)
    assert not code or code not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize("sign", "-+ABCDEFUVWXY")
def test_all_century_signs_are_known(sign: str):
    assert normalised(f"131052{sign}308t") == f"131052{sign}308T"


# ---------------------------------------------------------------- the key file


def _file(folder: Path, content: bytes = SECRET, mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def _read(path: Path | str) -> MasterKey:
    return read_key({"APUALY_PSEUDONYM_KEY_FILE": str(path)})


def _pseudonym(key: MasterKey) -> str:
    return key.for_purpose("ltu-risk").pseudonym(PERSON)


@pytest.mark.parametrize("mode", [mode for mode in range(0o1000) if bin(mode ^ 0o600).count("1") == 1], ids=oct)
def test_a_key_file_has_mode_0600_and_no_bit_more_or_less(tmp_path: Path, mode: int):
    """Each mode that differs from 0600 in one bit is refused."""
    assert _pseudonym(_read(_file(tmp_path))) == _pseudonym(MasterKey(SECRET))
    path = _file(tmp_path)
    path.chmod(mode)
    expected = "mode" if mode & stat.S_IRUSR or os.geteuid() == 0 else "Permission denied"
    with pytest.raises(UsageError, match=expected):
        _read(path)


@pytest.mark.parametrize("bit", [stat.S_ISUID, stat.S_ISGID, stat.S_ISVTX])
def test_nor_an_odd_bit(tmp_path: Path, bit: int):
    path = _file(tmp_path, mode=0o600 | bit)
    if stat.S_IMODE(path.stat().st_mode) != 0o600:  # some systems take a bit away
        with pytest.raises(UsageError, match="mode"):
            _read(path)


def test_what_is_no_regular_file_of_ones_own_is_refused(tmp_path: Path):
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(_file(tmp_path))
    os.mkfifo(pipe, 0o600)
    (tmp_path / "folder").mkdir(mode=0o600)
    foreign = Path("/etc/passwd")
    if os.geteuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.write_bytes(SECRET)
        foreign.chmod(0o600)
        os.chown(foreign, 65534, 65534)
    for path, words in (
        (link, "symbolic link"),
        (pipe, "not a regular file"),
        (tmp_path / "folder", "not a regular file"),
        (tmp_path / "nothing", "No such file"),
        (foreign, "another user"),
    ):
        with pytest.raises(UsageError, match=words):
            _read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has 0"),
        (SECRET[:31], "has 31"),
        (SECRET[:31] + b"\n", "has 31"),
        (b"\0" * 32, "repeats"),
        (b"abcdefg" * 9, "repeats"),
        (SECRET * 200, "32 to 4096 bytes"),
    ],
)
def test_too_short_too_long_or_not_random_is_no_key(tmp_path: Path, content: bytes, words: str):
    with pytest.raises(UsageError, match=words) as refused:
        _read(_file(tmp_path, content))
    assert "abcdefg" not in str(refused.value)


def test_a_line_end_does_not_belong_to_the_key(tmp_path: Path):
    made = [_pseudonym(_read(_file(tmp_path, SECRET + end))) for end in (b"", b"\n", b"\r\n")]
    assert len(set(made)) == 1


def test_a_made_key_file_is_read_and_never_overwritten(tmp_path: Path):
    before = os.umask(0o277)  # takes away even the owner's right to write
    try:
        make_key_file(tmp_path / "key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    content = (tmp_path / "key").read_bytes()
    assert len(bytes.fromhex(content.decode())) == 32
    _read(tmp_path / "key")
    with pytest.raises(UsageError, match="never overwritten"):
        make_key_file(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == content
    make_key_file(tmp_path / "second")
    assert (tmp_path / "second").read_bytes() != content
    with pytest.raises(UsageError, match="cannot be written"):
        make_key_file(tmp_path / "no" / "key")


# ---------------------------------------------------------------- the secret store


def _command(script: str) -> dict[str, str]:
    return {"APUALY_PSEUDONYM_KEY_COMMAND": f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}"}


def test_a_command_gives_the_key_that_a_file_gives(tmp_path: Path):
    given = read_key(_command(f"print('{SECRET.hex()}')"))
    assert _pseudonym(given) == _pseudonym(_read(_file(tmp_path, SECRET.hex().encode())))


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (_command("import sys; print('hush' * 20); print('hush', file=sys.stderr); sys.exit(3)"), "exit code 3"),
        (_command("print('hush-hush')"), "has 9"),
        (_command("import time; print('hush' * 20, flush=True); time.sleep(60)"), "gave no key in 1 seconds"),
        ({"APUALY_PSEUDONYM_KEY_COMMAND": "/no/such/hush"}, "cannot be run"),
        ({"APUALY_PSEUDONYM_KEY_COMMAND": "echo 'hush"}, "cannot be run"),
        ({"APUALY_PSEUDONYM_KEY_COMMAND": "  "}, "cannot be run"),
        ({"APUALY_PSEUDONYM_KEY_COMMAND": "x", "APUALY_PSEUDONYM_KEY_FILE": "y"}, "both are set"),
        ({}, "set APUALY_PSEUDONYM_KEY_FILE"),
        ({"APUALY_PSEUDONYM_KEY_FILE": ""}, "set APUALY_PSEUDONYM_KEY_FILE"),
    ],
)
def test_a_command_that_fails_shows_nothing(
    environ: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(ml.pseudonym, "COMMAND_SECONDS", 1)
    with pytest.raises(UsageError, match=words) as refused:
        read_key(environ)
    assert "hush" not in str(refused.value) + "".join(capfd.readouterr())


def test_no_shell_reads_the_command(tmp_path: Path):
    touched = tmp_path / "touched"
    key = read_key({"APUALY_PSEUDONYM_KEY_COMMAND": f"echo x; touch {touched}", "PATH": os.defpath})
    assert not touched.exists()
    assert _pseudonym(key) == _pseudonym(MasterKey(f"x; touch {touched}".encode()))


def test_the_new_key_has_variables_of_its_own(tmp_path: Path):
    environ = {f"{NEW_KEY}_FILE": str(_file(tmp_path))}
    assert _pseudonym(read_key(environ, NEW_KEY)) == _pseudonym(MasterKey(SECRET))
    with pytest.raises(UsageError, match="APUALY_PSEUDONYM_NEW_KEY_FILE"):
        read_key({}, NEW_KEY)


# ---------------------------------------------------------------- who knows it


def test_only_pseudonymise_knows_the_key():
    """Codes become pseudonyms there and at the edge of serving; its settings read where the key is."""
    allowed = ("ml/register/pseudonymise/", "ml/pseudonym.py", "serving/edge.py", "serving/settings.py")
    root = Path(ml.__file__).parent.parent
    files = [root / "apualy.py", *root.glob("ml/**/*.py"), *root.glob("serving/**/*.py")]
    knowing = {str(file.relative_to(root)) for file in files if "ml.pseudonym" in _imports(file)}
    assert knowing
    assert all(name.startswith(allowed) for name in knowing)


def _imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
