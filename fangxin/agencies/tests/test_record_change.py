"""The authority enters what it learns of an agency into its record, with evidence (四（二）)."""

from typing import Any

import pytest

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    correct_declaration,
    give_filing_opinion,
    propose_change,
    record_change,
    return_declaration,
    save_table,
    submit_declaration,
)
from fangxin.agencies.actions.declaring import NotSound
from fangxin.agencies.models import Agency, Declaration, PublishedAgency, PublishedCode, Version
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.agencies.review import agencies_found, compared_with, reviewed
from fangxin.agencies.workflow import StepRefused
from fangxin.documents.queries import attachments_of
from fangxin.organisations.models import Company
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, declared_and_accepted, typed_values
from tests.fujian_stage import paper

pytestmark = pytest.mark.django_db


def recorded(cast: FujianCast, **changes: Any) -> Declaration:
    given = {code.replace("_", "-"): value for code, value in changes.items()}
    return record_change(
        cast.agency.pk, changes=given, reason="营业执照变更", evidence=[paper()], by=cast.reviewer
    )


def record_of(cast: FujianCast) -> dict[str, Any]:
    return accepted_values(version_in_force(cast.agency.pk))


def test_the_change_is_the_record_from_today_with_its_evidence(cast):
    declared_and_accepted(cast)
    change = recorded(cast, J1_22="9")
    assert record_of(cast)["J1"]["staff_count"] == 9
    assert record_of(cast)["J6"][0]["contract_no"] == "HT-2026-001"
    assert version_in_force(cast.agency.pk).channel == "collected"
    assert len(attachments_of("declaration", change.pk)) == 1


@pytest.mark.parametrize("missing", ["evidence", "reason", "changes"])
def test_without_evidence_reason_or_change_nothing_is_recorded(cast, missing):
    declared_and_accepted(cast)
    given: dict[str, Any] = {"changes": {"J1-22": "9"}, "reason": "变更", "evidence": [paper()]}
    given[missing] = type(given[missing])()
    with pytest.raises(ActRefused):
        record_change(cast.agency.pk, by=cast.reviewer, **given)
    assert Version.objects.filter(agency=cast.agency).count() == 1


def test_what_would_not_agree_is_not_recorded(cast):
    declared_and_accepted(cast)
    with pytest.raises(NotSound) as refused:
        recorded(cast, J1_22="1")
    assert any("J1-22" in finding.message for finding in refused.value.findings)


def test_of_an_agency_without_a_record_nothing_can_change(cast):
    with pytest.raises(ActRefused, match="先由机构申报"):
        recorded(cast, J1_22="9")


def test_another_place_records_nothing(cast):
    declared_and_accepted(cast)
    for stranger in (cast.other_reviewer, cast.city_reviewer, cast.province, cast.prechecker, cast.filer):
        with pytest.raises(StepRefused):
            record_change(
                cast.agency.pk, changes={"J1-22": "9"}, reason="变更", evidence=[paper()], by=stranger
            )


def test_a_row_of_many_is_not_recorded_by_the_authority(cast):
    declared_and_accepted(cast)
    with pytest.raises(ActRefused, match="由机构申报变更"):
        recorded(cast, J6_01="别的项目")


def test_after_the_licence_is_renewed_both_codes_find_the_agency(cast):
    declared_and_accepted(cast)
    old, new = cast.agency.code, "91350102MA7ABCDE2J"
    recorded(cast, J1_02=_sound(new))
    agency = Agency.objects.get(pk=cast.agency.pk)
    assert agency.code == _sound(new)
    assert agency.former_codes == [old]
    assert Company.objects.get(pk=agency.company_id).uscc == _sound(new)
    assert {old, agency.code} <= set(
        PublishedCode.objects.filter(agency_id=agency.pk).values_list("code", flat=True)
    )
    for code in (old, agency.code):
        assert [row["id"] for row in agencies_found("fujian", words=code)["rows"]] == [agency.pk]


def test_the_code_of_another_agency_is_not_taken(cast):
    declared_and_accepted(cast)
    with pytest.raises(ActRefused, match="另一家机构"):
        recorded(cast, J1_02=cast.other_agency.code)


def test_what_was_recorded_meanwhile_is_not_undone_unseen(cast):
    declared_and_accepted(cast)
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    submit_declaration(declaration.pk, truth=True, by=cast.filer)
    recorded(cast, J1_22="9")
    declaration.refresh_from_db()
    assert compared_with(declaration).number == 2
    approve_declaration(declaration.pk, opinion="", by=cast.reviewer)
    declaration.refresh_from_db()
    assert declaration.version.number == 3
    assert compared_with(declaration).number == 2


def declared_and_waiting(cast: FujianCast, **changed: Any) -> Declaration:
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in {**typed_values(cast.agency), **changed}.items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    return submit_declaration(declaration.pk, truth=True, by=cast.filer)


def test_a_declaration_that_waited_brings_no_former_code_back(cast):
    declared_and_accepted(cast)
    waiting = declared_and_waiting(cast)
    new = _sound("91350102MA7ABCDE2J")
    recorded(cast, J1_02=new)
    shown = reviewed(waiting, cast.reviewer).values["J1"]["legal_code"]
    approve_declaration(waiting.pk, opinion="", by=cast.reviewer)
    assert shown == new
    assert Agency.objects.get(pk=cast.agency.pk).code == new
    assert record_of(cast)["J1"]["legal_code"] == new


def test_a_declaration_that_waited_takes_no_opinion_of_the_department_away(cast):
    declared_and_accepted(cast)
    waiting = declared_and_waiting(cast)
    give_filing_opinion(cast.agency.pk, opinion="同意备案。", by=cast.city_reviewer)
    assert reviewed(waiting, cast.reviewer).values["J8"]["authority_opinion"] == "同意备案。"
    approve_declaration(waiting.pk, opinion="", by=cast.reviewer)
    assert record_of(cast)["J8"]["authority_opinion"] == "同意备案。"


def test_a_change_drafted_before_another_was_recorded_undoes_nothing_of_it(cast):
    declared_and_accepted(cast)
    draft = propose_change(
        cast.agency.pk, changes={"J1-22": "9"}, reason="核实", evidence=[paper()], by=cast.prechecker
    )
    recorded(cast, J1_10="www.example.cn")
    approve_declaration(draft.pk, opinion="", by=cast.reviewer)
    assert record_of(cast)["J1"]["staff_count"] == 9
    assert record_of(cast)["J1"]["website"] == "http://www.example.cn"


def test_the_opinion_on_the_filing_is_not_recorded_as_a_change(cast):
    """J8-04 is the opinion of the department of the city; the county records other changes."""
    declared_and_accepted(cast)
    with pytest.raises(ActRefused, match="J8-04"):
        recorded(cast, J8_04="同意")
    with pytest.raises(ActRefused, match="J8-04"):
        propose_change(
            cast.agency.pk, changes={"J8-04": "同意"}, reason="核实", evidence=[paper()], by=cast.prechecker
        )


def test_a_cancellation_recorded_by_mistake_is_taken_back(cast):
    declared_and_accepted(cast)
    recorded(cast, **{"J1_19": "2026-01-05", "J1+02": "注销"})
    assert Agency.objects.get(pk=cast.agency.pk).standing == "cancelled"
    recorded(cast, J1_10="www.example.cn")
    assert Agency.objects.get(pk=cast.agency.pk).standing == "cancelled"
    recorded(cast, **{"J1+02": "变更"})
    agency = Agency.objects.get(pk=cast.agency.pk)
    assert (agency.standing, PublishedAgency.objects.get(pk=agency.pk).standing) == ("active", "active")
    assert begin_declaration(agency.pk, by=cast.filer).state == "draft"


def test_the_committee_drafts_and_the_department_decides(cast):
    declared_and_accepted(cast)
    draft = propose_change(
        cast.agency.pk, changes={"J1-22": "9"}, reason="核实", evidence=[paper()], by=cast.prechecker
    )
    assert record_of(cast)["J1"]["staff_count"] == 8
    approve_declaration(draft.pk, opinion="", by=cast.reviewer)
    assert record_of(cast)["J1"]["staff_count"] == 9


def test_a_returned_draft_of_the_committee_is_not_the_agencys_to_mend(cast):
    declared_and_accepted(cast)
    draft = propose_change(
        cast.agency.pk, changes={"J1-22": "9"}, reason="核实", evidence=[paper()], by=cast.prechecker
    )
    return_declaration(draft.pk, reasons={"J1-22": "不属实"}, by=cast.reviewer)
    with pytest.raises(ActRefused, match="不由机构"):
        correct_declaration(draft.pk, by=cast.filer)


def test_a_department_drafts_nothing(cast):
    declared_and_accepted(cast)
    with pytest.raises(StepRefused, match="预审员"):
        propose_change(
            cast.agency.pk, changes={"J1-22": "9"}, reason="核实", evidence=[paper()], by=cast.reviewer
        )


def _sound(code: str) -> str:
    from fangxin.config.demonstration import invented_uscc

    return invented_uscc(code[2:8], 777)
