"""What `make check` and `make test` run: every part, to its end, and a table of what passed.

A part that fails does not hide the ones after it; the exit status is 0 only when all have passed.
"""

import os
import shutil
import sys
import time
from pathlib import Path

from fangxin.config.launch.children import Child, end_all
from fangxin.config.launch.postgres import throwaway_server
from fangxin.config.launch.refusals import Stopped
from fangxin.config.launch.signals import asked_to_stop

PROJECT = Path(__file__).resolve().parent.parent
BIN = PROJECT / ".venv" / "bin"
ROOM = PROJECT / "var" / "test"
TEMPLATES = PROJECT / "fangxin" / "web" / "templates"

LINT = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy", "fangxin"],
    "imports": ["lint-imports", "--no-logo"],
    "templates format": [
        "djade",
        "--check",
        "--target-version",
        "5.2",
        *map(str, sorted(TEMPLATES.rglob("*.html"))),
    ],
    "templates lint": ["djlint", "--lint", "--quiet", str(TEMPLATES)],
}
TESTS = {
    "system check": ["python", "manage.py", "check", "--fail-level", "WARNING"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "tests": ["pytest", "-m", "not e2e", "-n", "2", "-ra", "--tb=short"],
    "browser tests": ["pytest", "-m", "e2e", "-ra", "--tb=short"],
}


def environment() -> dict[str, str]:
    """The caller's, without anything that would point the tests at a real database, folder or day."""
    ours = ("FANGXIN_", "DJANGO_", "PG", "PYTEST_")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(ours) or name == "PG_BIN"
    }
    kept.pop("DATABASE_URL", None)
    return kept | {"PATH": f"{BIN}:{kept.get('PATH', '/usr/bin:/bin')}", "FANGXIN_HOME": str(ROOM / "home")}


def run(parts: dict[str, list[str]], given: dict[str, str]) -> dict[str, tuple[int, float]]:
    """Each part's exit status and seconds."""
    results = {}
    for name, command in parts.items():
        print(f"\n── {name}: {' '.join(command[:6])}", flush=True)
        begun = time.monotonic()
        child = Child(name, [BIN / command[0], *command[1:]], environment=given, folder=PROJECT)
        try:
            results[name] = (child.running.wait(), time.monotonic() - begun)
        finally:
            child.stop()
    return results


def main(wanted: list[str]) -> int:
    results: dict[str, tuple[int, float]] = {}
    if "lint" in wanted:
        results |= run(LINT, environment())
    if "tests" in wanted:
        shutil.rmtree(ROOM, ignore_errors=True)
        with throwaway_server(ROOM) as url:
            results |= run(TESTS, environment() | {"DATABASE_URL": url, "FANGXIN_OWNER_URL": url})
    print()
    for name, (status, seconds) in results.items():
        print(f"{'ok  ' if status == 0 else 'FAIL'} {seconds:7.1f} s  {name}", flush=True)
    return int(any(status for status, _ in results.values()))


if __name__ == "__main__":
    try:
        with asked_to_stop():
            sys.exit(main(sys.argv[1:]))
    except Stopped:
        sys.exit(130)
    finally:
        end_all()
