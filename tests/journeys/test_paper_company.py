"""EX-03, EX-15 · A company without an account: printed, faxed, answered and rectified on paper, through the screens."""

import pytest
from django.urls import reverse

from fangxin.cases.models import Case, CompanyTask
from fangxin.deadlines.models import Deadline
from fangxin.investigations.models import RectificationOrder
from tests.cast import beijing_cast
from tests.journeys.test_seven_people import Seat, citizen_complains
from tests.stage import paper

pytestmark = pytest.mark.django_db


def test_ex_03_a_company_off_the_platform_is_told_answers_and_rectifies_on_paper(settings):
    settings.FANGXIN_TODAY = "2026-03-02"
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    dispatcher, clerk, officer = (Seat(cast, name) for name in ("liqiang", "wangfang", "chentao"))
    head, stranger = Seat(cast, "zhaogang"), Seat(cast, "qianjun")
    dispatcher.does("case_step", number, "dispatch_case", link="brokerage", district="110105")
    clerk.does(
        "case_step", number, "accept_case", officer=cast.officer.user_id, summary="投诉人反映贵公司不退定金。",
        points="定金为何不退？", other_names="街角小中介", checked="on",
    )  # fmt: skip
    task = CompanyTask.objects.get(number=number)

    shown = clerk.reads("case", number)
    assert "平台无法自动分派" in shown
    assert reverse("case_step", args=[number, "tell_company"]) in shown
    assert reverse("company_paper", args=[number, task.pk]) in shown
    assert reverse("case_step", args=[number, "register_report"]) not in shown
    told = {
        "task": str(task.pk), "channel": "fax", "address": "010-87654321", "told_at": "2026-03-02T00:01",
        "files": paper(),
    }  # fmt: skip
    assert "请上传告知的凭证" in clerk.is_refused(
        "case_step", number, "tell_company", **{**told, "files": ""}
    )
    stranger.is_refused("case_step", number, "tell_company", **{**told, "files": paper()})
    clerk.does("case_step", number, "tell_company", **{**told, "files": paper()})
    shown = officer.reads("case", number)
    assert "传真告知，号码 010-87654321" in shown
    assert "街角小中介" in shown
    assert reverse("case_step", args=[number, "tell_company"]) not in shown

    settings.FANGXIN_TODAY = "2026-03-04"
    written = {
        "task": str(task.pk), "received_on": "2026-03-04", "answer_1": "确有此事。", "admits_violation": "on",
        "by_name": "马经理", "files": paper("回复.jpg"),
    }  # fmt: skip
    assert "请一并填写整改意见" in clerk.is_refused("case_step", number, "register_reply", **written)
    written["files"] = paper("回复.jpg")
    clerk.does("case_step", number, "register_reply", **written, plan="三日内退还。")
    shown = officer.reads("case", number)
    assert "第 1 版书面回复" in shown
    assert Deadline.objects.get(rule_key="offline_rectification").due_on.isoformat() == "2026-03-17"

    officer.does(
        "case_step",
        number,
        "ask_again",
        task=str(task.pk),
        points=["定金为何不退？"],
        reason="请写明退还日期。",
    )
    assert "退回补充：" in officer.reads("case", number)
    clerk.does(
        "case_step", number, "register_reply",
        **{**written, "plan": "已退还。", "answer_1": "三月三日已退还。", "files": paper("补充.jpg")},
    )  # fmt: skip
    officer.does(
        "case_step", number, "record_rectification", task=str(task.pk), done_on="2026-03-04", text="已退还。",
        files=paper("转账.jpg"),
    )  # fmt: skip
    assert "自行整改" in officer.reads("case", number)

    officer.does(
        "case_step", number, "submit_opinion", outcome="violation", affirmed=["verified"], findings="属实。",
        violations=["BR-07"], legal_basis="《房地产经纪管理办法》第二十五条", text="责令整改。",
    )  # fmt: skip
    head.does(
        "case_step", number, "order_rectification", companies=[str(task.pk)], requirements="完善收费公示。",
        served_on="2026-03-04",
    )  # fmt: skip
    order = RectificationOrder.objects.get(number=number)
    assert reverse("case_step", args=[number, "register_report"]) in clerk.reads("case", number)
    for kind in ("plan", "result"):
        clerk.does(
            "case_step", number, "register_report", order=str(order.pk), kind=kind, received_on="2026-03-04",
            text="已公示。", by_name="马经理", files=paper(),
        )  # fmt: skip
    officer.does(
        "case_step", number, "check_rectification", order=str(order.pk), accepted="yes", opinion="已核实。"
    )
    assert Case.objects.get(number=number).status == "awaiting_telling"
    assert Deadline.objects.get(rule_key="ordered_rectification").state == "met"
    assert "马经理（书面）" in officer.reads("case", number)


def test_the_sheet_is_printed_for_those_who_see_the_case(settings):
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    dispatcher, clerk = Seat(cast, "liqiang"), Seat(cast, "wangfang")
    dispatcher.does("case_step", number, "dispatch_case", link="brokerage", district="110105")
    clerk.does(
        "case_step", number, "accept_case", officer=cast.officer.user_id, summary="投诉人反映贵公司不退定金。",
        points="定金为何不退？", other_names="街角小中介", checked="on",
    )  # fmt: skip
    address = reverse("company_paper", args=[number, CompanyTask.objects.get(number=number).pk])
    answer = clerk.client.get(address)
    # A server without a Chinese font says so and prints nothing.
    assert answer.status_code in {200, 409}
    if answer.status_code == 200:
        assert answer.content.startswith(b"%PDF-")
    assert Seat(cast, "qianjun").client.get(address).status_code == 404
    assert Seat(cast, "liuyang").client.get(address).status_code == 404
