"""Writing an entry: once, with the act, and without anybody's identity."""

import uuid

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from fangxin.journal.actions import record, without_identity
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import DetailNotAllowed, Kind, UnknownKind
from fangxin.journal.queries import entries_about, entries_by_user, looks_at_identity, title
from fangxin.journal.tests.conftest import WANG_FANG, one, run, write


@pytest.mark.django_db
def test_an_entry_tells_who_did_what_by_which_rule() -> None:
    key = uuid.uuid4()
    record(
        Kind.CASE_ACCEPT,
        "case",
        "案-𠮷㛃",
        by=WANG_FANG,
        summary="受理，指定经办人王芳",
        details={"officer": 7, "due_on": "2026-03-09", "companies": [11, 12]},
        clause="二（三）",
        rule_key="cases.accept_case",
        rulebook_version="0123456789ab",
        act_key=key,
        jurisdiction="beijing",
    )
    (row,) = entries_about("case", "案-𠮷㛃")
    assert row["kind"] == "case:accept"
    assert title(row["kind"]) == "受理"
    assert row["actor_label"] == "王芳（朝阳区经纪机构管理部门·经办人）"
    assert (row["actor_user_id"], row["actor_body"], row["actor_role"]) == (7, 3, "department_clerk")
    assert row["details"] == {"officer": 7, "due_on": "2026-03-09", "companies": [11, 12]}
    assert (row["clause"], row["rule_key"], row["rulebook_version"]) == (
        "二（三）",
        "cases.accept_case",
        "0123456789ab",
    )
    assert row["at"] == one("SELECT transaction_timestamp()")


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionManagementError, match="同一事务"):
        record(Kind.CASE_ACCEPT, "case", "1", by=WANG_FANG, summary="受理")


@pytest.mark.usefixtures("empty_journal")
def test_an_act_rolled_back_leaves_no_entry() -> None:
    with transaction.atomic():
        record(Kind.CASE_ACCEPT, "case", "1", by=WANG_FANG, summary="受理")
        transaction.set_rollback(True)
    assert one("SELECT count(*) FROM journal_entry") == 0


@pytest.mark.django_db
def test_a_kind_nobody_declared_is_refused() -> None:
    with pytest.raises(UnknownKind, match="case:vanish"):
        record("case:vanish", "case", "1", by=WANG_FANG, summary="")


@pytest.mark.django_db
def test_a_detail_its_kind_does_not_declare_is_refused() -> None:
    with pytest.raises(DetailNotAllowed, match="complainant_name"):
        record(Kind.CASE_ACCEPT, "case", "1", by=WANG_FANG, summary="", details={"complainant_name": "张敏"})


@pytest.mark.django_db
def test_a_telephone_in_a_reason_is_not_kept() -> None:
    record(
        Kind.IDENTITY_OPEN,
        "complaint",
        "1",
        by=WANG_FANG,
        summary="查看姓名",
        details={
            "reason": "按13800138000回访，证件110105199003078888，邮箱 zhang.min@example.com",
            "fields": ["name"],
        },
    )
    (row,) = entries_about("complaint", "1")
    assert row["details"]["reason"] == "按［电话］回访，证件［证件号］，邮箱 ［邮箱］"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("电话１３８００１３８０００。", "电话［电话］。"),
        ("138 0013 8000 与 +86-138-0013-8000", "［电话］ 与 ［电话］"),
        ("11010519900307123X", "［证件号］"),
        ("案件 BJ202602130001 于 2026-02-13 受理", "案件 BJ202602130001 于 2026-02-13 受理"),
        ("91110105MA01ABCD2X 诚信房产", "91110105MA01ABCD2X 诚信房产"),
        ("工单 20260213138001380001", "工单 20260213138001380001"),
        ("plain words", "plain words"),
        ("", ""),
    ],
)
def test_what_can_be_recognised_is_replaced_and_numbers_of_cases_are_not(written: str, kept: str) -> None:
    assert without_identity(written) == kept


@pytest.mark.django_db
def test_the_database_says_when_whatever_the_writer_says() -> None:
    run(
        "INSERT INTO journal_entry (at, xid, kind, actor_label, subject_kind, subject_id, summary)"
        " VALUES ('2001-01-01', '3', 'case:accept', '假', 'case', '假', '假')"
    )
    assert one("SELECT at = transaction_timestamp() AND xid = pg_current_xact_id() FROM journal_entry"
               " WHERE subject_id = '假'")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_entry SET summary = '改'",
        "UPDATE journal_entry SET summary = summary WHERE false",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "DELETE FROM journal_act",
        "UPDATE journal_seal SET root = '\\x00'",
        "DELETE FROM journal_leaf",
        "TRUNCATE journal_seal, journal_leaf",
        "SET LOCAL session_replication_role = replica; DELETE FROM journal_entry",
    ],
)
def test_even_the_owner_cannot_change_what_is_written(sql: str) -> None:
    assert one(
        "SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE relname = 'journal_entry'"
    )
    with pytest.raises(IntegrityError, match="日志只能追加"):
        run(sql)


@pytest.mark.usefixtures("empty_journal")
@pytest.mark.parametrize("role", ["fangxin_public", "fangxin_intake", "fangxin_enterprise"])
def test_outsiders_record_and_cannot_read(role: str) -> None:
    with transaction.atomic():
        run(f"SET LOCAL ROLE {role}")
        record(Kind.COMPLAINT_RECEIVE, "complaint", "9", by=Actor.citizen(), summary="收到网上投诉")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            one("SELECT count(*) FROM journal_entry")
    assert one("SELECT actor_label FROM journal_entry") == "投诉人"


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["journal_entry", "journal_act", "journal_seal", "journal_leaf"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "TRUNCATE {}"])
def test_the_office_has_no_right_to_change_anything(table: str, verb: str) -> None:
    run("SET LOCAL ROLE fangxin_office")
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format(table))


@pytest.mark.usefixtures("empty_journal")
def test_two_entries_cannot_bear_the_key_of_one_act() -> None:
    key = uuid.uuid4()
    write(act_key=key)
    with pytest.raises(IntegrityError):
        write(act_key=key)


@pytest.mark.django_db
def test_an_entry_is_one_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        record(Kind.CASE_ACCEPT, "case", "1", by=WANG_FANG, summary="受理")
    assert len(asked) == 1


@pytest.mark.django_db
def test_the_audit_officer_sees_who_looked_at_an_identity_and_not_the_rest() -> None:
    other = Actor(8, "赵刚（负责人）")
    record(Kind.CASE_ACCEPT, "case", "1", by=WANG_FANG, summary="受理")
    record(Kind.IDENTITY_OPEN, "complaint", "1", by=WANG_FANG, summary="查看姓名", details={"reason": "回访"})
    record(
        Kind.IDENTITY_SEARCH, "identity", "telephone", by=other, summary="按电话查找", jurisdiction="beijing"
    )
    assert [row["actor_user_id"] for row in looks_at_identity()][:2] == [8, 7]
    assert {row["kind"] for row in looks_at_identity(user_id=7)} == {"identity:open"}
    assert {row["kind"] for row in looks_at_identity(jurisdiction="beijing")} == {"identity:search"}
    assert [row["kind"] for row in entries_by_user(7)][:2] == ["identity:open", "case:accept"]
