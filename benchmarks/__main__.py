"""Prints the table and keeps it under FANGXIN_HOME/bench: `python -m benchmarks [--cases N] [--cold]`."""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import starts
from benchmarks.servers import Room, Server, room, serving
from benchmarks.table import Line, shown
from fangxin.config.launch.children import end_all
from fangxin.config.launch.home import PROJECT
from fangxin.config.launch.refusals import Refused, Stopped
from fangxin.config.launch.signals import asked_to_stop

PARTS = ("ratios", "small", "import", "register", "evaluation", "workbook", "start")
FLOOR_ROWS = 5000
CLIENTS = 8
LARGEST_WORKER = 150 * 1024**2  # octets


def chosen(arguments: list[str]) -> argparse.Namespace:
    """What the caller wants measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="how many cases lie in the database (2000)")
    parser.add_argument("--rounds", type=int, default=5, help="alternating runs of floor and platform (5)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each run (1.5)")
    parser.add_argument("--clients", type=int, default=CLIENTS, help=f"connections at once ({CLIENTS})")
    parser.add_argument("--agencies", type=int, nargs="+", help="sizes of the public register (10000 300000)")
    parser.add_argument(
        "--evaluated", type=int, nargs="+", help="agencies of a round (10000 30000; 300000 takes minutes)"
    )
    parser.add_argument("--cold", action="store_true", help="also `make run` in a fresh clone")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="measure only this part; may be repeated"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    wanted = chosen(arguments)
    parts = wanted.only or PARTS
    folder = Path(os.environ.get("FANGXIN_HOME") or PROJECT / "var").absolute() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[Line] = []
    details: dict[str, Any] = {}
    if {"ratios", "small", "import", "register", "evaluation", "workbook"} & set(parts):
        say(f"Preparing a database with {wanted.cases} cases…")
        with room(folder, FLOOR_ROWS) as place:
            with_platform(place)
            from benchmarks import crowd, small

            crowd.lay(wanted.cases)
            if "ratios" in parts:
                lines += measured(place, wanted, details)
            if "small" in parts:
                say("Functions and journal…")
                lines += small.functions() + small.journal(place.home.folder, 50_000)
            if "import" in parts:
                say("Import…")
                lines += starts.imported(place)
            if "register" in parts:
                say("The public register…")
                from benchmarks import register

                lines += register.measured(
                    place, wanted.agencies or register.SIZES, wanted.rounds, wanted.seconds, wanted.clients
                )
            if "evaluation" in parts:
                say("A round of evaluation…")
                from benchmarks import evaluation

                lines += evaluation.measured(place, wanted.evaluated or evaluation.SIZES)
            if "workbook" in parts:
                say("The province's workbook…")
                from benchmarks import province

                lines += province.measured(place)
            without_platform()
    if "start" in parts:
        say("Starts…")
        lines += starts.warm(folder)
    if wanted.cold:
        say("A fresh clone…")
        lines.append(starts.cold(folder))
    keep(folder, lines, details, wanted)
    print(f"\n{shown(lines)}\n\n{machine()}")
    return 0


def with_platform(place: Room) -> None:
    """Django is ready in this program too, with the owner's rights, to lay rows and read them."""
    os.environ |= place.environment() | {"DATABASE_URL": place.admin, "FANGXIN_NO_POOL": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "fangxin.config.settings"
    import django

    django.setup()


def without_platform() -> None:
    """This program's own connection is closed, so that the database can end."""
    from django.db import connections

    connections.close_all()


def measured(place: Room, wanted: argparse.Namespace, details: dict[str, Any]) -> list[Line]:
    """The ratios, and the memory of the worker after all of them."""
    with contextlib.ExitStack() as open_servers:
        ours = open_servers.enter_context(serving(place, "fangxin.config.wsgi:application", "/healthz"))
        bare = open_servers.enter_context(serving(place, "benchmarks.floor.wsgi:application", "/list"))
        lines = against_floor(ours, bare, wanted, details)
        resident = ours.resident()
    lines.append(Line("web worker resident after load", resident / 1024**2, "MB", LARGEST_WORKER / 1024**2))
    return lines


def against_floor(
    ours: Server, bare: Server, wanted: argparse.Namespace, details: dict[str, Any]
) -> list[Line]:
    """Each act in alternation with its floor."""
    from benchmarks import visits
    from benchmarks.crowd import MAIN
    from benchmarks.ratios import Act, alternate, line

    many = wanted.clients
    clerk, head, dispatcher, officer = (
        visits.signed_in(name) for name in ("wangfang", "zhaogang", "liqiang", "chentao")
    )
    walked = visits.walked_cases(MAIN)
    pages = [visits.get(f"/office/cases/{number}/", officer) for number in walked]

    def act(name: str, server: Server, visitors: list[Any]) -> Act:
        return Act(name, server, visitors, [])

    def same(request: bytes, words: str) -> list[Any]:
        return [visits.Asking(visits.again(request), words=words.encode()) for _ in range(many)]

    insert = act("insert", bare, [visits.Asking(visits.rows_to_insert()) for _ in range(many)])
    read = act("read", bare, [visits.Asking(visits.reads(FLOOR_ROWS)) for _ in range(many)])
    listed = act("list as JSON", bare, same(visits.get("/list"), "BJ-2026"))
    page = act("list as a page", bare, same(visits.get("/page"), "BJ-2026"))
    complaint = act("public complaint", ours, [visits.Asking(visits.complaints(), 303) for _ in range(many)])
    shares = visits.shared_out(visits.waiting_cases(MAIN), many)
    step = act(
        "step on a case", ours, [visits.Asking(visits.steps_on(share, clerk, head), 302) for share in shares]
    )  # fmt: skip
    desk_all = act(
        "desk of the centre's dispatcher", ours, same(visits.get("/office/", dispatcher), "批量分件")
    )
    desk = act("desk of a department", ours, same(visits.get("/office/", clerk), "待受理"))
    case = act(
        f"case page ({len(pages)} walked cases)", ours,
        [visits.Asking(iter(_turning(pages, at)), words=b"<h1>") for at in range(many)],
    )  # fmt: skip
    lines: list[Line] = []
    for floor, acts, goal in (
        (insert, [complaint, step], 5), (page, [desk, desk_all], 3), (listed, [desk], None), (read, [case], 5),
    ):  # fmt: skip
        say(f"{', '.join(one.name for one in acts)} beside the floor's {floor.name}…")
        for one in (floor, *acts):
            one.runs.clear()
        alternate(floor, acts, wanted.rounds, wanted.seconds)
        for one in acts:
            lines.append(line(one, floor, goal))
        details |= {one.name: one.figures() for one in (floor, *acts)}
    return lines


def _turning(pages: list[bytes], at: int) -> Any:
    while True:
        at += 1
        yield pages[at % len(pages)]


def keep(folder: Path, lines: list[Line], details: dict[str, Any], wanted: argparse.Namespace) -> None:
    """The figures lie in a file of this moment and in latest.json."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.strip()
    kept = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "commit": commit, "machine": machine(),
        "options": vars(wanted),
        "lines": [line.as_dict() for line in lines], "acts": details,
    }  # fmt: skip
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    (folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(text)
    (folder / "latest.json").write_text(text)


def machine() -> str:
    """Processors and load, by which the wall-clock figures are to be read."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        with asked_to_stop():
            sys.exit(main(sys.argv[1:]))
    except Stopped:
        sys.exit(130)
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    finally:
        end_all()
