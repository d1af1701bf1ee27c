"""What an agency did badly becomes a record only by the lawful way (SM-08, SM-09, SM-05c)."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from fangxin.credit.actions import (
    Conduct,
    apply,
    archive_record,
    begin_assessment,
    cancel_notice,
    comment_on_record,
    conclude_assessment,
    confirm_correction,
    confirm_record,
    consent_to_withdrawal,
    decide_objection,
    draft_record,
    drop_record,
    end_displays,
    propose_correction,
    release_record,
    serve_notice,
    state_case,
)
from fangxin.credit.models import BadRecord, PublishedRecord
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body
from fangxin.organisations.process import StepRefused
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from tests.cast import member
from tests.fujian_cast import FujianCast, fujian_cast

pytestmark = pytest.mark.django_db


def paper() -> SimpleUploadedFile:
    """A scan."""
    octets = BytesIO()
    Image.new("RGB", (40, 30), "white").save(octets, "PNG")
    return SimpleUploadedFile("回执.png", octets.getvalue(), content_type="image/png")


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


@pytest.fixture
def second(cast: FujianCast) -> Acting:
    """The other official of the department."""
    return member("gaofeng", "高峰", Role.REVIEWER, Body.objects.get(code="district.350102.housing"))


@pytest.fixture
def third(cast: FujianCast) -> Acting:
    return member("tangning", "唐宁", Role.REVIEWER, Body.objects.get(code="district.350102.housing"))


def conduct(**changed: Any) -> Conduct:
    values = {
        "matter": "未经书面同意发布房源信息", "decided_on": "2026-02-20", "reason": "检查发现发布三套房源未取得委托人书面同意。",
        "result": "责令改正，罚款一万元", "decided_by": "鼓楼区房地产行政主管部门",
    }  # fmt: skip
    given: dict[str, Any] = {"source": "inspection", "record_class": "general", "evidence": (paper(),)}
    return Conduct(values={**values, **changed.pop("values", {})}, **{**given, **changed})


def told(cast: FujianCast, second: Acting, served_on: date = date(2026, 3, 2), **changed: Any) -> BadRecord:
    with time_machine.travel("2026-03-02 09:00+08:00"):
        record = draft_record(cast.agency.pk, conduct(**changed), by=cast.reviewer)
        confirm_record(record.pk, by=second)
        return serve_notice(
            record.pk, served_on=served_on, served_how="挂号信", proof=[paper()], by=cast.reviewer
        )


def published(cast: FujianCast, second: Acting, **changed: Any) -> BadRecord:
    record = told(cast, second, **changed)
    with time_machine.travel("2026-03-13 09:00+08:00"):
        return release_record(record.pk, by=cast.reviewer)


def test_published_from_the_eleventh_day_after_the_notice_and_no_earlier(cast, second):
    """TVX-09 in 2026: told on Monday 2 March, public from Friday 13 March."""
    record = told(cast, second)
    assert record.releasable_on == date(2026, 3, 13)
    for day in ("2026-03-02", "2026-03-11", "2026-03-12"):
        with time_machine.travel(f"{day} 09:00+08:00"), pytest.raises(ActRefused, match="任何人都不能提前"):
            release_record(record.pk, by=cast.reviewer)
    assert not PublishedRecord.objects.exists()
    with time_machine.travel("2026-03-13 00:01+08:00"):
        release_record(record.pk, by=cast.reviewer)
    shown = PublishedRecord.objects.get()
    assert shown.values["matter"] == "未经书面同意发布房源信息"
    assert shown.shown_until == date(2027, 2, 20)


def test_the_notice_of_2015_runs_its_ten_days(cast, second):
    """TVX-09: told on Monday 2 March 2015, refused on the 11th and the 12th, public from Friday the 13th."""
    with time_machine.travel("2015-03-02 09:00+08:00"):
        record = draft_record(cast.agency.pk, conduct(values={"decided_on": "2015-02-27"}), by=cast.reviewer)
        confirm_record(record.pk, by=second)
        serve_notice(
            record.pk, served_on=date(2015, 3, 2), served_how="直接送达", proof=[paper()], by=cast.reviewer
        )
    for day in ("2015-03-11", "2015-03-12"):
        with (
            time_machine.travel(f"{day} 23:59+08:00"),
            pytest.raises(ActRefused, match="满10日后自2015-03-13起"),
        ):
            release_record(record.pk, by=cast.reviewer)
    with time_machine.travel("2015-03-13 00:01+08:00"):
        assert release_record(record.pk, by=cast.reviewer).published_on == date(2015, 3, 13)


def test_the_unit_is_told_at_the_notice_at_the_release_and_at_the_end(cast, second):
    published(cast, second)
    with time_machine.travel("2027-02-21 00:01+08:00"):
        end_displays()
    told_of = Notice.objects.filter(to_company_id=cast.agency.company_id).order_by("created_at")
    titles = list(told_of.values_list("title", flat=True))
    assert [
        word in title for word, title in zip(("公示前告知", "已公示", "公示期满"), titles, strict=True)
    ] == [True] * 3
    assert set(told_of.values_list("mail_state", flat=True)) == {"waiting"}


def test_what_was_said_to_an_earlier_notice_stays(cast, second):
    record = told(cast, second)
    with time_machine.travel("2026-03-05 09:00+08:00"):
        state_case(record.pk, statement="有委托书", by=cast.filer)
        cancel_notice(record.pk, reason="补充调查", by=cast.reviewer)
        serve_notice(
            record.pk, served_on=date(2026, 3, 5), served_how="挂号信", proof=[paper()], by=cast.reviewer
        )
        state_case(record.pk, statement="另有两份", by=cast.filer)
    record.refresh_from_db()
    assert record.statement.startswith("有委托书")
    assert record.statement.endswith("另有两份")
    # The tenth day is a Sunday: the notice runs until the Monday.
    assert record.releasable_on == date(2026, 3, 17)


def test_the_database_itself_refuses_what_was_not_told(cast, second):
    record = told(cast, second)
    with pytest.raises(IntegrityError), transaction.atomic():
        BadRecord.objects.filter(pk=record.pk).update(state="published", published_on=date(2026, 3, 12))
    with pytest.raises(IntegrityError), transaction.atomic():
        BadRecord.objects.filter(pk=record.pk).update(releasable_on=None, published_on=date(2026, 4, 1))


def test_who_drafted_does_not_enter_it(cast, second):
    record = draft_record(cast.agency.pk, conduct(), by=cast.reviewer)
    with pytest.raises(StepRefused, match="两个人"):
        confirm_record(record.pk, by=cast.reviewer)
    confirm_record(record.pk, by=second)


def test_a_complaint_not_found_true_makes_no_record(cast):
    """TVX-22."""
    with pytest.raises(ActRefused, match="查证属实"):
        draft_record(cast.agency.pk, conduct(source="complaint"), by=cast.reviewer)
    draft_record(cast.agency.pk, conduct(source="complaint"), by=cast.reviewer, verified=True)


def test_another_place_records_nothing_and_the_committee_only_drafts(cast, second):
    with pytest.raises(StepRefused):
        draft_record(cast.agency.pk, conduct(), by=cast.other_reviewer)
    record = draft_record(cast.agency.pk, conduct(), by=cast.prechecker)
    with pytest.raises(StepRefused):
        confirm_record(record.pk, by=cast.prechecker)
    assert record.body_id == cast.agency.reviewing_body_id
    confirm_record(record.pk, by=second)


def test_there_is_no_step_from_draft_or_recorded_to_the_public(cast, second):
    record = draft_record(cast.agency.pk, conduct(), by=cast.reviewer)
    with pytest.raises(StepRefused):
        release_record(record.pk, by=cast.reviewer)
    confirm_record(record.pk, by=second)
    with pytest.raises(ActRefused):
        release_record(record.pk, by=cast.reviewer)
    drop = draft_record(cast.agency.pk, conduct(), by=cast.reviewer)
    assert drop_record(drop.pk, reason="查无此事", by=second).state == "dropped"


def test_a_statement_must_be_answered_before_release(cast, second):
    record = told(cast, second)
    with time_machine.travel("2026-03-05 09:00+08:00"):
        state_case(record.pk, statement="三套房源均有委托书，附后。", by=cast.filer)
    with time_machine.travel("2026-03-13 09:00+08:00"):
        with pytest.raises(ActRefused, match="采纳与否"):
            release_record(record.pk, by=cast.reviewer)
        release_record(record.pk, statement_answer="委托书日期在发布之后，不予采纳。", by=cast.reviewer)


def test_a_notice_taken_back_needs_a_new_one(cast, second):
    record = told(cast, second)
    cancel_notice(record.pk, reason="陈述成立，补充调查", by=cast.reviewer)
    with time_machine.travel("2026-04-01 09:00+08:00"), pytest.raises(StepRefused):
        release_record(record.pk, by=cast.reviewer)


def test_minor_conduct_is_not_shown_without_a_reason(cast, second):
    record = told(cast, second, record_class="minor")
    with time_machine.travel("2026-03-13 09:00+08:00"), pytest.raises(ActRefused, match="原则上不公示"):
        release_record(record.pk, by=cast.reviewer)


def test_no_official_takes_it_down_without_an_application(cast, second):
    """TVX-20: the table has no such step."""
    from fangxin.credit.workflow import BAD_RECORD

    assert not [step.verb for step in BAD_RECORD.steps if "withdrawn" in step.to.values()]


def test_withdrawn_on_application_after_the_minimum_it_is_gone_and_kept(cast, second):
    record = published(cast, second)
    with time_machine.travel("2026-04-01 09:00+08:00"), pytest.raises(ActRefused, match="2026-05-20起"):
        apply(record.pk, "withdrawal", text="已整改", by=cast.filer)
    with time_machine.travel("2026-05-20 09:00+08:00"):
        asked = apply(record.pk, "withdrawal", text="已整改", by=cast.filer)
        with pytest.raises(StepRefused):
            consent_to_withdrawal(asked.pk, by=cast.filer)
        consent_to_withdrawal(asked.pk, by=cast.reviewer)
    assert not PublishedRecord.objects.exists()
    assert BadRecord.objects.get(pk=record.pk).state == "withdrawn"
    with time_machine.travel("2026-06-01 09:00+08:00"), pytest.raises(ActRefused, match="须保留至2029-05-20"):
        archive_record(record.pk, by=cast.reviewer)
    with time_machine.travel("2029-05-21 09:00+08:00"):
        assert archive_record(record.pk, by=cast.reviewer).state == "archived"


def test_an_assessment_passed_stands_beside_the_record(cast, second):
    record = published(cast, second)
    with time_machine.travel("2026-04-01 09:00+08:00"):
        asked = apply(record.pk, "assessment", text="已下架", evidence=[paper()], by=cast.filer)
        begin_assessment(asked.pk, assessed_on=date(2026, 4, 3), assessors="黄敏、高峰", by=cast.reviewer)
        with pytest.raises(ActRefused, match="之后才能"):
            conclude_assessment(asked.pk, passed=True, result="已下架三套房源", by=cast.reviewer)
    with time_machine.travel("2026-04-03 15:00+08:00"):
        conclude_assessment(asked.pk, passed=True, result="已下架三套房源", by=cast.reviewer)
    shown = PublishedRecord.objects.get(pk=record.pk)
    assert shown.rectification_result == "已下架三套房源"


def test_repair_asks_for_rectification_and_commitment(cast, second):
    record = published(cast, second)
    with time_machine.travel("2026-06-01 09:00+08:00"), pytest.raises(ActRefused, match="考核验收合格"):
        apply(record.pk, "repair", text="已整改", commitment=True, by=cast.filer)


def test_an_objection_is_marked_at_once_and_decided_by_somebody_else(cast, second, third):
    record = published(cast, second)
    with time_machine.travel("2026-03-16 09:00+08:00"):
        asked = apply(record.pk, "objection", text="主体有误", by=cast.filer)
        assert PublishedRecord.objects.get().is_objected
        assert asked.due_on == date(2026, 3, 23)
        for recorder in (cast.reviewer, second):
            with pytest.raises(StepRefused, match="未经手"):
                decide_objection(asked.pk, upheld=False, reason="主体无误", by=recorder)
        decide_objection(asked.pk, upheld=False, reason="主体无误", by=third)
    assert not PublishedRecord.objects.get().is_objected


def test_an_official_error_is_put_right_by_two_people(cast, second):
    record = published(cast, second)
    with time_machine.travel("2026-03-20 09:00+08:00"):
        propose_correction(
            record.pk,
            kind="amended",
            reason="金额写错",
            values={"result": "责令改正，罚款一千元"},
            by=cast.reviewer,
        )
        with pytest.raises(StepRefused, match="两个人"):
            confirm_correction(record.pk, by=cast.reviewer)
        confirm_correction(record.pk, by=second)
    shown = PublishedRecord.objects.get()
    assert shown.values["result"] == "责令改正，罚款一千元"
    assert shown.corrected_on == date(2026, 3, 20)
    assert record.corrections.get().before["result"] == "责令改正，罚款一万元"


def test_an_annulled_record_is_public_no_longer(cast, second):
    record = published(cast, second)
    propose_correction(record.pk, kind="annulled", reason="处罚决定被撤销", by=cast.reviewer)
    confirm_correction(record.pk, by=second)
    assert not PublishedRecord.objects.exists()
    assert BadRecord.objects.get(pk=record.pk).state == "annulled"


def test_the_display_ends_by_itself(cast, second):
    record = published(cast, second)
    with time_machine.travel("2027-02-20 23:00+08:00"):
        assert end_displays() == 0
    with time_machine.travel("2027-02-21 00:01+08:00"):
        assert end_displays() == 1
        assert end_displays() == 0
    assert not PublishedRecord.objects.exists()
    assert BadRecord.objects.get(pk=record.pk).state == "expired"


def test_the_unit_comments_beside_the_record(cast, second):
    record = published(cast, second)
    comment_on_record(record.pk, comment="已全部下架。", by=cast.filer)
    assert PublishedRecord.objects.get().comment == "已全部下架。"
    with pytest.raises(StepRefused):
        comment_on_record(record.pk, comment="与我无关", by=cast.other_filer)
