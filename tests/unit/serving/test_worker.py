"""A worker looks for no garbage until its application is made, and does so from then on."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from uvicorn_worker import UvicornWorker

from serving.worker import Worker


@pytest.fixture
def not_collecting() -> Iterator[None]:
    """Go without, as a worker does while it starts."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_garbage_is_looked_for_once_the_application_is_made(
    not_collecting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []
    monkeypatch.setattr(UvicornWorker, "load_wsgi", lambda _: made.append(gc.isenabled()))
    Worker.load_wsgi(Worker.__new__(Worker))
    assert made == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
