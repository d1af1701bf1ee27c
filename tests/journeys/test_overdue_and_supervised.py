"""EX-01, EX-09, 二(七) · Urged, extended, overdue, reported, supervised: through everybody's screens."""

import pytest
from django.urls import reverse

from fangxin.cases.models import CompanyTask, SupervisionOrder
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast, member
from tests.journeys.test_seven_people import Seat, citizen_complains

pytestmark = pytest.mark.django_db


def test_ex_09_an_overdue_case_is_reported_urged_supervised_and_goes_on(settings):
    settings.FANGXIN_TODAY = "2026-03-02"
    cast = beijing_cast()
    member("lumin", "陆敏", Role.DEPARTMENT_HEAD, Body.objects.get(code="city.market"))
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    dispatcher, clerk, officer = (Seat(cast, name) for name in ("liqiang", "wangfang", "chentao"))
    head, supervisor, company, division = (
        Seat(cast, name) for name in ("zhaogang", "sunli", "liuyang", "lumin")
    )
    dispatcher.does("case_step", number, "dispatch_case", link="brokerage", district="110105")
    clerk.does(
        "case_step", number, "accept_case", officer=cast.officer.user_id, summary="投诉人反映贵公司不退定金。",
        points="定金为何不退？", companies=[cast.company.pk], checked="on",
    )  # fmt: skip
    task = CompanyTask.objects.get(number=number)

    officer.does(
        "case_step", number, "urge_company", task=str(task.pk), channel="platform", addressee="刘洋", text="请尽快回复。"
    )  # fmt: skip
    assert "请尽快回复。" in company.reads("enterprise_task", task.pk)
    officer.does("case_step", number, "record_answer", urging="1", answer="今天回复。")
    assert "1 次" in officer.reads("company", cast.company.pk)

    officer.does("case_step", number, "ask_extension", until="2026-03-20", reason="须向银行核实。")
    assert "须向银行核实" in head.reads("case_step", number, "decide_extension")
    head.does("case_step", number, "decide_extension", result="approved", opinion="同意，抓紧。")
    assert "原截止" in officer.reads("case", number)

    settings.FANGXIN_TODAY = "2026-03-23"
    shown = officer.reads("case", number)
    assert reverse("case_step", args=[number, "explain_delay"]) in shown
    assert reverse("case_step", args=[number, "submit_opinion"]) not in shown
    refused = officer.client.get(reverse("case_step", args=[number, "submit_opinion"]))
    assert refused.status_code == 409
    assert "须先注明理由" in refused.content.decode()
    assert number not in division.reads("desk")
    officer.does("case_step", number, "report_delay", reason="银行尚未答复。")
    assert number in division.reads("desk")
    division.does(
        "case_step", number, "urge_department", kind="coordinate", channel="telephone", addressee="陈涛",
        text="已与银行联系，请三日内办理。",
    )  # fmt: skip

    supervisor.does("case_step", number, "issue_supervision", whom="department", text="请说明进展。")
    supervisor.does(
        "case_step", number, "issue_supervision", whom=str(cast.company.pk), text="请尽快退还定金。"
    )
    of_department, of_company = SupervisionOrder.objects.order_by("number")
    officer.does("case_step", number, "acknowledge_supervision", order=str(of_department.pk))
    officer.does(
        "case_step", number, "answer_supervision", order=str(of_department.pk), answer="三日内提出意见。"
    )
    assert of_company.number in company.reads("enterprise_desk")
    company.does("enterprise_supervision", of_company.pk, answer="已退还。")
    assert Seat(cast, "hejing").client.get(
        reverse("enterprise_supervision", args=[of_company.pk])
    ).status_code == 404  # fmt: skip
    supervisor.does(
        "case_step",
        number,
        "close_supervision",
        order=str(of_department.pk),
        result="close",
        conclusion="同意。",
    )
    shown = supervisor.reads("case", number)
    for words in ("督办（2）", "已办结", "协调", "上报房屋市场处", "第 2 次协调"):
        assert words in shown, words
    officer.does(
        "case_step", number, "submit_opinion", outcome="civil_dispute",
        affirmed=["between_parties", "liability_unclear"], findings="已核实。", text="民事纠纷。",
        without_reply_because="催办未复",
    )  # fmt: skip
    assert "逾期提出" in officer.reads("case", number)
