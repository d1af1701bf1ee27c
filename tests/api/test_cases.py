"""The office's API: the same desk, the same case, the same steps as on the pages."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from fangxin.cases.actions import dispatch_case, receive_web_complaint
from fangxin.cases.models import Case, CompanyTask
from fangxin.cases.workflow import STEPS
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.journal.models import Entry
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
ACCEPTING = {
    "summary": "投诉人反映贵公司收取定金后不退。", "points": "定金为何不退？\n何时退还？", "other_names": "", "checked": True,
}  # fmt: skip


@pytest.fixture
def cast(db):
    return beijing_cast()


@pytest.fixture
def case(cast):
    receipt = receive_web_complaint(
        Grievance(
            title="中介不退定金", text="我叫张敏，电话13800138000，交了定金不退。𠮷",
            respondent_name="北京诚信房产经纪有限公司", district="110105",
        ),
        Identity(name="张敏", telephone="13800138000"), jurisdiction="beijing", act_key=uuid4(),
    )  # fmt: skip
    return Case.objects.get(number=receipt.number)


@pytest.fixture
def dispatched(case, cast):
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    case.refresh_from_db()
    return case


@pytest.fixture
def sits(cast):
    """A client at which somebody of the cast sits."""

    def at(username, **options):
        client = Client(**options)
        client.force_login(cast.users[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return at


def path(case, *more):
    return "/".join(["/api/v1/cases", case.number, *more])


def send(client, address, body, **headers):
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, content, content_type="application/json", headers=headers)


def accepting(cast, case):
    return {
        **ACCEPTING,
        "officer": str(cast.officer.user_id),
        "companies": [cast.company.pk],
        "turn": case.turn,
    }


def problem(response, status):
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == PROBLEM
    told = response.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert told["type"].startswith("/api/v1/docs#problem-")
    return told


# Reading


def test_the_desk_lists_what_the_page_lists(sits, case):
    found = sits("liqiang").get("/api/v1/cases").json()
    (row,) = found["cases"]
    assert row["number"] == case.number
    assert row["status_title"] == "待分件"
    assert found["total"] == 1
    assert found["more"] is False


def test_the_desk_is_filtered_as_the_page_is(sits, dispatched):
    client = sits("wangfang")
    assert client.get("/api/v1/cases", {"bin": "todo"}).json()["total"] == 1
    assert client.get("/api/v1/cases", {"bin": "waiting"}).json()["total"] == 0
    assert client.get("/api/v1/cases", {"bin": "all", "link": "property"}).json()["total"] == 0
    assert client.get("/api/v1/cases", {"bin": "all", "q": "定金"}).json()["total"] == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"link": "fishing"}, "link"), ({"bin": "mine"}, "bin"), ({"page": "0"}, "page"), ({"page": "²"}, "page"),
        ({"page": "1000"}, "page"), ({"q": "长" * 101}, "q"), ({"q": "\x01"}, "q"), ({"status": "\ud800"}, "status"),
    ],
)  # fmt: skip
def test_a_filter_that_is_wrong_is_named(sits, cast, asked, field):
    asked = {name: value.encode("utf-8", "surrogatepass") for name, value in asked.items()}
    told = problem(sits("wangfang").get("/api/v1/cases", asked), 422)
    assert list(told["fields"]) == [field]


def test_a_case_is_told_whole_without_its_author(sits, dispatched):
    told = sits("wangfang").get(path(dispatched)).json()
    assert told["status_title"] == "待受理"
    assert told["text"].endswith("𠮷")
    assert told["hops"][0]["clause"] == "二(二)(2)"
    assert [event["summary"] for event in told["story"]]
    assert [step["verb"] for step in told["steps"]] == ["accept_case", "propose_return", "propose_refusal"]
    assert not {"name", "telephone", "complainant", "identity"} & set(told)


def test_not_there_and_not_yours_are_the_same_bytes(sits, dispatched, cast):
    client = sits("qianjun")
    for more in ((), ("steps",), ("steps", "accept_case")):
        mine = client.get(path(dispatched, *more))
        nobodys = client.get("/".join(["/api/v1/cases/BJ-1999-000001", *more]))
        problem(mine, 404)
        assert mine.content == nobodys.content
        assert sorted(mine.headers.items()) == sorted(nobodys.headers.items())
    assert send(client, path(dispatched, "steps", "accept_case"), {}).content == mine.content


def test_what_may_be_done_now_is_read_from_the_table(sits, dispatched):
    told = sits("wangfang").get(path(dispatched, "steps")).json()
    assert [step["verb"] for step in told["steps"]] == ["accept_case", "propose_return", "propose_refusal"]
    assert told["others"] == []
    others = sits("liqiang").get(path(dispatched, "steps")).json()
    assert others["steps"] == []
    assert any("部门专人" in line for line in others["others"])


def test_the_form_of_a_step_tells_what_to_fill_in_and_what_is_proposed(sits, dispatched, cast):
    told = sits("wangfang").get(path(dispatched, "steps", "accept_case")).json()
    fields = {field["name"]: field for field in told["fields"]}
    assert "act_key" not in fields
    assert fields["officer"]["choices"][1] == {"value": str(cast.officer.user_id), "title": "陈涛"}
    assert "13800138000" not in fields["summary"]["value"]
    assert fields["companies"] == {**fields["companies"], "type": "array", "value": [str(cast.company.pk)]}
    assert fields["turn"]["value"] == dispatched.turn


# Acting


def test_a_step_is_taken_as_on_the_page(sits, dispatched, cast):
    answer = send(sits("wangfang"), path(dispatched, "steps", "accept_case"), accepting(cast, dispatched))
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json() == {
        "number": dispatched.number, "status": "investigating", "status_title": "调查处理", "turn": 2, "repeated": False,
    }  # fmt: skip
    dispatched.refresh_from_db()
    assert dispatched.officer_id == cast.officer.user_id
    assert dispatched.points == ["定金为何不退？", "何时退还？"]
    assert CompanyTask.objects.get().company_id == cast.company.pk


def test_the_whole_way_to_the_archive_goes_through_the_api(sits, case, cast):
    def step(username, verb, **body):
        answer = send(sits(username), path(case, "steps", verb), body)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()["status"]

    assert step("liqiang", "dispatch_case", link="brokerage", district="110105") == "dispatched"
    case.refresh_from_db()
    step("wangfang", "accept_case", **accepting(cast, case))
    task = CompanyTask.objects.get()
    company = sits("liuyang")
    assert (
        send(
            company, f"/api/v1/tasks/{task.pk}/reply", {"answer_1": "已退。", "answer_2": "已退。"}
        ).status_code
        == 200
    )
    step(
        "chentao", "submit_opinion", outcome="answered", affirmed=["answered_all", "conforms"], findings="相符。",
        text="答复合规。",
    )  # fmt: skip
    step("chentao", "tell_complainant", told_how="directly", text="定金已退还。")
    ended = step(
        "sunli", "record_callback", contacted="yes", solved="solved", satisfaction="satisfied", comment=""
    )
    assert ended == "closed"


def test_the_same_key_twice_is_one_act(sits, dispatched, cast):
    key = str(uuid4())
    body = accepting(cast, dispatched)
    first = send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body, **{"Idempotency-Key": key})
    before = Entry.objects.count()
    second = send(
        sits("wangfang"), path(dispatched, "steps", "accept_case"), body, **{"Idempotency-Key": f'"{key}"'}
    )
    assert first.json()["repeated"] is False
    assert second.status_code == 200
    assert second.json()["repeated"] is True
    assert Entry.objects.count() == before
    assert CompanyTask.objects.count() == 1


def test_an_approval_sent_twice_with_one_key_is_one_act(sits, dispatched, cast):
    send(
        sits("wangfang"),
        path(dispatched, "steps", "propose_return"),
        {"reason_code": "out_of_scope", "reason": "不属本部门。"},
    )
    key = {"Idempotency-Key": str(uuid4())}
    for repeated in (False, True):
        answer = send(
            sits("zhaogang"), path(dispatched, "steps", "approve_return"), {"opinion": "同意。"}, **key
        )
        assert answer.status_code == 200, answer.content.decode()
        assert answer.json()["repeated"] is repeated
    assert Case.objects.get().returned_times == 1


def test_a_key_of_another_act_is_refused(sits, dispatched, cast):
    key = {"Idempotency-Key": str(uuid4())}
    send(sits("wangfang"), path(dispatched, "steps", "accept_case"), accepting(cast, dispatched), **key)
    told = problem(
        send(
            sits("chentao"),
            path(dispatched, "steps", "propose_return"),
            {"reason_code": "out_of_scope", "reason": "x"},
            **key,
        ),
        409,
    )
    assert "已用于另一项办理" in told["detail"]


def test_a_key_that_is_no_uuid_is_refused(sits, dispatched, cast):
    told = problem(
        send(sits("wangfang"), path(dispatched, "steps", "accept_case"), {}, **{"Idempotency-Key": "一"}), 400
    )
    assert "Idempotency-Key" in told["detail"]


def test_a_step_the_table_does_not_have_here_is_refused_in_its_words(sits, dispatched):
    client = sits("wangfang")
    for answer in (
        client.get(path(dispatched, "steps", "submit_opinion")),
        send(client, path(dispatched, "steps", "submit_opinion"), {"outcome": "answered"}),
    ):
        told = problem(answer, 409)
        assert told["detail"].startswith("不能提出处理意见：案件现为“待受理”")
        assert "fields" not in told
    told = problem(send(sits("liqiang"), path(dispatched, "steps", "accept_case"), {}), 409)
    assert "须由部门专人办理" in told["detail"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.verb)
def test_no_step_is_possible_before_its_time(sits, case, step, cast):
    if case.status in step.before:
        return
    for username in ("liqiang", "sunli"):
        answer = send(sits(username), path(case, "steps", step.verb), {"reason": "试试"})
        problem(answer, 409)
    case.refresh_from_db()
    assert case.turn == 0


def test_a_verb_nobody_knows_is_not_there(sits, dispatched):
    problem(send(sits("wangfang"), path(dispatched, "steps", "burn_case"), {}), 404)


def test_somebody_who_was_first_is_told(sits, dispatched, cast):
    body = {**accepting(cast, dispatched), "turn": dispatched.turn - 1}
    told = problem(send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body), 409)
    assert "刚刚已由李强" in told["detail"]


# What is wrong is named


def test_each_wrong_field_is_named_and_nothing_is_written(sits, dispatched, cast):
    before = Entry.objects.count()
    body = {**accepting(cast, dispatched), "officer": "0", "summary": "", "checked": False}
    told = problem(send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body), 422)
    assert set(told["fields"]) == {"officer", "summary", "checked"}
    assert told["fields"]["summary"] == ["请填写转办摘要。"]
    assert Entry.objects.count() == before
    dispatched.refresh_from_db()
    assert dispatched.status == "dispatched"


@pytest.mark.parametrize(
    "wrong",
    [
        ({"unknown": 1}, "unknown", "没有这个字段"),
        ({"act_key": "x"}, "act_key", "没有这个字段"),
        ({"companies": "7"}, "companies", "应为文字的列表"),
        ({"companies": [[1]]}, "companies", "应为文字的列表"),
        ({"companies": ["999999"]}, "companies", "不在查找结果中"),
        ({"checked": "yes"}, "checked", "应为 true 或 false"),
        ({"summary": ["a"]}, "summary", "应为文字"),
        ({"summary": {"a": 1}}, "summary", "应为文字"),
        ({"summary": True}, "summary", "应为文字"),
        ({"summary": "长" * 9000}, "summary", "不得超过"),
        ({"summary": "\x07"}, "summary", "无法识别的字符"),
        ({"points": None}, "points", "请填写"),
        ({"turn": "third"}, "turn", ""),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(sits, dispatched, cast, wrong):
    changes, field, said = wrong
    body = {**accepting(cast, dispatched), **changes}
    told = problem(send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body), 422)
    assert said in told["fields"][field][0]


@pytest.mark.parametrize(
    "body",
    [
        " ", "{", "[]", "null", '"x"', "{'a': 1}", '{"a": NaN}', '{"a": Infinity}', '{"a": 1, "a": 2}',
        '{"summary": "\\u0000"}', '{"\\u0000": 1}', '{"summary": "\\ud800"}', '{"\\udfff": 1}', '{"a": ["\\ud83d"]}',
        b"\xff\xfe{\x00}\x00", b'{"a": "\xff"}', b"\xed\xa0\x80", "[" * 100_000, '{"a":' * 100_000, '{"a": 1' + "0" * 5000 + "}",
        '{"a": ' + "[" * 50 + "]" * 50 + "}",
    ],
)  # fmt: skip
def test_what_is_no_sound_json_is_refused(sits, dispatched, body):
    problem(send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body), 400)


def test_a_huge_body_is_refused_unread(sits, dispatched):
    body = json.dumps({"summary": "长" * 1_000_000})
    problem(send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body), 413)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_another_content_type_is_refused(sits, dispatched, kind):
    answer = sits("wangfang").post(path(dispatched, "steps", "accept_case"), b"{}", content_type=kind)
    problem(answer, 415)


def test_rare_characters_and_markup_are_kept_as_they_are(sits, dispatched, cast):
    text = "𠮷㛃🏠<script>alert(1)</script>{{ 7*7 }}'; drop table cases_case; --"
    body = {**accepting(cast, dispatched), "summary": text}
    assert send(sits("wangfang"), path(dispatched, "steps", "accept_case"), body).status_code == 200
    assert sits("wangfang").get(path(dispatched)).json()["summary"] == text


# Who may enter


def test_a_stranger_is_told_to_sign_in(client, dispatched):
    for address in (
        "/api/v1/cases",
        path(dispatched),
        "/api/v1/tasks",
        "/api/v1/due-day?start=2026-02-13&n=3&unit=日",
    ):
        answer = client.get(address)
        problem(answer, 401)
        assert "Location" not in answer
    problem(send(client, path(dispatched, "steps", "accept_case"), {}), 401)


def test_a_company_has_no_desk_of_the_office(sits, dispatched):
    client = sits("liuyang")
    problem(client.get("/api/v1/cases"), 404)
    problem(client.get(path(dispatched)), 404)


def test_a_write_without_the_token_is_refused(sits, dispatched, cast):
    client = sits("wangfang", enforce_csrf_checks=True)
    told = problem(send(client, path(dispatched, "steps", "accept_case"), accepting(cast, dispatched)), 403)
    assert "X-CSRFToken" in told["detail"]
    dispatched.refresh_from_db()
    assert dispatched.status == "dispatched"


def test_a_write_with_the_token_is_done(sits, dispatched, cast):
    client = sits("wangfang", enforce_csrf_checks=True)
    client.get("/office/")
    token = client.cookies["csrftoken"].value
    body = accepting(cast, dispatched)
    answer = send(client, path(dispatched, "steps", "accept_case"), body, **{"X-CSRFToken": token})
    assert answer.status_code == 200, answer.content.decode()


def test_an_unknown_address_and_method_are_told_as_problems(sits, cast):
    client = sits("wangfang")
    problem(client.get("/api/v1/nothing"), 404)
    problem(client.get("/api/v2/cases"), 404)
    answer = client.delete("/api/v1/cases")
    problem(answer, 405)
    assert answer["Allow"] == "GET"
    problem(client.get("/api/v1/cases?q=%00"), 400)


def test_an_error_of_ours_is_told_without_its_cause(sits, cast, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("张敏 13800138000")

    monkeypatch.setattr("fangxin.cases.queries.desk", broken)
    client = sits("wangfang")
    client.raise_request_exception = False
    answer = client.get("/api/v1/cases")
    problem(answer, 500)
    assert "张敏" not in answer.content.decode()


def test_nothing_of_the_api_is_kept_by_a_cache(sits, dispatched):
    for address in ("/api/v1/cases", path(dispatched), "/api/v1/nothing"):
        assert sits("wangfang").get(address)["Cache-Control"] == "no-store"
