"""One pass over a text file in bounded memory: its encoding, its digest, what it must not hold."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from ml.errors import DataError

LONGEST_LINE = 1 << 20  # bytes (characters in UTF-16)
NOT_IN_WINDOWS_1252 = b"\x81\x8d\x8f\x90\x9d"
UTF_8, UTF_16, WINDOWS_1252, LATIN_1 = "utf-8", "utf-16", "cp1252", "latin-1"
READS = {UTF_16: "UTF-16", WINDOWS_1252: "Windows-1252", LATIN_1: "Latin-1"}


@dataclass(frozen=True)
class Scan:
    """What one pass found: how the file is encoded, and the digest of its bytes."""

    encoding: str
    digest: str


def read_head(path: Path) -> str:
    """Return the beginning of the file as text, at most as long as the longest line may be."""
    with path.open("rb") as stream:
        head = stream.read(LONGEST_LINE + 1)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder(UTF_16)("replace").decode(head)
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError as error:
        _refuse_mixed(path.name, head[: error.start])
        return head.decode(WINDOWS_1252 if _fits_windows(head) else LATIN_1)


def scan(path: Path) -> Scan:
    """Return the encoding and digest of a text file.

    Raises DataError: NUL bytes, a line longer than 1 MiB, a quotation mark not closed, mixed encodings.
    """
    digest = hashlib.sha256()
    encoding, lines = _Encoding(path), _Lines(path)
    with path.open("rb") as stream:
        while chunk := stream.read(LONGEST_LINE):
            digest.update(chunk)
            lines.take(encoding.take(chunk))
    name = encoding.end()
    lines.end()
    return Scan(name, f"sha256:{digest.hexdigest()}")


def _refuse_mixed(file: str, before: bytes) -> None:
    """Raise DataError when letters were UTF-8 before bytes that are not."""
    if not before.isascii():
        raise DataError(f"{file}: mixes UTF-8 with another encoding; save it as UTF-8")


def _fits_windows(chunk: bytes) -> bool:
    return len(chunk.translate(None, NOT_IN_WINDOWS_1252)) == len(chunk)


class _Encoding:
    """Finds out how a stream of bytes is encoded."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        with path.open("rb") as stream:
            self.is_utf_16 = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        self.decoder = codecs.getincrementaldecoder(UTF_16 if self.is_utf_16 else UTF_8)()
        self.is_utf_8 = not self.is_utf_16
        self.seen_beyond_ascii = False
        self.fits_windows = True

    def take(self, chunk: bytes) -> str:
        """Return text in which the characters that give a file its form can be found."""
        if self.is_utf_16:
            return self._decode(chunk, final=False)
        self.fits_windows = self.fits_windows and _fits_windows(chunk)
        if self.is_utf_8:
            self._decode(chunk, final=False)
        return chunk.decode(LATIN_1)

    def end(self) -> str:
        """Return the encoding of all that was taken."""
        if self.is_utf_16 or self.is_utf_8:
            self._decode(b"", final=True)
        if self.is_utf_16:
            return UTF_16
        return UTF_8 if self.is_utf_8 else WINDOWS_1252 if self.fits_windows else LATIN_1

    def _decode(self, chunk: bytes, final: bool) -> str:
        try:
            text = self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            if self.is_utf_16:
                raise DataError(f"{self.file}: is broken UTF-16; save it as UTF-8") from None
            _refuse_mixed(self.file, b"\xff" if self.seen_beyond_ascii else error.object[: error.start])
            self.is_utf_8 = False
            return ""
        self.seen_beyond_ascii = self.seen_beyond_ascii or not text.isascii()
        return text


class _Lines:
    """Watches the lines of a stream of text."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.number = 1
        self.open_length = 0
        self.quotation_marks = 0

    def take(self, text: str) -> None:
        """Look at the next stretch of text, no longer than the longest line."""
        if "\0" in text:
            raise DataError(f"{self.file}: holds NUL bytes: it is not text, or UTF-16 without its mark")
        first = min((at for at in (text.find("\n"), text.find("\r")) if at >= 0), default=len(text))
        if self.open_length + first > LONGEST_LINE:
            limit = f"{LONGEST_LINE:,} bytes".replace(",", " ")
            raise DataError(f"{self.file}: line {self.number} is longer than {limit}; is this a table?")
        last = max(text.rfind("\n"), text.rfind("\r"))
        self.open_length = self.open_length + len(text) if last < 0 else len(text) - last - 1
        self.number += text.count("\n")
        self.quotation_marks += text.count('"')

    def end(self) -> None:
        """Look back at the whole text."""
        if self.quotation_marks % 2:
            raise DataError(
                f'{self.file}: holds an odd number of quotation marks ("): one is not closed; '
                "inside a quoted value write two"
            )
