"""Lines of a worker are written together, in their order, each with the id of its own request; none is lost."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable

import pytest

from serving.logs import MOST_GATHERED, REQUEST, JsonLines, facts, gather_lines

log = logging.getLogger("serving.test")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return where lines go: all of this process, at the level of a server."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(log, "level", logging.INFO)
    return stream


@pytest.fixture
def write(written: io.StringIO) -> Callable[[], None]:
    return gather_lines()


def tell(request: str, level: int = logging.INFO) -> None:
    token = REQUEST.set(request)
    log.log(level, "request", extra=facts(status=200))
    REQUEST.reset(token)


def requests(written: io.StringIO) -> list[str]:
    return [json.loads(line)["request"] for line in written.getvalue().splitlines()]


def test_they_are_written_when_it_is_time(written: io.StringIO, write: Callable[[], None]) -> None:
    tell("first")
    tell("second")
    assert requests(written) == []
    write()
    assert requests(written) == ["first", "second"]
    write()
    assert requests(written) == ["first", "second"]


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR, logging.CRITICAL])
def test_a_warning_is_written_at_once_after_what_came_before(
    level: int, written: io.StringIO, write: Callable[[], None]
) -> None:
    tell("first")
    tell("second", level)
    assert requests(written) == ["first", "second"]


def test_many_do_not_wait(written: io.StringIO, write: Callable[[], None]) -> None:
    for place in range(MOST_GATHERED):
        tell(f"{place:08d}")
    assert len(requests(written)) == MOST_GATHERED


def test_what_is_left_at_the_end_is_written(written: io.StringIO, write: Callable[[], None]) -> None:
    tell("last")
    for each in logging.getLogger().handlers:
        each.close()  # as `logging` does at the end of a process
    assert requests(written) == ["last"]


def test_when_it_happened_is_told_not_when_it_was_written(
    written: io.StringIO, write: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logging.time.time", lambda: 1_000_000_000.25)
    tell("first")
    monkeypatch.undo()
    write()
    assert json.loads(written.getvalue())["ts"] == "2001-09-09T01:46:40.250Z"
