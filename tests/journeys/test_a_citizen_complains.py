"""A citizen complains on the public site, and reads there, step by step, what becomes of it."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from fangxin.cases.actions import (
    accept_case,
    approve_proposal,
    dispatch_case,
    open_task,
    propose_refusal,
    record_callback,
    reply_to_task,
    tell_complainant,
)
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, CompanyTask
from fangxin.investigations.actions import submit_opinion
from fangxin.web.public.follow import STAGE_AFTER
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return beijing_cast()


@pytest.fixture
def receipt(cast, client):
    """张敏 has complained about 诚信房产 and holds number and secret."""
    form = client.get(reverse("complain")).content.decode()
    key = re.search(r'name="act_key" value="([^"]+)"', form)
    page = client.post(
        reverse("complain"),
        {
            "act_key": key[1],
            "title": "中介不退定金",
            "text": "诚信房产收了两万元定金，房子没买成不退。",
            "respondent_name": "北京诚信房产经纪有限公司",
            "district": "110105",
            "name": "张敏",
            "telephone": "13800138000",
        },
        follow=True,
    )
    number, secret = re.findall(r"<dd>([^<]+)</dd>", page.content.decode())
    return {"number": number, "secret": secret}


@pytest.fixture
def follow(client, receipt):
    """What 张敏 reads now."""

    def read() -> str:
        return client.post(reverse("follow"), receipt).content.decode()

    return read


def titles(page: str) -> list[str]:
    """The news, newest first."""
    return re.findall(r"<p><strong>([^<]+)</strong> <span", page)


def test_from_the_form_to_the_archive_the_citizen_reads_every_step(cast, receipt, follow):
    assert titles(follow()) == ["投诉已收到"]
    case = Case.objects.get(number=receipt["number"])
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    assert "朝阳区" in follow()
    accept_case(
        case.pk, officer_id=cast.officer.user_id, summary="投诉人反映贵公司不退定金。",
        points=["定金为何不退？"], respondents=[Respondent(cast.company.pk, cast.company.name)],
        by=cast.clerk,
    )  # fmt: skip
    assert "剩 10 个工作日" in follow()
    task = CompanyTask.objects.get(case_id=case.pk)
    open_task(task.pk, by=cast.company_user)
    reply_to_task(task.pk, answers=["按合同第五条处理，已退。"], by=cast.company_user)
    submit_opinion(
        case.pk, outcome="answered", affirmed=["answered_all", "conforms"], findings="合同与转账记录相符。",
        text="企业答复符合规定。", by=cast.officer,
    )  # fmt: skip
    assert "按合同第五条处理" not in follow(), "the company's words reach the citizen through the officer"
    tell_complainant(case.pk, told_how="directly", text="定金两万元已退还。", by=cast.officer)
    assert "定金两万元已退还。" in follow()
    record_callback(
        case.pk, contacted=True, solved="solved", satisfaction="satisfied", comment="", by=cast.supervisor
    )
    page = follow()
    assert titles(page) == ["已办结归档", "办理结果", "已提出处理意见", "已受理", "已分派", "投诉已收到"]
    assert set(titles(page)) <= set(STAGE_AFTER)
    assert "定金两万元已退还。" in page
    for word in ("陈涛", "王芳", "李强", "张敏", "13800138000"):
        assert word not in page


def test_a_refusal_is_told_with_the_way_on(cast, receipt, follow):
    case = Case.objects.get(number=receipt["number"])
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    propose_refusal(
        case.pk, reason_code=refusal_reason(), reason="无具体事实。", by=cast.clerk, act_key=uuid4()
    )
    assert "无具体事实" not in follow(), "a proposal is not yet an answer"
    approve_proposal(case.pk, opinion="同意。", by=cast.head)
    page = follow()
    assert titles(page)[0] == "不予受理"
    assert "可以再次投诉" in page


def refusal_reason() -> str:
    from fangxin.rules import book

    return book("beijing").refusal_reasons[0].key
