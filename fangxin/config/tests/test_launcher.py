"""`fangxin serve` with real programs: what it refuses, what it survives, that it leaves nothing running."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fangxin.config.launch import postgres
from fangxin.config.launch.children import Child
from fangxin.config.launch.home import NEEDED_TO_BEGIN, Home
from fangxin.config.launch.postgres import ADMIN, Cluster, throwaway_server
from fangxin.config.launch.refusals import Refused

FANGXIN = Path(sys.executable).with_name("fangxin")
READY = "Press Ctrl-C"


class Served:
    """`fangxin serve` as a user starts it, and what it prints."""

    def __init__(self, folder: Path, port: int, **variables: str) -> None:
        ours = ("FANGXIN_", "DJANGO_", "PG", "PYTEST_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        kept.pop("DATABASE_URL", None)
        kept |= {"FANGXIN_HOME": str(folder), "PORT": str(port), "FANGXIN_DEMO": "0"} | variables
        self.running = subprocess.Popen(
            [FANGXIN, "serve"], env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""

    def until(self, words: str) -> "Served":
        assert self.running.stdout is not None
        for line in self.running.stdout:
            self.said += line
            if words in line:
                return self
        raise AssertionError(f"ended with {self.running.wait()} before saying {words!r}:\n{self.said}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.running.send_signal(number)
        self.said += self.running.communicate(timeout=60)[0]
        return self.running.returncode


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a prepared database, its name with a space and Chinese in it."""
    folder = tmp_path_factory.mktemp("launcher") / "房信 数据"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen = int(free.getsockname()[1])
    assert Served(folder, chosen).until(READY).end() == 0
    return folder


@pytest.fixture
def home(installed: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "房信 数据"
    shutil.copytree(installed, folder, symlinks=True)
    yield folder
    assert living_in(folder) == [], "programs of the platform outlived it"


def living_in(folder: Path) -> list[str]:
    """Command lines of running programs that name the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            surroundings = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words or f"FANGXIN_HOME={folder}\0" in surroundings:
            found.append(words)
    return found


def refused(folder: Path, port: int | str, **variables: str) -> str:
    """What `fangxin serve` says when it refuses."""
    served = Served(folder, port, **variables)  # type: ignore[arg-type]
    said = served.running.communicate(timeout=60)[0]
    assert served.running.returncode == 2, said
    assert "Traceback" not in said
    assert living_in(folder) == []
    chinese, english = said.strip().splitlines()[-2:]
    assert chinese.startswith("错误：")
    assert english.startswith("Error: ")
    return said


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def test_a_second_start_serves_and_ctrl_c_ends_everything(home: Path, port: int) -> None:
    served = Served(home, port).until(READY)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    assert len(living_in(home)) >= 3
    assert served.end(signal.SIGINT) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_during_the_start_leaves_nothing_running(
    home: Path, port: int, number: signal.Signals
) -> None:
    served = Served(home, port)
    while not living_in(home / "data"):
        time.sleep(0.01)
    assert served.end(number) == 0


def test_the_folders_and_secrets_are_the_owners_alone(installed: Path) -> None:
    for folder in (
        installed,
        installed / "secrets",
        installed / "data",
        installed / "log",
        installed / "sock",
    ):
        assert folder.stat().st_mode & 0o077 == 0, folder
    for secret in (installed / "secrets").iterdir():
        assert secret.stat().st_mode & 0o077 == 0, secret
    assert len((installed / "secrets" / "sealing_key").read_text().strip()) == 64


def test_neither_the_web_login_nor_the_owner_is_a_superuser_or_bypasses_policies(home: Path) -> None:
    place = Home(home)
    cluster = Cluster(place.data, place.socket_folder(), place.log, place.secret(f"{ADMIN}_password"))
    child = cluster.start()
    try:
        for role in (postgres.OWNER, postgres.WEB):
            with psycopg.connect(place.url(role)) as connection:
                rights = connection.execute(
                    "SELECT rolsuper, rolbypassrls, rolcreaterole, rolinherit FROM pg_roles "
                    "WHERE rolname = current_user"
                ).fetchone()
                assert rights == (False, False, False, False)
        with psycopg.connect(place.url(postgres.WEB)) as connection:
            owned = connection.execute(
                "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", [postgres.WEB]
            ).fetchone()
            assert owned == (0,)
    finally:
        child.stop()


def test_a_killed_database_comes_back_by_itself(home: Path, port: int) -> None:
    served = Served(home, port).until(READY)
    os.kill(postmaster(home), signal.SIGKILL)
    served.until("PostgreSQL ended unasked")
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                assert answer.status == 200
                break
        except OSError:
            time.sleep(0.1)
    else:
        pytest.fail("not ready 15 s after the crash")
    assert served.end() == 0


def test_after_launcher_and_database_were_killed_the_next_start_serves(home: Path, port: int) -> None:
    killed = Served(home, port).until(READY)
    database = postmaster(home)
    killed.running.kill()
    os.kill(database, signal.SIGKILL)
    killed.running.communicate(timeout=30)
    assert Served(home, port).until(READY).end() == 0


def test_when_the_launcher_is_killed_its_programs_end_with_it(home: Path, port: int) -> None:
    killed = Served(home, port).until(READY)
    killed.running.kill()
    killed.running.communicate(timeout=30)
    deadline = time.monotonic() + 15
    while living_in(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert living_in(home) == []


def test_a_second_instance_on_the_same_folder_is_refused(home: Path, port: int) -> None:
    first = Served(home, port).until(READY)
    second = Served(home, port)
    said = second.running.communicate(timeout=30)[0]
    assert second.running.returncode == 2
    assert f"另一个实例（进程号 {first.running.pid}）" in said
    assert first.end() == 0


def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        said = refused(tmp_path / "home", port)
    assert f"端口 {port} 已被占用" in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("wrong", ["0", "65536", "http", "80 80", "-1", "八零八零"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    assert wrong in refused(tmp_path / "home", wrong)


def test_a_data_folder_without_a_version_is_refused_and_kept(home: Path, port: int) -> None:
    (home / "data" / "PG_VERSION").unlink()
    assert "PG_VERSION" in refused(home, port)
    assert (home / "data" / "base").exists()


def test_a_data_folder_of_another_version_is_refused(home: Path, port: int) -> None:
    (home / "data" / "PG_VERSION").write_text("9.6\n")
    assert "PostgreSQL 9.6" in refused(home, port)


def test_a_start_that_was_cut_short_is_begun_anew(installed: Path, tmp_path: Path, port: int) -> None:
    folder = tmp_path / "cut short"
    first = Served(folder, port)
    while not (folder / "data.new" / "base").exists():
        time.sleep(0.01)
    first.running.kill()
    first.running.communicate(timeout=30)
    assert not (folder / "data").exists()
    assert Served(folder, port).until(READY).end() == 0
    assert (folder / "data" / "PG_VERSION").exists()
    assert not (folder / "data.new").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_does_not_start_on_another_users_folder(tmp_path: Path, port: int) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    assert "请以该用户身份启动" in refused(folder, port)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, port: int) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "不能写入 FANGXIN_HOME" in refused(tmp_path / "file" / "home", port)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/fangxin", "（127.0.0.1:1/fangxin）：Connection refused"),
        ("postgresql://nobody:secret@192.0.2.1/fangxin", "不能连接"),
        ("mysql://127.0.0.1/fangxin", "postgresql://"),
    ],
)
def test_an_unreachable_database_is_refused_within_seconds_and_without_its_password(
    tmp_path: Path, port: int, url: str, why: str
) -> None:
    begun = time.monotonic()
    said = refused(tmp_path / "home", port, DATABASE_URL=url)
    assert why in said
    assert "secret" not in said
    assert time.monotonic() - begun < 9


def test_an_outside_database_gets_a_narrow_login_for_the_web(tmp_path: Path, port: int) -> None:
    with throwaway_server(tmp_path) as admin:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE DATABASE outside TEMPLATE template0")
        served = Served(tmp_path / "home", port, DATABASE_URL=admin.replace("/postgres?", "/outside?")).until(
            READY
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            assert answer.status == 200
        with psycopg.connect(admin) as connection:
            guests = connection.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'outside'"
            ).fetchall()
        assert guests == [(postgres.WEB,)]
        assert served.end() == 0
        assert not (tmp_path / "home" / "data").exists()


def test_a_full_disk_is_refused_with_what_is_left_and_what_is_needed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").made()
    with pytest.raises(Refused, match="磁盘空间不足"):
        home.ask_for_room(shutil.disk_usage(tmp_path).free + 1024**3)
    assert NEEDED_TO_BEGIN == 500 * 1024**2


def test_a_very_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("很长的路径" * 12)
    with throwaway_server(folder) as url, psycopg.connect(url) as connection:
        sockets = Path(str(connection.info.host))
        assert len(os.fsencode(sockets)) < 80
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()
    assert list(folder.iterdir()) == []


def test_a_socket_folder_prepared_by_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    home = Home(tmp_path / ("x" * 120)).made()
    short = home.socket_folder()
    short.chmod(0o777)
    with pytest.raises(Refused, match="不属于当前用户"):
        home.socket_folder()


def run_command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("FANGXIN_", "DATABASE_"))
    }
    return subprocess.run(
        [FANGXIN, *words],
        env=kept | {"FANGXIN_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_doctor_finds_a_sound_installation_in_order(home: Path) -> None:
    examined = run_command(home, "doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "问题" not in examined.stdout


def test_the_doctor_names_what_is_missing(tmp_path: Path) -> None:
    examined = run_command(tmp_path / "nothing", "doctor")
    assert examined.returncode == 1
    assert "尚未建立" in examined.stdout
    assert "Traceback" not in examined.stderr


def test_a_company_cannot_read_who_complained(home: Path) -> None:
    asked = run_command(
        home, "psql", "--role", "fangxin_enterprise", "--", "-c", "SELECT * FROM complaints_complainant"
    )
    assert asked.returncode != 0
    assert "permission denied for table complaints_complainant" in asked.stderr


def test_every_identity_of_this_user_can_make_and_run_a_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, prefix in enumerate(postgres.identities()):
        monkeypatch.setattr(postgres, "identity", lambda prefix=prefix: prefix)
        home = Home(tmp_path / str(number)).made()
        cluster = Cluster(home.data, home.socket_folder(), home.log, "word", throwaway=True)
        cluster.create()
        child: Child = cluster.start()
        with psycopg.connect(cluster.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        child.stop()
        assert cluster.processes() == []
