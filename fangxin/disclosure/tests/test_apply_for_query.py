"""Anybody may apply; what they may ask for is what their ground opens, for the days that are offered."""

from datetime import timedelta
from uuid import uuid4

import pytest

from fangxin.deadlines.clock import today
from fangxin.disclosure.actions import apply_for_query
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.queries import follow_query, held_grant, id_number_of
from fangxin.disclosure.tests.applications import application, applied, papers
from fangxin.documents.models import Attachment
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    cast = fujian_cast()
    declared_and_accepted(cast)
    return cast


def test_an_application_waits_for_the_department_and_opens_nothing(cast):
    with speaking_as(Speaker(Audience.INTAKE)):
        receipt = applied(cast.agency)
        followed = follow_query(receipt.number, receipt.secret)
        assert followed["state"] == "applied"
        assert followed["asked_codes"] == ["J1-04", "J1-07"]
    with speaking_as(Speaker(Audience.GRANTEE)):
        assert held_grant(receipt.number, receipt.secret) is None
    notice = Notice.objects.get(to_body_id=cast.agency.reviewing_body_id, matter_id=receipt.query_id)
    assert receipt.number in notice.title
    assert Attachment.objects.filter(subject_kind="query", subject_id=str(receipt.query_id)).count() == 2


def test_number_and_secret_are_asked_together(cast):
    receipt = applied(cast.agency)
    assert follow_query(receipt.number.lower(), receipt.secret.lower())["number"] == receipt.number
    assert follow_query(receipt.number, "ABCDEF") is None
    assert follow_query("CX-2026-999999", receipt.secret) is None


def test_the_identity_number_lies_sealed_and_the_secret_is_not_kept(cast):
    receipt = applied(cast.agency)
    query = AuthorisedQuery.objects.get(pk=receipt.query_id)
    assert b"11010519491231002X" not in bytes(query.id_number)
    assert id_number_of(query) == "11010519491231002X"
    assert receipt.secret.encode() not in bytes(query.secret_hash)


def test_the_journal_knows_codes_and_not_the_person(cast):
    receipt = applied(cast.agency)
    entry = Entry.objects.get(kind="query:apply")
    written = f"{entry.summary}{entry.details}{entry.actor_label}"
    assert entry.details["codes"] == ["J1-04", "J1-07"]
    assert receipt.number in written
    assert not any(word in written for word in ("方晴", "11010519491231002X", "海峡", "87001122", "88号"))


def test_the_same_form_sent_twice_is_one_application(cast):
    key = uuid4()
    first = apply_for_query(application(cast.agency), papers(), jurisdiction="fujian", act_key=key)
    with pytest.raises(AlreadyDone) as done:
        apply_for_query(application(cast.agency), papers(), jurisdiction="fujian", act_key=key)
    assert done.value.subject_id == first.number
    assert AuthorisedQuery.objects.count() == 1


def test_consent_of_the_agency_never_opens_its_clients(cast):
    for code in ("J6-10", "J6-11", "J6-12", "J6-13"):
        with pytest.raises(ActRefused, match=code) as refused:
            applied(cast.agency, ground="consent", codes=["J1-04", code])
        assert refused.value.field == "codes"
    assert applied(cast.agency, codes=["J6-10"]).number


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"agency_code": "91350102MA345XYZ00"}, "agency_code"),
        ({"ground": "curiosity"}, "ground"),
        ({"codes": []}, "codes"),
        ({"codes": ["J1-01"]}, "codes"),
        ({"codes": ["T1-02"]}, "codes"),
        ({"codes": ["J9-99"]}, "codes"),
        ({"days": 0}, "days"),
        ({"days": 2}, "days"),
        ({"days": 31}, "days"),
        ({"id_number": "110105194912310021"}, "id_number"),
        ({"id_kind": "工作证"}, "id_kind"),
        ({"applicant_name": " "}, "applicant_name"),
        ({"purpose": ""}, "purpose"),
        ({"basis": ""}, "basis"),
        ({"organisation": ""}, "organisation"),
        ({"telephone": "12"}, "telephone"),
        ({"email": "nobody"}, "email"),
        ({"ground": "official_duty", "asks_secrecy": True}, "asks_secrecy"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(cast, changed, field):
    with pytest.raises(ActRefused) as refused:
        applied(cast.agency, **changed)
    assert refused.value.field == field
    assert AuthorisedQuery.objects.count() == 0


def test_days_begin_neither_in_the_past_nor_after_the_longest_grant(cast):
    for day in (today() - timedelta(days=1), today() + timedelta(days=31)):
        with pytest.raises(ActRefused) as refused:
            applied(cast.agency, from_on=day)
        assert refused.value.field == "from_on"
    assert applied(cast.agency, from_on=today() + timedelta(days=30)).number


def test_each_paper_that_the_ground_asks_for_is_a_file(cast):
    with pytest.raises(ActRefused, match="人民法院调查令、律师执业证") as refused:
        applied(cast.agency, 1)
    assert refused.value.field == "papers"


def test_an_agency_of_which_nothing_is_accepted_cannot_be_asked_for(cast):
    with pytest.raises(ActRefused) as refused:
        applied(cast.other_agency)
    assert refused.value.field == "agency_code"
