"""Where the passphrase of a signing key comes from: a file of its owner's, or the terminal; nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path

from ml.errors import UsageError

from .keys import require_passphrase
from .private_file import read_private

FILE = "APUALY_SIGNING_PASSPHRASE_FILE"
Ask = Callable[[str], str]


def read_passphrase(environ: Mapping[str, str], ask: Ask | None) -> bytes:
    """Return the passphrase of a key that exists. Raises UsageError when there is nobody to ask and no file."""
    return _from_file(environ) or _asked(ask, "passphrase of your signing key: ")


def new_passphrase(environ: Mapping[str, str], ask: Ask | None) -> bytes:
    """Return the passphrase for a new key, asked twice. Raises UsageError, also when it is too short."""
    passphrase = _from_file(environ)
    if passphrase is None:
        passphrase = _asked(ask, "a passphrase for the new key, four or five words: ")
        require_passphrase(passphrase)
        if _asked(ask, "once more: ") != passphrase:
            raise UsageError("the two passphrases are not the same; begin again")
    require_passphrase(passphrase)
    return passphrase


def terminal() -> Ask | None:
    """Return what asks for a passphrase at the terminal without showing it; None when there is no terminal."""
    return getpass if sys.stdin is not None and sys.stdin.isatty() else None


def _from_file(environ: Mapping[str, str]) -> bytes | None:
    """Return the first line of the file that the environment names, if it names one."""
    name = environ.get(FILE, "")
    if not name:
        return None
    passphrase = read_private(Path(name), FILE).rstrip(b"\r\n")
    if not passphrase or b"\n" in passphrase:
        raise UsageError(f"{FILE}: {name} holds one line, the passphrase, and this one does not")
    return passphrase


def _asked(ask: Ask | None, words: str) -> bytes:
    if ask is None:
        raise UsageError(
            f"the passphrase of a signing key comes from the terminal or a file: run this at a terminal, or set {FILE}"
        )
    return ask(words).encode()
