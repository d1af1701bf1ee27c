"""A citizen complains about an agency, nobody answers for fifteen days, a person judges it, a record is drafted."""

import re
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from fangxin.credit.models import BadRecord
from fangxin.journal.models import Entry
from fangxin.organisations.models import User
from fangxin.redress.actions import end_complaint_displays, find_late_feedback
from fangxin.redress.models import AgencyComplaint, PublishedComplaint, Transfer
from tests.fujian_cast import FujianCast, fujian_cast, published_agency
from tests.fujian_stage import paper

pytestmark = pytest.mark.django_db
NAME, PHONE = "欧阳鹭岛", "13705917788"
GIVEN = {
    "respondent_kind": "房地产经纪机构", "respondent": "福州诚信房产经纪有限公司", "place": "350102", "name": NAME,
    "telephone": PHONE, "text": f"我叫{NAME}，电话{PHONE}。交了两万元定金，中介不退。",
}  # fmt: skip


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def complain(**changed: Any) -> Any:
    client = Client()
    given = {**GIVEN, "act_key": str(uuid4()), **changed}
    return client.post(
        reverse("complain_about_agency"), {k: v for k, v in given.items() if v is not None}, follow=True
    )


def receipt(page: Any) -> tuple[str, str]:
    text = page.content.decode()
    number = re.search(r"(?:JG|JR|XM|QT)\d{6}", text)
    secret = re.search(r"[2-9A-Z]{6}-[2-9A-Z]{6}-[2-9A-Z]{6}", text)
    assert number is not None, text
    assert secret is not None
    return number[0], secret[0]


def follow(number: str, secret: str) -> str:
    return Client().post(reverse("follow"), {"number": number, "secret": secret}).content.decode()


def step(client: Client, found: AgencyComplaint, verb: str, **given: Any) -> Any:
    address = reverse("agency_complaint_step", args=[found.pk, verb])
    page = client.get(address)
    turn = re.search(r'name="turn" value="(\d+)"', page.content.decode())
    kept = {"act_key": str(uuid4()), **({"turn": turn[1]} if turn else {}), **given}
    return client.post(address, kept, follow=True)


def test_one_asks_first_which_place_it_is_about():
    page = Client().get(reverse("complain_where")).content.decode()
    assert reverse("complain") in page
    assert reverse("complain_about_agency") in page


def test_from_the_complaint_through_fifteen_days_of_silence_to_a_draft(cast):
    reviewer, agency = signed_in("huangmin"), signed_in("linxiao")
    with time_machine.travel("2026-03-03 09:00+08:00"):
        number, secret = receipt(complain())
        assert number == "JG000001"
        assert "等待分办" in follow(number, secret)
        found = AgencyComplaint.objects.get(number=number)
        queue = reviewer.get(reverse("agency_complaints")).content.decode()
        assert number in queue
        sorting = reviewer.get(reverse("agency_complaint_step", args=[found.pk, "sort_complaint"]))
        proposed = sorting.context["form"].initial["digest"]
        assert NAME not in proposed
        assert PHONE not in proposed
        refused = step(
            reviewer, found, "sort_complaint", way="transfer", agency=cast.agency.pk, digest=GIVEN["text"]
        )
        assert refused.status_code == 422
        assert "看得出投诉人" in refused.content.decode()
        assert not Transfer.objects.exists()
        done = step(reviewer, found, "sort_complaint", way="transfer", agency=cast.agency.pk, digest=proposed)
        assert done.status_code == 200, done.content.decode()
        transfer = Transfer.objects.get()
        desk = agency.get(reverse("enterprise_complaints")).content.decode()
        page = agency.get(reverse("enterprise_complaint", args=[transfer.pk])).content.decode()
        assert number in desk
        assert "2026-03-18" in page
        for told in (desk, page):
            assert NAME not in told
            assert PHONE not in told
    with time_machine.travel("2026-03-19 09:00+08:00"):
        find_late_feedback()
        reviewer = signed_in("huangmin")
        assert "逾期待判断" in reviewer.get(reverse("agency_complaints")).content.decode()
        judged = step(
            reviewer, found, "judge_lateness", verdict="unjustified", reason="催办无果，未说明理由。"
        )
        assert "已起草不良行为记录" in judged.content.decode()
        record = BadRecord.objects.get()
        assert (record.state, record.source_number) == ("draft", number)
        decided = step(
            reviewer, found, "decide_complaint", publish="no", publish_because="未核查", count="no",
            count_because="未核查属实", reply="企业逾期未反馈，已按规定处理。",
        )  # fmt: skip
        assert decided.status_code == 200
    assert "企业逾期未反馈" in follow(number, secret)


def test_the_agency_answers_and_the_result_is_published_after_the_notice(cast):
    reviewer, agency = signed_in("huangmin"), signed_in("linxiao")
    with time_machine.travel("2026-03-03 09:00+08:00"):
        number, _ = receipt(complain())
        found = AgencyComplaint.objects.get(number=number)
        step(reviewer, found, "sort_complaint", way="both", agency=cast.agency.pk, digest="不退两万元定金。")
        transfer = Transfer.objects.get()
        address = reverse("enterprise_complaint", args=[transfer.pk])
        given = {"act_key": str(uuid4()), "turn": "1", "opinion": "已退还。", "files": paper("收据.pdf")}
        answered = agency.post(address, given, follow=True)
        assert "反馈已提交" in answered.content.decode()
        step(reviewer, found, "record_finding", finding="true", opinion="查实拒不退还定金。")
        shown = reviewer.get(reverse("agency_complaint", args=[found.pk]))
        assert "已退还。" in shown.content.decode()
        [file] = shown.context["feedback_files"]
        assert reviewer.get(file["url"]).status_code == 200
        step(
            reviewer, found, "decide_complaint", publish="yes", publish_because="有警示意义", count="yes",
            count_because="查证属实", reply="已查实，责令退还。", public_summary="不退定金。", public_result="查实，已责令退还。",
        )  # fmt: skip
        told = step(
            reviewer, found, "tell_respondent", served_on="2026-03-03", served_how="挂号信", proof=paper()
        )
        assert told.status_code == 200, told.content.decode()
        proposals = reviewer.get(reverse("proposals")).content.decode()
        assert number in proposals
    with time_machine.travel("2026-03-14 09:00+08:00"):
        reviewer = signed_in("huangmin")
        step(reviewer, found, "publish_complaint")
        assert PublishedComplaint.objects.exists()
        public = Client().get(reverse("published_complaints")).content.decode()
        assert "查实，已责令退还。" in public
        assert NAME not in public
        accept = reverse(
            "proposal_step",
            args=[reviewer.get(reverse("proposals")).context["waiting"][0]["id"], "accept_proposal"],
        )
        drafted = reviewer.post(
            accept,
            {
                "act_key": str(uuid4()), "turn": "0", "matter": "收取定金拒不退还", "record_class": "general",
                "decided_on": "2026-03-03", "reason": "查实。", "result": "责令退还。", "decided_by": "鼓楼区房地产行政主管部门",
                "evidence": paper(),
            },
            follow=True,
        )  # fmt: skip
        assert "已记录" in drafted.content.decode()
    assert BadRecord.objects.get().source_number == number


SHOWN = "查实，已责令退还。"


def outlets(code: str) -> dict[str, bool]:
    """Whether each outlet tells the public result of the complaint."""
    addresses = (
        reverse("published_complaints"), "/api/v1/complaints", f"/api/v1/agencies/{code}", reverse("publicity_feed"),
        reverse("agency", args=[code]),
    )  # fmt: skip
    return {address: SHOWN in Client().get(address).content.decode() for address in addresses}


@pytest.fixture
def published(cast) -> AgencyComplaint:
    """Public since 2026-03-14."""
    reviewer = signed_in("huangmin")
    with time_machine.travel("2026-03-03 09:00+08:00"):
        published_agency(cast)
        number, _ = receipt(complain())
        found = AgencyComplaint.objects.get(number=number)
        step(reviewer, found, "sort_complaint", way="verify", agency=cast.agency.pk)
        step(reviewer, found, "record_finding", finding="true", opinion="查实拒不退还定金。")
        step(
            reviewer, found, "decide_complaint", publish="yes", publish_because="有警示意义", count="no",
            count_because="情节轻微", reply="已查实，责令退还。", public_summary="不退定金。", public_result=SHOWN,
        )  # fmt: skip
        step(reviewer, found, "tell_respondent", served_on="2026-03-03", served_how="挂号信", proof=paper())
        assert not any(outlets(cast.agency.code).values())
    with time_machine.travel("2026-03-14 09:00+08:00"):
        step(signed_in("huangmin"), found, "publish_complaint")
    found.refresh_from_db()
    assert found.state == "published"
    return found


def test_it_is_public_at_every_outlet_and_taken_down_it_is_gone_from_all(cast, published):
    with time_machine.travel("2026-03-14 10:00+08:00"):
        assert all(outlets(cast.agency.code).values()), outlets(cast.agency.code)
        [row] = Client().get("/api/v1/complaints").json()["complaints"]
        assert (row["finding"], row["shown_until"]) == ("true", "2027-03-14")
        step(signed_in("huangmin"), published, "take_down_complaint", reason="企业提出新证据")
        assert not any(outlets(cast.agency.code).values())


def test_it_is_gone_at_midnight_after_its_last_day_and_is_not_published_twice(cast, published):
    with time_machine.travel("2027-03-14 23:59+08:00"):
        assert all(outlets(cast.agency.code).values())
    with time_machine.travel("2027-03-15 00:00+08:00"):
        assert not any(outlets(cast.agency.code).values())
        assert end_complaint_displays() == 1
        assert end_complaint_displays() == 0
        published.refresh_from_db()
        assert (published.state, published.is_published_wanted) == ("closed", True)
        page = signed_in("huangmin").get(reverse("agency_complaint", args=[published.pk])).content.decode()
        assert "2026-03-14，至2027-03-14" in page
        again = step(signed_in("huangmin"), published, "publish_complaint")
        assert "不再公示第二次" in again.content.decode()


def test_nothing_typed_is_lost_when_the_form_is_wrong(cast):
    page = complain(name="", place="")
    assert page.status_code == 422
    text = page.content.decode()
    assert "交了两万元定金" in text
    assert "请填写您的姓名" in text


def test_the_same_form_sent_twice_is_one_complaint(cast):
    key = str(uuid4())
    assert receipt(complain(act_key=key)) == receipt(complain(act_key=key))
    assert AgencyComplaint.objects.count() == 1


def test_a_file_that_is_refused_takes_the_complaint_and_its_number_with_it(cast):
    from django.core.files.uploadedfile import SimpleUploadedFile

    page = complain(files=SimpleUploadedFile("x.exe", b"MZ", "application/octet-stream"))
    assert page.status_code == 422
    assert not AgencyComplaint.objects.exists()
    assert receipt(complain())[0] == "JG000001"


def test_whose_place_it_is_not_sees_nothing_of_it(cast):
    receipt(complain())
    found = AgencyComplaint.objects.get()
    for who in ("wujian", "hexin"):
        stranger = signed_in(who)
        assert stranger.get(reverse("agency_complaint", args=[found.pk])).status_code == 404
        assert found.number not in stranger.get(reverse("agency_complaints")).content.decode()
    assert signed_in("linxiao").get(reverse("agency_complaint", args=[found.pk])).status_code == 404


def test_the_committee_reads_it_masked_and_only_suggests(cast):
    receipt(complain())
    found, committee = AgencyComplaint.objects.get(), signed_in("zhenghua")
    page = committee.get(reverse("agency_complaint", args=[found.pk])).content.decode()
    assert "定金" in page
    assert NAME not in page
    assert PHONE not in page
    step(committee, found, "suggest_sorting", way="both")
    assert (
        "核查并转企业"
        in signed_in("huangmin").get(reverse("agency_complaint", args=[found.pk])).content.decode()
    )


def test_who_complained_is_looked_at_with_a_reason_that_is_recorded(cast):
    receipt(complain())
    found, reviewer = AgencyComplaint.objects.get(), signed_in("huangmin")
    address = reverse("agency_complainant", args=[found.pk])
    assert NAME not in reviewer.post(address, {"reason": " "}, follow=True).content.decode().replace(
        GIVEN["text"], ""
    )
    page = reviewer.post(address, {"reason": "核实合同"})
    assert PHONE in page.content.decode()
    look = Entry.objects.get(kind="identity:open")
    assert look.details["reason"] == "核实合同"
    assert signed_in("hexin").post(address, {"reason": "好奇"}).status_code == 404


def test_a_step_at_the_wrong_time_is_refused_in_words(cast):
    receipt(complain())
    found = AgencyComplaint.objects.get()
    page = signed_in("huangmin").get(reverse("agency_complaint_step", args=[found.pk, "decide_complaint"]))
    assert page.status_code == 409
