"""Sealing: everything committed comes under a seal, nothing slips in behind one."""

import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from fangxin.journal import seal as sealing
from fangxin.journal.seal import anchor, seal, verify
from fangxin.journal.tests.conftest import forging, one, run, seal_all, write

pytestmark = pytest.mark.usefixtures("empty_journal")


@pytest.fixture
def second() -> Iterator[psycopg.Connection]:
    """Another connection to the same database."""
    own = connection.copy()
    own.connect()
    try:
        yield own.connection
    finally:
        own.connection.rollback()
        own.close()


def insert(other: psycopg.Connection, words: str) -> None:
    other.execute(
        "INSERT INTO journal_entry (kind, actor_label, subject_kind, subject_id, summary)"
        " VALUES ('case:accept', '王芳', 'case', '1', %s)",
        [words],
    )


def test_sealed_entries_verify(anchors: Path) -> None:
    write(5)
    seal_all()
    write(3)
    seal_all()
    anchor(anchors)
    findings = verify(anchors)
    assert findings.found == []
    assert (findings.sealed, findings.unsealed, findings.anchors) == (8, 0, 1)
    assert findings.as_dict()["intact"]


def test_nothing_to_seal_makes_no_seal() -> None:
    assert seal() == 0
    assert one("SELECT count(*) FROM journal_seal") == 0


def test_an_entry_that_commits_late_with_a_lower_id_is_sealed_later(
    second: psycopg.Connection, anchors: Path
) -> None:
    second.autocommit = False
    with transaction.atomic():
        run("SELECT pg_current_xact_id()")
        insert(second, "先取号，后提交")
        late = one("SELECT last_value FROM journal_entry_id_seq")
        early = write()
    assert early > late
    # Tests beside this one share the cluster: what they have open since before holds the sealing up.
    for _ in range(300):
        if seal():
            break
        time.sleep(0.2)
    assert one("SELECT array_agg(entry_id) FROM journal_leaf") == [early]
    second.commit()
    seal_all()
    assert one("SELECT seal FROM journal_leaf WHERE entry_id = %s", late) > 1
    anchor(anchors)
    assert verify(anchors).intact


def test_entries_wait_while_an_older_transaction_is_open(second: psycopg.Connection) -> None:
    second.autocommit = False
    insert(second, "还没提交")
    write(2)
    assert seal() == 0
    second.rollback()
    seal_all()
    assert one("SELECT count(*) FROM journal_leaf") == 2


def test_two_sealers_at_once_make_one_chain(anchors: Path) -> None:
    write(40)

    def run_sealer() -> None:
        try:
            seal()
        finally:
            connection.close()

    sealers = [threading.Thread(target=run_sealer) for _ in range(4)]
    for each in sealers:
        each.start()
    for each in sealers:
        each.join()
    seal_all()
    anchor(anchors)
    assert verify(anchors).intact


def test_a_transaction_larger_than_a_batch_is_sealed_in_parts(
    monkeypatch: pytest.MonkeyPatch, anchors: Path
) -> None:
    monkeypatch.setattr(sealing, "LARGEST_BATCH", 7)
    with transaction.atomic():
        write(30)
    write(3)
    seal_all()
    anchor(anchors)
    assert one("SELECT count(*) FROM journal_seal") == 5
    assert verify(anchors).intact


def test_entries_brought_from_another_cluster_are_sealed_and_told(anchors: Path) -> None:
    write(2)
    seal_all()
    with forging():
        # As a dump leaves them: sealed elsewhere, and one entry not yet sealed, with that cluster's numbers.
        run("UPDATE journal_seal SET system = 42, below_xid = '900000000000'")
        run("UPDATE journal_seal SET hash = journal_seal_hash(journal_seal)")
        run("INSERT INTO journal_entry (at, xid, kind, actor_label, subject_kind, subject_id, summary)"
            " VALUES (now(), '900000000001', 'case:accept', '王芳', 'case', '1', '恢复前')")  # fmt: skip
    write(2)
    seal_all()
    write(1)
    seal_all()
    anchor(anchors)
    findings = verify(anchors)
    assert findings.found == []
    assert "换了数据库集群" in findings.remarks[0]


@pytest.mark.parametrize("leaves", [1, 2, 3, 4, 5, 6, 7, 8, 33])
def test_the_root_is_the_merkle_root(leaves: int) -> None:
    row = [sha256(bytes([n])).digest() for n in range(leaves)]
    root = one("SELECT journal_root(%s)", row)
    while len(row) > 1:
        pairs = [row[i : i + 2] for i in range(0, len(row), 2)]
        row = [sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    assert root == row[0]


def test_a_leaf_is_the_same_in_every_time_zone() -> None:
    write()
    with transaction.atomic():
        here = one("SELECT journal_leaf_hash(e) FROM journal_entry e")
        run("SET LOCAL TIME ZONE 'America/New_York'; SET LOCAL datestyle = 'German'")
        assert one("SELECT journal_leaf_hash(e) FROM journal_entry e") == here
