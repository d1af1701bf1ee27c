"""A company's API: its own tasks, the same form to answer with, nobody else's."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from fangxin.cases.actions import dispatch_case, receive_web_complaint
from fangxin.cases.actions.handling import Respondent, accept_case
from fangxin.cases.models import Case, CompanyTask, Reply
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.investigations.actions import submit_opinion
from tests.api.test_cases import problem
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db
ANSWERS = {"answer_1": "按合同第五条处理，已退。"}


@pytest.fixture
def cast(db):
    return beijing_cast()


@pytest.fixture
def task(cast):
    receipt = receive_web_complaint(
        Grievance(title="中介不退定金", text="我叫张敏，电话13800138000。", district="110105"),
        Identity(name="张敏", telephone="13800138000"), jurisdiction="beijing", act_key=uuid4(),
    )  # fmt: skip
    case = Case.objects.get(number=receipt.number)
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    accept_case(
        case.pk, officer_id=cast.officer.user_id, summary="投诉人反映贵公司不退定金。", points=["定金为何不退？"],
        respondents=[Respondent(cast.company.pk, cast.company.name)], by=cast.clerk,
    )  # fmt: skip
    return CompanyTask.objects.get()


def sits(cast, username, **options):
    client = Client(**options)
    client.force_login(cast.users[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def reply(client, task, body, **headers):
    address = f"/api/v1/tasks/{task.pk}/reply"
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def test_the_companys_tasks_are_listed(cast, task):
    client = sits(cast, "liuyang")
    (row,) = client.get("/api/v1/tasks").json()["tasks"]
    assert row["number"] == task.number
    assert row["summary"] == "投诉人反映贵公司不退定金。"
    assert client.get("/api/v1/tasks", {"done": "true"}).json()["tasks"] == []
    problem(client.get("/api/v1/tasks", {"done": "perhaps"}), 422)


def test_opening_a_task_is_recorded_and_shows_the_form(cast, task):
    told = sits(cast, "liuyang").get(f"/api/v1/tasks/{task.pk}").json()
    task.refresh_from_db()
    assert task.first_viewed_at is not None
    assert told["points"] == ["定金为何不退？"]
    assert [field["name"] for field in told["fields"]] == ["answer_1", "admits_violation", "plan", "contact"]


def test_a_company_never_sees_the_words_or_the_name_of_the_citizen(cast, task):
    client = sits(cast, "liuyang")
    for address in ("/api/v1/tasks", f"/api/v1/tasks/{task.pk}"):
        shown = client.get(address).content.decode()
        assert "张敏" not in shown
        assert "13800138000" not in shown


def test_a_task_of_another_company_and_one_that_is_not_there_are_the_same_bytes(cast, task):
    client = sits(cast, "hejing")
    theirs, nobodys = client.get(f"/api/v1/tasks/{task.pk}"), client.get(f"/api/v1/tasks/{uuid4()}")
    problem(theirs, 404)
    assert theirs.content == nobodys.content
    problem(reply(client, task, ANSWERS), 404)
    problem(client.get("/api/v1/tasks/not-a-uuid"), 404)
    assert client.get("/api/v1/tasks").json()["tasks"] == []


def test_an_answer_is_on_file_as_on_the_page(cast, task):
    answer = reply(sits(cast, "liuyang"), task, {**ANSWERS, "contact": "010-66666666"})
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json() == {
        "id": str(task.pk), "state": "replied", "state_title": "已回复", "version": 1, "repeated": False,
    }  # fmt: skip
    assert Reply.objects.get().answers == [{"point": "定金为何不退？", "answer": "按合同第五条处理，已退。"}]
    shown = sits(cast, "liuyang").get(f"/api/v1/tasks/{task.pk}").json()
    assert shown["replies"][0]["contact"] == "010-66666666"


def test_the_same_answer_sent_twice_is_one_answer(cast, task):
    key = {"Idempotency-Key": str(uuid4())}
    assert reply(sits(cast, "liuyang"), task, ANSWERS, **key).json()["repeated"] is False
    assert reply(sits(cast, "liuyang"), task, ANSWERS, **key).json()["repeated"] is True
    assert Reply.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "answer_1"), ({"answer_1": " "}, "answer_1"), ({"answer_1": "长" * 4001}, "answer_1"),
        ({"answer_1": 1.5}, "answer_1"), ({**ANSWERS, "answer_2": "没有第二问"}, "answer_2"),
        ({**ANSWERS, "files": ["x"]}, "files"), ({**ANSWERS, "admits_violation": "true"}, "admits_violation"),
        ({**ANSWERS, "admits_violation": True}, "plan"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named_and_nothing_is_written(cast, task, body, field):
    told = problem(reply(sits(cast, "liuyang"), task, body), 422)
    assert field in told["fields"]
    assert not Reply.objects.exists()


def test_an_answer_after_the_decision_is_refused(cast, task):
    submit_opinion(
        task.case_id, outcome="civil_dispute", affirmed=["between_parties", "liability_unclear"], findings="合同纠纷。",
        text="建议通过司法途径解决。", without_reply_because="事实清楚。", by=cast.officer,
    )  # fmt: skip
    told = problem(reply(sits(cast, "liuyang"), task, ANSWERS), 409)
    assert "已由经办部门处理" in told["detail"]
    assert sits(cast, "liuyang").get(f"/api/v1/tasks/{task.pk}").json()["fields"] == []


def test_the_office_has_no_desk_of_a_company(cast, task):
    client = sits(cast, "wangfang")
    problem(client.get("/api/v1/tasks"), 404)
    problem(reply(client, task, ANSWERS), 404)


def test_an_answer_without_the_token_is_refused(cast, task):
    problem(reply(sits(cast, "liuyang", enforce_csrf_checks=True), task, ANSWERS), 403)
    assert not Reply.objects.exists()
