"""A lawyer applies, the department grants one field for a day, the lawyer reads it; the next day there is nothing."""

import re
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.tests.applications import papers
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body, User
from fangxin.organisations.roles import Acting, Role
from tests.cast import member
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast

pytestmark = pytest.mark.django_db
ADDRESS, TELEPHONE = "福州市鼓楼区东街口机密路88号", "0591-87654321"
OTHERS = (TELEPHONE, "11010519491231002X", "保密委托人甲", "HT-2026-001", "123.45")


@pytest.fixture
def cast() -> FujianCast:
    cache.clear()
    cast = fujian_cast()
    declared_and_accepted(cast)
    return cast


def client_of(acting: Acting) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(pk=acting.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def given(cast: FujianCast, **changed):
    return {
        "act_key": str(uuid4()), "agency_code": cast.agency.code, "ground": "court_order", "codes": ["J1-04", "J1-07"],
        "from_on": "2026-03-02", "days": "7", "purpose": "办理执行案件，核实被执行人的办公地址",
        "basis": "（2026）闽0102执字第88号", "papers": papers(), "applicant_name": "方晴", "id_kind": "居民身份证",
        "id_number": "11010519491231002X", "organisation": "福建海峡律师事务所", "telephone": "0591-87001122", **changed,
    }  # fmt: skip


def receipt_of(client: Client, cast: FujianCast, **changed) -> dict[str, str]:
    page = client.post(reverse("apply_for_query"), given(cast, **changed), follow=True)
    assert page.status_code == 200, page.content.decode()
    number, secret = re.findall(r"<dd>([^<]+)</dd>", page.content.decode())[:2]
    return {"number": number, "secret": secret}


def present(receipt: dict[str, str], route: str = "authorised_query"):
    return Client().post(reverse(route), receipt)


def decide(acting: Acting, number: str, verb: str, **form):
    query = AuthorisedQuery.objects.get(number=number)
    return client_of(acting).post(
        reverse("query_step", args=[query.pk, verb]),
        {"act_key": str(uuid4()), "turn": query.turn, **form},
        follow=True,
    )


def test_a_lawyer_reads_one_field_for_a_day_and_nothing_the_next(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        lawyer = Client()
        receipt = receipt_of(lawyer, cast)
        assert "待审批" in present(receipt).content.decode()
        assert present(receipt, "query_result").status_code == 409
        reviewer = client_of(cast.reviewer)
        queue = reviewer.get(reverse("query_list")).content.decode()
        assert receipt["number"] in queue
        query = AuthorisedQuery.objects.get(number=receipt["number"])
        page = reviewer.get(reverse("query", args=[query.pk])).content.decode()
        assert "11010519491231002X" in page
        assert ADDRESS not in page
        paper = re.search(r'href="([^"]+/files/[^"]+)"', page)
        assert paper
        assert reviewer.get(paper[1]).content.startswith(b"%PDF")
        done = decide(
            cast.reviewer, receipt["number"], "grant_query", codes=["J1-04"], days="1", opinion="准予"
        )
        assert "已记录" in done.content.decode()
        assert "已批准" in present(receipt).content.decode()
        page = present(receipt, "query_result").content.decode()
        assert ADDRESS in page
        assert not any(secret in page for secret in OTHERS)
        for words in ("方晴（福建海峡律师事务所）", receipt["number"], "2026-03-02 09:00", "办理执行案件"):
            assert words in page.split('class="watermark"')[1].split("</svg>")[0]
        assert "no-store" in present(receipt, "query_result")["Cache-Control"]
    with time_machine.travel("2026-03-02 23:59+08:00"):
        assert ADDRESS in present(receipt, "query_result").content.decode()
    with time_machine.travel("2026-03-03 00:00+08:00"):
        for route in ("query_result", "query_sheet"):
            answer = present(receipt, route)
            assert answer.status_code == 409
            assert "已到期" in answer.content.decode()
            assert ADDRESS not in answer.content.decode()
        assert "已到期" in present(receipt).content.decode()


def test_what_is_granted_from_a_later_day_offers_nothing_before_and_counts_no_wrong_try(cast, settings):
    settings.WRONG_FOLLOWS_PER_TEN_MINUTES = 2
    with time_machine.travel("2026-03-02 09:00+08:00"):
        receipt = receipt_of(Client(), cast, from_on="2026-03-05")
        decide(cast.reviewer, receipt["number"], "grant_query", codes=["J1-04"], days="7")
        page = present(receipt).content.decode()
        assert "有效期还没有开始，请在" in page
        assert "查看内容" not in page
        for _ in range(4):
            for route in ("query_result", "query_sheet"):
                answer = present(receipt, route)
                assert answer.status_code == 409
                assert "有效期还没有开始" in answer.content.decode()
                assert ADDRESS not in answer.content.decode()
        assert not Entry.objects.filter(kind=Kind.RECORD_LOOK).exists()
    with time_machine.travel("2026-03-05 00:00+08:00"):
        assert "查看内容" in present(receipt).content.decode()
        assert ADDRESS in present(receipt, "query_result").content.decode()


def test_the_pdf_bears_who_looked_and_is_a_look_too(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        receipt = receipt_of(Client(), cast)
        decide(cast.reviewer, receipt["number"], "grant_query", codes=["J1-04"], days="7")
        answer = present(receipt, "query_sheet")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.")
    look = Entry.objects.get(kind=Kind.RECORD_LOOK)
    assert (look.details["way"], look.details["codes"]) == ("pdf", ["J1-04"])


def test_a_wrong_number_and_a_wrong_secret_get_the_same_answer_everywhere(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        receipt = receipt_of(Client(), cast)
        decide(cast.reviewer, receipt["number"], "grant_query", codes=["J1-04"], days="7")
        for route in ("authorised_query", "query_result", "query_sheet"):
            answers = {
                re.sub(
                    r'name="csrfmiddlewaretoken" value="[^"]+"', "", present(wrong, route).content.decode()
                )
                for wrong in (
                    {**receipt, "secret": "2" * 18},
                    {**receipt, "number": "CX-2026-999999"},
                    {"number": "CX-2026-999999", "secret": "3" * 18},
                )
            }
            assert len(answers) == 1
            assert receipt["number"] not in answers.pop()


def test_what_is_wrong_in_an_application_is_named_and_nothing_typed_is_lost(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        page = Client().post(reverse("apply_for_query"), given(cast, ground="consent", codes=["J6-10"]))
        assert page.status_code == 422
        assert "J6-10" in page.content.decode()
        assert "办理执行案件，核实被执行人的办公地址" in page.content.decode()
        assert AuthorisedQuery.objects.count() == 0


def test_a_stranger_of_another_place_sees_neither_the_queue_nor_the_application(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        receipt = receipt_of(Client(), cast)
        query = AuthorisedQuery.objects.get(number=receipt["number"])
        stranger = client_of(cast.other_reviewer)
        assert receipt["number"] not in stranger.get(reverse("query_list")).content.decode()
        assert stranger.get(reverse("query", args=[query.pk])).status_code == 404
        refused = decide(cast.other_reviewer, receipt["number"], "grant_query", codes=["J1-04"], days="1")
        assert refused.status_code == 404
        assert AuthorisedQuery.objects.get().state == "applied"


def test_refused_and_revoked_queries_say_why(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        refused, revoked = receipt_of(Client(), cast), receipt_of(Client(), cast)
        decide(cast.reviewer, refused["number"], "refuse_query", reason="调查令没有写明这几项")
        assert "调查令没有写明这几项" in present(refused).content.decode()
        decide(cast.reviewer, revoked["number"], "grant_query", codes=["J1-04"], days="7")
        assert ADDRESS in present(revoked, "query_result").content.decode()
        decide(cast.city_reviewer, revoked["number"], "revoke_query", reason="法院撤回了调查令")
        assert "法院撤回了调查令" in present(revoked).content.decode()
        assert present(revoked, "query_result").status_code == 409
        again = decide(cast.reviewer, refused["number"], "refuse_query", reason="再一次")
        assert "未批准" in again.content.decode()


def test_the_agency_reads_who_was_granted_what_unless_the_court_said_otherwise(cast):
    with time_machine.travel("2026-03-02 09:00+08:00"):
        told, silent = receipt_of(Client(), cast), receipt_of(Client(), cast, asks_secrecy="on")
        decide(cast.reviewer, told["number"], "grant_query", codes=["J1-04"], days="7")
        decide(cast.reviewer, silent["number"], "grant_query", codes=["J1-04"], days="7", keep_secret="on")
        page = client_of(cast.filer).get(reverse("enterprise_queries")).content.decode()
    assert told["number"] in page
    assert silent["number"] not in page
    assert "福建海峡律师事务所" in page
    assert (
        told["number"] not in client_of(cast.other_filer).get(reverse("enterprise_queries")).content.decode()
    )


def test_the_audit_officer_lists_looks_and_grants(cast):
    auditor = member(
        "shenming",
        "沈明",
        Role.AUDIT_OFFICER,
        Body.objects.get(code="province.housing", jurisdiction="fujian"),
    )
    with time_machine.travel("2026-03-02 09:00+08:00"):
        receipt = receipt_of(Client(), cast)
        decide(cast.reviewer, receipt["number"], "grant_query", codes=["J1-04"], days="7")
        present(receipt, "query_result")
    client_of(cast.reviewer).get(reverse("register_agency", args=[cast.agency.pk]))
    # A look is dated by the database's own clock.
    page = client_of(auditor).get(reverse("audit_queries"), {"since": "", "until": ""}).content.decode()
    looks = page.split('id="grants"')[0]
    assert "方晴（福建海峡律师事务所）" in looks
    assert "黄敏" in looks
    assert ADDRESS not in page
    assert receipt["number"] in page.split('id="grants"')[1]
    assert client_of(cast.reviewer).get(reverse("audit_queries")).status_code == 404


def test_the_committee_keeps_its_rules_and_every_version_stays_readable(cast):
    committee, address = client_of(cast.prechecker), reverse("keep_rule", args=["registration"])
    assert Client().get(reverse("management_rules")).status_code == 200
    for turn, text in enumerate(("第一条　及时登记。", "第一条　三日内登记。")):
        form = {"act_key": str(uuid4()), "turn": turn, "title": "信息登记制度", "text": text}
        assert "已发布" in committee.post(address, form, follow=True).content.decode()
    stale = {"act_key": str(uuid4()), "turn": 1, "title": "信息登记制度", "text": "另一稿"}
    assert committee.post(address, stale).status_code == 422
    now, before = (
        Client().get(reverse("management_rule", args=["registration"]), asked).content.decode()
        for asked in ({}, {"version": "1"})
    )
    assert "三日内登记" in now
    assert "及时登记" in before
    assert "现行的是" in before
    assert client_of(cast.reviewer).get(address).status_code == 404
    assert client_of(cast.reviewer).post(address, stale).status_code == 404
    assert Client().get(reverse("management_rule", args=["nothing"])).status_code == 404
