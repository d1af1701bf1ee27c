"""The department of the agency's city writes its opinion on the filing (附件1 J8-04)."""

import pytest

from fangxin.agencies.actions import give_filing_opinion
from fangxin.agencies.models import PublishedProfile
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.agencies.workflow import StepRefused
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import declared_and_accepted

pytestmark = pytest.mark.django_db


def test_the_opinion_is_in_the_record_and_public(cast):
    declared_and_accepted(cast)
    give_filing_opinion(cast.agency.pk, opinion="同意备案。", by=cast.city_reviewer)
    record = accepted_values(version_in_force(cast.agency.pk))
    assert record["J8"]["authority_opinion"] == "同意备案。"
    assert record["J1"]["staff_count"] == 8
    profile = PublishedProfile.objects.get(agency_id=cast.agency.pk, until_on=None)
    assert profile.values["J8"]["authority_opinion"] == "同意备案。"


def test_the_county_the_province_and_the_agency_do_not_write_it(cast):
    declared_and_accepted(cast)
    for stranger in (cast.reviewer, cast.province, cast.other_reviewer, cast.prechecker, cast.filer):
        with pytest.raises(StepRefused):
            give_filing_opinion(cast.agency.pk, opinion="同意。", by=stranger)


def test_an_empty_opinion_or_one_before_any_record_is_refused(cast):
    with pytest.raises(ActRefused, match="还没有"):
        give_filing_opinion(cast.agency.pk, opinion="同意。", by=cast.city_reviewer)
    declared_and_accepted(cast)
    with pytest.raises(ActRefused, match="不能为空"):
        give_filing_opinion(cast.agency.pk, opinion=" ", by=cast.city_reviewer)
