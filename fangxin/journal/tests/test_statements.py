"""Statements that leave together are answered each for itself, in their order, and fail as Django's own do."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from fangxin.journal import statements
from fangxin.journal.statements import ask, ask_together, held_together, tell

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = "insert into auth_group (name) values (%s)"
NAMES = "select name from auth_group order by name"


def fail_after(*acts):
    """The acts are done in a block of their own, which then fails."""
    with transaction.atomic():
        for act in acts:
            act()
        raise ZeroDivisionError


def names():
    return [name for (name,) in ask(NAMES).rows]


def test_each_statement_gets_its_own_answer_in_order():
    first, second, third = ask_together(
        [("select %s::int", [1]), (INSERT, ["甲"]), ("select name, 100 %% 7 from auth_group", [])]
    )
    assert (first.rows, second.rows, second.count, third.rows) == ([(1,)], [], 1, [("甲", 2)])


def test_values_come_back_as_they_were_given():
    given = [
        "𠮷%s''",
        7,
        2**40,
        date(2024, 2, 29),
        datetime(2026, 1, 2, 3, tzinfo=UTC),
        uuid4(),
        None,
        [1, 2],
    ]
    places = "%s::text, %s::int, %s::bigint, %s::date, %s::timestamptz, %s::uuid, %s::text, %s::int[]"
    assert list(ask(f"select {places}", given).rows[0]) == given


def test_the_same_statement_is_right_for_values_of_every_size():
    for number in (1, 70_000, 2**40, 1):
        assert ask("select %s + 0", [number]).rows == [(number,)]


def test_no_answer_is_no_rows():
    assert (ask(NAMES).rows, ask(NAMES).count, ask_together([])) == ([], 0, [])


def test_they_answer_alike_where_somebody_watches(settings):
    asked = [(INSERT, ["甲"]), (NAMES, ()), ("select %s::date", [date(2026, 1, 1)])]
    with CaptureQueriesContext(connection) as seen:
        watched = ask_together(asked)
    Group.objects.all().delete()
    settings.PREPARED_STATEMENTS = False
    unprepared = ask_together(asked)
    Group.objects.all().delete()
    settings.PREPARED_STATEMENTS = True
    assert watched == unprepared == ask_together(asked)
    assert len(seen) == 3


def test_the_first_that_fails_is_what_is_raised_and_nothing_after_it_ran():
    with pytest.raises(DataError):
        ask_together([(INSERT, ["甲"]), ("select 1 / %s::int", [0]), (INSERT, ["乙"])])
    assert names() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        ask_together([(INSERT, ["甲"]), (INSERT, ["甲"])])
    assert names() == []


def test_a_transaction_that_failed_can_be_undone_to_its_savepoint():
    with transaction.atomic():
        ask(INSERT, ["甲"])
        with pytest.raises(IntegrityError), transaction.atomic():
            ask(INSERT, ["甲"])
        ask(INSERT, ["乙"])
    assert names() == ["乙", "甲"]


def test_they_are_part_of_the_transaction_around_them():
    with pytest.raises(ZeroDivisionError):
        fail_after(lambda: ask(INSERT, ["甲"]), lambda: Group.objects.create(name="乙"))
    assert names() == []


def test_a_statement_that_failed_to_be_prepared_is_prepared_when_it_can_be():
    later = "select name from auth_group_later"
    with pytest.raises(Exception, match="auth_group_later"):
        ask(later)
    ask("create temporary table auth_group_later as select 'x' as name")
    assert ask(later).rows == [("x",)]


def test_beyond_the_most_plans_statements_are_answered_all_the_same(monkeypatch):
    monkeypatch.setattr(statements, "MOST_PREPARED", 2)
    for _ in range(3):
        for number in range(6):
            assert ask(f"select %s::int + {number}", [4]).rows == [(4 + number,)]


def test_plans_that_the_driver_gave_up_at_a_rollback_are_made_again():
    for turn in range(4):
        with pytest.raises(ZeroDivisionError):
            fail_after(lambda: ask_together([(NAMES, ()), (NAMES, ())]), lambda: list(Group.objects.all()))
        assert ask_together([(NAMES, ()), ("select %s::int", [turn]), (NAMES, ())])[1].rows == [(turn,)]
        with transaction.atomic():
            ask(NAMES)
            with pytest.raises(ZeroDivisionError):
                fail_after(lambda: ask(NAMES), Group.objects.count)
            assert names() == []


def test_a_line_that_breaks_is_said_and_the_next_one_works():
    with pytest.raises(OperationalError):
        ask("select pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert ask("select 1").rows == [(1,)]


class Sent:
    """How many messages left."""

    def __init__(self, monkeypatch):
        self.messages = []
        real = statements._answers
        monkeypatch.setattr(
            statements, "_answers", lambda line, told: self.messages.append(list(told)) or real(line, told)
        )


def test_what_is_held_leaves_with_what_is_asked_next(monkeypatch):
    sent = Sent(monkeypatch)
    with transaction.atomic(), held_together():
        tell(INSERT, ["甲"])
        tell(INSERT, ["乙"])
        assert sent.messages == []
        assert names() == ["乙", "甲"]
        tell(INSERT, ["丙"])
    assert [len(message) for message in sent.messages] == [3, 1]
    assert len(names()) == 3


def test_djangos_own_statements_see_what_is_held():
    with transaction.atomic(), held_together():
        tell(INSERT, ["甲"])
        assert Group.objects.count() == 1


def test_what_is_held_when_an_act_fails_is_never_sent(monkeypatch):
    sent = Sent(monkeypatch)
    with pytest.raises(ZeroDivisionError), transaction.atomic(), held_together():
        fail_after(lambda: tell(INSERT, ["甲"]))
    assert sent.messages == []
    assert names() == []


def test_a_savepoint_undone_takes_with_it_what_was_held_since():
    with transaction.atomic(), held_together():
        tell(INSERT, ["甲"])
        with pytest.raises(ZeroDivisionError):
            fail_after(lambda: tell(INSERT, ["乙"]))
        with pytest.raises(ZeroDivisionError):
            fail_after(lambda: tell(INSERT, ["丙"]), names)
        tell(INSERT, ["丁"])
    assert set(names()) == {"甲", "丁"}


def test_an_error_in_what_is_held_is_raised_at_the_end_of_its_savepoint():
    with transaction.atomic(), held_together():
        tell(INSERT, ["甲"])
        with pytest.raises(IntegrityError), transaction.atomic():
            tell(INSERT, ["甲"])
        tell(INSERT, ["乙"])
    assert names() == ["乙", "甲"]


def test_an_error_in_what_is_held_last_undoes_the_whole():
    def twice():
        with transaction.atomic(), held_together():
            tell(INSERT, ["甲"])
            tell(INSERT, ["甲"])

    with pytest.raises(IntegrityError):
        twice()
    assert names() == []


def test_holding_needs_a_transaction():
    with pytest.raises(TransactionManagementError), held_together():
        tell(INSERT, ["甲"])


def test_a_savepoint_is_not_kept_as_a_plan():
    def kept():
        return ask("select count(*) from pg_prepared_statements").rows[0][0]

    with transaction.atomic(), held_together():
        kept()
        before = kept()
        for name in "甲乙丙":
            with transaction.atomic():
                tell(INSERT, [name])
        assert kept() <= before + 1
