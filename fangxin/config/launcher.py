"""`fangxin serve`: prepares what is missing, runs PostgreSQL, web server and worker, and ends them together.

The order matters. What can be refused is refused before anything is started; a first database is built in a
folder of another name and only then moved into place; and everything started is ended in the reverse order.
"""

import contextlib
import errno
import importlib.util
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fangxin.config.launch import external, postgres, schema
from fangxin.config.launch.children import Child, end_all
from fangxin.config.launch.home import NEEDED_TO_BEGIN, NEEDED_TO_GO_ON, PROJECT, Home, write_whole
from fangxin.config.launch.postgres import ADMIN, OWNER, WEB, Cluster
from fangxin.config.launch.ready import DISK_FULL
from fangxin.config.launch.refusals import Refused, Stopped
from fangxin.config.launch.signals import asked_to_stop

FANGXIN = str(Path(sys.executable).with_name("fangxin"))
RESTARTS_ALLOWED = 5  # of one program within a minute; more often means it cannot live
NOTHING_LEFT = 32 * 1024**2  # bytes; two segments of the write-ahead log
LONGEST_FIRST_ANSWER = 60  # seconds


def port_of(text: str) -> int:
    """The port named by PORT; refuses what is not a port."""
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise Refused(
        f"PORT 应为 1 至 65535 之间的整数，现为「{text}」。",
        f"PORT must be a whole number from 1 to 65535, not {text!r}.",
    )


def reserve(address: str, port: int) -> socket.socket:
    """The port is ours, though nobody is answered yet; refuses a port that is taken or not ours to take."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise refused_port(port, error) from None
    return listener


def refused_port(port: int, error: OSError) -> Refused:
    if error.errno == errno.EADDRINUSE:
        return Refused(
            f"端口 {port} 已被占用；请换一个端口，例如 PORT={port % 65535 + 1} make run。",
            f"port {port} is taken; choose another, for example: PORT={port % 65535 + 1} make run.",
        )
    return Refused(
        f"不能使用端口 {port}：{error.strerror}。请换一个 1024 以上的端口。",
        f"cannot use port {port}: {error.strerror}; choose another above 1023.",
    )


@dataclass
class Crew:
    """Everything that runs, and how to start each again."""

    starts: dict[str, Callable[[], Child]] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    restarted: dict[str, deque[float]] = field(default_factory=dict)

    def start(self, name: str, begin: Callable[[], Child]) -> Child:
        """The program runs and will be ended with the rest."""
        self.starts[name] = begin
        self.children[name] = begin()
        return self.children[name]

    def watch(self) -> None:
        """Starts again what ended unasked; refuses to go on when it keeps ending."""
        while True:
            time.sleep(0.5)
            for name, child in list(self.children.items()):
                if (status := child.ended()) is None:
                    continue
                child.stop()
                recent = self.restarted.setdefault(name, deque(maxlen=RESTARTS_ALLOWED))
                if len(recent) == RESTARTS_ALLOWED and time.monotonic() - recent[0] < 60:
                    raise Refused(
                        f"{name} 一再意外退出（状态 {status}），服务已停止；请查看日志。",
                        f"{name} keeps ending unasked (status {status}); all was stopped. See the logs.",
                    )
                recent.append(time.monotonic())
                print(
                    f"{name} 意外退出，正在重新启动。{name} ended unasked and is started again.", flush=True
                )
                self.start(name, self.starts[name])


def cluster_in(home: Home, folder: Path) -> Cluster:
    return Cluster(folder, home.socket_folder(), home.log, home.secret(f"{ADMIN}_password"))


def embedded(home: Home, crew: Crew, demo: bool) -> tuple[str, str]:
    """PostgreSQL runs on the home's data folder; the addresses of the web's role and of the owner.

    A first database is made whole in `data.new`, with tables, grants and demonstration data, before it gets
    its name: an interrupted first start leaves nothing that a later one could take for a database.
    """
    postgres.check_data_folder(home)
    begin = cluster_in(home, home.data).start
    passwords = {role: home.secret(f"{role}_password") for role in (OWNER, WEB)}
    web, owner = home.url(WEB), home.url(OWNER)
    if home.data.exists():
        home.ask_for_room(NEEDED_TO_GO_ON)
        crew.start("PostgreSQL", begin)
        if not schema.up_to_date(home, owner):
            postgres.furnish(cluster_in(home, home.data), passwords)
        return web, owner
    shutil.rmtree(home.unfinished, ignore_errors=True)
    home.ask_for_room(NEEDED_TO_BEGIN)
    say("首次运行：正在建立数据库……", "First run: making the database…")
    forming = cluster_in(home, home.unfinished)
    home.accounts.unlink(missing_ok=True)
    try:
        forming.create()
        child = forming.start()
        postgres.furnish(forming, passwords)
        prepare(home, web, owner, demo)
        child.stop()
        home.unfinished.rename(home.data)
    except BaseException:
        end_all()
        shutil.rmtree(home.unfinished, ignore_errors=True)
        raise
    crew.start("PostgreSQL", begin)
    return web, owner


def prepare(home: Home, web: str, owner: str, demo: bool) -> None:
    """Tables, grants, static files and, in a new demonstration database, its people and cases are there."""
    fill = demo and schema.is_new(owner)
    steps = []
    if fresh := not schema.up_to_date(home, owner):
        steps.append("migrate")
        say("正在更新数据表……", "Bringing the tables up to date…")
    if not schema.static_up_to_date(home):
        steps.append("static")
    settled = {"DATABASE_URL": owner, "FANGXIN_OWNER_URL": owner, "FANGXIN_NO_POOL": "1"}
    if steps:
        run_to_end(
            [sys.executable, "-m", "fangxin.config.launch.ready", *steps],
            child_environment(home, demo) | settled,
        )
    if fresh:
        schema.remember(home, owner)
    if "static" in steps:
        write_whole(schema.static_stamp(home), schema.static_wanted())
    if fill and importlib.util.find_spec("fangxin.config.demonstration"):
        say("正在写入演示数据……", "Writing the demonstration data…")
        run_to_end(
            [FANGXIN, "demo", "--quiet"],
            child_environment(home, demo) | {"DATABASE_URL": web, "FANGXIN_OWNER_URL": owner},
        )


def run_to_end(command: list[str], environment: dict[str, str]) -> None:
    """The program has ended well; refuses when it did not, its own words having been shown."""
    child = Child(Path(command[0]).name, command, environment=environment, folder=PROJECT)
    try:
        status = child.running.wait()
    finally:
        child.stop()
    left = shutil.disk_usage(environment["FANGXIN_HOME"]).free
    if status == DISK_FULL or (status != 0 and left < NOTHING_LEFT):
        raise Refused("磁盘空间不足，准备工作未完成。", "the disk is full; the preparation was not finished.")
    if status != 0:
        step = " ".join(command[-2:])
        raise Refused(
            f"准备工作未完成（{step}，状态 {status}），原因见上。",
            f"the preparation was not finished ({step}, status {status}); the reason stands above.",
        )


def child_environment(home: Home, demo: bool) -> dict[str, str]:
    """The caller's environment with absolute folders and without libpq's variables, which would mislead."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("PG") or name == "PG_BIN"
    }
    kept.pop("FANGXIN_OWNER_URL", None)
    return kept | {
        "FANGXIN_HOME": str(home.folder),
        "FANGXIN_SECRETS_DIR": os.environ.get("FANGXIN_SECRETS_DIR") or str(home.secrets),
        "FANGXIN_DEMO": "1" if demo else "0",
        "PYTHONUNBUFFERED": "1",
    }


def web_server(environment: dict[str, str], listener: socket.socket) -> Callable[[], Child]:
    def begin() -> Child:
        return Child(
            "网站服务 web",
            [sys.executable, "-m", "gunicorn", "--config", Path(__file__).with_name("gunicorn.py")],
            environment=environment | {"FANGXIN_SOCKET": str(listener.fileno())},
            descriptors=[listener.fileno()],
            folder=PROJECT,
        )

    return begin


def worker(environment: dict[str, str]) -> Callable[[], Child]:
    def begin() -> Child:
        return Child(
            "后台任务 worker",
            [FANGXIN, "work"],
            environment=environment,
            # Asked to end while there is no database, it waits for one; a killed one's job is taken up again.
            orphaned=signal.SIGKILL,
            folder=PROJECT,
        )

    return begin


def wait_for_first_answer(address: str, port: int, child: Child) -> None:
    """The web server answers; refuses when it ended, stays silent or answers with errors only."""
    url = f"http://{f'[{address}]' if ':' in address else address}:{port}/healthz"
    begun = time.monotonic()
    errors = 0
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while child.ended() is None and errors < 3 and time.monotonic() - begun < LONGEST_FIRST_ANSWER:
        try:
            opener.open(url, timeout=10).close()
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
            errors += 1
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Refused("网站服务未能启动，原因见上。", "the web server did not start; the reason stands above.")


def say(chinese: str, english: str) -> None:
    print(f"{chinese} {english}", flush=True)


def announce(home: Home, address: str, port: int, begun: float) -> None:
    print(
        f"\n房信已启动（{time.monotonic() - begun:.1f} 秒）  Fangxin is ready:  http://{address}:{port}/",
        flush=True,
    )
    if home.accounts.is_file():
        print(f"\n演示账号 Demonstration accounts\n{home.accounts.read_text().rstrip()}", flush=True)
    print("\n按 Ctrl-C 停止。Press Ctrl-C to stop.", flush=True)


@contextlib.contextmanager
def running(home: Home, address: str, port: int, demo: bool) -> Iterator[Crew]:
    """Everything runs and the web server answers; at the end, whatever the reason, everything has ended."""
    begun = time.monotonic()
    os.umask(0o077)
    for name in [name for name in os.environ if name.startswith("PG") and name != "PG_BIN"]:
        del os.environ[name]
    given = os.environ.get("DATABASE_URL")
    crew = Crew()
    if home.in_use():
        raise home.refused_in_use()
    with contextlib.closing(reserve(address, port)) as listener, home.made().locked():
        home.secret("fangxin_secret_key")
        try:
            if given:
                home.ask_for_room(NEEDED_TO_GO_ON)
                web, owner = external.logins(home, given, os.environ.get("FANGXIN_OWNER_URL"))
                external.check_extensions(owner)
            else:
                web, owner = embedded(home, crew, demo)
            prepare(home, web, owner, demo)
            environment = child_environment(home, demo) | {"DATABASE_URL": web, "PORT": str(port)}
            try:
                listener.listen(2048)
            except OSError as error:  # somebody else reserved the same port and was quicker
                raise refused_port(port, error) from None
            server = crew.start("网站服务 web", web_server(environment, listener))
            if importlib.util.find_spec("fangxin.config.commands.work"):
                crew.start("后台任务 worker", worker(environment))
            wait_for_first_answer(address, port, server)
            announce(home, address, port, begun)
            yield crew
        finally:
            end_all()


def serve(address: str, port: str, demo: bool) -> None:
    """Runs until it is asked to stop.

    Raises Refused when it cannot start or go on; everything started has ended by then.
    """
    try:
        with asked_to_stop(), running(Home.of_environment(), address, port_of(port), demo) as crew:
            crew.watch()
    except Stopped:
        say("\n已停止。", "Stopped.")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise Refused("磁盘空间不足。", "the disk is full.") from None
