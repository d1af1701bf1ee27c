"""A journal that begins empty, and the means of a forger: an owner who has switched the triggers off."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.journal.seal import Findings, seal, verify

TABLES = ["journal_entry", "journal_act", "journal_leaf", "journal_seal"]
WANG_FANG = Actor(7, "王芳（朝阳区经纪机构管理部门·经办人）", body_id=3, role="department_clerk")


@contextmanager
def forging() -> Iterator[None]:
    """Inside, the tables accept anything, as they would from somebody who owns them."""
    switch("DISABLE")
    try:
        yield
    finally:
        switch("ENABLE")


def switch(how: str) -> None:
    run(f"ALTER TABLE journal_entry ALTER id SET GENERATED {'ALWAYS' if how == 'ENABLE' else 'BY DEFAULT'}")
    for table in TABLES:
        run(f"ALTER TABLE {table} {how} TRIGGER ALL")
        if how == "ENABLE":
            run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")


def run(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values) or None)
        return cursor.rowcount


def one(sql: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values) or None)
        return cursor.fetchone()[0]


def write(number: int = 1, *, case: str = "案-1", **more: object) -> int:
    """So many entries in one transaction, so that one seal takes them all; returns the id of the last."""
    with transaction.atomic():
        for n in range(number):
            record(Kind.CASE_ACCEPT, "case", case, by=WANG_FANG, summary=f"受理第{n}次", **more)  # type: ignore[arg-type]
    return one("SELECT max(id) FROM journal_entry")  # type: ignore[return-value]


def seal_all() -> None:
    """Seals until nothing is left: other tests on the same server may keep a transaction open for a while."""
    for _ in range(300):
        seal()
        if not one("SELECT count(*) FROM journal_entry e WHERE NOT EXISTS"
                   " (SELECT FROM journal_leaf l WHERE l.entry_id = e.id)"):  # fmt: skip
            return
        time.sleep(0.1)
    raise AssertionError("another transaction on this server has been open for half a minute")


@pytest.fixture
def empty_journal(transactional_db: None) -> Iterator[None]:
    def empty() -> None:
        with forging():
            run(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY")

    empty()
    yield
    empty()


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


@pytest.fixture
def codes(anchors: Path) -> Callable[[], set[str]]:
    """The codes of what a verification finds."""
    return lambda: {finding.code for finding in found(anchors).found}


def found(anchors: Path) -> Findings:
    return verify(anchors)
