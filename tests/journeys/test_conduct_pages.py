"""A bad record goes its way on the pages: drafted, entered, told, stated to, released, mended, withdrawn; and an honour its own."""

import re
import shutil
import subprocess
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fangxin.credit.models import Application, BadRecord, GoodRecord, PublishedRecord
from fangxin.documents.printing import has_chinese_font
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from fangxin.rules import book
from tests import fujian_stage
from tests.cast import member
from tests.fujian_stage import paper
from tests.journeys.test_register_review import seat, words

pytestmark = pytest.mark.django_db
cast = fujian_stage.cast


@pytest.fixture
def second(cast):
    """The other official of 鼓楼区, and a third who had no part."""
    body = Body.objects.get(code="district.350102.housing")
    member("tangning", "唐宁", Role.REVIEWER, body)
    return member("gaofeng", "高峰", Role.REVIEWER, body)


def drafted(cast, **changed: Any) -> dict[str, Any]:
    return {
        "act_key": uuid4(), "agency_code": cast.agency.code, "source": "inspection", "record_class": "general",
        "matter": "未经书面同意发布房源信息", "decided_on": "2026-02-20", "reason": "发布三套房源未取得委托人书面同意。",
        "result": "责令改正，罚款一万元", "decided_by": "鼓楼区房地产行政主管部门", "evidence": paper(), **changed,
    }  # fmt: skip


def step(record: BadRecord, username: str, verb: str, **given: Any):
    record.refresh_from_db()
    address = reverse("bad_record_step", args=[record.pk, verb])
    return seat(username).post(address, {"act_key": uuid4(), "turn": record.turn, **given})


def own(record: BadRecord, verb: str, **given: Any):
    record.refresh_from_db()
    address = reverse("own_bad_record_step", args=[record.pk, verb])
    return seat("linxiao").post(address, {"act_key": uuid4(), "turn": record.turn, **given})


def answered(asked: Application, username: str, verb: str, **given: Any):
    asked.refresh_from_db()
    address = reverse("application_step", args=[asked.pk, verb])
    return seat(username).post(address, {"act_key": uuid4(), "turn": asked.turn, **given})


def told(cast) -> BadRecord:
    with time_machine.travel("2026-03-02 09:00+08:00"):
        assert seat("huangmin").post(reverse("new_bad_record"), drafted(cast)).status_code == 302
        record = BadRecord.objects.get()
        assert step(record, "gaofeng", "confirm_record").status_code == 302
        given = {"served_on": "2026-03-02", "served_how": "挂号信", "proof": paper()}
        assert step(record, "huangmin", "serve_notice", **given).status_code == 302
    return record


def released(cast) -> BadRecord:
    record = told(cast)
    with time_machine.travel("2026-03-13 09:00+08:00"):
        assert step(record, "huangmin", "release_record").status_code == 302
    return record


def test_the_draft_waits_for_another_and_the_page_says_so(cast, second):
    answer = seat("huangmin").post(reverse("new_bad_record"), drafted(cast), follow=True)
    shown = answer.content.decode()
    record = BadRecord.objects.get()
    assert "等待记入" in shown
    assert "非起草人" in shown
    assert step(record, "huangmin", "confirm_record").status_code == 422
    assert "请您记入" in words(seat("gaofeng"), reverse("bad_record", args=[record.pk]))
    assert "未经书面同意" in words(seat("gaofeng"), reverse("conduct"))


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(cast):
    answer = seat("huangmin").post(
        reverse("new_bad_record"), drafted(cast, decided_on="2999-01-01", agency_code="X")
    )
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "登记册里没有这个代码的机构" in shown
    assert "发布三套房源未取得委托人书面同意。" in shown
    answer = seat("huangmin").post(reverse("new_bad_record"), drafted(cast, decided_on="2999-01-01"))
    assert answer.context["form"].errors["decided_on"]


def test_the_act_is_named_from_the_catalogue_and_from_nowhere_else(cast):
    page = words(seat("huangmin"), reverse("new_bad_record"))
    code = next(one.code for one in book("national").violations if one.link == "brokerage")
    assert f'value="{code}"' in page
    assert seat("huangmin").post(reverse("new_bad_record"), drafted(cast, item="XX-1")).status_code == 422
    assert seat("huangmin").post(reverse("new_bad_record"), drafted(cast, item=code)).status_code == 302
    record = BadRecord.objects.get()
    assert record.items == [code]
    assert code in words(seat("huangmin"), reverse("bad_record", args=[record.pk]))


def test_the_class_shows_its_periods(cast):
    shown = words(seat("huangmin"), reverse("new_bad_record"), agency=cast.agency.code)
    assert "一般：最短公示3个月，最长12个月" in shown
    assert cast.agency.code in shown


def test_the_day_of_release_stands_on_both_pages_and_is_kept(cast, second):
    record = told(cast)
    with time_machine.travel("2026-03-12 09:00+08:00"):
        assert "2026-03-13" in words(seat("huangmin"), reverse("bad_record", args=[record.pk]))
        assert "2026-03-13" in words(seat("linxiao"), reverse("own_bad_record", args=[record.pk]))
        assert (
            seat("huangmin").get(reverse("bad_record_step", args=[record.pk, "release_record"])).status_code
            == 409
        )
        answer = step(record, "huangmin", "release_record")
        assert answer.status_code == 422
        assert "任何人都不能提前" in answer.content.decode()
    assert not PublishedRecord.objects.exists()


@pytest.mark.skipif(
    not has_chinese_font() or not shutil.which("pdftotext"), reason="without a Chinese font or pdftotext"
)
def test_the_notice_is_printed_with_its_days_once_the_record_is_entered(cast, second):
    with time_machine.travel("2026-03-02 08:00+08:00"):
        assert seat("huangmin").post(reverse("new_bad_record"), drafted(cast)).status_code == 302
        record = BadRecord.objects.get()
        office = reverse("bad_record_notice", args=[record.pk])
        assert seat("huangmin").get(office).status_code == 409
        assert step(record, "gaofeng", "confirm_record").status_code == 302
        assert "满10日，期满的次日起" in printed(seat("huangmin").get(office))
        assert seat("linxiao").get(reverse("own_notice", args=[record.pk])).status_code == 404
        given = {"served_on": "2026-03-02", "served_how": "挂号信", "proof": paper()}
        assert step(record, "huangmin", "serve_notice", **given).status_code == 302
        for answer in (
            seat("huangmin").get(office),
            seat("linxiao").get(reverse("own_notice", args=[record.pk])),
        ):
            text = printed(answer)
            for said in (
                "2026年3月13日起",
                "至2026年3月12日止（含当日）",
                "未经书面同意发布房源信息",
                "2026年5月20日",
            ):
                assert said in text, said
        assert seat("hexin").get(office).status_code == 404
        assert seat("chenyu").get(reverse("own_notice", args=[record.pk])).status_code == 404
        page = words(seat("linxiao"), reverse("own_bad_record", args=[record.pk]))
        assert "陈述期至" in page
        assert "2026-03-12" in page
        assert reverse("own_notice", args=[record.pk]) in page


def printed(answer: Any) -> str:
    """The text of a PDF without its line breaks and spaces."""
    assert answer.status_code == 200, answer.content[:500]
    command = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(command, input=answer.content, capture_output=True, check=True).stdout.decode()
    return re.sub(r"\s|\f", "", text)


def test_the_unit_states_its_case_and_is_answered_before_release(cast, second):
    record = told(cast)
    with time_machine.travel("2026-03-05 09:00+08:00"):
        assert (
            own(record, "state_case", statement="三套房源均有委托书。", evidence=paper()).status_code == 302
        )
    with time_machine.travel("2026-03-13 09:00+08:00"):
        assert "三套房源均有委托书" in words(
            seat("huangmin"), reverse("bad_record_step", args=[record.pk, "release_record"])
        )
        assert step(record, "huangmin", "release_record").status_code == 422
        assert step(record, "huangmin", "release_record", statement_answer="不予采纳。").status_code == 302
    assert "不予采纳" in words(seat("linxiao"), reverse("own_bad_record", args=[record.pk]))


def test_mended_and_withdrawn_on_application(cast, second):
    record = released(cast)
    with time_machine.travel("2026-04-01 09:00+08:00"):
        shown = words(seat("linxiao"), reverse("own_bad_record", args=[record.pk]))
        assert "2026-05-20" in shown
        assert own(record, "ask_for_assessment", text="已下架", evidence=paper()).status_code == 302
        asked = Application.objects.get()
        given = {"assessed_on": "2026-04-01", "assessors": "黄敏、高峰"}
        assert answered(asked, "huangmin", "begin_assessment", **given).status_code == 302
        assert (
            answered(
                asked, "huangmin", "conclude_assessment", passed="yes", result="已下架三套房源"
            ).status_code
            == 302
        )
        assert own(record, "comment_on_record", comment="已全部下架。").status_code == 302
        assert own(record, "apply_for_withdrawal", text="已整改").status_code == 422
    shown = PublishedRecord.objects.get()
    assert (shown.comment, shown.rectification_result) == ("已全部下架。", "已下架三套房源")
    with time_machine.travel("2026-05-20 09:00+08:00"):
        assert own(record, "apply_for_repair", text="已整改", commitment="on").status_code == 302
        asked = Application.objects.get(kind="repair")
        assert str(record.pk) in words(seat("huangmin"), reverse("conduct"), bin="asked")
        assert answered(asked, "huangmin", "consent_to_withdrawal").status_code == 302
    assert not PublishedRecord.objects.exists()


def test_an_objection_is_decided_by_whoever_had_no_part(cast, second):
    record = released(cast)
    with time_machine.travel("2026-03-16 09:00+08:00"):
        assert own(record, "object_to_record", text="主体有误", evidence=paper()).status_code == 302
        asked = Application.objects.get()
        assert answered(asked, "huangmin", "decide_objection", upheld="no", reason="无误").status_code == 422
        assert (
            answered(asked, "tangning", "decide_objection", upheld="yes", reason="金额写错").status_code
            == 302
        )
        given = {
            "kind": "amended", "reason": "金额写错", "matter": record.matter, "decided_on": "2026-02-20",
            "reason_shown": "发布三套房源未取得委托人书面同意。", "result": "责令改正，罚款一千元",
            "decided_by": "鼓楼区房地产行政主管部门",
        }  # fmt: skip
        assert step(record, "tangning", "propose_correction", **given).status_code == 302
        assert "罚款一千元" in words(
            seat("huangmin"), reverse("bad_record_step", args=[record.pk, "confirm_correction"])
        )
        assert step(record, "tangning", "confirm_correction").status_code == 422
        assert step(record, "huangmin", "confirm_correction").status_code == 302
    assert PublishedRecord.objects.get().values["result"] == "责令改正，罚款一千元"


def test_an_honour_is_reported_returned_mended_verified_and_revoked(cast):
    company, office = seat("linxiao"), seat("huangmin")
    given = {
        "act_key": uuid4(), "award": "诚信经纪机构", "awarded_on": "2025-12-01", "awarded_by": "福建省房地产业协会",
        "level": "县", "body_kind": "行业协会", "subject": "机构", "material": paper("证书.pdf"),
    }  # fmt: skip
    refused = company.post(reverse("declare_honour"), given)
    assert refused.status_code == 422
    assert "县级的不能" in refused.content.decode()
    given |= {"level": "省", "material": paper("证书.pdf")}
    assert company.post(reverse("declare_honour"), given).status_code == 302
    honour = GoodRecord.objects.get()
    office.post(
        reverse("good_record_step", args=[honour.pk, "return_good_record"]),
        {"act_key": uuid4(), "turn": 0, "reason": "证书编号不清"},
    )
    page = reverse("own_good_record", args=[honour.pk])
    assert "证书编号不清" in words(company, page)
    again = {**given, "act_key": uuid4(), "certificate_no": "FJ-2025-1", "turn": 1}
    again.pop("material")
    assert company.post(page, again).status_code == 302
    verify = reverse("good_record_step", args=[honour.pk, "verify_good_record"])
    assert office.post(verify, {"act_key": uuid4(), "turn": 2}).status_code == 302
    assert PublishedRecord.objects.get().values["award"] == "诚信经纪机构"
    revoke = reverse("good_record_step", args=[honour.pk, "revoke_good_record"])
    assert (
        office.post(revoke, {"act_key": uuid4(), "turn": 3, "reason": "伪造", "forged": "on"}).status_code
        == 302
    )
    assert not PublishedRecord.objects.exists()
    assert BadRecord.objects.get().source == "forged_honour"


def test_other_places_and_other_agencies_see_nothing(cast, second):
    record = told(cast)
    for username in ("hexin", "linxiao"):
        assert seat(username).get(reverse("bad_record", args=[record.pk])).status_code == 404
    assert str(record.pk) not in words(seat("hexin"), reverse("conduct"), bin="told")
    for username in ("chenyu", "huangmin"):
        assert seat(username).get(reverse("own_bad_record", args=[record.pk])).status_code == 404


def test_the_unit_knows_nothing_before_it_is_told(cast, second):
    seat("huangmin").post(reverse("new_bad_record"), drafted(cast))
    record = BadRecord.objects.get()
    assert seat("linxiao").get(reverse("own_bad_record", args=[record.pk])).status_code == 404
    assert "未经书面同意" not in words(seat("linxiao"), reverse("own_conduct"))


def test_the_agencys_page_leads_to_its_records_for_whoever_has_a_part_in_them(cast, second):
    record = told(cast)
    page = reverse("register_agency", args=[cast.agency.pk])
    shown = words(seat("huangmin"), page)
    assert reverse("bad_record", args=[record.pk]) in shown
    assert f"{reverse('new_bad_record')}?agency={cast.agency.code}" in shown
    elsewhere = words(seat("hexin"), page)
    assert record.matter not in elsewhere
    assert reverse("new_bad_record") not in elsewhere


def test_the_lists_ask_as_many_queries_for_thirty_records_as_for_three(cast, second):
    def written(many: int) -> None:
        BadRecord.objects.bulk_create(
            BadRecord(
                agency=cast.agency, company_id=cast.agency.company_id, jurisdiction="fujian", state="draft",
                source="inspection", record_class="general", body_id=cast.agency.reviewing_body_id,
                entered_on="2026-03-02", matter="未公示收费标准", decided_on="2026-03-01",
            )
            for _ in range(many)
        )  # fmt: skip

    def asked() -> int:
        with CaptureQueriesContext(connection) as counted:
            words(client, reverse("conduct"))
        return len(counted)

    client = seat("huangmin")
    written(3)
    asked()
    few = asked()
    written(27)
    assert asked() == few <= 20
