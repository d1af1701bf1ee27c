"""The same page sent twice, sent changed, and sent when the matter has gone on: nothing is lost, nothing is taken for another thing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from fangxin.cases import actions
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, CompanyTask, Proposal, Reply
from fangxin.complaints.actions import Grievance, identity_from
from fangxin.deadlines.clock import today
from fangxin.investigations import actions as investigations
from fangxin.investigations.models import RectificationOrder, RectificationReport
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return beijing_cast()


@pytest.fixture
def dispatched(cast):
    """A citizen who wrote their name and telephone into the title; the case waits for acceptance."""
    receipt = actions.register_case(
        Grievance(
            title="我叫张敏，电话13800138000，中介不退定金", text="交了两万元定金。", respondent_name=cast.company.name,
            district="110105",
        ),
        identity_from({"name": "张敏", "telephone": "13800138000"}), source="hotline", by=cast.emergency,
    )  # fmt: skip
    case = Case.objects.get(number=receipt.number)
    return actions.dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)


@pytest.fixture
def accepted(cast, dispatched):
    return actions.accept_case(
        dispatched.pk, officer_id=cast.officer.user_id, summary="投诉人反映不退定金。", points=["为何不退？"],
        respondents=[Respondent(cast.company.pk, cast.company.name)], by=cast.clerk,
    )  # fmt: skip


@pytest.fixture
def sits(cast):
    def seat(username):
        client = Client()
        client.force_login(cast.users[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return seat


def opened(client, address):
    page = client.get(address).content.decode()
    return dict(re.findall(r'name="(act_key|turn|kind)" value="([^"]*)"', page))


def test_the_questions_begin_with_the_title_as_masked(dispatched, sits):
    """They go to the company like the summary, and are approved by the same tick."""
    page = sits("wangfang").get(reverse("case_step", args=[dispatched.number, "accept_case"]))
    asked = page.context["form"]["points"].value()
    assert "中介不退定金" in asked
    assert "张敏" not in asked
    assert "13800138000" not in asked
    assert "问题" in page.context["form"].fields["checked"].label


def test_an_answer_changed_after_going_back_is_a_new_version(accepted, sits):
    client, task = sits("liuyang"), CompanyTask.objects.get()
    address = reverse("enterprise_task", args=[task.pk])
    hidden = opened(client, address)
    for answer in ("正在核实。", "正在核实。", "已经退还。", "已经退还。"):
        assert client.post(address, {**hidden, "answer_1": answer}).status_code == 302
    replies = Reply.objects.order_by("version").values_list("version", "answers")
    assert [(version, given[0]["answer"]) for version, given in replies] == [
        (1, "正在核实。"), (2, "已经退还。"),
    ]  # fmt: skip


def test_a_step_changed_after_going_back_is_refused_and_what_was_typed_stays(dispatched, sits):
    client = sits("wangfang")
    address = reverse("case_step", args=[dispatched.number, "propose_return"])
    hidden = opened(client, address)
    sent = {**hidden, "reason_code": "out_of_scope", "reason": "不属于本部门。"}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    changed = client.post(address, {**sent, "reason": "应由海淀区办理。"})
    assert changed.status_code == 422
    assert "应由海淀区办理。" in changed.content.decode()
    assert "没有生效" in changed.content.decode()
    assert Proposal.objects.get().reason == "不属于本部门。"


@pytest.fixture
def order(cast, accepted):
    investigations.submit_opinion(
        accepted.pk, outcome="violation", affirmed=["verified"], findings="属实。", text="责令整改。",
        legal_basis="《房地产经纪管理办法》", violations=["BR-07"], without_reply_because="电话核实。", by=cast.officer,
    )  # fmt: skip
    investigations.order_rectification(
        accepted.pk, task_ids=[CompanyTask.objects.get().pk], requirements="退还。", served_on=today(), by=cast.head
    )  # fmt: skip
    return RectificationOrder.objects.get()


def test_a_plan_that_comes_late_is_no_result(order, sits):
    """Two people of one company have the page open; the second plan must not end the term of fifteen days."""
    client, address = sits("liuyang"), reverse("enterprise_order", args=[order.pk])
    first, second = opened(client, address), opened(client, address)
    assert client.post(address, {**first, "text": "三日内退还。"}).status_code == 302
    assert client.post(address, {**second, "text": "五日内退还。"}).status_code == 302
    assert list(RectificationReport.objects.values_list("kind", flat=True)) == ["plan", "plan"]
    order.refresh_from_db()
    assert order.state == "planned"


@pytest.mark.parametrize("kind", ["", "verify", "结果"])
def test_a_report_of_no_kind_is_not_taken(order, sits, kind):
    client, address = sits("liuyang"), reverse("enterprise_order", args=[order.pk])
    hidden = opened(client, address) | {"kind": kind}
    assert client.post(address, {**hidden, "text": "已经退还。"}).status_code == 422
    assert not RectificationReport.objects.exists()


LONG = "经查阅合同、收据并询问双方，定金两万元确已收取，合同未成立。"


def test_what_was_typed_when_the_sign_in_ended_is_given_back(dispatched, sits):
    """Eight hours without a page, or a sign-out in another window."""
    client = sits("wangfang")
    address = reverse("case_step", args=[dispatched.number, "propose_return"])
    hidden = opened(client, address)
    client.logout()
    page = client.post(address, {**hidden, "reason_code": "out_of_scope", "reason": LONG})
    assert page.status_code == 403
    assert LONG in page.content.decode()
    assert "没有办理" in page.content.decode()
    assert not Proposal.objects.exists()


def test_a_short_form_leads_to_the_sign_in(dispatched, client):
    address = reverse("case_step", args=[dispatched.number, "propose_return"])
    assert client.post(address, {"reason": "短"}).status_code == 302


@pytest.mark.parametrize(
    ("origin", "given_back"), [("http://testserver", True), ("https://elsewhere.example", False), ("", False)]
)
def test_a_form_with_an_old_token_is_given_back_to_its_own_page_only(dispatched, cast, origin, given_back):
    """Signing in anew in another window makes the tokens of this one old."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.users["wangfang"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("case_step", args=[dispatched.number, "propose_return"])
    sent = {"reason": LONG, "old_password": "x" * 30, "secret": "y" * 30, "csrfmiddlewaretoken": "z" * 64}
    page = client.post(address, sent, headers={"Origin": origin} if origin else {})
    assert page.status_code == 403
    told = page.content.decode()
    assert (LONG in told) is given_back
    assert not any(letter * 30 in told for letter in "xyz")
