"""An agency declares, the authority decides, the record follows (SM-06)."""

from datetime import date
from typing import Any

import pytest
import time_machine

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    confirm_declaration,
    correct_declaration,
    precheck_declaration,
    recall_declaration,
    return_declaration,
    save_table,
    submit_declaration,
)
from fangxin.agencies.actions.declaring import NotSound
from fangxin.agencies.models import Declaration, PublishedAgency, PublishedProfile, Version
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.agencies.workflow import StepRefused
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from tests.fujian_cast import FujianCast, fujian_cast, typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def written(cast: FujianCast, **changed: dict[str, Any]) -> Declaration:
    """A draft that the agency has filled in."""
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in {**typed_values(cast.agency), **changed}.items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    return declaration


def submitted(cast: FujianCast, **changed: dict[str, Any]) -> Declaration:
    return submit_declaration(written(cast, **changed).pk, truth=True, by=cast.filer)


def approved(cast: FujianCast, **changed: dict[str, Any]) -> Declaration:
    return approve_declaration(submitted(cast, **changed).pk, opinion="属实", by=cast.reviewer)


def test_what_was_typed_wrong_is_kept_and_named(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    found = save_table(
        declaration.pk, "J1", [{"name": "福州诚信", "postcode": "35000", "broker_count": "三"}], by=cast.filer
    )
    kept = Declaration.objects.get(pk=declaration.pk).values["J1"]
    assert kept["postcode"] == "35000"
    assert kept["broker_count"] == "三"
    assert {"J1-06", "J1-20", "J1-02"} <= {finding.codes[0] for finding in found}


def test_a_draft_is_begun_once(cast):
    first = begin_declaration(cast.agency.pk, by=cast.filer)
    assert begin_declaration(cast.agency.pk, by=cast.filer).pk == first.pk


def test_the_number_of_an_identity_document_lies_sealed(cast):
    declaration = submitted(cast)
    kept = Declaration.objects.get(pk=declaration.pk)
    assert "11010519491231002X" not in str(kept.values)
    assert b"11010519491231002X" not in bytes(kept.sealed_values)


def test_what_does_not_agree_is_not_taken(cast):
    values = typed_values(cast.agency)
    with pytest.raises(NotSound) as refused:
        submitted(cast, J1={**values["J1"], "full_time_broker_count": "9"})
    assert any("J1-20-01" in finding.message for finding in refused.value.findings)


def test_without_the_declaration_of_truth_nothing_is_submitted(cast):
    with pytest.raises(ActRefused, match="准确性、合法性"):
        submit_declaration(written(cast).pk, truth=False, by=cast.filer)


def test_brokers_may_exceed_the_staff(cast):
    """TVX-14: J1-20 counts part-time brokers, J1-22 does not."""
    values = typed_values(cast.agency)
    submitted(
        cast, J1={**values["J1"], "broker_count": "12", "full_time_broker_count": "5", "staff_count": "8"}
    )


def test_the_approved_declaration_is_the_record_and_public_without_marked_fields(cast):
    approved(cast)
    version = version_in_force(cast.agency.pk)
    values = accepted_values(version)
    assert values["J1"]["registration_type"] == "173"
    assert values["J2"]["id_number"] == "11010519491231002X"
    assert values["J7"][0]["project_name"] == "东街口二手房买卖"
    profile = PublishedProfile.objects.get(agency_id=cast.agency.pk)
    assert profile.values["J1"]["introduction"] == "诚信为本，服务福州。"
    for secret in (
        "11010519491231002X",
        "0591-87654321",
        "机密路88号",
        "保密委托人甲",
        "HT-2026-001",
        "123.45",
    ):
        assert secret not in str(profile.values)
    assert PublishedAgency.objects.get(pk=cast.agency.pk).people.get().name == "张伟"


def test_the_published_version_stays_while_a_new_one_waits(cast):
    approved(cast)
    values = typed_values(cast.agency)
    submitted(cast, J1={**values["J1"], "introduction": "新的介绍"})
    profile = PublishedProfile.objects.get(agency_id=cast.agency.pk, until_on=None)
    assert profile.values["J1"]["introduction"] == "诚信为本，服务福州。"


def test_the_record_can_be_read_as_of_any_day(cast):
    with time_machine.travel("2026-03-02 10:00+08:00"):
        approved(cast)
    with time_machine.travel("2026-06-01 10:00+08:00"):
        values = typed_values(cast.agency)
        approved(cast, J1={**values["J1"], "staff_count": "9"})
    counts = {
        day: accepted_values(version)["J1"]["staff_count"]
        for day in (date(2026, 3, 2), date(2026, 5, 31), date(2026, 6, 1))
        if (version := version_in_force(cast.agency.pk, on=day))
    }
    assert counts == {date(2026, 3, 2): 8, date(2026, 5, 31): 8, date(2026, 6, 1): 9}
    assert version_in_force(cast.agency.pk, on=date(2026, 3, 1)) is None
    assert Version.objects.filter(agency=cast.agency).count() == 2


def test_a_returned_declaration_names_the_indicators_and_can_be_mended(cast):
    declaration = submitted(cast)
    return_declaration(declaration.pk, reasons={"J1-18": "与备案不符", "J2-14": "请补填"}, by=cast.reviewer)
    with pytest.raises(ActRefused, match="退回补正"):
        save_table(declaration.pk, "J8", [{"application_opinion": "改"}], by=cast.filer)
    correct_declaration(declaration.pk, by=cast.filer)
    save_table(declaration.pk, "J8", [{"application_opinion": "改"}], by=cast.filer)
    kept = Declaration.objects.get(pk=declaration.pk)
    assert kept.return_reasons == {"J1-18": "与备案不符", "J2-14": "请补填"}
    submit_declaration(declaration.pk, truth=True, by=cast.filer)


def test_a_return_without_reason_is_refused(cast):
    declaration = submitted(cast)
    with pytest.raises(ActRefused, match="至少指出一项"):
        return_declaration(declaration.pk, reasons={"J1-18": " "}, by=cast.reviewer)


def test_recalled_before_review_it_is_a_draft(cast):
    declaration = submitted(cast)
    assert recall_declaration(declaration.pk, by=cast.filer).state == "draft"
    with pytest.raises(StepRefused):
        approve_declaration(declaration.pk, opinion="", by=cast.reviewer)


def test_the_committee_looks_first_and_does_not_decide(cast):
    declaration = submitted(cast)
    precheck_declaration(declaration.pk, opinion="材料齐全", by=cast.prechecker)
    with pytest.raises(StepRefused, match="审核员"):
        approve_declaration(declaration.pk, opinion="", by=cast.prechecker)
    approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)


def test_another_place_does_not_decide(cast):
    declaration = submitted(cast)
    for stranger in (cast.other_reviewer, cast.city_reviewer, cast.province):
        with pytest.raises(StepRefused, match="机构所在地"):
            approve_declaration(declaration.pk, opinion="", by=stranger)
        with pytest.raises(StepRefused):
            return_declaration(declaration.pk, reasons={"J1-01": "x"}, by=stranger)


def test_another_agency_does_not_touch_it(cast):
    declaration = written(cast)
    with pytest.raises(ActRefused):
        save_table(declaration.pk, "J8", [{"application_opinion": "改"}], by=cast.other_filer)
    with pytest.raises(StepRefused):
        submit_declaration(declaration.pk, truth=True, by=cast.other_filer)


def test_of_two_reviewers_one_is_first(cast):
    declaration = submitted(cast)
    turn = declaration.turn
    approve_declaration(declaration.pk, opinion="", by=cast.reviewer, turn=turn)
    with pytest.raises(SomebodyWasFirst):
        return_declaration(declaration.pk, reasons={"J1-01": "x"}, by=cast.reviewer, turn=turn)


def test_where_two_steps_are_set_the_city_decides_last(cast, monkeypatch):
    from fangxin.rules.book import Rulebook

    real = Rulebook.value

    def value(self: Rulebook, key: str, *, on: date) -> Any:
        found = real(self, key, on=on)
        return type("Set", (), {"value": True})() if key == "declaration.second_step" else found

    monkeypatch.setattr(Rulebook, "value", value)
    declaration = submitted(cast)
    assert approve_declaration(declaration.pk, opinion="", by=cast.reviewer).state == "awaiting_city"
    assert version_in_force(cast.agency.pk) is None
    confirm_declaration(declaration.pk, opinion="", by=cast.city_reviewer)
    assert version_in_force(cast.agency.pk) is not None


def test_a_renamed_agency_is_found_by_its_former_name(cast):
    approved(cast)
    values = typed_values(cast.agency)
    approved(cast, J1={**values["J1"], "name": "福州至诚房产经纪有限公司"})
    names = dict(PublishedAgency.objects.get(pk=cast.agency.pk).names.values_list("kind", "name"))
    assert names == {"present": "福州至诚房产经纪有限公司", "former": "福州诚信房产经纪有限公司"}


def test_a_cancelled_agency_stays_and_declares_no_more(cast):
    values = typed_values(cast.agency)
    approved(
        cast, J1={**values["J1"], "changed_or_cancelled_on": "2026-01-05", "changed_or_cancelled": "注销"}
    )
    assert PublishedAgency.objects.get(pk=cast.agency.pk).standing == "cancelled"
    with pytest.raises(ActRefused, match="不再申报"):
        begin_declaration(cast.agency.pk, by=cast.filer)
