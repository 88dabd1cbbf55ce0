"""What a model was made by: any edit of the code, and any change of the lock, is told."""

from __future__ import annotations

import hashlib
import platform
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ml.pipeline.environment import NO_LOCK, ROOT, code_digest, environment, lock_digest


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("ml/a.py", "ml/b/c.py", "serving/d.py", "apualy.py", "requirements.lock", "tests/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["ml/a.py", "ml/b/c.py", "serving/d.py", "apualy.py"])
def test_any_edit_of_the_code_changes_its_digest(checkout: Path, name: str) -> None:
    before = code_digest(checkout)
    assert before == code_digest(checkout)
    (checkout / name).write_text("edited", encoding="utf-8")
    assert code_digest(checkout) != before


def test_a_file_that_came_went_or_moved_changes_it(checkout: Path) -> None:
    seen = {code_digest(checkout)}
    (checkout / "ml" / "new.py").write_text("", encoding="utf-8")
    seen.add(code_digest(checkout))
    (checkout / "ml" / "new.py").rename(checkout / "ml" / "other.py")
    seen.add(code_digest(checkout))
    assert len(seen) == 3


def test_what_is_no_code_of_ours_does_not(checkout: Path) -> None:
    before = code_digest(checkout)
    (checkout / "tests" / "e.py").write_text("edited", encoding="utf-8")
    (checkout / "ml" / "page.css").write_text("p {}", encoding="utf-8")
    assert code_digest(checkout) == before


def test_the_lock_is_told_or_said_to_be_unknown(checkout: Path) -> None:
    assert lock_digest(checkout) == f"sha256:{hashlib.sha256(b'requirements.lock').hexdigest()}"
    (checkout / "requirements.lock").unlink()
    assert lock_digest(checkout) == NO_LOCK


def test_the_environment_of_this_checkout() -> None:
    found = environment(("numpy",))
    assert list(found) == ["numpy", "python", "code", "lock"]
    assert found["python"] == platform.python_version()
    assert found["lock"].startswith("sha256:")
    assert (ROOT / "apualy.py").is_file()


@pytest.mark.parametrize("python", ["3.11.9", "3.12.9", "3.13.9"])
def test_the_lock_has_each_dependency_for_every_python(python: str) -> None:
    """It is installed without asking for more: what another package brings on one Python it may not on the next."""
    there = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = [Requirement(line.removesuffix("\\")) for line in lines if line and line[0].isalnum()]
    for_it = {each.name for each in locked if each.marker is None or each.marker.evaluate(there)}
    wanted = {Requirement(each).name for each in project["dependencies"]}
    assert len(wanted) > 20
    assert wanted <= for_it
