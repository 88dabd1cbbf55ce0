"""Lines of a worker are written together, in their order, each with the id of its own request; none is lost."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import select

import pytest

from serving import logs
from serving.logs import MOST_GATHERED, REQUEST, JsonLines, facts, gather_lines, tell_of_many

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
def gathered(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return where lines go, and let them be gathered for longer than a test takes."""
    monkeypatch.setattr(logs, "GATHERED_SECONDS", 3600.0)
    asyncio.run(_begun())
    return written


async def _begun() -> None:
    gathering = asyncio.create_task(gather_lines())
    await asyncio.sleep(0)
    gathering.cancel()


def tell(request: str | None, level: int = logging.INFO) -> None:
    token = REQUEST.set(request)
    tell_of_many(log, level, "request", {"status": 200})
    REQUEST.reset(token)


def requests(written: io.StringIO) -> list[str | None]:
    return [json.loads(line).get("request") for line in written.getvalue().splitlines()]


def test_they_are_written_together_while_the_loop_goes_on(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "GATHERED_SECONDS", 0.05)

    async def answer() -> list[str | None]:
        gathering = asyncio.create_task(gather_lines())
        await asyncio.sleep(0)
        for request in ("first", "second"):
            tell(request)
        before = requests(written)
        await asyncio.sleep(0.2)
        gathering.cancel()
        return before

    assert asyncio.run(answer()) == []
    assert requests(written) == ["first", "second"]


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR, logging.CRITICAL])
def test_a_warning_is_written_at_once_after_what_came_before(level: int, gathered: io.StringIO) -> None:
    tell("first")
    tell(None)
    assert requests(gathered) == []
    tell("second", level)
    assert requests(gathered) == ["first", None, "second"]  # what is of no request gets nobody's


def test_what_does_not_come_with_every_request_is_written_at_once(gathered: io.StringIO) -> None:
    tell("first")
    log.info("worker_answers", extra=facts(pid=7))
    assert requests(gathered) == ["first", None]


def test_many_do_not_wait(gathered: io.StringIO) -> None:
    for place in range(MOST_GATHERED):
        tell(f"{place:08d}")
    assert len(requests(gathered)) == MOST_GATHERED


def test_what_is_left_at_the_end_is_written(gathered: io.StringIO) -> None:
    tell("last")
    for each in logging.getLogger().handlers:
        each.close()  # as `logging` does at the end of a process
    assert requests(gathered) == ["last"]


def test_when_it_happened_is_told_not_when_it_was_written(gathered: io.StringIO) -> None:
    extra = {"facts": {"status": 200}, "gathered": True}
    happened = log.makeRecord("serving.test", logging.INFO, "", 0, "request", (), None, extra=extra)
    happened.created = 1_000_000_000.25
    log.handle(happened)
    tell("later", logging.WARNING)
    assert json.loads(gathered.getvalue().splitlines()[0])["ts"] == "2001-09-09T01:46:40.250Z"


class Pipe(io.StringIO):
    """Notes each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


def test_no_line_of_another_worker_comes_between_the_parts_of_one(
    gathered: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe takes so many bytes as one; of what is longer it may take some, then somebody else's."""
    pipe = Pipe()
    (handler,) = (each for each in logging.getLogger().handlers if isinstance(each, logs.Gathered))
    monkeypatch.setattr(handler.target, "stream", pipe)
    for place in range(100):
        tell(f"{place:08d}ä")
    tell("last", logging.WARNING)
    assert requests(pipe) == [*(f"{place:08d}ä" for place in range(100)), "last"]
    assert all(text.endswith("}\n") and len(text.encode()) <= select.PIPE_BUF for text in pipe.writes)
    assert len(pipe.writes) <= 5


def test_a_librarys_line_that_cannot_be_told_says_so_and_takes_no_other_with_it(
    gathered: io.StringIO, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", logging.getLogger().handlers[:1])  # the others are pytest's
    tell("first")
    log.warning("%d of them", "010190-123A")
    tell("second", logging.WARNING)
    assert requests(gathered) == ["first", None, "second"]
    failed = json.loads(gathered.getvalue().splitlines()[1])
    assert (failed["event"], failed["logger"], failed["error"]) == ("line_failed", "serving.test", "TypeError")
    assert "010190" not in gathered.getvalue() + "".join(capfd.readouterr())


class Full(io.StringIO):
    """A disk that is full for a time."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_disk_that_was_full_takes_lines_again(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(logs, "GATHERED_SECONDS", 0.02)
    disk, (handler, *_) = Full(), logging.getLogger().handlers  # the others are pytest's
    monkeypatch.setattr(handler, "stream", disk)

    async def answer() -> None:
        gathering = asyncio.create_task(gather_lines())
        await asyncio.sleep(0)
        tell("lost")
        await asyncio.sleep(0.1)  # and some ticks at which there is nothing to write
        disk.full = False
        tell("written")
        await asyncio.sleep(0.1)
        assert not gathering.done()
        gathering.cancel()

    asyncio.run(answer())
    assert requests(disk) == ["written"]


@pytest.mark.parametrize("odd", ["\udcff.csv", b"\xff.csv"])
def test_what_is_no_utf8_is_told_all_the_same(odd: str | bytes, gathered: io.StringIO) -> None:
    log.warning("odd", extra=facts(file=odd))
    assert ".csv" in json.loads(gathered.getvalue())["file"]
