"""One complaint goes the whole way to closed through the screens of everybody it meets."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from fangxin.cases.models import Case, CompanyTask
from fangxin.investigations.models import RectificationOrder
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


class Seat:
    """One person at their own screen."""

    def __init__(self, cast, username):
        self.client = Client()
        self.client.force_login(cast.users[username], backend="django.contrib.auth.backends.ModelBackend")

    def reads(self, name, *args):
        answer = self.client.get(reverse(name, args=args))
        assert answer.status_code == 200, answer.content.decode()[:2000]
        return answer.content.decode()

    def hidden(self, page):
        return dict(re.findall(r'name="(act_key|turn|kind)" value="([^"]*)"', page))

    def does(self, name, *args, **fields):
        """Opens the page, fills in its form and sends it; the page must accept it."""
        page = self.reads(name, *args)
        answer = self.client.post(reverse(name, args=args), {**self.hidden(page), **fields})
        assert answer.status_code in {302, 303}, re.sub(r"\s+", " ", answer.content.decode())[:6000]
        return answer

    def is_refused(self, name, *args, **fields):
        answer = self.client.post(reverse(name, args=args), {"act_key": uuid4(), **fields})
        assert answer.status_code in {404, 409, 422}, answer.status_code
        return answer.content.decode()


def citizen_complains():
    citizen = Client()
    page = citizen.get(reverse("complain")).content.decode()
    hidden = dict(re.findall(r'name="(act_key|turn)" value="([^"]*)"', page))
    answer = citizen.post(
        reverse("complain"),
        {
            **hidden, "title": "中介不退定金", "text": "我叫张敏，电话13800138000，交了两万元定金，房子没买成，中介不退。",
            "respondent_name": "北京诚信房产经纪有限公司", "district": "110105", "name": "张敏",
            "telephone": "13800138000",
        },
    )  # fmt: skip
    assert answer.status_code in {302, 303}, answer.content.decode()[:4000]
    receipt = citizen.get(answer["Location"]).content.decode()
    number = re.search(r"BJ-\d{4}-\d{6}", receipt).group()
    secret = re.search(r"<dt>查询码</dt>\s*<dd>([^<]+)</dd>", receipt).group(1).strip()
    return citizen, number, secret


def test_a_violation_is_ordered_rectified_checked_and_called_back():
    cast = beijing_cast()
    citizen, number, secret = citizen_complains()
    dispatcher, clerk, officer = (Seat(cast, name) for name in ("liqiang", "wangfang", "chentao"))
    head, supervisor, company = (Seat(cast, name) for name in ("zhaogang", "sunli", "liuyang"))

    assert number in dispatcher.reads("desk")
    dispatcher.does("case_step", number, "dispatch_case", link="brokerage", district="110105")

    assert number in clerk.reads("desk")
    proposal = clerk.reads("case_step", number, "accept_case")
    assert "［姓名］" in proposal
    clerk.does(
        "case_step", number, "accept_case", officer=cast.officer.user_id, summary="投诉人反映贵公司不退定金两万元。",
        points="定金为何不退？\n何时退还？", companies=[cast.company.pk], checked="on",
    )  # fmt: skip
    task = CompanyTask.objects.get(number=number)

    desk = company.reads("enterprise_desk")
    assert number in desk
    shown = company.reads("enterprise_task", task.pk)
    assert "13800138000" not in shown
    assert "张敏" not in shown
    company.does(
        "enterprise_task", task.pk, answer_1="合同约定不退。", answer_2="不退。", contact="010-12345678"
    )

    officer.does(
        "case_step", number, "submit_opinion", outcome="violation", affirmed=["verified"],
        findings="合同没有不退的约定。", violations=["BR-07"], legal_basis="《房地产经纪管理办法》第二十五条",
        text="责令退还定金。",
    )  # fmt: skip
    head.does(
        "case_step", number, "order_rectification", companies=[str(task.pk)], requirements="退还定金两万元。",
        served_on=Case.objects.get(number=number).registered_on.isoformat(),
    )  # fmt: skip
    order = RectificationOrder.objects.get(number=number)
    company.does("enterprise_order", order.pk, text="三日内退还，并培训人员。")
    company.does("enterprise_order", order.pk, text="已退还，见转账记录。")
    officer.does(
        "case_step",
        number,
        "check_rectification",
        order=str(order.pk),
        accepted="yes",
        opinion="已核实到账。",
    )
    officer.does("case_step", number, "tell_complainant", told_how="directly", text="定金已全部退还。")
    supervisor.does(
        "case_step", number, "record_callback", contacted="yes", solved="solved", satisfaction="satisfied"
    )

    assert Case.objects.get(number=number).status == "closed"
    followed = citizen.post(reverse("follow"), {"number": number, "secret": secret}).content.decode()
    assert "定金已全部退还" in followed
    assert "已办结归档" in followed


def test_a_return_is_proposed_by_the_clerk_and_approved_by_the_head_who_is_another():
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    dispatcher, clerk, head = (Seat(cast, name) for name in ("liqiang", "wangfang", "zhaogang"))
    dispatcher.does("case_step", number, "dispatch_case", link="brokerage", district="110105")
    clerk.does("case_step", number, "propose_return", reason_code="out_of_scope", reason="应由物业部门办理。")
    assert "部门领导" in clerk.is_refused("case_step", number, "approve_return", opinion="同意")
    head.does("case_step", number, "approve_return", opinion="同意")
    case = Case.objects.get(number=number)
    assert (case.status, case.returned_times) == ("registered", 1)
    assert number in dispatcher.reads("desk")


def test_a_stranger_department_and_a_stranger_company_find_nothing():
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    Seat(cast, "liqiang").does("case_step", number, "dispatch_case", link="brokerage", district="110105")
    stranger = Seat(cast, "qianjun")
    assert stranger.client.get(reverse("case", args=[number])).status_code == 404
    company = Seat(cast, "hejing")
    assert company.client.get(reverse("enterprise_task", args=[uuid4()])).status_code == 404
    assert company.client.get(reverse("case", args=[number])).status_code == 404


def test_the_same_form_sent_twice_is_one_act():
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    dispatcher = Seat(cast, "liqiang")
    address = reverse("case_step", args=[number, "dispatch_case"])
    hidden = dispatcher.hidden(dispatcher.client.get(address).content.decode())
    form = {**hidden, "link": "brokerage", "district": "110105"}
    first = dispatcher.client.post(address, form)
    second = dispatcher.client.post(address, form)
    assert first.status_code == 302
    assert second.status_code in {302, 409}
    assert Case.objects.get(number=number).hops.count() == 1


def test_two_clerks_at_once_the_second_is_told_who_was_first():
    cast = beijing_cast()
    _, number, _ = citizen_complains()
    one, two = Seat(cast, "liqiang"), Seat(cast, "liqiang")
    address = reverse("case_step", args=[number, "dispatch_case"])
    forms = [seat.hidden(seat.client.get(address).content.decode()) for seat in (one, two)]
    fields = {"link": "brokerage", "district": "110105"}
    assert one.client.post(address, {**forms[0], **fields}).status_code == 302
    late = two.client.post(address, {**forms[1], **fields})
    assert late.status_code in {409, 422}
    assert number in late.content.decode() or "待受理" in late.content.decode()
