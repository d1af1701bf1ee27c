"""协查 (二(六)4, SM-03): drafted by the officer, signed by another, numbered without a gap, answered within the form's term."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.deadlines.actions import run_clock
from fangxin.deadlines.models import Deadline
from fangxin.documents.models import Attachment
from fangxin.investigations import actions
from fangxin.investigations.models import Inquiry, InquiryAnswer, InquiryNumber
from fangxin.investigations.queries import (
    inquiries_for,
    inquiries_of,
    inquiry_answers,
    inquiry_counts,
    inquiry_for,
    inquiry_steps,
    may_ask_others,
)
from fangxin.investigations.sheets import cells_from_case
from fangxin.investigations.workflow import INQUIRY
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import SomebodyWasFirst
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.stage import refused

pytestmark = pytest.mark.django_db
SCAN = (b"%PDF-1.4\n%%EOF\n", "application/pdf")


def scan():
    return SimpleUploadedFile("来文.pdf", *SCAN)


@pytest.fixture
def asked(stage):
    """房屋市场处 inside the commission, with a clerk and a head."""
    return SimpleNamespace(
        clerk=stage.at("city.market", Role.DEPARTMENT_CLERK),
        head=stage.at("city.market", Role.DEPARTMENT_HEAD),
    )


def drafted(stage, *, inside=True, case=None, **changes):
    case = case or stage.answered()
    where = {"asked_code": "city.market"} if inside else {"asked_name": "北京市市场监督管理局"}
    cells = cells_from_case(stage.case(case), "F1" if inside else "F2")
    cells |= {"F1-03": "核实备案情况", "F2-03": "核实广告"}
    return actions.draft_inquiry(case.pk, cells=cells, by=stage.cast.officer, **{**where, **changes})


def signed(stage, inquiry=None, **changes):
    inquiry = inquiry or drafted(stage)
    actions.submit_inquiry(inquiry.pk, by=stage.cast.officer)
    return actions.sign_inquiry(inquiry.pk, **{"opinion": "请协查。", "by": stage.cast.head, **changes})


def test_a_body_inside_has_a_notice_with_ten_working_days_and_a_warning_on_the_tenth_day(stage, asked):
    inquiry = signed(stage)
    assert (inquiry.form, inquiry.state, inquiry.number) == ("F1", "sent", "市建委 市场投诉〔2026〕1号")
    assert inquiry.cells["F1-18"] == inquiry.case.summary
    term = Deadline.objects.get(rule_key="joint_investigation_internal")
    assert (term.due_on, term.next_look_on, term.owner_body_id) == (
        date(2026, 3, 16), date(2026, 3, 12), inquiry.asked_body_id,
    )  # fmt: skip
    run_clock(date(2026, 3, 12))
    term.refresh_from_db()
    assert term.next_look_on == date(2026, 3, 13)
    assert Notice.objects.filter(to_body=inquiry.asked_body, title__contains="还剩2个工作日").exists()
    run_clock(date(2026, 3, 13))
    term.refresh_from_db()
    assert term.next_look_on == date(2026, 3, 17)


def test_a_body_outside_has_a_letter_with_ten_days_which_the_asking_office_watches(stage):
    inquiry = signed(stage, drafted(stage, inside=False))
    assert (inquiry.form, inquiry.number) == ("F2", "市场协查〔2026〕1号")
    term = Deadline.objects.get(rule_key="joint_investigation_external")
    assert (term.due_on, term.owner_body_id) == (date(2026, 3, 12), inquiry.asking_body_id)


def test_a_district_department_on_the_platform_has_the_letter_and_may_answer_there(stage):
    inquiry = signed(
        stage, drafted(stage, inside=False, asked_name="", asked_code="district.110106.brokerage")
    )
    assert inquiry.form == "F2"
    actions.receive_inquiry(inquiry.pk, by=stage.cast.other_clerk)
    done = actions.answer_inquiry(inquiry.pk, text="已查。", by=stage.cast.other_clerk)
    assert (done.state, done.answered_late) == ("answered", False)


def test_only_the_officer_of_a_case_under_way_begins_one(stage):
    case = stage.answered()
    assert may_ask_others(stage.case(case), stage.cast.officer)
    for stranger in (stage.cast.head, stage.cast.clerk, stage.cast.dispatcher, stage.cast.other_clerk):
        assert not may_ask_others(stage.case(case), stranger)
        with refused("不能发起协查"):
            actions.draft_inquiry(case.pk, cells={}, asked_code="city.market", by=stranger)
    closed = stage.closed()
    with refused("不能发起协查"):
        actions.draft_inquiry(closed.pk, cells={}, asked_code="city.market", by=stage.cast.officer)


def test_reason_and_content_are_asked_for_and_nobody_asks_himself(stage):
    case = stage.answered()
    with refused("协办事由", "F1-03"):
        actions.draft_inquiry(case.pk, cells={}, asked_code="city.market", by=stage.cast.officer)
    with refused("协查单位名称", "asked_name"):
        actions.draft_inquiry(case.pk, cells={}, by=stage.cast.officer)
    with refused("本部门以外", "asked_code"):
        actions.draft_inquiry(
            case.pk, cells={}, asked_code=stage.cast.officer.body_code, by=stage.cast.officer
        )
    with refused("没有代码为", "body"):
        actions.draft_inquiry(case.pk, cells={}, asked_code="nowhere", by=stage.cast.officer)


def test_no_cell_tells_who_complained(stage):
    case = stage.answered()
    for text in ("张敏反映不退定金", "电话13800138000"):
        with refused("还看得出投诉人", "F1-18"):
            actions.draft_inquiry(
                case.pk,
                cells={"F1-03": "核实", "F1-18": text},
                asked_code="city.market",
                by=stage.cast.officer,
            )
    made = actions.draft_inquiry(
        case.pk, cells={"F1-03": "核实", "F1-18": "不退定金", "F1-08": "张敏", "F1-01": "9号"},
        asked_code="city.market", by=stage.cast.officer,
    )  # fmt: skip
    assert not {"F1-08", "F1-09", "F1-01"} & set(made.cells)


def test_the_head_signs_and_never_whoever_wrote_it(stage):
    inquiry = drafted(stage)
    actions.submit_inquiry(inquiry.pk, by=stage.cast.officer)
    officer_too = member(
        "chentao", "陈涛", Role.DEPARTMENT_HEAD, Body.objects.get(pk=stage.cast.officer.body_id)
    )
    with refused("不得是拟稿人本人"):
        actions.sign_inquiry(inquiry.pk, opinion="同意", by=officer_too)
    for stranger in (stage.cast.clerk, stage.at("city.market", Role.DEPARTMENT_HEAD)):
        with refused("不能签署并发出"):
            actions.sign_inquiry(inquiry.pk, opinion="同意", by=stranger)
    with refused("处室意见", "opinion"):
        actions.sign_inquiry(inquiry.pk, opinion=" ", by=stage.cast.head)
    assert (
        actions.sign_inquiry(inquiry.pk, opinion="同意", by=stage.cast.head).signed_by_id
        == stage.cast.head.user_id
    )
    with refused("现为“已发出”"):
        actions.sign_inquiry(inquiry.pk, opinion="同意", by=stage.cast.head)


def test_what_is_sent_back_is_changed_and_signed_or_dropped(stage):
    inquiry = drafted(stage)
    actions.submit_inquiry(inquiry.pk, by=stage.cast.officer)
    with refused("退回的理由", "reason"):
        actions.send_back_inquiry(inquiry.pk, reason="", by=stage.cast.head)
    actions.send_back_inquiry(inquiry.pk, reason="写明查什么", by=stage.cast.head)
    assert Notice.objects.filter(to_user_id=stage.cast.officer.user_id, title__contains="退回修改").exists()
    changed = actions.revise_inquiry(
        inquiry.pk, cells={**inquiry.cells, "F1-03": "核实合同备案"}, by=stage.cast.officer
    )
    assert (changed.state, changed.cells["F1-03"]) == ("draft", "核实合同备案")
    assert actions.drop_inquiry(inquiry.pk, reason="已自行查明", by=stage.cast.officer).state == "dropped"
    assert not InquiryNumber.objects.exists()


def test_the_complainant_is_printed_only_when_the_head_says_why(stage):
    inquiry = drafted(stage)
    actions.submit_inquiry(inquiry.pk, by=stage.cast.officer)
    with refused("印出投诉人的理由", "names_because"):
        actions.sign_inquiry(inquiry.pk, opinion="同意", names_complainant=True, by=stage.cast.head)
    done = actions.sign_inquiry(
        inquiry.pk, opinion="同意", names_complainant=True, names_because="须当面核对合同", by=stage.cast.head
    )
    assert done.names_complainant
    entry = Entry.objects.filter(kind="inquiry:sign").latest("pk")
    assert (entry.details["names_complainant"], entry.details["reason"]) == (True, "须当面核对合同")
    assert "张敏" not in str(entry.details) + entry.summary + str(done.cells)
    assert not signed(stage).names_complainant


def test_each_office_numbers_each_form_from_one_every_year_and_a_void_number_is_not_given_again(stage):
    first, second = signed(stage), signed(stage)
    actions.recall_inquiry(first.pk, reason="重复", by=stage.cast.officer)
    third, letter = signed(stage), signed(stage, drafted(stage, inside=False))
    given = list(InquiryNumber.objects.order_by("pk").values_list("form", "n", "voided_on"))
    assert given == [("F1", 1, stage.day), ("F1", 2, None), ("F1", 3, None), ("F2", 1, None)]
    assert (second.number, third.number, letter.number) == (
        "市建委 市场投诉〔2026〕2号", "市建委 市场投诉〔2026〕3号", "市场协查〔2026〕1号",
    )  # fmt: skip
    waiting = drafted(stage)
    actions.submit_inquiry(waiting.pk, by=stage.cast.officer)
    stage.day = date(2027, 1, 4)
    assert actions.sign_inquiry(waiting.pk, opinion="同意", by=stage.cast.head).number.endswith("〔2027〕1号")


def test_a_signing_that_fails_loses_no_number(stage):
    inquiry = drafted(stage)
    actions.submit_inquiry(inquiry.pk, by=stage.cast.officer)
    stage.day = date(2041, 1, 4)
    with refused("无法推算"):
        actions.sign_inquiry(inquiry.pk, opinion="同意", by=stage.cast.head)
    stage.day = date(2026, 3, 2)
    assert signed(stage).number.endswith("1号")


def test_the_body_asked_sees_the_sheet_and_answers_late_or_in_time(stage, asked):
    inquiry = drafted(stage)
    assert inquiry_for(asked.clerk, inquiry.pk) is None
    inquiry = signed(stage, inquiry)
    assert [step.verb for step in inquiry_steps(inquiry_for(asked.clerk, inquiry.pk), asked.clerk)] == [
        "receive_inquiry", "answer_inquiry", "decline_inquiry",
    ]  # fmt: skip
    assert inquiry_for(stage.cast.other_clerk, inquiry.pk) is None
    assert inquiry_for(stage.cast.supervisor, inquiry.pk) is not None
    with refused("须由协查部门办理"):
        actions.answer_inquiry(inquiry.pk, text="已查", by=stage.cast.clerk)
    actions.receive_inquiry(inquiry.pk, by=asked.clerk)
    with refused("处理意见", "text"):
        actions.answer_inquiry(inquiry.pk, text=" ", by=asked.clerk)
    stage.later(15)
    done = actions.answer_inquiry(inquiry.pk, text="经查属实。", by=asked.head, files=[scan()])
    assert (done.state, done.answered_late, done.answered_on) == ("answered", True, stage.day)
    assert Deadline.objects.get(rule_key="joint_investigation_internal").state == "met_late"
    assert Attachment.objects.get(subject_kind="inquiry").purpose == "inquiry_evidence"
    assert Notice.objects.filter(to_user_id=stage.cast.officer.user_id, title__contains="处理意见").exists()
    with refused("现为“已答复”"):
        actions.answer_inquiry(inquiry.pk, text="再答", by=asked.head)


def test_more_is_asked_with_a_new_term_and_the_first_answer_stays(stage, asked):
    inquiry = signed(stage)
    actions.answer_inquiry(inquiry.pk, text="正在查。", by=asked.clerk)
    stage.later(1)
    with refused("须由本案经办人本人办理|身份是"):
        actions.ask_more(inquiry.pk, reason="请补充", by=stage.cast.clerk)
    again = actions.ask_more(inquiry.pk, reason="请附合同", by=stage.cast.officer)
    assert (again.state, again.due_on) == ("received", date(2026, 3, 17))
    actions.answer_inquiry(inquiry.pk, text="合同附后。", by=asked.clerk)
    assert [one["kind"] for one in inquiry_answers(inquiry.pk)] == ["answer", "asked_more", "answer"]
    closed = actions.close_inquiry(inquiry.pk, by=stage.cast.officer)
    assert closed.state == "closed"
    assert sorted(Deadline.objects.filter(subject_id=inquiry.pk).values_list("state", flat=True)) == [
        "met",
        "met",
    ]


def test_a_body_declines_with_a_reason_and_its_term_is_met(stage, asked):
    inquiry = signed(stage)
    with refused("不予协查的理由", "reason"):
        actions.decline_inquiry(inquiry.pk, reason="", by=asked.head)
    assert actions.decline_inquiry(inquiry.pk, reason="不属本处职责", by=asked.head).state == "declined"
    assert Deadline.objects.get(subject_id=inquiry.pk).state == "met"


def test_what_comes_on_paper_is_registered_with_its_scan_by_the_asking_office(stage):
    inquiry = signed(stage, drafted(stage, inside=False))
    with refused("送达日期", "served_on"):
        actions.register_dispatch(
            inquiry.pk, served_how="机要交换", served_on=date(2026, 3, 3), by=stage.cast.clerk
        )
    actions.register_dispatch(inquiry.pk, served_how="机要交换", served_on=stage.day, by=stage.cast.clerk)
    stage.later(12)
    with refused("扫描件", "papers"):
        actions.register_answer(inquiry.pk, text="已查", answered_on=stage.day, by=stage.cast.clerk)
    with refused("须由发送单位（委外协查"):
        actions.register_answer(
            inquiry.pk, text="已查", answered_on=stage.day, files=[scan()], by=stage.cast.other_clerk
        )
    done = actions.register_answer(
        inquiry.pk, text="经查属实。", answered_on=date(2026, 3, 12), contact="刘工", telephone="010-1234",
        files=[scan()], by=stage.cast.clerk,
    )  # fmt: skip
    # On the day it came, though it was registered later.
    assert (done.state, done.answered_late) == ("answered", False)
    assert InquiryAnswer.objects.get().way == "paper"


def test_a_refusal_on_paper_is_registered_too(stage):
    inquiry = signed(stage, drafted(stage, inside=False))
    done = actions.register_decline(
        inquiry.pk, reason="无管辖权", answered_on=stage.day, files=[scan()], by=stage.cast.clerk
    )
    assert done.state == "declined"


def test_a_recalled_sheet_ends_its_term_and_the_body_asked_is_told(stage, asked):
    inquiry = signed(stage)
    with refused("不能撤回协查"):
        actions.recall_inquiry(inquiry.pk, reason="误发", by=asked.head)
    actions.recall_inquiry(inquiry.pk, reason="误发", by=stage.cast.head)
    assert Deadline.objects.get(subject_id=inquiry.pk).state == "cancelled"
    assert Notice.objects.filter(to_body=inquiry.asked_body, title__contains="撤回").exists()
    with refused("现为“已撤回”"):
        actions.answer_inquiry(inquiry.pk, text="已查", by=asked.clerk)


def test_who_looked_at_an_older_version_is_told_so(stage):
    inquiry = drafted(stage)
    turn = inquiry.turn
    actions.submit_inquiry(inquiry.pk, by=stage.cast.officer, turn=turn)
    with refused("刚刚有了变化", error=SomebodyWasFirst):
        actions.submit_inquiry(inquiry.pk, by=stage.cast.officer, turn=turn)


def test_the_lists_say_what_waits_for_whom(stage, asked):
    case = stage.answered()
    inquiry = drafted(stage, case=case)
    assert inquiry_counts(stage.cast.officer)["todo"] == 1
    signed(stage, inquiry)
    assert inquiry_counts(asked.clerk) == {"todo": 1, "late": 0, "asked": 1, "sent": 0, "ended": 0}
    assert [row["id"] for row in inquiries_for(stage.cast.head, "sent")["rows"]] == [inquiry.pk]
    stage.later(20)
    assert inquiry_counts(stage.cast.supervisor)["late"] == 1
    assert inquiries_of(case.pk)[0]["late"]
    assert inquiry_counts(stage.cast.other_clerk)["late"] == 0


def test_every_step_of_the_table_is_taken_by_a_test_here_or_beside():
    """The journal has a kind for each, so that none can be recorded under another's name."""
    from fangxin.journal.kinds import BY_VALUE

    for step in INQUIRY.steps:
        assert f"inquiry:{step.verb.removesuffix('_inquiry')}" in BY_VALUE
    assert str(Inquiry(asked_name="甲")) == "致甲"
