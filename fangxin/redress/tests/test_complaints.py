"""A public complaint about an agency goes the lawful way, and no other (SM-02, 二（三）)."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from fangxin.complaints.models import Complainant, Complaint, Progress
from fangxin.complaints.queries import follow_complaint, summary_to_pass_on
from fangxin.credit.actions import Conduct, confirm_record
from fangxin.credit.models import BadRecord
from fangxin.deadlines.models import Deadline
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.models import Body
from fangxin.organisations.process import StepRefused
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Role
from fangxin.redress import actions
from fangxin.redress.models import (
    AgencyComplaint,
    Answer,
    LateFeedback,
    Proposal,
    PublishedComplaint,
    Transfer,
)
from tests.cast import member
from tests.fujian_cast import FujianCast
from tests.fujian_stage import paper

pytestmark = pytest.mark.django_db
CANARY_NAME, CANARY_PHONE = "欧阳鹭岛", "13705917788"
T1 = {
    "name": CANARY_NAME, "telephone": CANARY_PHONE, "email": "ludao@example.invalid", "id_kind": "居民身份证",
    "id_number": "11010519491231002X", "province": "350000", "city": "福州市", "address": "福州市鼓楼区密语巷7号302室",
    "postcode": "350001", "respondent": "福州诚信房产经纪有限公司", "respondent_kind": "房地产经纪机构",
    "text": f"我叫{CANARY_NAME}，电话{CANARY_PHONE}。2月1日交了两万元定金，合同没签，中介拒不退还。",
}  # fmt: skip
DIGEST = "投诉人称：2月1日交了两万元定金，合同没有签，贵公司拒不退还。"
TUESDAY = "2026-03-03 09:00+08:00"


def complained(**changed: Any) -> AgencyComplaint:
    receipt = actions.receive_agency_complaint(
        {**T1, **changed}, city="350100", county="350102", jurisdiction="fujian"
    )
    return AgencyComplaint.objects.get(pk=receipt.complaint_id)


def sorted_(cast: FujianCast, way: str = "transfer", **changed: Any) -> AgencyComplaint:
    found = complained(**changed)
    agency = cast.agency.pk if way != "verify" else None
    return actions.sort_complaint(found.pk, way=way, agency_id=agency, digest=DIGEST, by=cast.reviewer)


def fed_back(cast: FujianCast, found: AgencyComplaint, **changed: Any) -> Transfer:
    transfer = Transfer.objects.get(complaint=found)
    return actions.give_feedback(transfer.pk, opinion="定金已于3月4日退还。", by=cast.filer, **changed)


def decided(cast: FujianCast, found: AgencyComplaint, **changed: Any) -> AgencyComplaint:
    given: dict[str, Any] = {
        "publish": False, "publish_because": "已经解决。", "count": False, "count_because": "未发现违规。",
        "reply": "企业已退还定金。",
    }  # fmt: skip
    return actions.decide_complaint(found.pk, by=cast.reviewer, **{**given, **changed})


def test_a_complaint_is_numbered_by_its_category_and_waits_with_the_authority_of_the_place(cast):
    """TVX-24, TN-04: the same category, two numbers with the same prefix; each category counts for itself."""
    first, second = complained(), complained()
    broker = complained(respondent_kind="房地产经纪人", respondent="张伟")
    assert [first.number, second.number, broker.number] == ["JG000001", "JG000002", "JR000001"]
    assert first.state == "submitted"
    assert first.body.code == "district.350102.housing"
    assert complained(respondent_kind="其它").number == "QT000001"


def test_a_number_whose_complaint_was_refused_is_given_to_the_next(cast):
    complained()
    with pytest.raises(ActRefused):
        complained(name="")
    key = uuid4()
    given = {"city": "350100", "county": "350102", "jurisdiction": "fujian", "act_key": key}
    receipt = actions.receive_agency_complaint(T1, **given)
    with pytest.raises(AlreadyDone) as again:
        actions.receive_agency_complaint(T1, **given)
    assert again.value.subject_id == receipt.number == "JG000002"
    assert complained().number == "JG000003"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"telephone": "", "email": ""}, "至少一项"),
        ({"respondent_kind": "开发商"}, "T1-11"),
        ({"text": ""}, "T1-12"),
        ({"id_kind": ""}, "哪一种证件"),
        ({"id_number": "110105194912310021"}, "T1-05"),
        ({"respondent": "长" * 201}, "T1-10"),
    ],
)
def test_what_is_missing_or_wrong_in_the_form_is_named(cast, changed, message):
    with pytest.raises(ActRefused, match=message):
        complained(**changed)
    assert not Complaint.objects.exists()


def test_no_identity_is_asked_beyond_a_name_and_one_way_to_answer(cast):
    """AMB-18."""
    found = complained(email="", id_kind="", id_number="", address="", postcode="", province="", city="")
    kept = Complainant.objects.get(pk=found.pk)
    assert kept.name is not None
    assert kept.id_number is None


def test_a_place_that_is_none_is_refused(cast):
    with pytest.raises(ActRefused, match="哪个市"):
        actions.receive_agency_complaint(T1, city="110000", jurisdiction="fujian")


def test_who_complained_is_sealed_and_in_no_other_table(cast):
    found = complained()
    assert CANARY_NAME.encode() not in bytes(Complainant.objects.get(pk=found.pk).name)
    everything = [repr(row) for model in (AgencyComplaint, Progress, Entry) for row in model.objects.values()]
    assert not [row for row in everything if CANARY_NAME in row or CANARY_PHONE in row]


def test_another_place_may_refer_it_and_a_stranger_may_not_sort_it(cast):
    found = complained()
    with pytest.raises(StepRefused, match="所在地"):
        actions.sort_complaint(found.pk, way="verify", by=cast.other_reviewer)
    with pytest.raises(StepRefused):
        actions.sort_complaint(found.pk, way="verify", by=cast.province)
    with pytest.raises(StepRefused):
        actions.sort_complaint(found.pk, way="verify", by=cast.filer)
    with pytest.raises(ActRefused, match="本部门"):
        actions.refer_complaint(found.pk, city="350100", county="350102", reason="误选", by=cast.reviewer)
    actions.refer_complaint(found.pk, city="350200", county="350203", reason="公司在思明区", by=cast.reviewer)
    with pytest.raises(StepRefused):
        actions.sort_complaint(found.pk, way="verify", by=cast.reviewer)
    moved = actions.sort_complaint(found.pk, way="verify", by=cast.other_reviewer)
    assert (moved.state, moved.number) == ("verifying", found.number)


def test_the_committee_suggests_and_does_not_sort(cast):
    found = complained()
    actions.suggest_sorting(found.pk, way="both", by=cast.prechecker)
    with pytest.raises(StepRefused):
        actions.sort_complaint(found.pk, way="verify", by=cast.prechecker)
    found.refresh_from_db()
    assert (found.state, found.suggested_way) == ("submitted", "both")


def test_what_is_not_about_brokerage_is_set_aside_with_an_answer(cast):
    found = complained()
    actions.set_aside(found.pk, reason="物业服务问题，请向物业主管部门反映。", by=cast.reviewer)
    assert Progress.objects.filter(complaint_id=found.pk, title="不属于受理范围").exists()
    with pytest.raises(StepRefused):
        actions.sort_complaint(found.pk, way="verify", by=cast.reviewer)


def test_words_that_still_tell_who_complained_are_not_passed_on(cast):
    found = complained()
    for words in (T1["text"], f"投诉人电话{CANARY_PHONE}", "投诉人的电话 137-0591-7788"):
        with pytest.raises(ActRefused, match="看得出投诉人"):
            actions.sort_complaint(
                found.pk, way="transfer", agency_id=cast.agency.pk, digest=words, by=cast.reviewer
            )
    assert not Transfer.objects.exists()
    proposed = summary_to_pass_on(found.pk).text_masked
    assert CANARY_NAME not in proposed
    assert CANARY_PHONE not in proposed
    actions.sort_complaint(
        found.pk, way="transfer", agency_id=cast.agency.pk, digest=proposed, by=cast.reviewer
    )


def test_a_transfer_needs_an_agency_of_the_register(cast):
    found = complained()
    with pytest.raises(ActRefused, match="选定"):
        actions.sort_complaint(found.pk, way="transfer", digest=DIGEST, by=cast.reviewer)


@pytest.mark.parametrize(
    ("transferred", "due"),
    [("2026-03-03", "2026-03-18"), ("2026-02-05", "2026-02-24"), ("2026-04-20", "2026-05-06")],
)
def test_the_agency_has_fifteen_days_from_the_transfer(cast, transferred, due):
    """As TVX-07 and TVX-08 (tests/law/deadlines-fujian.yaml), in this year: over Spring Festival and May Day too."""
    with time_machine.travel(f"{transferred} 09:00+08:00"):
        found = sorted_(cast)
    term = Deadline.objects.get(matter_id=found.pk)
    assert term.due_on == Transfer.objects.get(complaint=found).due_on == date.fromisoformat(due)
    assert (term.unit, term.amount, term.clause) == ("日", 15, "二(三)")


def test_feedback_in_time_meets_the_term_and_waits_for_the_decision(cast):
    with time_machine.travel(TUESDAY):
        found = sorted_(cast)
        with pytest.raises(ActRefused, match="无权"):
            actions.give_feedback(
                Transfer.objects.get(complaint=found).pk, opinion="无关", by=cast.other_filer
            )
        fed_back(cast, found)
    found.refresh_from_db()
    assert found.state == "awaiting_decision"
    assert Deadline.objects.get(matter_id=found.pk).state == "met"
    answer = Answer.objects.get()
    assert (answer.complaint_number, answer.answered_by, answer.is_late) == (
        found.number,
        cast.agency.company.name,
        False,
    )
    assert answer.answered_at >= found.received_at


def test_both_ways_are_waited_for_whichever_comes_first(cast):
    found = sorted_(cast, "both")
    actions.record_finding(found.pk, finding="true", opinion="查实。", by=cast.reviewer)
    found.refresh_from_db()
    assert found.state == "transferred"
    fed_back(cast, found)
    found.refresh_from_db()
    assert found.state == "awaiting_decision"
    other = sorted_(cast, "both")
    fed_back(cast, other)
    other.refresh_from_db()
    assert other.state == "verifying"
    actions.record_finding(other.pk, finding="unclear", opinion="查不清。", by=cast.reviewer)
    other.refresh_from_db()
    assert other.state == "awaiting_decision"


def test_what_was_only_verified_may_be_passed_on_once(cast):
    found = sorted_(cast, "verify")
    actions.transfer_complaint(found.pk, agency_id=cast.agency.pk, digest=DIGEST, by=cast.reviewer)
    actions.record_finding(found.pk, finding="untrue", opinion="不属实。", by=cast.reviewer)
    fed_back(cast, found)
    with pytest.raises(ActRefused, match="第二次"):
        actions.transfer_complaint(found.pk, agency_id=cast.agency.pk, digest=DIGEST, by=cast.reviewer)


def test_a_finding_that_names_the_author_is_refused(cast):
    found = sorted_(cast, "verify")
    with pytest.raises(ActRefused, match="看得出投诉人"):
        actions.record_finding(found.pk, finding="true", opinion=f"{CANARY_NAME}所述属实。", by=cast.reviewer)


def test_somebody_was_first(cast):
    found = complained()
    actions.suggest_sorting(found.pk, way="both", by=cast.prechecker)
    with pytest.raises(SomebodyWasFirst):
        actions.sort_complaint(found.pk, way="verify", by=cast.reviewer, turn=0)


def test_publishing_and_counting_are_two_decisions_each_with_its_reason(cast):
    found = sorted_(cast)
    with pytest.raises(StepRefused):
        decided(cast, found)
    fed_back(cast, found)
    with pytest.raises(ActRefused, match="公示与否的理由"):
        decided(cast, found, publish_because=" ")
    with pytest.raises(ActRefused, match="计入与否的理由"):
        decided(cast, found, count_because="")
    with pytest.raises(StepRefused):
        actions.decide_complaint(
            found.pk, publish=False, publish_because="无", count=False, count_because="无", reply="无",
            by=cast.other_reviewer,
        )  # fmt: skip
    decided(cast, found)
    assert AgencyComplaint.objects.get(pk=found.pk).state == "closed"
    assert not PublishedComplaint.objects.exists()
    assert not Proposal.objects.exists()


def test_a_complaint_not_found_true_does_not_count(cast):
    """TVX-22."""
    found = sorted_(cast, "both")
    fed_back(cast, found)
    actions.record_finding(found.pk, finding="untrue", opinion="不属实。", by=cast.reviewer)
    with pytest.raises(ActRefused, match="属实"):
        decided(cast, found, count=True)


def test_the_complainant_reads_the_reply_with_number_and_secret(cast):
    receipt = actions.receive_agency_complaint(T1, city="350100", county="350102", jurisdiction="fujian")
    found = AgencyComplaint.objects.get(pk=receipt.complaint_id)
    actions.sort_complaint(
        found.pk, way="transfer", agency_id=cast.agency.pk, digest=DIGEST, by=cast.reviewer
    )
    fed_back(cast, found)
    decided(cast, found)
    followed = follow_complaint(receipt.number, receipt.secret)
    assert followed is not None
    assert followed["progress"][-1]["text"] == "企业已退还定金。"
    assert follow_complaint(receipt.number, "A" * 18) is None


def silent(cast: FujianCast) -> AgencyComplaint:
    """Transferred on Tuesday 3 March, due on Wednesday 18 March, and nothing came."""
    with time_machine.travel(TUESDAY):
        return sorted_(cast)


def test_fifteen_days_of_silence_are_found_once_and_make_nothing_by_themselves(cast):
    found = silent(cast)
    with time_machine.travel("2026-03-18 23:00+08:00"):
        assert actions.find_late_feedback() == 0
    with time_machine.travel("2026-03-19 00:10+08:00"):
        assert actions.find_late_feedback() == 1
        assert actions.find_late_feedback() == 0
    found.refresh_from_db()
    assert found.state == "transferred"
    assert LateFeedback.objects.get().state == "found"
    assert not BadRecord.objects.exists()


def test_judged_unjustified_a_draft_is_made_which_another_official_must_enter(cast):
    found = silent(cast)
    with time_machine.travel("2026-03-19 09:00+08:00"):
        actions.find_late_feedback()
        with pytest.raises(StepRefused):
            actions.judge_lateness(found.pk, verdict="unjustified", reason="未说明", by=cast.other_reviewer)
        with pytest.raises(ActRefused, match="判断的理由"):
            actions.judge_lateness(found.pk, verdict="unjustified", reason="", by=cast.reviewer)
        actions.judge_lateness(
            found.pk, verdict="unjustified", reason="催办两次，未说明理由。", by=cast.reviewer
        )
        with pytest.raises(StepRefused):
            actions.judge_lateness(found.pk, verdict="justified", reason="改了", by=cast.reviewer)
    record = BadRecord.objects.get()
    assert (record.state, record.source, record.source_number) == ("draft", "late_feedback", found.number)
    assert record.published_on is None
    assert LateFeedback.objects.get().record_id == record.pk
    with pytest.raises(StepRefused, match="两个人"):
        confirm_record(record.pk, by=cast.reviewer)
    second = member("gaofeng", "高峰", Role.REVIEWER, Body.objects.get(code="district.350102.housing"))
    confirm_record(record.pk, by=second)
    found.refresh_from_db()
    assert found.state == "awaiting_decision"


def test_judged_justified_the_lateness_is_closed_with_its_reason_and_no_draft(cast):
    found = silent(cast)
    with time_machine.travel("2026-03-19 09:00+08:00"):
        actions.find_late_feedback()
        actions.judge_lateness(found.pk, verdict="justified", reason="门店失火，资料灭失。", by=cast.reviewer)
    assert LateFeedback.objects.get().reason == "门店失火，资料灭失。"
    assert not BadRecord.objects.exists()


def test_late_feedback_is_taken_and_marked_and_still_judged_before_the_decision(cast):
    found = silent(cast)
    with time_machine.travel("2026-03-20 09:00+08:00"):
        fed_back(cast, found, late_reason="经办人离职。")
        assert Deadline.objects.get(matter_id=found.pk).state == "met_late"
        with pytest.raises(ActRefused, match="先判断"):
            decided(cast, found)
        assert actions.find_late_feedback() == 1
        with pytest.raises(ActRefused, match="先判断"):
            decided(cast, found)
        actions.judge_lateness(found.pk, verdict="justified", reason="交接期间。", by=cast.reviewer)
        decided(cast, found)
    assert Answer.objects.get().is_late


def verified(cast: FujianCast, **changed: Any) -> AgencyComplaint:
    """Found true and decided: published and counted."""
    with time_machine.travel(TUESDAY):
        found = sorted_(cast, "both")
        fed_back(cast, found)
        actions.record_finding(found.pk, finding="true", opinion="查实拒不退还定金。", by=cast.reviewer)
        given: dict[str, Any] = {
            "publish": True, "count": True, "public_summary": "有人反映未签合同不退定金。", "public_result": "查实，已责令退还。",
        }  # fmt: skip
        return decided(cast, found, **{**given, **changed})


def test_what_counts_is_proposed_and_drafted_only_by_a_person(cast):
    found = verified(cast)
    proposal = Proposal.objects.get()
    assert (proposal.source, proposal.source_number, proposal.state) == (
        "complaint",
        found.number,
        "proposed",
    )
    assert not BadRecord.objects.exists()
    conduct = Conduct(
        values={"matter": "收取定金拒不退还", "decided_on": "2026-03-03", "reason": "查实。", "result": "责令退还。",
                "decided_by": "鼓楼区房地产行政主管部门"},
        source="", record_class="general", evidence=(paper(),),
    )  # fmt: skip
    with time_machine.travel(TUESDAY):
        with pytest.raises(StepRefused):
            actions.accept_proposal(proposal.pk, conduct, by=cast.other_reviewer)
        telling = replace(conduct, values={**conduct.values, "reason": f"{CANARY_NAME}反映属实。"})
        with pytest.raises(ActRefused, match="看得出投诉人"):
            actions.accept_proposal(proposal.pk, telling, by=cast.reviewer)
        actions.accept_proposal(proposal.pk, conduct, by=cast.reviewer)
        with pytest.raises(StepRefused):
            actions.decline_proposal(proposal.pk, reason="不必", by=cast.reviewer)
    record = BadRecord.objects.get()
    proposal.refresh_from_db()
    assert (record.source, record.source_number, record.state) == ("complaint", found.number, "draft")
    assert (proposal.state, proposal.record_id) == ("accepted", record.pk)


def test_a_proposal_is_declined_with_a_reason(cast):
    verified(cast)
    proposal = Proposal.objects.get()
    with pytest.raises(ActRefused, match="不起草的理由"):
        actions.decline_proposal(proposal.pk, reason="", by=cast.reviewer)
    actions.decline_proposal(proposal.pk, reason="情节轻微，已退还。", by=cast.reviewer)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.reason) == ("declined", "情节轻微，已退还。")


def test_an_adverse_result_is_public_ten_full_days_after_the_unit_was_told(cast):
    """AMB-31, as TVX-09: told on 3 March, public from 14 March."""
    found = verified(cast)
    with time_machine.travel(TUESDAY):
        with pytest.raises(ActRefused, match="告知"):
            actions.publish_complaint(found.pk, by=cast.reviewer)
        actions.tell_respondent(
            found.pk, served_on=date(2026, 3, 3), served_how="挂号信", proof=[paper()], by=cast.reviewer
        )
    with time_machine.travel("2026-03-13 09:00+08:00"), pytest.raises(ActRefused, match="2026-03-14"):
        actions.publish_complaint(found.pk, by=cast.reviewer)
    with time_machine.travel("2026-03-14 09:00+08:00"):
        actions.publish_complaint(found.pk, by=cast.reviewer)
    shown = PublishedComplaint.objects.get()
    assert (shown.summary, shown.result) == ("有人反映未签合同不退定金。", "查实，已责令退还。")
    actions.take_down_complaint(found.pk, reason="行政复议撤销。", by=cast.reviewer)
    assert not PublishedComplaint.objects.exists()
    with pytest.raises(ActRefused, match="不公示"):
        actions.publish_complaint(found.pk, by=cast.reviewer)


def test_public_words_that_tell_who_complained_are_refused(cast):
    with pytest.raises(ActRefused, match="看得出投诉人"):
        verified(cast, public_summary=f"{CANARY_NAME}反映不退定金。")


def test_what_was_decided_not_to_be_public_is_not_published(cast):
    found = sorted_(cast)
    fed_back(cast, found)
    decided(cast, found)
    with pytest.raises(ActRefused, match="不公示"):
        actions.publish_complaint(found.pk, by=cast.reviewer)


def test_the_clock_finds_what_is_late_with_the_offices_rights_alone(cast):
    found = silent(cast)
    with time_machine.travel("2026-03-19 00:10+08:00"), speaking_as(Speaker(Audience.OFFICE)):
        assert actions.find_late_feedback() == 1
        assert actions.propose_confirmed_violations() == 0
    assert LateFeedback.objects.filter(transfer__complaint=found, state="found").exists()
