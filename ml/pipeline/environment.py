"""What a model was made by: libraries, the code itself, and the lock that names every version."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import version as installed_version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("ml/**/*.py", "serving/**/*.py", "apualy.py")
NO_LOCK = "not known: the package does not stand in a checkout"


def environment(libraries: Sequence[str], root: Path = ROOT) -> dict[str, str]:
    """Return name → version of each library, and "python", "code" and "lock"."""
    return {
        **versions(libraries),
        "python": platform.python_version(),
        "code": code_digest(root),
        "lock": lock_digest(root),
    }


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """Return name → version of each library."""
    return {library: installed_version(library) for library in libraries}


def code_digest(root: Path = ROOT) -> str:
    """Return the digest of all our Python files, by their names and bytes: any edit changes it."""
    files = sorted({path for pattern in CODE for path in root.glob(pattern)})
    told = [f"{path.relative_to(root).as_posix()} {_digest(path)}\n" for path in files]
    return f"sha256:{hashlib.sha256(''.join(told).encode()).hexdigest()}"


def lock_digest(root: Path = ROOT) -> str:
    """Return the digest of requirements.lock, or that there is none to look at."""
    path = root / "requirements.lock"
    return f"sha256:{_digest(path)}" if path.is_file() else NO_LOCK


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
