"""The key of pseudonyms, and the one function from identity code to pseudonym.

Two places call it: `ml.register.pseudonymise`, and the edge of `serving` where a posted identity code becomes a
pseudonym. A master key is held outside the data; each purpose has a key of its own, derived from it by
HKDF-SHA256 (RFC 5869), so that data sets of two purposes cannot be joined. A pseudonym is HMAC-SHA-256 of the
normalised identity code under the purpose's key, cut to 128 bits: among 1,200,000 people the odds that any two
share one are about 2 in 10^27, and without the key the few million possible identity codes cannot be tried out.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import shlex
import stat
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ml.errors import DataError, UsageError

KEY = "APUALY_PSEUDONYM_KEY"  # with _FILE or _COMMAND after it: where the key is
NEW_KEY = "APUALY_PSEUDONYM_NEW_KEY"  # the key that `rekey` changes to
KEY_BYTES = 32
LONGEST_KEY = 4096  # bytes; a longer file is not a key
FEWEST_DISTINCT = 8  # distinct bytes in anything random enough to be a key
COMMAND_SECONDS = 30
PSEUDONYM = re.compile(r"[0-9a-f]{32}")  # 128 bits
_BYTES = 16
_FORM = re.compile(r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}[-+A-FU-Y](?!00[01])[0-9]{3}[0-9A-Y]", re.ASCII)
_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"  # check character: the nine digits modulo 31 (DVV)


@dataclass(frozen=True, eq=False)
class MasterKey:
    """The key from which each purpose's key is derived. It shows itself nowhere."""

    _secret: bytes = field(repr=False)

    def for_purpose(self, purpose: str) -> Pseudonymiser:
        """Return what makes the pseudonyms of one purpose."""
        return Pseudonymiser(purpose, self._derived(f"apualy/pseudonym/v1/{purpose}"))

    def for_custody(self) -> bytes:
        """Return the 32 bytes that seal the custody log of re-identifications."""
        return self._derived("apualy/custody/v1")

    def for_questions(self) -> bytes:
        """Return the 32 bytes that key the digests of questions to the service, which may hold identity codes."""
        return self._derived("apualy/questions/v1")

    def _derived(self, info: str) -> bytes:
        return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=info.encode()).derive(self._secret)


@dataclass(frozen=True, eq=False)
class Pseudonymiser:
    """Makes the pseudonyms of one purpose."""

    purpose: str
    _key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that tell keys apart and reveal none."""
        return hmac.digest(self._key, b"apualy/fingerprint/v1", "sha256")[:8].hex()

    def pseudonym(self, identity_code: str) -> str:
        """Return the pseudonym of an identity code, 32 hexadecimal digits.

        Lower case and blanks around the code do not matter. Raises DataError, which never shows the code.
        """
        return self.pseudonyms([normalised(identity_code)])[0]

    def pseudonyms(self, normalised_codes: Iterable[str]) -> list[str]:
        """Return the pseudonyms of codes that `normalised` returned, in their order: a million in two seconds."""
        key, digest = self._key, hmac.digest
        return [digest(key, code.encode("ascii"), "sha256")[:_BYTES].hex() for code in normalised_codes]


def normalised(identity_code: str) -> str:
    """Return an identity code in the one form that has a pseudonym: upper case, nothing around it.

    Raises DataError when it does not have the form of a Finnish identity code or its check character is wrong:
    a mistyped code would otherwise quietly become somebody else's, or nobody's, pseudonym.
    """
    code = identity_code.strip().upper()
    if not _FORM.fullmatch(code):
        raise DataError("the identity code does not have the form DDMMYYCZZZQ; correct it")
    if _CHECKS[int(code[:6] + code[7:10]) % 31] != code[10]:
        raise DataError("the identity code's check character is wrong; correct the code")
    return code


def read_key(environ: Mapping[str, str], name: str = KEY) -> MasterKey:
    """Return the master key from the file that `<name>_FILE` names or from the command in `<name>_COMMAND`.

    A line end after the key does not belong to it, so that a file and a secret store give the same key.
    Raises UsageError, which never shows anything of the key, the command or its output.
    """
    file, command = environ.get(f"{name}_FILE", ""), environ.get(f"{name}_COMMAND", "")
    if bool(file) == bool(command):
        how = "both are set; unset one" if file else f"set {name}_FILE (apualy register key makes a file)"
        raise UsageError(f"the key of pseudonyms comes from {name}_FILE or {name}_COMMAND: {how}")
    source = f"{name}_FILE" if file else f"{name}_COMMAND"
    raw = _from_file(Path(file), source) if file else _from_command(command, source, environ)
    secret = raw.rstrip(b"\r\n")
    if not KEY_BYTES <= len(secret) <= LONGEST_KEY:
        raise UsageError(f"{source}: a key has {KEY_BYTES} to {LONGEST_KEY} bytes, this has {len(secret)}")
    if len(set(secret)) < FEWEST_DISTINCT:
        raise UsageError(f"{source}: the key repeats the same few bytes; make one with apualy register key")
    return MasterKey(secret)


def make_key_file(path: Path) -> None:
    """Write a new random key of 256 bits as 64 hexadecimal digits, readable by its owner only.

    Raises UsageError when something is there already: overwriting a key would cut off all data made with it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise UsageError(f"{path}: exists; a key is never overwritten, name another file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, 0o600)  # whatever the umask
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key is none
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


def _from_file(path: Path, source: str) -> bytes:
    """Return what a key file holds; its mode is asked of the open file, so that nobody can swap it in between."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        why = "is a symbolic link; name the file itself" if path.is_symlink() else f"cannot be read ({error.strerror})"
        raise UsageError(f"{source}: {path} {why}") from None
    try:
        _check_key_file(path, source, os.fstat(descriptor))
        return os.read(descriptor, LONGEST_KEY + 3)
    except OSError as error:
        raise UsageError(f"{source}: {path} cannot be read ({error.strerror})") from None
    finally:
        os.close(descriptor)


def _check_key_file(path: Path, source: str, facts: os.stat_result) -> None:
    mode = stat.S_IMODE(facts.st_mode)
    if not stat.S_ISREG(facts.st_mode):
        raise UsageError(f"{source}: {path} is not a regular file")
    if facts.st_uid != os.geteuid():
        raise UsageError(f"{source}: {path} belongs to another user; the key file must be your own")
    if mode != 0o600:
        raise UsageError(f"{source}: {path} has mode {mode:04o}; make it 0600 (chmod 600), so that only you read it")


def _from_command(command: str, source: str, environ: Mapping[str, str]) -> bytes:
    """Return what a secret store's command prints. Its words, output and complaints are shown to nobody."""
    try:
        ran = subprocess.run(  # noqa: S603 - no shell; whoever sets our environment may run commands as us anyway
            shlex.split(command),
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{source}: the command gave no key in {COMMAND_SECONDS} seconds") from None
    except (OSError, ValueError, IndexError):  # not there, not executable; an open quotation mark; no words
        raise UsageError(f"{source}: the command cannot be run; check its path and quotation marks") from None
    if ran.returncode:
        raise UsageError(f"{source}: the command failed with exit code {ran.returncode}; run it by hand to see why")
    return ran.stdout
