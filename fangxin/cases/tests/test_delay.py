"""EX-09 · 逾期 (二(七), SM-17): from the day after, a reason or a report upward, and until then nothing else."""

from datetime import date

import pytest

from fangxin.cases.actions import explain_delay, record_answer, report_delay, urge_company, urge_department
from fangxin.cases.queries import Sieve, beside_case, case_for, desk, next_actors, steps_for
from fangxin.investigations.models import Opinion
from fangxin.notices.models import Notice
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stage):
    """Answered by the company, and overdue since today."""
    found = stage.answered()
    stage.day = date(2026, 3, 17)
    return found


@pytest.fixture
def division(stage):
    """陆敏, 房屋市场处, to which brokerage cases are reported."""
    return stage.at("city.market", Role.DEPARTMENT_HEAD, "陆敏")


def urged(case, by, kind="urge"):
    return urge_department(
        case.pk, kind=kind, channel="telephone", addressee="陈涛", text="请加快办理。", by=by
    )


def verbs(stage, case, who):
    return {step.verb for step in steps_for(stage.case(case), getattr(stage.cast, who))}


def test_on_the_due_day_nothing_is_owed(stage, case):
    stage.day = date(2026, 3, 16)
    with refused("案件没有逾期"):
        explain_delay(case.pk, reason="忙", by=stage.cast.officer)
    assert "submit_opinion" in verbs(stage, case, "officer")


def test_ex_09_from_the_day_after_only_a_reason_or_a_report_can_be_given(stage, case):
    owed = {"explain_delay", "report_delay"}
    assert verbs(stage, case, "officer") == owed | {"record_answer"}
    assert verbs(stage, case, "clerk") == owed | {"record_answer", "reassign_officer"}
    assert verbs(stage, case, "head") == owed | {"reassign_officer"}
    with refused("须先注明理由或者上报主管部门"):
        stage.decided(case=case)
    with refused("须先注明理由"):
        stage.propose("return", case)
    assert [line.partition("：")[2] for line in next_actors(stage.case(case))][:3] == [
        "改派经办人", "注明逾期理由", "上报主管部门",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["clerk", "officer", "head"])
def test_with_a_reason_the_case_goes_on_and_stays_late(stage, case, by):
    explain_delay(case.pk, reason="企业材料未齐", by=getattr(stage.cast, by))
    assert beside_case(case.pk)["delays"][0]["due_on"] == date(2026, 3, 16)
    with refused("这次逾期已经说明"):
        explain_delay(case.pk, reason="再说", by=stage.cast.officer)
    stage.decided(case=stage.case(case))
    assert Opinion.objects.get().late


def test_a_report_shows_the_case_to_the_competent_department_which_urges(stage, case, division):
    assert case_for(division, case.number) is None
    with refused("须由案件上报的市级主管部门办理"):
        urged(case, division)
    report_delay(case.pk, reason="须与外区县协调", by=stage.cast.officer)
    assert Notice.objects.filter(to_body_id=division.body_id, title__contains="逾期上报").exists()
    assert case_for(division, case.number) == case
    assert [row["number"] for row in desk(division, Sieve())["rows"]] == [case.number]
    assert {step.verb for step in steps_for(stage.case(case), division)} == {"urge_department"}
    assert [urged(case, division, kind).number for kind in ("urge", "coordinate")] == [1, 2]
    record_answer(case.pk, number=1, answer="三日内提出意见。", by=stage.cast.officer)
    shown = beside_case(case.pk)["urgings"]
    assert [(one["kind_title"], one["answer"]) for one in shown] == [
        ("催办", "三日内提出意见。"),
        ("协调", ""),
    ]
    assert Notice.objects.filter(to_user_id=stage.cast.officer.user_id, title__contains="督促").exists()


def test_another_division_sees_and_urges_nothing(stage, case):
    report_delay(case.pk, reason="须协调", by=stage.cast.officer)
    other = stage.at("city.development", Role.DEPARTMENT_HEAD)
    assert case_for(other, case.number) is None
    with refused("须由案件上报的市级主管部门办理"):
        urged(case, other)


def test_no_stranger_states_the_delay_and_a_reason_is_asked_for(stage, case):
    for by in ("other_clerk", "supervisor", "dispatcher"):
        with refused("须由"):
            explain_delay(case.pk, reason="忙", by=getattr(stage.cast, by))
    with refused("逾期的理由：不能为空", "reason"):
        explain_delay(case.pk, reason=" ", by=stage.cast.officer)
    stage.day = date(2026, 3, 16)
    with refused("只有“调查处理”时才可以"):
        explain_delay(stage.decided(case=case).pk, reason="忙", by=stage.cast.officer)


def test_the_division_does_not_urge_what_was_decided(stage, case, division):
    report_delay(case.pk, reason="须协调", by=stage.cast.officer)
    decided = stage.decided(case=stage.case(case))
    with refused("只有“调查处理”时才可以"):
        urged(decided, division)
    assert desk(division, Sieve())["rows"] == []


# Urging a company (二(五))


def test_a_company_is_urged_again_and_again_and_reads_it(stage):
    from fangxin.cases.queries import task_for, tasks_of_company

    case = stage.accepted()
    task = stage.task(case)
    given = {"task_id": task.pk, "addressee": "刘洋", "text": "请尽快回复。", "by": stage.cast.officer}
    assert [urge_company(case.pk, channel=one, **given).number for one in ("platform", "telephone")] == [1, 2]
    company = stage.cast.company
    assert [one["text"] for one in task_for(company.pk, task.pk)["urgings"]] == ["请尽快回复。"] * 2
    assert Notice.objects.filter(to_company=company, title__startswith="催办").count() == 2
    assert tasks_of_company(company.pk, stage.cast.officer)[0]["urged"] == 2
    record_answer(case.pk, number=2, answer="今天回复。", by=stage.cast.clerk)
    with refused("尚未登记答复的催办", "urging"):
        record_answer(case.pk, number=2, answer="再答", by=stage.cast.clerk)


def test_what_stands_in_the_way_of_urging_is_named(stage):
    case = stage.unreached()
    given = {
        "task_id": stage.task(case).pk, "channel": "telephone", "addressee": "马", "text": "请回复",
        "by": stage.cast.officer,
    }  # fmt: skip
    for changes, said, field in (
        ({"channel": "platform"}, "未入驻平台", "channel"), ({"channel": "pigeon"}, "请选择催办的方式", "channel"),
        ({"addressee": ""}, "对象：不能为空", "addressee"), ({"text": ""}, "催办内容：不能为空", "text"),
        ({"task_id": case.pk}, "请选择本案的一家", "task"),
    ):  # fmt: skip
        with refused(said, field):
            urge_company(case.pk, **{**given, **changes})
    for by in ("head", "other_clerk"):
        with refused("须由"):
            urge_company(case.pk, **{**given, "by": getattr(stage.cast, by)})
    urge_company(case.pk, **given)
    decided = stage.decided(case=stage.case(case), without_reply_because="未复")
    with refused("只有“调查处理、整改中”时才可以"):
        urge_company(decided.pk, **given)
