"""How long `make run` takes until the first answer, and an import of 1,150 messages."""

import csv
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.servers import Room, wait_for
from benchmarks.table import Line
from fangxin.config.launch.children import Child
from fangxin.config.launch.home import PROJECT

MESSAGES = 1150
FANGXIN = PROJECT / ".venv/bin/fangxin"


def warm(parent: Path) -> list[Line]:
    """The first start on an empty folder with everything installed, and the second."""
    home = Path(tempfile.mkdtemp(prefix="start-", dir=parent))
    try:
        command = ["make", "run"] if (PROJECT / ".venv/ready-run").exists() else [str(FANGXIN), "serve"]
        first, second = (_started(command, PROJECT, home) for _ in range(2))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    name = " ".join(command[-2:]) if command[0] == "make" else "fangxin serve"
    return [
        Line(f"{name}, empty folder, packages installed", first, "s"),
        Line(f"{name}, second time", second, "s", 10),
    ]


def cold(parent: Path) -> Line:
    """`make run` in a fresh clone: virtual environment, packages, database, demonstration, first answer."""
    place = Path(tempfile.mkdtemp(prefix="clone-", dir=parent))
    try:
        subprocess.run(["git", "clone", "--quiet", PROJECT, place / "clone"], check=True)
        return Line(
            "make run, fresh clone", _started(["make", "run"], place / "clone", place / "home"), "s", 90
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _started(command: list[str], folder: Path, home: Path) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FANGXIN_", "PG", "DATABASE_"))
    }
    environment = kept | {"PORT": str(port), "FANGXIN_HOME": str(home)}
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        child = Child("make run", command, environment=environment, folder=folder, output=output, patience=60)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", child, 300)
            return time.monotonic() - begun
        except RuntimeError:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace")[-2000:]) from None
        finally:
            os.killpg(child.pid, signal.SIGINT)
            child.stop()


def imported(place: Room) -> list[Line]:
    """A work-order file of 1,150 generated messages is read in by an intake clerk's command."""
    if not (PROJECT / "fangxin/config/commands/import_workorders.py").exists():
        return []
    from benchmarks import crowd

    file = place.home.folder / "workorders.csv"
    chance = random.Random(5)
    with file.open("w", encoding="utf-8-sig", newline="") as output:
        rows = csv.writer(output)
        rows.writerow(
            [
                "工单编号",
                "来源",
                "创建时间",
                "标题",
                "主要内容",
                "来电人代号",
                "被反映区",
                "原承办单位答复",
                "答复时间",
            ]
        )
        for number in range(MESSAGES):
            _, title, text = crowd.message(number, chance)
            rows.writerow(
                [
                    500000 + number,
                    "便民热线",
                    "2026/1/5 9:30:00",
                    title,
                    text * 2,
                    f"A{number:08d}",
                    "朝阳区",
                    "",
                    "",
                ]
            )
    begun = time.monotonic()
    done = subprocess.run(
        [FANGXIN, "import-workorders", file],
        env=place.environment(),
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    seconds = time.monotonic() - begun
    note = "" if done.returncode == 0 else f"exit {done.returncode}: {(done.stderr or done.stdout)[-300:]}"
    return [Line(f"import of {MESSAGES} messages", seconds, "s", 30 if done.returncode == 0 else 0, note)]
