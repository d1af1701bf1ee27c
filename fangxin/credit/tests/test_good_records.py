"""An honour becomes a record only with its material, of the right level, and verified (SM-07, 二（二）)."""

from datetime import date
from typing import Any

import pytest
import time_machine

from fangxin.credit.actions import (
    end_honours,
    resubmit_good_record,
    return_good_record,
    revoke_good_record,
    submit_good_record,
    verify_good_record,
)
from fangxin.credit.models import BadRecord, GoodRecord, PublishedRecord
from fangxin.credit.tests.test_bad_records import paper
from fangxin.notices.models import Notice
from fangxin.organisations.process import StepRefused
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from tests import fujian_stage
from tests.fujian_cast import FujianCast

pytestmark = pytest.mark.django_db
cast = fujian_stage.cast
VALUES = {
    "award": "诚信经纪机构", "awarded_on": "2025-12-01", "awarded_by": "福建省房地产业协会", "level": "省",
    "body_kind": "行业协会", "subject": "机构",
}  # fmt: skip


def reported(cast: FujianCast, by: Acting | None = None, **changed: Any) -> GoodRecord:
    with time_machine.travel("2026-03-02 09:00+08:00"):
        return submit_good_record(
            cast.agency.pk, values={**VALUES, **changed}, material=[paper()], by=by or cast.filer
        )


def verified(cast: FujianCast) -> GoodRecord:
    with time_machine.travel("2026-03-03 09:00+08:00"):
        return verify_good_record(reported(cast).pk, by=cast.reviewer)


def test_the_agency_the_committee_and_the_department_may_report_and_nobody_else(cast):
    for by in (cast.filer, cast.prechecker, cast.reviewer, cast.city_reviewer, cast.province):
        assert reported(cast, by).state == "submitted"
    for by in (cast.other_filer, cast.other_reviewer):
        with pytest.raises(StepRefused):
            reported(cast, by)


def test_a_county_honour_is_none(cast):
    """TVX-23."""
    with pytest.raises(ActRefused, match="部、省、设区市"):
        reported(cast, level="县")
    assert not GoodRecord.objects.exists()


def test_without_material_it_is_not_taken(cast):
    with pytest.raises(ActRefused):
        submit_good_record(cast.agency.pk, values=VALUES, material=[], by=cast.filer)


def test_an_honour_of_a_broker_names_the_broker(cast):
    with pytest.raises(ActRefused):
        reported(cast, subject="经纪人员")
    assert reported(cast, subject="经纪人员", person="张伟").pk


def test_verified_by_the_department_it_is_public_for_two_years(cast):
    honour = reported(cast)
    for by in (cast.filer, cast.prechecker, cast.other_reviewer):
        with pytest.raises(StepRefused):
            verify_good_record(honour.pk, by=by)
    assert not PublishedRecord.objects.exists()
    with time_machine.travel("2026-03-03 09:00+08:00"):
        verify_good_record(honour.pk, by=cast.reviewer)
    shown = PublishedRecord.objects.get()
    assert (shown.values["award"], shown.shown_until) == ("诚信经纪机构", date(2028, 3, 3))
    with pytest.raises(StepRefused):
        verify_good_record(honour.pk, by=cast.reviewer)


def test_returned_it_is_mended_and_waits_again(cast):
    honour = reported(cast)
    with pytest.raises(StepRefused):
        resubmit_good_record(honour.pk, values=VALUES, by=cast.filer)
    return_good_record(honour.pk, reason="编号不清", by=cast.reviewer)
    with pytest.raises(StepRefused):
        resubmit_good_record(honour.pk, values=VALUES, by=cast.other_filer)
    again = resubmit_good_record(honour.pk, values={**VALUES, "certificate_no": "FJ-1"}, by=cast.filer)
    assert (again.state, again.certificate_no) == ("submitted", "FJ-1")


def test_not_taken_it_stays_on_file(cast):
    honour = return_good_record(reported(cast).pk, reason="查无此奖", rejected=True, by=cast.reviewer)
    assert honour.state == "rejected"
    with pytest.raises(StepRefused):
        verify_good_record(honour.pk, by=cast.reviewer)


def test_revoked_it_is_public_no_longer_and_forged_a_person_decides_what_follows(cast):
    honour = verified(cast)
    with pytest.raises(StepRefused):
        revoke_good_record(honour.pk, reason="伪造", forged=True, by=cast.filer)
    revoke_good_record(honour.pk, reason="伪造", forged=True, by=cast.reviewer)
    assert not PublishedRecord.objects.exists()
    draft = BadRecord.objects.get()
    assert (draft.state, draft.source, draft.entered_by) == ("draft", "forged_honour", None)


def test_the_display_ends_by_itself_and_the_agency_is_told(cast):
    honour = verified(cast)
    with time_machine.travel("2028-03-03 23:00+08:00"):
        assert end_honours() == 0
    with time_machine.travel("2028-03-04 00:01+08:00"):
        assert end_honours() == 1
        assert end_honours() == 0
    assert not PublishedRecord.objects.exists()
    assert (
        Notice.objects.filter(to_company_id=cast.agency.company_id, title__contains="公示期满").count() == 1
    )
    honour.refresh_from_db()
    assert honour.state == "expired"
