"""Number and secret show the way of one's own complaint; anything less shows nothing."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from fangxin.cases.actions import receive_web_complaint
from fangxin.complaints.actions import Grievance, identity_from, note_progress
from fangxin.deadlines.clock import today
from fangxin.journal.actors import Actor
from fangxin.organisations.actions import found_bodies
from fangxin.web.public.follow import STAGE_AFTER, STAGES, standing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bodies(db):
    found_bodies("beijing", by=Actor.system("测试"))
    cache.clear()


@pytest.fixture
def receipt():
    return complaint("中介不退定金", "龘靐齉", "13981746253")


def complaint(title, name, telephone):
    return receive_web_complaint(
        Grievance(title=title, text="收了定金不退。", respondent_name="北京诚信房产经纪有限公司"),
        identity_from({"name": name, "telephone": telephone, "email": f"{telephone}@canary.cn"}),
        jurisdiction="beijing",
        act_key=uuid4(),
    )


def ask(client, number, secret, **more):
    return client.post(reverse("follow"), {"number": number, "secret": secret}, **more)


def without_tokens(page) -> bytes:
    return re.sub(rb'value="\w{64}"', b"", page.content)


def test_whoever_holds_number_and_secret_reads_the_way_so_far(client, receipt):
    page = ask(client, receipt.number, receipt.secret)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    told = page.content.decode()
    assert "投诉已收到" in told
    assert "中介不退定金" in told
    assert receipt.secret not in told


def test_the_days_left_are_told_in_working_days_and_the_answer_in_full(client, receipt, settings):
    settings.FANGXIN_TODAY = "2026-03-02"
    note_progress(receipt.complaint_id, "已受理", "经办部门已受理。", due_on=date(2026, 3, 16))
    assert "剩 10 个工作日" in ask(client, receipt.number, receipt.secret).content.decode()
    note_progress(receipt.complaint_id, "办理结果", "定金已退还。\n如有异议可再投诉。")
    told = ask(client, receipt.number, receipt.secret).content.decode()
    assert "剩 10 个工作日" not in told
    assert "定金已退还。<br>如有异议可再投诉。" in told


def test_the_secret_may_be_typed_as_people_type(client, receipt):
    spoken = "-".join(re.findall(".{6}", receipt.secret.lower()))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in receipt.secret)
    for secret in (spoken, f"  {receipt.secret} ", wide, " ".join(receipt.secret)):
        assert ask(client, f" {receipt.number.lower()} ", secret).status_code == 200


def test_a_wrong_number_and_a_wrong_secret_get_the_same_answer_to_the_byte(client, receipt):
    other = complaint("物业乱收费", "张敏", "13800138000")
    pages = [
        ask(client, receipt.number, "ABCDEF-GHJKMN-PQRSTU"),
        ask(client, "BJ-2026-999999", receipt.secret),
        ask(client, receipt.number, other.secret),
        ask(client, "没有这个编号", "x"),
        ask(client, "'; drop table --", "{{ 7*7 }}<script>"),
    ]
    assert {page.status_code for page in pages} == {422}
    assert len({without_tokens(page) for page in pages}) == 1
    headers = [{name: said for name, said in page.items() if name != "Expires"} for page in pages]
    assert all(header == headers[0] for header in headers)


def test_nothing_of_another_complaint_and_nothing_of_its_author_is_shown(client, receipt):
    complaint("物业乱收费", "张敏", "13800138000")
    told = ask(client, receipt.number, receipt.secret).content.decode()
    for word in ("物业乱收费", "张敏", "13800138000", "龘靐齉", "13981746253", "canary.cn"):
        assert word not in told


def test_a_secret_in_the_address_is_not_read(client, receipt):
    page = client.get(reverse("follow"), {"number": receipt.number, "secret": receipt.secret})
    assert page.status_code == 200
    assert "投诉已收到" not in page.content.decode()
    assert receipt.number not in page.content.decode()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"number": "", "secret": "x"}, "请填写投诉编号"),
        ({"number": "x", "secret": ""}, "请填写查询码"),
        ({"number": "号" * 10_000, "secret": "x"}, "投诉编号不得超过32字"),
        ({"number": "x", "secret": "码" * 10_000}, "查询码不得超过64字"),
        ({"number": "BJ\x00", "secret": "x"}, "U+0000"),
        ({"number": "x", "secret": "a\x00"}, "U+0000"),
    ],
)
def test_a_line_that_cannot_be_right_is_named(client, given, why):
    page = client.post(reverse("follow"), given)
    assert page.status_code == 422
    assert why in page.content.decode()


def test_surrogates_are_refused(client):
    page = client.post(
        reverse("follow"), b"number=%ED%A0%80&secret=x", content_type="application/x-www-form-urlencoded"
    )
    assert page.status_code == 422


def test_guessing_from_one_address_is_stopped_even_for_the_right_pair(client, receipt, settings):
    settings.WRONG_FOLLOWS_PER_TEN_MINUTES = 3
    assert [ask(client, receipt.number, "x").status_code for _ in range(4)] == [422, 422, 422, 429]
    page = ask(client, receipt.number, receipt.secret)
    assert page.status_code == 429
    assert "请十分钟后再试" in page.content.decode()
    assert int(page["Retry-After"]) <= 600
    assert ask(Client(), receipt.number, receipt.secret, REMOTE_ADDR="203.0.113.7").status_code == 200


def test_one_callers_many_ipv6_addresses_count_as_one(client, receipt, settings):
    settings.WRONG_FOLLOWS_PER_TEN_MINUTES = 2
    statuses = [
        ask(client, receipt.number, "x", REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code for n in range(3)
    ]
    assert statuses == [422, 422, 429]
    assert ask(client, receipt.number, "x", REMOTE_ADDR="2001:db8:1:3::1").status_code == 422


def test_looking_up_ones_own_complaint_often_is_no_guessing(client, receipt, settings):
    settings.WRONG_FOLLOWS_PER_TEN_MINUTES = 2
    assert {ask(client, receipt.number, receipt.secret).status_code for _ in range(5)} == {200}


def news(*titles):
    return [{"on": today(), "title": title, "text": "", "due_on": None} for title in titles]


def states(*titles):
    return [step["state"] for step in standing(news(*titles))["steps"]]


def test_the_steps_follow_the_news():
    assert states("投诉已收到") == ["current", *["todo"] * 5]
    assert states("投诉已收到", "已分派", "已受理") == ["done", "done", "current", "todo", "todo", "todo"]
    assert states("投诉已收到", "已分派", "重新分派") == ["current", *["todo"] * 5]
    assert states("已受理", "已提出处理意见", "办理结果", "已办结归档") == [*["done"] * 5, "current"]
    assert states("已分派", "不予受理") == ["done", "done", "skipped", "skipped", "skipped", "current"]


def test_unknown_news_leave_the_complaint_where_it_was():
    assert states("已分派", "一条新的消息") == states("已分派")
    assert states() == ["current", *["todo"] * 5]


def test_every_stage_is_reached_by_some_news():
    assert set(STAGE_AFTER.values()) == set(range(len(STAGES)))
