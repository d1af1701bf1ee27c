"""Whether the database still has the tables this program wants, answered without loading Django."""

import hashlib
import json
from pathlib import Path

import psycopg

from fangxin.config.launch.home import PROJECT, Home, write_whole


def wanted() -> str:
    """Changes whenever a migration, the grants or an installed package does."""
    files = sorted(
        [
            *PROJECT.glob("fangxin/*/migrations/*.py"),
            PROJECT / "fangxin/config/database_roles.py",
            PROJECT / "requirements/runtime.txt",
        ]
    )
    seen = hashlib.sha256()
    for path in files:
        if path.is_file():
            seen.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()


def found(connection: psycopg.Connection) -> str | None:
    """What tells this database, in this state, from any other; None when it is empty."""
    exists = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    if exists is None or not exists[0]:
        return None
    return str(
        connection.execute("SELECT count(*), max(id), max(applied)::text FROM django_migrations").fetchone()
    )


def up_to_date(home: Home, owner_url: str) -> bool:
    """True when the last migration run on this very database used these very files."""
    try:
        remembered = json.loads(home.schema.read_text())
    except (OSError, ValueError):
        return False
    try:
        with psycopg.connect(owner_url) as connection:
            return bool(remembered == {"wanted": wanted(), "found": found(connection)})
    except psycopg.OperationalError:  # the owner's password was lost and made anew
        return False


def is_new(owner_url: str) -> bool:
    """True before the first migration."""
    with psycopg.connect(owner_url) as connection:
        return found(connection) is None


def remember(home: Home, owner_url: str) -> None:
    """The next start finds the database up to date."""
    with psycopg.connect(owner_url) as connection:
        write_whole(home.schema, json.dumps({"wanted": wanted(), "found": found(connection)}))


def static_wanted() -> str:
    """Changes whenever a static file or an installed package does."""
    seen = hashlib.sha256()
    lock = PROJECT / "requirements/runtime.txt"
    if lock.is_file():
        seen.update(lock.read_bytes())
    for path in sorted(PROJECT.glob("fangxin/*/static/**/*")):
        if path.is_file():
            kept = path.stat()
            seen.update(f"{path.relative_to(PROJECT)} {kept.st_size} {kept.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def static_up_to_date(home: Home) -> bool:
    """True when the collected static files are those of this program."""
    stamp = static_stamp(home)
    return stamp.is_file() and stamp.read_text().strip() == static_wanted()


def static_stamp(home: Home) -> Path:
    return home.static / ".collected"
