"""The kept SQL answers as the query itself would."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from fangxin.organisations.asked_often import asked_ahead, asked_often, counted_often
from fangxin.organisations.models import Body, Membership, User
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


@asked_often
def seats(user_id: int, role: Role | None = None):
    found = Membership.objects.filter(user_id=user_id, starts_on__gte=date(2020, 1, 1))
    return found.filter(role=role).values("body__name", "role") if role else found.values("role")


@asked_often
def with_body(user_id: int):
    return Membership.objects.filter(user_id=user_id).select_related("user", "body")


@asked_often
def named(code: str, district: str | None):
    return Body.objects.filter(Q(code=code) | Q(code="nobody"), parent=None).values("code", "functions")


@asked_often
def never(code: str):
    return Body.objects.filter(pk__in=[], code=code).values("code")


@asked_often
def like(name: str):
    return Body.objects.filter(name__contains=name).values("code")


def test_the_second_question_gets_its_own_answer():
    cast = beijing_cast()
    assert [row["role"] for row in seats(cast.clerk.user_id)] == ["department_clerk"]
    assert [row["role"] for row in seats(cast.officer.user_id)] == ["case_officer"]
    assert seats(-1) == []


def test_an_argument_that_is_no_value_changes_the_query():
    cast = beijing_cast()
    assert seats(cast.clerk.user_id, Role.CASE_OFFICER) == []
    (row,) = seats(cast.officer.user_id, Role.CASE_OFFICER)
    assert row["role"] == "case_officer"
    assert row["body__name"]


def test_rows_become_instances_with_their_relations_in_one_query():
    cast = beijing_cast()
    with_body(cast.clerk.user_id)
    with CaptureQueriesContext(connection) as asked:
        (membership,) = with_body(cast.clerk.user_id)
        assert isinstance(membership.user, User)
        assert membership.user.full_name == "王芳"
        assert membership.body.functions
    assert len(asked) == 1
    membership.body.refresh_from_db()


def test_the_values_are_converted_as_ever():
    beijing_cast()
    (row,) = named("city.emergency", None)
    assert row == Body.objects.values("code", "functions").get(code="city.emergency")


def test_a_query_that_can_find_nothing_is_not_asked():
    with CaptureQueriesContext(connection) as asked:
        assert never("city.emergency") == []
    assert len(asked) == 0


def test_a_value_that_is_not_compared_as_it_is_is_refused():
    with pytest.raises(TypeError, match="not compared"):
        like("中心")


@asked_often
def long_before(day: date):
    return Membership.objects.filter(starts_on__lte=day - timedelta(days=3)).values("role")


@asked_often
def of_text(number: int):
    return Body.objects.filter(code__in=[f"body {number}"]).values("code")


@pytest.mark.parametrize(("query", "value"), [(long_before, date(2026, 2, 25)), (of_text, 3)])
def test_a_value_made_into_another_is_refused(query, value):
    with pytest.raises((TypeError, OverflowError)):
        query(value)


@counted_often
def how_many(user_id: int, role: Role):
    mine = Membership.objects.filter(user_id=user_id)
    return {
        "mine": mine,
        "as": mine.filter(role=role),
        "none": mine.none(),
        "two at most": Body.objects.all()[:2],
    }


def test_several_counts_come_in_one_statement():
    cast = beijing_cast()
    how_many(cast.clerk.user_id, Role.CASE_OFFICER)
    with CaptureQueriesContext(connection) as asked:
        counts = how_many(cast.officer.user_id, Role.CASE_OFFICER)
    assert counts == {"mine": 1, "as": 1, "none": 0, "two at most": 2}
    assert len(asked) == 1
    assert how_many(cast.clerk.user_id, Role.CASE_OFFICER)["as"] == 0


def test_questions_asked_together_find_their_answers_once():
    cast = beijing_cast()
    clerk, officer = cast.clerk.user_id, cast.officer.user_id
    questions = [
        (seats, clerk),
        (with_body, officer),
        (never, "x"),
        (how_many, clerk, Role.CASE_OFFICER),
        (seats, -1),
    ]
    with asked_ahead(*questions):
        with CaptureQueriesContext(connection) as asked:
            assert [row["role"] for row in seats(clerk)] == ["department_clerk"]
            assert with_body(officer)[0].user.full_name == "陈涛"
            assert never("x") == seats(-1) == []
            assert how_many(clerk, Role.CASE_OFFICER)["mine"] == 1
        assert len(asked) == 0
        with CaptureQueriesContext(connection) as asked:
            assert [row["role"] for row in seats(officer)] == ["case_officer"]
            assert [row["role"] for row in seats(clerk)] == ["department_clerk"]
        assert len(asked) == 2
