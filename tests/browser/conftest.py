"""What tests in a browser stand on: a demonstration's home, a server over it, and a Chromium.

    new_page   makes a page: new_page("fi", width=320, scripts=False); the test fails when a request goes to another
               host, the Content-Security-Policy forbids something, or a script fails
    own_page   the same on a server of the test's own, over `own_home`, where models can be stopped and withdrawn

`sign_in` is in visitors.py; `violations` (axe-core) and `invalid` (Nu HTML checker) are in checks.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .demo_home import REPO, copied, make
from .served import Served, served
from .visitors import Visitors, chromium

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def demo_home(home_at: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with two approved models, clients, and hints that lie ready. Copy it before use."""
    home = home_at(tmp_path_factory.mktemp("demo") / "home")
    make(home)
    return home


@pytest.fixture(scope="module")
def server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server that the tests of a module share."""
    with served(copied(demo_home, tmp_path_factory.mktemp("served") / "home")) as running:
        yield running


@pytest.fixture
def own_home(demo_home: Path, tmp_path: Path) -> Path:
    """Return a home of the test's own."""
    return copied(demo_home, tmp_path / "home")


@pytest.fixture
def own_server(own_home: Path) -> Iterator[Served]:
    """Yield a server of the test's own."""
    with served(own_home) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield Chromium; of a module, not of the session: no event loop of other tests could run beside it."""
    with chromium() as found:
        yield found


@pytest.fixture
def new_page(browser: Browser, server: Served) -> Iterator[NewPage]:
    """Yield what makes pages on the module's server."""
    yield from _pages(browser, server)


@pytest.fixture
def own_page(browser: Browser, own_server: Served) -> Iterator[NewPage]:
    """Yield what makes pages on the test's own server."""
    yield from _pages(browser, own_server)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder of artefacts where pictures of pages go; git does not see it."""
    folder = REPO / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _pages(browser: Browser, server: Served) -> Iterator[NewPage]:
    visitors = Visitors(browser, server.address)
    yield visitors.new_page
    visitors.close()
