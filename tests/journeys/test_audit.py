"""The audit officer sees who looked at whose identity and why, and nobody else does."""

import csv
import io
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fangxin.cases.actions import (
    ask_for_identity,
    consent_to_identity,
    dispatch_case,
    open_identity,
    receive_web_complaint,
)
from fangxin.cases.actions.handling import Respondent, accept_case
from fangxin.cases.models import Case
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.journal.models import Entry
from fangxin.journal.seal import Anchor
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast, member

pytestmark = pytest.mark.django_db
REASON = "电话核实合同签订时间"
HOSTILE = '=HYPERLINK("http://x") 核对签名'


@pytest.fixture
def cast(db):
    return beijing_cast()


@pytest.fixture
def auditor(client, cast):
    member("shenjing", "沈静", Role.AUDIT_OFFICER, Body.objects.get(code="city.research_centre"))
    from fangxin.organisations.models import User

    client.force_login(User.objects.get(username="shenjing"))
    return client


@pytest.fixture
def case(cast):
    return accepted(cast)


def accepted(cast):
    receipt = receive_web_complaint(
        Grievance(title="中介不退定金", text="收了两万元定金不退。", district="110105"),
        Identity(name="张敏", telephone="13800138000"), jurisdiction="beijing", act_key=uuid4(),
    )  # fmt: skip
    case = Case.objects.get(number=receipt.number)
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    accept_case(
        case.pk, officer_id=cast.officer.user_id, summary="投诉人反映贵公司不退定金。", points=["定金为何不退？"],
        respondents=[Respondent(cast.company.pk, cast.company.name)], by=cast.clerk,
    )  # fmt: skip
    return case


def looked_at_by_the_officer(case, cast):
    ask_for_identity(case.pk, reason=REASON, by=cast.officer)
    open_identity(case.pk, by=cast.officer)


def looked_at_with_consent(case, cast):
    opening = ask_for_identity(case.pk, reason=HOSTILE, by=cast.clerk)
    consent_to_identity(opening.pk, agree=True, by=cast.head)
    open_identity(case.pk, by=cast.clerk)


def shown(page) -> str:
    return page.content.decode()


def test_a_look_is_shown_with_who_whose_when_and_why(auditor, case, cast):
    looked_at_by_the_officer(case, cast)
    page = shown(auditor.get(reverse("audit")))
    for words in ("陈涛", case.number, REASON, "本人经办，无须另一人同意"):
        assert words in page


def test_a_look_with_anothers_consent_names_the_other(auditor, case, cast):
    looked_at_with_consent(case, cast)
    row = shown(auditor.get(reverse("audit")))
    assert "王芳" in row
    assert "赵刚" in row


def test_the_identity_itself_is_nowhere_on_the_page(auditor, case, cast):
    looked_at_by_the_officer(case, cast)
    looked_at_with_consent(case, cast)
    for page in (reverse("audit"), reverse("audit_doings", args=[cast.officer.user_id])):
        assert "张敏" not in shown(auditor.get(page))
        assert "13800138000" not in shown(auditor.get(page))


def test_a_refused_or_unused_leave_is_no_look(auditor, case, cast):
    opening = ask_for_identity(case.pk, reason=HOSTILE, by=cast.clerk)
    consent_to_identity(opening.pk, agree=False, by=cast.head)
    assert "这段时间没有人查看投诉人身份" in shown(auditor.get(reverse("audit")))


@pytest.mark.parametrize("username", ["wangfang", "chentao", "zhaogang", "liqiang", "sunli", "liuyang"])
def test_nobody_but_the_audit_officer_may_enter(client, cast, username):
    client.force_login(cast.users[username])
    assert client.get(reverse("audit")).status_code == 404
    assert client.get(reverse("audit_doings", args=[1])).status_code == 404
    assert client.post(reverse("audit_export")).status_code == 404


def test_a_stranger_is_sent_to_sign_in(client, db):
    assert client.get(reverse("audit")).status_code == 302


def test_looks_are_filtered_by_person_case_and_day(auditor, case, cast):
    other = accepted(cast)
    looked_at_by_the_officer(case, cast)
    looked_at_with_consent(other, cast)
    by_person = shown(auditor.get(reverse("audit"), {"person": "陈涛"}))
    assert case.number in by_person
    assert other.number not in by_person
    by_number = shown(auditor.get(reverse("audit"), {"number": other.number}))
    assert f">{other.number}<" in by_number
    assert f">{case.number}<" not in by_number
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    days = {"since": today.isoformat(), "until": today.isoformat()}
    assert case.number in shown(auditor.get(reverse("audit"), days))
    before = {"since": "2020-01-01", "until": (today - timedelta(days=1)).isoformat()}
    assert "没有人查看" in shown(auditor.get(reverse("audit"), before))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "2026-02-30"}, "“自”应为真实的日期"),
        ({"since": "2026-03-01", "until": "2026-02-01"}, "“至”不得早于“自”"),
        ({"since": "0001-01-01"}, "日期应在2000年至2999年之间"),
        ({"since": "", "until": "9999-12-31"}, "日期应在2000年至2999年之间"),
        ({"since": "", "person": "王" * 61}, "不得超过60字"),
    ],
)
def test_a_filter_that_cannot_be_is_named(auditor, asked, said):
    page = auditor.get(reverse("audit"), asked)
    assert page.status_code == 422
    assert said in shown(page)


def test_a_number_of_another_jurisdiction_finds_nothing(auditor, case, cast):
    looked_at_by_the_officer(case, cast)
    Case.objects.filter(pk=case.pk).update(jurisdiction="fujian")
    assert "没有人查看" in shown(auditor.get(reverse("audit"), {"number": case.number}))


def test_a_long_list_is_turned_page_by_page(auditor, case, cast, monkeypatch):
    monkeypatch.setattr("fangxin.web.office.audit.PAGE", 2)
    ask_for_identity(case.pk, reason=REASON, by=cast.officer)
    for _ in range(3):
        open_identity(case.pk, by=cast.officer)
    first = shown(auditor.get(reverse("audit")))
    assert first.count(f">{case.number}<") == 2
    assert "下一页" in first
    second = shown(auditor.get(reverse("audit"), {"page": "2"}))
    assert second.count(f">{case.number}<") == 1
    assert "上一页" in second
    assert auditor.get(reverse("audit"), {"page": "²"}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_looks(auditor, case, cast):
    looked_at_by_the_officer(case, cast)
    auditor.get(reverse("audit"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        auditor.get(reverse("audit"))
    for _ in range(5):
        open_identity(case.pk, by=cast.officer)
    with CaptureQueriesContext(connection) as many:
        auditor.get(reverse("audit"))
    assert len(many) == len(few)


def test_a_persons_doings_are_told_newest_first(auditor, case, cast):
    looked_at_by_the_officer(case, cast)
    page = shown(auditor.get(reverse("audit_doings", args=[cast.officer.user_id])))
    assert "陈涛" in page
    assert page.index("查看投诉人身份") < page.index("申请查看投诉人身份")
    assert case.number in page


def test_a_person_nobody_knows_has_no_doings(auditor):
    for number in (987654321, 10**30):
        page = auditor.get(f"/office/audit/people/{number}/")
        assert page.status_code == 200
        assert "这段时间没有记录" in shown(page)


def test_the_state_of_the_seal_is_shown(auditor, case, settings, tmp_path):
    settings.HOME = tmp_path
    before = shown(auditor.get(reverse("audit")))
    assert "尚未封存过" in before
    assert f"<dd>{Entry.objects.count()} 条，最早" in before
    assert "没有锚点" in before
    assert "fangxin verify-journal" in before


def test_the_newest_anchor_outside_the_database_is_shown(auditor, settings, tmp_path):
    settings.HOME = tmp_path
    (tmp_path / "anchors").mkdir()
    lines = [Anchor(n, n * 10, "ab" * 32, f"2026-02-1{n}T09:00:00+08:00", "c" * 16).line() for n in (1, 2)]
    (tmp_path / "anchors" / "journal.log").write_text("".join(f"{line}\n" for line in lines))
    assert "第 2 号，累计 20 条，<time" in shown(auditor.get(reverse("audit")))


def rows_of(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_the_export_is_a_table_without_formulas_and_stands_in_the_journal(auditor, case, cast):
    looked_at_by_the_officer(case, cast)
    looked_at_with_consent(case, cast)
    response = auditor.post(
        reverse("audit_export"), {"since": "", "until": "", "person": "", "number": case.number}
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    head, newest, oldest = rows_of(response)
    assert head[0] == "时间"
    assert newest[3:5] == [case.number, f"'{HOSTILE}"]
    assert newest[6].startswith("赵刚")
    assert oldest[4] == REASON
    entry = Entry.objects.filter(kind="exchange:export").get()
    assert entry.details["rows"] == 2
    assert entry.actor_label.startswith("沈静")
    assert case.number in entry.summary


def test_an_export_of_too_much_is_refused_and_not_recorded(auditor, case, cast, monkeypatch):
    monkeypatch.setattr("fangxin.web.office.audit.MOST_EXPORTED", 0)
    looked_at_by_the_officer(case, cast)
    response = auditor.post(reverse("audit_export"), {"since": ""}, follow=True)
    assert "没有导出" in shown(response)
    assert not Entry.objects.filter(kind="exchange:export").exists()


def test_an_export_with_a_wrong_filter_is_refused(auditor):
    response = auditor.post(reverse("audit_export"), {"since": "2026-02-30"}, follow=True)
    assert "筛选条件有误" in shown(response)
    assert auditor.get(reverse("audit_export")).status_code == 405
