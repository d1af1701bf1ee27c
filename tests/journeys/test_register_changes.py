"""The authority records what it learns of an agency, each act on its page."""

from uuid import uuid4

import pytest
from django.urls import reverse

from fangxin.agencies.models import Agency, Declaration, Version
from tests import fujian_stage
from tests.fujian_cast import declared_and_accepted
from tests.fujian_stage import paper
from tests.journeys.test_register_review import seat, words

pytestmark = pytest.mark.django_db
cast = fujian_stage.cast


def page(cast, verb: str) -> str:
    return reverse("agency_step", args=[cast.agency.pk, verb])


def filled(**given):
    return {"act_key": uuid4(), "reason": "营业执照变更", "evidence": paper(), **given}


def test_a_renamed_agency_is_recorded_and_found_by_both_names(cast):
    declared_and_accepted(cast)
    client = seat("huangmin")
    record = words(client, reverse("register_agency", args=[cast.agency.pk]))
    assert "?codes=J1-01" in record
    asked = words(client, page(cast, "record_change"), codes="J1-01")
    assert "福州诚信房产经纪有限公司" in asked
    answer = client.post(
        page(cast, "record_change"), filled(**{"pick": ["J1-01"], "new_J1-01": "福州至诚房产经纪有限公司"})
    )
    assert answer.status_code == 302
    assert Agency.objects.get(pk=cast.agency.pk).company.name == "福州至诚房产经纪有限公司"
    for name in ("诚信", "至诚"):
        assert "福州至诚房产经纪有限公司" in words(client, reverse("register_agencies"), q=name)


def test_what_does_not_agree_is_said_beside_the_indicator_and_nothing_typed_is_lost(cast):
    declared_and_accepted(cast)
    given = filled(**{"pick": ["J1-22"], "new_J1-22": "1", "reason": "核实人数"})
    answer = seat("huangmin").post(page(cast, "record_change"), given)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "核实人数" in shown
    assert 'name="new_J1-22" value="1"' in shown
    assert Version.objects.filter(agency=cast.agency).count() == 1


def test_without_evidence_or_indicator_the_form_comes_back(cast):
    declared_and_accepted(cast)
    answer = seat("huangmin").post(page(cast, "record_change"), {"act_key": uuid4(), "reason": "变更"})
    assert answer.status_code == 422
    assert "请上传证明材料（四（二））" in answer.content.decode()
    assert "请勾选至少一项" in answer.content.decode()


def test_cancelled_it_is_out_of_business_and_still_found(cast):
    declared_and_accepted(cast)
    client = seat("huangmin")
    asked = words(client, page(cast, "record_change"), codes="J1-19,J1+02")
    assert '<option value="注销" selected>' in asked
    given = filled(**{"pick": ["J1-19", "J1+02"], "new_J1-19": "2026-01-05", "new_J1+02": "注销"})
    assert client.post(page(cast, "record_change"), given).status_code == 302
    assert "已注销" in words(client, reverse("register_agencies"), q="诚信", standing="cancelled")


def test_the_committee_drafts_and_the_draft_waits_in_the_departments_queue(cast):
    declared_and_accepted(cast)
    given = filled(**{"pick": ["J1-22"], "new_J1-22": "9"})
    assert seat("zhenghua").post(page(cast, "propose_change"), given).status_code == 302
    draft = Declaration.objects.get(agency=cast.agency, channel="collected")
    assert str(draft.pk) in words(seat("huangmin"), reverse("register_queue"))
    shown = words(seat("huangmin"), reverse("declaration", args=[draft.pk]))
    assert "营业执照变更" in shown
    assert "附件1.pdf" in shown


def test_merged_it_says_into_which(cast):
    declared_and_accepted(cast)
    client = seat("huangmin")
    wrong = client.post(page(cast, "merge_agency"), filled(into="91350102MA00000000"))
    assert wrong.status_code == 422
    assert "没有代码为" in wrong.content.decode()
    assert client.post(page(cast, "merge_agency"), filled(into=cast.other_agency.code)).status_code == 302
    assert "已并入" in words(client, reverse("register_agency", args=[cast.agency.pk]))
    assert client.get(page(cast, "merge_agency")).status_code == 409


def test_the_city_writes_its_opinion_and_the_county_has_no_such_page(cast):
    declared_and_accepted(cast)
    given = {"act_key": uuid4(), "opinion": "同意备案。"}
    assert seat("wujian").post(page(cast, "give_filing_opinion"), given).status_code == 302
    assert seat("huangmin").get(page(cast, "give_filing_opinion")).status_code == 409
    assert "同意备案" in words(seat("huangmin"), reverse("register_agency", args=[cast.agency.pk]))


def test_another_place_changes_nothing(cast):
    declared_and_accepted(cast)
    client = seat("hexin")
    for verb in ("record_change", "merge_agency", "set_head_office", "give_filing_opinion"):
        assert client.get(page(cast, verb)).status_code == 409, verb
    assert "记入变动" not in words(client, reverse("register_agency", args=[cast.agency.pk]))
    given = filled(**{"pick": ["J1-22"], "new_J1-22": "9"})
    assert client.post(page(cast, "record_change"), given).status_code == 422
    assert Version.objects.filter(agency=cast.agency).count() == 1


def test_of_another_province_there_is_no_such_agency(cast):
    assert seat("huangmin").get(reverse("agency_step", args=[999_999, "record_change"])).status_code == 404
