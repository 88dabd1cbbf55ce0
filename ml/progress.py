"""What is under way, told on a terminal while it lasts; nothing of it in pipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


@contextmanager
def progress() -> Iterator[Say]:
    """Yield a function that says on standard error what is under way."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    with console.status("starting") as status:
        yield status.update
