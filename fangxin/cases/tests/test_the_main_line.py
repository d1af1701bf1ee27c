"""A case goes its straight way from the web form to the archive."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import (
    accept_case,
    dispatch_case,
    open_task,
    receive_web_complaint,
    record_callback,
    reply_to_task,
    tell_complainant,
)
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, CompanyTask
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.complaints.queries import follow_complaint
from fangxin.deadlines.models import Deadline
from fangxin.investigations.actions import submit_opinion
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


def complaint(**changes):
    facts = {
        "title": "中介不退定金",
        "text": "我叫张敏，电话13800138000，诚信房产收了两万元定金，房子没买成不退。",
        "respondent_name": "北京诚信房产经纪有限公司",
        "district": "110105",
    }
    return Grievance(**{**facts, **changes})


def received():
    receipt = receive_web_complaint(
        complaint(), Identity(name="张敏", telephone="13800138000"), jurisdiction="beijing", act_key=uuid4()
    )
    return receipt, Case.objects.get(number=receipt.number)


def test_a_web_complaint_reaches_the_archive_with_an_answer():
    cast = beijing_cast()
    receipt, case = received()
    assert case.status == "registered"
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    accept_case(
        case.pk, officer_id=cast.officer.user_id, summary="投诉人反映贵公司不退定金。", points=["定金为何不退？"],
        respondents=[Respondent(cast.company.pk, cast.company.name)], by=cast.clerk,
    )  # fmt: skip
    task = CompanyTask.objects.get(case_id=case.pk)
    assert task.state == "notified"
    open_task(task.pk, by=cast.company_user)
    reply_to_task(task.pk, answers=["按合同第五条处理，已退。"], by=cast.company_user)
    submit_opinion(
        case.pk, outcome="answered", affirmed=["answered_all", "conforms"], findings="合同与转账记录相符。",
        text="企业答复符合规定。", by=cast.officer,
    )  # fmt: skip
    tell_complainant(case.pk, told_how="directly", text="定金已退还。", by=cast.officer)
    record_callback(
        case.pk, contacted=True, solved="solved", satisfaction="satisfied", comment="", by=cast.supervisor
    )
    case.refresh_from_db()
    assert case.status == "closed"
    assert set(Deadline.objects.filter(matter_id=case.pk).values_list("state", flat=True)) == {"met"}
    followed = follow_complaint(receipt.number, receipt.secret)
    assert [step["title"] for step in followed["progress"]] == [
        "投诉已收到", "已分派", "已受理", "已提出处理意见", "办理结果", "已办结归档",
    ]  # fmt: skip
