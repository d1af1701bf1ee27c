"""What is public of conduct is the same at every outlet, and gone from all of them with the next request."""

import csv
import io
from datetime import date
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import Client

from fangxin.credit.actions import (
    apply,
    begin_assessment,
    comment_on_record,
    conclude_assessment,
    confirm_correction,
    confirm_record,
    consent_to_withdrawal,
    draft_record,
    propose_correction,
    release_record,
    serve_notice,
    submit_good_record,
    verify_good_record,
)
from fangxin.credit.models import BadRecord
from fangxin.credit.tests.test_bad_records import conduct, paper
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting, Role
from tests import fujian_stage
from tests.cast import member
from tests.fujian_cast import FujianCast, published_agency

pytestmark = pytest.mark.django_db
cast = fujian_stage.cast
MATTER = "未经书面同意发布房源信息"


@pytest.fixture
def second(cast: FujianCast) -> Acting:
    return member("gaofeng", "高峰", Role.REVIEWER, Body.objects.get(code="district.350102.housing"))


@pytest.fixture
def record(cast: FujianCast, second: Acting) -> BadRecord:
    """Public since 2026-03-13."""
    with time_machine.travel("2026-03-02 09:00+08:00"):
        published_agency(cast)
        found = draft_record(cast.agency.pk, conduct(), by=cast.reviewer)
        confirm_record(found.pk, by=second)
        serve_notice(
            found.pk, served_on=date(2026, 3, 2), served_how="挂号信", proof=[paper()], by=cast.reviewer
        )
    with time_machine.travel("2026-03-13 09:00+08:00"):
        return release_record(found.pk, by=cast.reviewer)


def outlets(cast: FujianCast) -> dict[str, str]:
    """What anybody gets from each outlet now."""
    code, public = cast.agency.code, Client()
    found = {}
    for address in (
        f"/agencies/{code}/", f"/agencies/{code}/?print=1", "/publicity/", "/publicity/?kind=bad&place=350102",
        f"/publicity/?q={code}", "/publicity/feed.atom", "/publicity/records.csv", "/api/v1/records",
        f"/api/v1/agencies/{code}",
    ):  # fmt: skip
        answer = public.get(address)
        assert answer.status_code == 200, address
        found[address] = (answer.getvalue() if answer.streaming else answer.content).decode()
    return found


def silent(cast: FujianCast, words: str = MATTER) -> bool:
    return not [address for address, text in outlets(cast).items() if words in text]


def test_nothing_is_public_before_release_and_everything_after(cast, record):
    with time_machine.travel("2026-03-13 10:00+08:00"):
        shown = outlets(cast)
        assert [address for address, text in shown.items() if MATTER not in text] == []
        feed = ElementTree.fromstring(shown["/publicity/feed.atom"])
        assert [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}id")][
            -1
        ] == f"urn:uuid:{record.pk}"
        rows = list(csv.reader(io.StringIO(shown["/publicity/records.csv"].removeprefix("\ufeff"))))
        assert rows[1][:5] == [cast.agency.company.name, cast.agency.code, "福州市鼓楼区", "不良行为", "一般"]


def test_withdrawn_it_is_gone_from_every_outlet_in_the_next_request(cast, second, record):
    with time_machine.travel("2026-05-20 09:00+08:00"):
        asked = apply(record.pk, "withdrawal", text="已整改", by=cast.filer)
        assert not silent(cast)
        consent_to_withdrawal(asked.pk, by=cast.reviewer)
        assert silent(cast)


def test_annulled_it_is_gone_from_every_outlet_in_the_next_request(cast, second, record):
    with time_machine.travel("2026-03-20 09:00+08:00"):
        propose_correction(record.pk, kind="annulled", reason="处罚决定被撤销", by=cast.reviewer)
        assert not silent(cast)
        confirm_correction(record.pk, by=second)
        assert silent(cast)


def test_over_it_is_gone_at_midnight_though_the_clock_has_not_looked(cast, record):
    with time_machine.travel("2027-02-20 23:59+08:00"):
        assert not silent(cast)
    with time_machine.travel("2027-02-21 00:00+08:00"):
        assert silent(cast)


def test_corrected_it_says_so_and_the_words_before_are_nowhere(cast, second, record):
    with time_machine.travel("2026-03-20 09:00+08:00"):
        changed = {"result": "责令改正，罚款一千元"}
        propose_correction(record.pk, kind="amended", reason="金额写错", values=changed, by=cast.reviewer)
        confirm_correction(record.pk, by=second)
        assert silent(cast, "罚款一万元")
        shown = outlets(cast)
        assert "已更正" in shown["/publicity/"]
        assert "已更正" in shown["/publicity/feed.atom"]
        assert '"corrected_on":"2026-03-20"' in shown["/api/v1/records"]
        assert "2026-03-20" in shown["/publicity/records.csv"]


def test_an_objection_is_marked_at_once_everywhere(cast, record):
    with time_machine.travel("2026-03-16 09:00+08:00"):
        assert silent(cast, "有异议，正在处理")
        apply(record.pk, "objection", text="主体有误", evidence=[paper()], by=cast.filer)
        shown = outlets(cast)
        for address in (f"/agencies/{cast.agency.code}/", "/publicity/", "/publicity/feed.atom"):
            assert "有异议" in shown[address], address
        assert '"is_objected":true' in shown["/api/v1/records"]


def test_result_and_comment_stand_beside_the_record(cast, record):
    with time_machine.travel("2026-04-01 09:00+08:00"):
        comment_on_record(record.pk, comment="已全部下架。", by=cast.filer)
        asked = apply(record.pk, "assessment", text="已下架", evidence=[paper()], by=cast.filer)
        begin_assessment(asked.pk, assessed_on=date(2026, 4, 1), assessors="黄敏", by=cast.reviewer)
        conclude_assessment(asked.pk, passed=True, result="经验收已下架三套房源", by=cast.reviewer)
        for address, text in outlets(cast).items():
            assert "已全部下架。" in text, address
            assert "经验收已下架三套房源" in text, address


def test_an_honour_is_shown_and_sought_by_kind_place_and_day(cast, record):
    with time_machine.travel("2026-04-01 09:00+08:00"):
        values = {
            "award": "诚信经纪机构", "awarded_on": "2025-12-01", "awarded_by": "福建省房地产业协会", "level": "省",
            "body_kind": "行业协会", "subject": "机构",
        }  # fmt: skip
        honour = submit_good_record(cast.agency.pk, values=values, material=[paper()], by=cast.filer)
        verify_good_record(honour.pk, by=cast.reviewer)
        public = Client()
        for asked, good, bad in (
            ("", True, True), ("?kind=good", True, False), ("?kind=bad", False, True), ("?record_class=serious", False, False),
            ("?place=350100", True, True), ("?place=350200", False, False), ("?since=2026-03-14", True, False),
            ("?until=2026-03-31", False, True), ("?q=诚信", True, True), ("?q=至诚", False, False),
        ):  # fmt: skip
            text = public.get(f"/publicity/{asked}").content.decode()
            assert (("诚信经纪机构" in text), (MATTER in text)) == (good, bad), asked
        day = public.get(f"/agencies/{cast.agency.code}/?on=2026-03-20").content.decode()
        assert MATTER in day
        assert "诚信经纪机构" not in day
        assert public.get("/publicity/?since=gestern").status_code == 422


def test_the_publics_role_reads_the_copies_and_no_record(cast, record):
    """Its grants end at the published tables; the database refuses the rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.role_table_grants"
            " where grantee in ('fangxin_public', 'PUBLIC') and table_name like 'credit%'"
            " union select table_name from information_schema.role_column_grants"
            " where grantee in ('fangxin_public', 'PUBLIC') and table_name like 'credit%'"
        )
        # That a round is on, and by which scheme, is told from the day it is announced; its scores are copies.
        assert {name for (name,) in cursor.fetchall()} == {
            "credit_publishedrecord", "credit_publishedscore", "credit_round",
        }  # fmt: skip
        cursor.execute(
            "select distinct privilege_type from information_schema.role_table_grants"
            " where grantee = 'fangxin_public' and table_name = 'credit_publishedrecord'"
        )
        assert cursor.fetchall() == [("SELECT",)]
