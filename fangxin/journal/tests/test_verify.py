"""Whatever is done to the journal behind its back is found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from fangxin.journal.seal import ANCHOR_FILE, anchor, seal, verify
from fangxin.journal.tests.conftest import forging, one, run, seal_all, write

pytestmark = pytest.mark.usefixtures("empty_journal")
Codes = Callable[[], set[str]]


@pytest.fixture(autouse=True)
def _three_seals(empty_journal: None, anchors: Path) -> None:
    for case in ("案-1", "案-2", "案-3"):
        write(4, case=case)
        seal_all()
        anchor(anchors)
    assert verify(anchors).intact


def rehash(number: int) -> None:
    run("UPDATE journal_leaf l SET hash = journal_leaf_hash(e) FROM journal_entry e WHERE e.id = l.entry_id")
    run(
        "UPDATE journal_seal s SET root = (SELECT journal_root(array_agg(hash ORDER BY position))"
        " FROM journal_leaf WHERE seal = s.number) WHERE number = %s",
        number,
    )
    run("UPDATE journal_seal s SET hash = journal_seal_hash(s) WHERE number = %s", number)


def test_a_changed_entry_is_named(anchors: Path) -> None:
    with forging():
        run("UPDATE journal_entry SET actor_label = '李强' WHERE id = 6")
    (finding,) = verify(anchors).found
    assert (finding.code, finding.entry, finding.seal) == ("entry-changed", 6, 2)
    assert "第 6 条日志被改动" in finding.sentence


def test_a_removed_entry_is_named(anchors: Path) -> None:
    with forging():
        run("DELETE FROM journal_entry WHERE id = 5")
    (finding,) = verify(anchors).found
    assert (finding.code, finding.entry) == ("entry-removed", 5)


def test_an_entry_removed_with_its_leaf_is_noticed(codes: Codes) -> None:
    with forging():
        run("DELETE FROM journal_entry WHERE id = 5")
        run("DELETE FROM journal_leaf WHERE entry_id = 5")
    assert codes() == {"leaves-changed"}


def test_an_entry_put_in_behind_a_seal_is_named_and_never_sealed(anchors: Path) -> None:
    with forging():
        run(
            "INSERT INTO journal_entry (at, xid, kind, actor_label, subject_kind, subject_id, summary)"
            " SELECT at, xid, kind, actor_label, subject_kind, subject_id, '伪造'"
            " FROM journal_entry WHERE id = 6"
        )
    write(2)
    seal_all_but_one()
    findings = verify(anchors)
    (finding,) = findings.found
    assert (finding.code, finding.entry) == ("entry-inserted", 13)


def seal_all_but_one() -> None:
    for _ in range(300):
        seal()
        if one("SELECT count(*) FROM journal_leaf") == 14:
            return
        run("SELECT pg_sleep(0.1)")


def test_an_entry_with_an_old_date_and_a_new_number_is_noticed_even_when_sealed(
    codes: Codes, anchors: Path
) -> None:
    with forging():
        run(
            "INSERT INTO journal_entry (at, xid, kind, actor_label, subject_kind, subject_id, summary)"
            " SELECT at - interval '30 days', pg_current_xact_id(), kind, actor_label, subject_kind,"
            " subject_id, '伪造' FROM journal_entry WHERE id = 6"
        )
    assert codes() == {"entry-inserted"}
    seal_all()
    anchor(anchors)
    assert codes() == {"entry-inserted"}


def test_a_forger_who_renews_leaf_and_seal_breaks_the_chain(codes: Codes) -> None:
    with forging():
        run("UPDATE journal_entry SET summary = '改' WHERE id = 6")
        rehash(2)
    assert codes() == {"chain-broken", "anchor-differs"}


def test_a_forger_who_renews_the_whole_chain_meets_the_anchors(codes: Codes) -> None:
    with forging():
        run("UPDATE journal_entry SET summary = '改' WHERE id = 6")
        rehash(2)
        run(
            "UPDATE journal_seal s SET previous = p.hash FROM journal_seal p"
            " WHERE s.number = 3 AND p.number = 2"
        )
        rehash(3)
    assert codes() == {"anchor-differs"}


def test_a_lost_tail_is_noticed(codes: Codes) -> None:
    with forging():
        run("DELETE FROM journal_seal WHERE number = 3")
        run("DELETE FROM journal_leaf WHERE seal = 3")
        run("DELETE FROM journal_entry WHERE id > 8")
    assert codes() == {"tail-lost"}


def test_a_removed_seal_is_noticed(codes: Codes) -> None:
    with forging():
        run("DELETE FROM journal_seal WHERE number = 2")
    assert "seal-removed" in codes()


def test_missing_anchors_are_a_finding(anchors: Path, codes: Codes) -> None:
    (anchors / ANCHOR_FILE).unlink()
    assert codes() == {"anchor-missing"}


def test_a_torn_anchor_is_told_and_mended(anchors: Path, codes: Codes) -> None:
    with open(anchors / ANCHOR_FILE, "a") as file:
        file.write("4 16 12ab")
    assert codes() == {"anchor-torn"}
    write()
    seal_all()
    anchor(anchors)
    assert codes() == set()


def test_an_anchor_taken_from_the_middle_is_noticed(anchors: Path, codes: Codes) -> None:
    path = anchors / ANCHOR_FILE
    first, _, third = path.read_text().splitlines(keepends=True)
    path.write_text(first + third)
    assert codes() == {"anchor-altered"}


def test_the_head_is_anchored_once(anchors: Path) -> None:
    again = anchor(anchors)
    assert again is not None
    assert len((anchors / ANCHOR_FILE).read_text().splitlines()) == 3
    assert "第 3 号" in again.letter()
    assert again.hash[:8] in again.letter()


@trying(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), with_what=st.sampled_from("0123456789abcdef TZ+-:x"))
def test_an_anchor_with_any_character_altered_is_noticed(anchors: Path, place: int, with_what: str) -> None:
    path = anchors / ANCHOR_FILE
    honest = path.read_text()
    place %= len(honest)
    if honest[place] == with_what:
        return
    try:
        path.write_text(honest[:place] + with_what + honest[place + 1 :])
        assert not verify(anchors).intact
    finally:
        path.write_text(honest)


COLUMNS = {
    "journal_entry": {
        "id": "id + 1000",
        "at": "at + interval '1 microsecond'",
        "xid": "'1'::xid8",
        "kind": "kind || '·'",
        "jurisdiction": "jurisdiction || '·'",
        "actor_user_id": "nullif(actor_user_id, actor_user_id)",
        "actor_label": "actor_label || '·'",
        "actor_role": "actor_role || '·'",
        "actor_body": "coalesce(actor_body, 0) + 1",
        "actor_company": "coalesce(actor_company, 0) + 1",
        "subject_kind": "subject_kind || '·'",
        "subject_id": "subject_id || '·'",
        "summary": "summary || '·'",
        "details": """details || '{"officer": 99}'""",
        "clause": "clause || '·'",
        "rule_key": "rule_key || '·'",
        "rulebook_version": "rulebook_version || '·'",
        "act_key": "gen_random_uuid()",
    },
    "journal_leaf": {
        "entry_id": "entry_id + 1000",
        "seal": "seal + 1000",
        "position": "position + 1000",
        "hash": "sha256(hash)",
    },
    "journal_seal": {
        "number": "number + 1000",
        "count": "count + 1",
        "total": "total + 1",
        "first_id": "first_id + 1",
        "last_id": "last_id + 1",
        "below_xid": "'1'::xid8",
        "system": "system + 1",
        "root": "sha256(root)",
        "previous": "sha256(previous)",
        "sealed_at": "sealed_at + interval '1 microsecond'",
        "hash": "sha256(hash)",
    },
}
KEYS = {"journal_entry": "id", "journal_leaf": "entry_id", "journal_seal": "number"}
ROWS = {"journal_entry": 12, "journal_leaf": 12, "journal_seal": 3}


def test_the_tampering_tried_covers_every_column() -> None:
    for table, columns in COLUMNS.items():
        names = one(
            "SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
            table,
        )
        assert set(names) == set(columns), table


@trying(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.sampled_from(
        [(table, column) for table, columns in COLUMNS.items() for column in [*columns, "DELETE"]]
    ),
    row=st.integers(1, 12),
)
def test_any_single_tampering_is_found(anchors: Path, where: tuple[str, str], row: int) -> None:
    table, column = where
    row = (row - 1) % ROWS[table] + 1
    with forging():
        run(f"CREATE TEMP TABLE honest AS SELECT * FROM {table}")
        try:
            if column == "DELETE":
                run(f"DELETE FROM {table} WHERE {KEYS[table]} = %s", row)
            else:
                run(f"UPDATE {table} SET {column} = {COLUMNS[table][column]} WHERE {KEYS[table]} = %s", row)
            assert not verify(anchors).intact
        finally:
            run(f"TRUNCATE {table}")
            run(f"INSERT INTO {table} SELECT * FROM honest; DROP TABLE honest")
    assert verify(anchors).intact


def test_the_command_prints_and_exits(anchors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fangxin.config.commands.verify_journal import command

    monkeypatch.setenv("DATABASE_URL", "postgresql:///connected-already")
    asked = ["--anchors", str(anchors)]
    honest = CliRunner().invoke(command, asked)
    assert honest.exit_code == 0, honest.output
    assert "日志完好" in honest.output
    with forging():
        run("UPDATE journal_entry SET summary = '改' WHERE id = 6")
    forged = CliRunner().invoke(command, asked)
    assert forged.exit_code == 1
    assert "第 6 条日志被改动" in forged.output
    as_json = CliRunner().invoke(command, [*asked, "--json"])
    assert as_json.exit_code == 1
    assert json.loads(as_json.output)["found"][0]["entry"] == 6
