"""The department with jurisdiction or the province grants, refuses and revokes; the last day ends by itself."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from fangxin.deadlines.clock import today
from fangxin.disclosure.actions import (
    expire_queries,
    grant_query,
    read_record,
    refuse_query,
    revoke_query,
)
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.queries import follow_query, held_grant, told_to
from fangxin.disclosure.tests.applications import applied
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.process import StepRefused
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    cast = fujian_cast()
    declared_and_accepted(cast)
    return cast


@pytest.fixture
def receipt(cast):
    return applied(cast.agency)


def granted(cast, receipt, **changed):
    given = {"codes": ["J1-04", "J1-07"], "days": 7, "by": cast.reviewer, **changed}
    return grant_query(receipt.query_id, **given)


def opened(receipt):
    """The values the holder of the receipt reads, in the database role of a grantee."""
    with speaking_as(Speaker(Audience.GRANTEE)):
        held = held_grant(receipt.number, receipt.secret)
        if held is None:
            return None
        return read_record(
            held.agency,
            "grantee",
            by=Actor.applicant(receipt.number),
            grant=held.granted,
            grant_id=held.query.pk,
        )


def test_the_department_of_the_place_of_the_city_and_the_province_may_grant(cast):
    for by in (cast.reviewer, cast.city_reviewer, cast.province):
        assert granted(cast, applied(cast.agency), by=by).state == "granted"


@pytest.mark.parametrize("who", ["other_reviewer", "prechecker", "filer", "other_filer"])
def test_nobody_else_decides(cast, receipt, who):
    stranger = getattr(cast, who)
    for act in (
        lambda: granted(cast, receipt, by=stranger),
        lambda: refuse_query(receipt.query_id, reason="不符", by=stranger),
    ):
        with pytest.raises(StepRefused):
            act()
    granted(cast, receipt)
    with pytest.raises(StepRefused):
        revoke_query(receipt.query_id, reason="不符", by=stranger)


def test_a_clerk_of_the_department_does_not_decide(cast, receipt):
    clerk = member("liuyun", "刘云", Role.DEPARTMENT_CLERK, cast.agency.reviewing_body)
    with pytest.raises(StepRefused, match="审核员"):
        granted(cast, receipt, by=clerk)


def test_a_decided_query_is_not_decided_again(cast, receipt):
    refuse_query(receipt.query_id, reason="调查令已过期", by=cast.reviewer)
    for act in (
        lambda: granted(cast, receipt),
        lambda: refuse_query(receipt.query_id, reason="又", by=cast.reviewer),
        lambda: revoke_query(receipt.query_id, reason="又", by=cast.reviewer),
    ):
        with pytest.raises(StepRefused, match="未批准"):
            act()
    assert opened(receipt) is None
    with speaking_as(Speaker(Audience.INTAKE)):
        assert follow_query(receipt.number, receipt.secret)["opinion"] == "调查令已过期"


def test_somebody_was_first_and_the_same_form_twice_is_one_act(cast, receipt):
    key = uuid4()
    granted(cast, receipt, turn=0, act_key=key)
    with pytest.raises(AlreadyDone):
        granted(cast, receipt, turn=0, act_key=key)
    with pytest.raises(SomebodyWasFirst, match="已批准"):
        refuse_query(receipt.query_id, reason="不符", by=cast.reviewer, turn=0)


def test_a_grant_may_be_narrower_than_asked_and_never_wider(cast, receipt):
    for changed in ({"codes": ["J1-04", "J6-10"]}, {"codes": []}, {"days": 8}, {"days": 0}):
        with pytest.raises(ActRefused):
            granted(cast, receipt, **changed)
    query = granted(cast, receipt, codes=["J1-07"], days=1)
    assert (query.from_on, query.until_on) == (today(), today())
    seen = opened(receipt)
    assert seen["J1"]["telephone"] == "0591-87654321"
    assert "office_address" not in seen["J1"]
    assert not any(
        secret in str(seen) for secret in ("机密路88号", "保密委托人甲", "11010519491231002X", "HT-2026-001")
    )


def test_a_grant_narrowed_by_its_ground_after_the_application_stays_narrow(cast):
    receipt = applied(cast.agency, ground="consent", codes=["J1-04"])
    AuthorisedQuery.objects.filter(pk=receipt.query_id).update(asked_codes=["J1-04", "J6-10"])
    with pytest.raises(ActRefused, match="J6-10"):
        granted(cast, receipt, codes=["J6-10"])
    granted(cast, receipt, codes=["J1-04"])
    AuthorisedQuery.objects.filter(pk=receipt.query_id).update(granted_codes=["J1-04", "J6-10"])
    assert "保密委托人甲" not in str(opened(receipt))


def test_a_grant_runs_from_its_first_day_to_the_end_of_its_last_and_no_longer(cast):
    with time_machine.travel("2026-03-02 10:00+08:00"):
        receipt = applied(cast.agency, from_on=date(2026, 3, 4), days=7)
        granted(cast, receipt, days=2)
    read = {}
    for moment in ("03-03 23:59", "03-04 00:00", "03-05 23:59", "03-06 00:00"):
        with time_machine.travel(f"2026-{moment}+08:00"):
            read[moment] = opened(receipt) is not None
    assert read == {"03-03 23:59": False, "03-04 00:00": True, "03-05 23:59": True, "03-06 00:00": False}


def test_the_clock_ends_what_is_over_once(cast):
    with time_machine.travel("2026-03-02 10:00+08:00"):
        over, running = applied(cast.agency, days=1), applied(cast.agency, days=7)
        granted(cast, over, days=1)
        granted(cast, running)
        assert expire_queries() == 0
    with time_machine.travel("2026-03-03 00:05+08:00"):
        with speaking_as(Speaker(Audience.INTAKE)):
            assert follow_query(over.number, over.secret)["state"] == "expired"
        assert expire_queries() == 1
        assert expire_queries() == 0
    assert AuthorisedQuery.objects.get(pk=over.query_id).state == "expired"
    assert AuthorisedQuery.objects.get(pk=running.query_id).state == "granted"
    assert Entry.objects.get(kind="query:expire").actor_label == "系统（时钟）"


def test_what_is_revoked_is_closed_at_once(cast, receipt):
    granted(cast, receipt)
    assert opened(receipt) is not None
    revoke_query(receipt.query_id, reason="调查令被撤回", by=cast.city_reviewer)
    assert opened(receipt) is None
    with speaking_as(Speaker(Audience.INTAKE)):
        assert follow_query(receipt.number, receipt.secret)["end_reason"] == "调查令被撤回"


def test_each_look_is_written_down_with_the_grant_and_without_a_value(cast, receipt):
    granted(cast, receipt)
    for _ in range(2):
        opened(receipt)
    looks = list(Entry.objects.filter(kind=Kind.RECORD_LOOK))
    assert len(looks) == 2
    assert looks[0].details["grant"] == str(receipt.query_id)
    assert looks[0].details["codes"] == ["J1-04", "J1-07"]
    assert "机密路88号" not in f"{looks[0].details}{looks[0].summary}"


def test_the_agency_is_told_who_may_look_at_what(cast, receipt):
    granted(cast, receipt)
    notice = Notice.objects.get(to_company_id=cast.agency.company_id, matter_id=receipt.query_id)
    assert "2项" in notice.title
    with speaking_as(Speaker(Audience.ENTERPRISE, company_id=cast.agency.company_id)):
        (row,) = told_to(cast.agency.company_id)
    assert row["granted_codes"] == ["J1-04", "J1-07"]
    with speaking_as(Speaker(Audience.ENTERPRISE, company_id=cast.other_agency.company_id)):
        assert told_to(cast.agency.company_id) == []


def test_only_a_secret_court_order_keeps_it_from_the_agency(cast, receipt):
    with pytest.raises(ActRefused, match="调查令写明保密"):
        granted(cast, receipt, tell_agency=False)
    secret = applied(cast.agency, asks_secrecy=True)
    granted(cast, secret, tell_agency=False)
    assert not Notice.objects.filter(to_company_id=cast.agency.company_id, matter_id=secret.query_id).exists()
    with speaking_as(Speaker(Audience.ENTERPRISE, company_id=cast.agency.company_id)):
        assert told_to(cast.agency.company_id) == []


def test_a_grant_begins_on_the_day_it_is_given_when_the_asked_day_is_past(cast):
    with time_machine.travel("2026-03-02 10:00+08:00"):
        receipt = applied(cast.agency, days=7)
    with time_machine.travel("2026-03-09 10:00+08:00"):
        query = granted(cast, receipt)
    assert (query.from_on, query.until_on) == (date(2026, 3, 9), date(2026, 3, 9) + timedelta(days=6))
