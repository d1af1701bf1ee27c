"""The database and the two web servers of a run, and what they use."""

import contextlib
import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks.floor.table import TABLE
from fangxin.config import launcher
from fangxin.config.launch.children import Child
from fangxin.config.launch.home import PROJECT, Home
from fangxin.config.launch.postgres import ADMIN, OWNER, WEB, Cluster, furnish

GUNICORN = PROJECT / "fangxin/config/gunicorn.py"


@dataclass
class Room:
    """One run's own installation: a folder and a database with the settings of a real one."""

    home: Home
    postgres: Child
    admin: str
    web: str
    floor: str

    def environment(self) -> dict[str, str]:
        """What the platform's programs see; no address is turned away for asking often."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FANGXIN_", "PG"))}
        return kept | {
            "DATABASE_URL": self.web,
            "FLOOR_URL": self.floor,
            "FANGXIN_HOME": str(self.home.folder),
            "FANGXIN_DEMO": "1",
            "FANGXIN_SECRETS_DIR": str(self.home.secrets),
            "FANGXIN_COMPLAINTS_PER_HOUR": "0",
            "FANGXIN_WRONG_FOLLOWS": "0",
            "PYTHONPATH": str(PROJECT),
        }


@contextlib.contextmanager
def room(parent: Path, floor_rows: int) -> Iterator[Room]:
    """An installation without people or cases, and the floor's table; removed at the end.

    The database syncs to disk as a real one does, so that a commit costs what it costs.
    """
    parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="room-", dir=parent))
    try:
        home = Home(place).made()
        cluster = Cluster(home.data, home.socket_folder(), home.log, home.secret(f"{ADMIN}_password"))
        cluster.create()
        server = cluster.start()
        try:
            furnish(cluster, {role: home.secret(f"{role}_password") for role in (OWNER, WEB)})
            home.secret("fangxin_secret_key")
            launcher.prepare(home, home.url(WEB), home.url(OWNER), False)
            _lay_floor(home, floor_rows)
            yield Room(home, server, home.url(ADMIN), home.url(WEB), home.url(WEB, "floor"))
        finally:
            server.stop()
            shutil.rmtree(home.socket_folder(), ignore_errors=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _lay_floor(home: Home, rows: int) -> None:
    with psycopg.connect(home.url(ADMIN, "postgres"), autocommit=True) as connection:
        connection.execute("create database floor template template0")
    with psycopg.connect(home.url(ADMIN, "floor")) as connection:
        for statement in TABLE.format(rows=rows, login=WEB).split(";"):
            if statement.strip():
                connection.execute(statement.encode())


@dataclass(frozen=True)
class Used:
    """Processor seconds of a web server and of PostgreSQL since each began."""

    web: float
    database: float

    def since(self, before: "Used") -> "Used":
        return Used(self.web - before.web, self.database - before.database)


@dataclass
class Server:
    """A web server that answers, with one worker and four threads."""

    port: int
    child: Child
    postgres: Child

    def used(self) -> Used:
        return Used(_processor_seconds(self.child.pid), _processor_seconds(self.postgres.pid))

    def resident(self) -> int:
        """Octets of memory the largest of the workers holds."""
        return max(worker.memory_info().rss for worker in psutil.Process(self.child.pid).children())


@contextlib.contextmanager
def serving(place: Room, application: str, path: str) -> Iterator[Server]:
    """The application under gunicorn with the platform's own configuration; it answers at `path`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = Child(
        application,
        [sys.executable, "-m", "gunicorn", "--config", GUNICORN, application],
        environment=place.environment() | {"PORT": str(port)},
        folder=PROJECT,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}{path}", child, 60)
        yield Server(port, child, place.postgres)
    finally:
        child.stop()


def wait_for(url: str, child: Child, seconds: float) -> None:
    """The address answers; RuntimeError when the program ended or stayed silent."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    begun = time.monotonic()
    while child.ended() is None and time.monotonic() - begun < seconds:
        try:
            opener.open(url, timeout=10).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{child.name} did not answer at {url}")


def _processor_seconds(pid: int) -> float:
    """Of the program, its children, and those that have ended."""
    root = psutil.Process(pid)
    ended = root.cpu_times()
    total = ended.children_user + ended.children_system
    for one in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total
