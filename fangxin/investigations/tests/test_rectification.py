"""整改方案、整改结果、验收 (SM-05a)."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import CompanyTask
from fangxin.deadlines.actions import run_clock
from fangxin.deadlines.models import Deadline
from fangxin.investigations.actions import check_rectification, hand_in_rectification, register_report
from fangxin.investigations.models import RectificationOrder, RectificationReport
from fangxin.investigations.queries import is_of_case, orders_for_company, orders_of
from fangxin.investigations.workflow import ORDER_STEPS, OrderState, order_step
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.roles import Role
from tests.stage import paper, refused

pytestmark = pytest.mark.django_db


def checked(stage, case, accepted=True, order=None, *, by=None, opinion="已核实", **more):
    return check_rectification(
        case.pk, order_id=(order or stage.order(case)).pk, accepted=accepted, opinion=opinion,
        by=by or stage.cast.officer, **more,
    )  # fmt: skip


def term():
    return Deadline.objects.get(rule_key="ordered_rectification")


# The company


def test_a_plan_then_a_result_and_the_term_is_met(stage):
    case = stage.rectifying()
    order = stage.order(case)
    plan = stage.hand_in(order, "plan")
    assert (str(plan), term().state) == ("整改方案", "running")
    stage.hand_in(order, "plan")
    stage.hand_in(order, "result")
    order.refresh_from_db()
    assert (order.state, term().state) == ("done", "met")
    stage.hand_in(order, "result")
    shown = orders_for_company(stage.cast.company.pk, order_id=order.pk)[0]
    assert [report["kind"] for report in shown["reports"]] == ["plan", "plan", "result", "result"]
    assert shown["due"] is None
    assert Notice.objects.filter(to_body=case.handling_body, title__contains="上报整改结果").count() == 2


def test_a_result_before_its_plan_is_refused(stage):
    order = stage.order(stage.rectifying())
    with refused("须先“已报整改方案、已报整改结果”"):
        stage.hand_in(order, "result")


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 17), False), (date(2026, 3, 18), True)])
def test_the_fifteenth_day_is_in_time(stage, day, late):
    order = stage.order(stage.rectifying())
    stage.hand_in(order, "plan")
    stage.day = day
    report = stage.hand_in(order, "result")
    assert (report.late, term().state) == (late, "met_late" if late else "met")
    assert ("逾期" in Entry.objects.filter(kind="rectification:result").latest("id").summary) is late


@pytest.mark.parametrize("text", ["", " ", "改" * 8001])
def test_something_is_handed_in(stage, text):
    order = stage.order(stage.rectifying())
    with refused("请填写内容，不超过8000字", "text"):
        hand_in_rectification(order.pk, kind="plan", text=text, by=stage.cast.company_user)


def test_another_company_and_an_officer_hand_in_nothing(stage):
    order = stage.order(stage.rectifying())
    for stranger in (stage.cast.other_company_user, stage.cast.officer):
        with refused("它不是发给贵企业的"):
            stage.hand_in(order, "plan", stranger)
    with refused("没有这份责令整改"):
        hand_in_rectification(uuid4(), kind="plan", text="方案", by=stage.cast.company_user)


def test_the_same_form_sent_twice_is_one_report(stage):
    order, key = stage.order(stage.rectifying()), uuid4()
    given = {"kind": "plan", "text": "三日内退还。", "by": stage.cast.company_user, "act_key": key}
    hand_in_rectification(order.pk, **given)
    with pytest.raises(AlreadyDone):
        hand_in_rectification(order.pk, **given)
    assert RectificationReport.objects.count() == 1


def test_a_result_and_its_files_come_together_or_not_at_all(stage, tmp_path, settings):
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}  # fmt: skip
    case = stage.rectifying()
    order = stage.order(case)
    stage.hand_in(order, "plan")
    bad = SimpleUploadedFile("转账.pdf", b"not a pdf")
    given = {"kind": "result", "text": "已退还。", "by": stage.cast.company_user}
    with refused(field="files"):
        hand_in_rectification(order.pk, **given, files=[bad])
    assert term().state == "running"
    good = SimpleUploadedFile(
        "转账.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
    report = hand_in_rectification(order.pk, **given, files=[good])
    assert is_of_case(case, "report", str(report.pk))


# The check


def test_an_accepted_result_lets_the_complainant_be_told(stage):
    case = checked(stage, stage.handed_in())
    assert (case.status, case.due_on) == ("awaiting_telling", None)
    order = stage.order(case)
    assert (order.state, order.verified_on) == ("verified", stage.day)
    check = orders_of(case.pk)[0]["checks"][0]
    assert (check["accepted"], check["by_user__full_name"]) == (True, "陈涛")
    assert Notice.objects.filter(to_company=stage.cast.company, title__contains="验收到位").exists()
    with refused("现为“整改到位”"):
        stage.hand_in(order, "plan")


def test_what_does_not_suffice_is_redone_within_the_same_days(stage):
    case = stage.handed_in()
    back = checked(stage, case, accepted=False, opinion="差三千元")
    order = stage.order(back)
    assert (back.status, back.due_on, order.state) == ("rectifying", date(2026, 3, 17), "planned")
    assert (term().state, term().due_on) == ("running", date(2026, 3, 17))
    assert orders_for_company(stage.cast.company.pk)[0]["due"]["words"] == "剩 15 日"
    stage.hand_in(order, "result")
    assert checked(stage, back).status == "awaiting_telling"
    assert [one["accepted"] for one in orders_of(case.pk)[0]["checks"]] == [False, True]


def test_a_result_sent_back_after_its_day_is_overdue_at_the_clocks_next_turn(stage):
    case = stage.handed_in()
    stage.day = date(2026, 3, 20)
    checked(stage, case, accepted=False)
    run_clock()
    assert term().missed_on == date(2026, 3, 18)


def test_a_result_that_was_late_stays_late_when_it_is_redone(stage):
    case = stage.rectifying()
    order = stage.order(case)
    stage.hand_in(order, "plan")
    stage.day = date(2026, 3, 20)
    stage.hand_in(order, "result")
    checked(stage, case, accepted=False)
    assert term().state == "met_late"


def test_of_several_orders_the_last_lets_the_case_go_on_though_it_comes_late(stage):
    both = [Respondent(stage.cast.company.pk, ""), Respondent(stage.cast.other_company.pk, "")]
    case = stage.decided("violation", stage.accepted(respondents=both), without_reply_because="未复")
    tasks = list(CompanyTask.objects.filter(case_id=case.pk).values_list("pk", flat=True))
    stage.rectifying(case, task_ids=tasks)
    mine, theirs = (
        RectificationOrder.objects.get(company=company)
        for company in (stage.cast.company, stage.cast.other_company)
    )
    for kind in ("plan", "result"):
        stage.hand_in(mine, kind)
    first = checked(stage, case, order=mine)
    assert (first.status, first.due_on) == ("rectifying", date(2026, 3, 17))
    stage.hand_in(theirs, "plan", stage.cast.other_company_user)
    stage.day = date(2026, 3, 30)
    stage.hand_in(theirs, "result", stage.cast.other_company_user)
    last = checked(stage, case, order=theirs)
    assert (last.status, last.due_on) == ("awaiting_telling", None)
    states = Deadline.objects.filter(rule_key="ordered_rectification").values_list("owner_company", "state")
    assert set(states) == {(stage.cast.company.pk, "met"), (stage.cast.other_company.pk, "met_late")}


def test_an_order_without_a_company_account_is_checked_without_writing_to_one(stage):
    case = stage.decided(
        "violation",
        stage.accepted(respondents=[Respondent(None, "街角小中介")]),
        without_reply_because="无法联系",
    )
    stage.rectifying(case)
    RectificationOrder.objects.update(state="done")
    assert checked(stage, case).status == "awaiting_telling"
    assert not Notice.objects.exclude(to_company=None).exists()


def test_a_check_needs_a_result_an_opinion_and_an_order_of_this_case(stage):
    case = stage.rectifying()
    with refused("须先“已报整改结果”"):
        checked(stage, case)
    done = stage.handed_in()
    for opinion in (" ", "验" * 8001):
        with refused("验收意见", "opinion"):
            checked(stage, done, opinion=opinion)
    with refused("本案没有这份责令整改", "order"):
        checked(stage, done, order=stage.order(case))


def test_a_colleague_does_not_check(stage):
    with refused("须由本案经办人本人办理"):
        checked(stage, stage.handed_in(), by=stage.at("district.110105.brokerage", Role.CASE_OFFICER))


def test_the_same_check_sent_twice_is_one(stage):
    case, key = stage.handed_in(), uuid4()
    checked(stage, case, act_key=key)
    with pytest.raises(AlreadyDone):
        checked(stage, case, act_key=key)


# The table


def test_the_table_refuses_in_words_what_it_does_not_know():
    with refused_plainly("没有名为“burn”的整改步骤"):
        order_step("burn", OrderState.ORDERED)
    for row in ORDER_STEPS:
        for state in OrderState:
            if state in row.before:
                assert order_step(row.verb, state).after == row.after
            else:
                with refused_plainly(f"不能{row.title}"):
                    order_step(row.verb, state)


def refused_plainly(said):
    from fangxin.organisations.refusals import ActRefused

    return pytest.raises(ActRefused, match=said)


def test_attachments_belong_to_the_case_they_were_handed_in_for(stage):
    case, other = stage.handed_in(), stage.answered()
    reply = stage.task(case).replies.get()
    report = RectificationReport.objects.filter(order__case_id=case.pk).first()
    assert is_of_case(case, "complaint", str(case.complaint_id))
    assert is_of_case(case, "reply", str(reply.pk))
    assert is_of_case(case, "report", str(report.pk))
    for kind, subject in (
        ("complaint", case.complaint_id),
        ("reply", reply.pk),
        ("report", report.pk),
        ("pig", 1),
    ):
        assert not is_of_case(other, kind, str(subject))


# On paper


def on_paper(stage, case, kind="plan", **changes):
    facts = {
        "order_id": stage.order(case).pk, "kind": kind, "text": "已退还。", "received_on": stage.day,
        "by_name": "马经理", "files": [paper()], "by": stage.cast.clerk,
    }  # fmt: skip
    return register_report(case.pk, **{**facts, **changes})


@pytest.fixture
def off_the_platform(stage):
    return stage.rectifying(stage.decided("violation", stage.unreached(), without_reply_because="未复"))


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 17), False), (date(2026, 3, 18), True)])
def test_a_company_off_the_platform_hands_in_on_paper_by_the_day_it_came(stage, off_the_platform, day, late):
    stage.day = date(2026, 3, 20)
    on_paper(stage, off_the_platform)
    report = on_paper(stage, off_the_platform, "result", received_on=day)
    assert (report.late, report.by_name, term().state) == (
        late,
        "马经理（书面）",
        "met_late" if late else "met",
    )
    assert is_of_case(off_the_platform, "report", str(report.pk))
    assert checked(stage, off_the_platform).status == "awaiting_telling"


def test_what_stands_in_the_way_of_a_paper_is_named(stage, off_the_platform):
    with refused("须先“已报整改方案"):
        on_paper(stage, off_the_platform, "result")
    with refused("请上传书面材料的扫描件", "files"):
        on_paper(stage, off_the_platform, files=[])
    with refused("收到日期应在2026-03-02送达之后", "received_on"):
        on_paper(stage, off_the_platform, received_on=date(2026, 3, 1))
    with refused("没有这份责令整改", "order"):
        on_paper(stage, off_the_platform, order_id=uuid4())
    for by in ("head", "other_clerk"):
        with refused("须由"):
            on_paper(stage, off_the_platform, by=getattr(stage.cast, by))
    with refused("已入驻平台，请其在网上上报", "order"):
        on_paper(stage, stage.rectifying())
    on_paper(stage, off_the_platform)
    on_paper(stage, off_the_platform, "result")
    case = checked(stage, off_the_platform)
    with refused("现为“待告知投诉人”"):
        on_paper(stage, case)
