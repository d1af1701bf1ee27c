"""Two reviewers, or a reviewer and the agency, in the same second: one decides, and one version is in force."""

import pytest

from fangxin.agencies.actions import (
    approve_declaration,
    merge_agency,
    recall_declaration,
    record_change,
    return_declaration,
    submit_declaration,
)
from fangxin.agencies.models import Agency, Version
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast, typed_values
from tests.fujian_stage import paper
from tests.races.test_two_at_once import at_once, winners


@pytest.fixture
def cast(transactional_db) -> FujianCast:
    """Founded for this test alone, so that threads see it."""
    return fujian_cast()


def waiting(cast: FujianCast):
    from fangxin.agencies.actions import begin_declaration, save_table

    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    return submit_declaration(declaration.pk, truth=True, by=cast.filer)


def in_force(cast: FujianCast) -> int:
    return Version.objects.filter(agency=cast.agency, until_on=None).count()


def test_of_two_who_accept_and_one_who_returns_one_decides(cast):
    one = waiting(cast)
    found = at_once(
        *[lambda: approve_declaration(one.pk, opinion="", by=cast.reviewer, turn=one.turn)] * 2,
        lambda: return_declaration(one.pk, reasons={"J1-22": "核对"}, by=cast.reviewer, turn=one.turn),
        lambda: recall_declaration(one.pk, by=cast.filer, turn=one.turn),
    )
    assert len(winners(found, SomebodyWasFirst)) == 1
    assert Version.objects.filter(agency=cast.agency).count() <= 1


def test_an_acceptance_and_a_recorded_change_at_once_leave_one_version_in_force(cast):
    declared_and_accepted(cast)
    one = waiting(cast)
    found = at_once(
        lambda: approve_declaration(one.pk, opinion="", by=cast.reviewer),
        lambda: record_change(
            cast.agency.pk, changes={"J1-22": "9"}, reason="核实", evidence=[paper()], by=cast.reviewer
        ),
    )
    assert not any(isinstance(one, Exception) for one in found), found
    assert in_force(cast) == 1
    assert sorted(Version.objects.filter(agency=cast.agency).values_list("number", flat=True)) == [1, 2, 3]


def test_two_agencies_do_not_go_into_each_other_at_once(cast):
    given = {"reason": "合并", "by": cast.reviewer}
    other = {"reason": "合并", "by": cast.other_reviewer}
    found = at_once(
        lambda: merge_agency(cast.agency.pk, into=cast.other_agency.code, evidence=[paper()], **given),
        lambda: merge_agency(cast.other_agency.pk, into=cast.agency.code, evidence=[paper()], **other),
    )
    assert len(winners(found, ActRefused)) == 1
    assert Agency.objects.filter(standing="merged").count() == 1
