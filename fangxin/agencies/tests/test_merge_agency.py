"""An agency goes into another: it declares no more, and stays findable (四（二）)."""

import pytest

from fangxin.agencies.actions import (
    begin_declaration,
    merge_agency,
    record_change,
    save_table,
    set_head_office,
    submit_declaration,
)
from fangxin.agencies.models import Agency, PublishedAgency
from fangxin.agencies.queries import version_in_force
from fangxin.agencies.workflow import StepRefused
from fangxin.documents.queries import attachments_of
from fangxin.journal.models import Entry
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, declared_and_accepted, typed_values
from tests.fujian_stage import paper

pytestmark = pytest.mark.django_db


def merged(cast: FujianCast, **given) -> Agency:
    asked = {"into": cast.other_agency.code, "reason": "吸收合并", "evidence": [paper()], "by": cast.reviewer}
    return merge_agency(cast.agency.pk, **{**asked, **given})


def test_it_says_into_which_it_went_and_keeps_its_record(cast):
    declared_and_accepted(cast)
    merged(cast)
    published = PublishedAgency.objects.get(pk=cast.agency.pk)
    assert (published.standing, published.merged_into_code) == ("merged", cast.other_agency.code)
    assert version_in_force(cast.agency.pk) is not None
    assert len(attachments_of("agency", cast.agency.pk)) == 1
    assert Entry.objects.filter(kind="agency:merge", subject_id=str(cast.agency.pk)).count() == 1
    with pytest.raises(ActRefused, match="不再申报"):
        begin_declaration(cast.agency.pk, by=cast.filer)
    with pytest.raises(ActRefused, match="不再变动"):
        record_change(
            cast.agency.pk, changes={"J1-22": "9"}, reason="核实", evidence=[paper()], by=cast.reviewer
        )


def test_an_open_draft_is_not_handed_in_any_more(cast):
    draft = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(draft.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    merged(cast)
    with pytest.raises(ActRefused, match="不再申报"):
        submit_declaration(draft.pk, truth=True, by=cast.filer)


def test_while_a_declaration_waits_it_is_decided_first(cast):
    draft = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(draft.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    submit_declaration(draft.pk, truth=True, by=cast.filer)
    with pytest.raises(ActRefused, match="正在审核"):
        merged(cast)


def test_not_into_itself_nor_into_nothing_nor_without_evidence(cast):
    for given in (
        {"into": cast.agency.code},
        {"into": "91350102MA00000000"},
        {"evidence": []},
        {"reason": " "},
    ):
        with pytest.raises(ActRefused):
            merged(cast, **given)


def test_only_the_department_of_its_place_merges_it_and_only_once(cast):
    for stranger in (cast.other_reviewer, cast.city_reviewer, cast.province, cast.prechecker, cast.filer):
        with pytest.raises(ActRefused):
            merged(cast, by=stranger)
    merged(cast)
    with pytest.raises(StepRefused, match="已合并"):
        merged(cast)


def test_two_do_not_go_into_each_other(cast):
    merged(cast)
    with pytest.raises(ActRefused, match="不能并入"):
        merge_agency(
            cast.other_agency.pk,
            into=cast.agency.code,
            reason="合并",
            evidence=[paper()],
            by=cast.other_reviewer,
        )


def test_the_branch_is_found_by_the_page_of_its_head_office(cast):
    declared_and_accepted(cast)
    set_head_office(
        cast.other_agency.pk, head_office=cast.agency.code, reason="分公司", by=cast.other_reviewer
    )
    assert Agency.objects.get(pk=cast.other_agency.pk).head_office_id == cast.agency.pk
    # The branch itself is not published yet, so that its name is not.
    assert not PublishedAgency.objects.get(pk=cast.agency.pk).names.filter(kind="branch").exists()
    with pytest.raises(ActRefused, match="不再设分支机构"):
        set_head_office(cast.agency.pk, head_office=cast.other_agency.code, reason="反了", by=cast.reviewer)
    set_head_office(cast.other_agency.pk, head_office="", reason="撤销分公司", by=cast.other_reviewer)
    assert Agency.objects.get(pk=cast.other_agency.pk).head_office_id is None


def test_another_place_sets_no_head_office(cast):
    with pytest.raises(StepRefused):
        set_head_office(cast.other_agency.pk, head_office=cast.agency.code, reason="分公司", by=cast.reviewer)
    with pytest.raises(ActRefused, match="自己"):
        set_head_office(cast.agency.pk, head_office=cast.agency.code, reason="分公司", by=cast.reviewer)
