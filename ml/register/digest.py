"""The digest of a file, as manifests and cohorts write it: "sha256:" and 64 hexadecimal digits."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def digest_of(path: Path) -> str:
    """Return "sha256:…" of a file's bytes."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def is_digest(value: object) -> bool:
    """Return whether a value is such a digest."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None
