"""The demonstration of Fujian: every county, every state, marked as invented, the same each time."""

from collections import Counter

import pytest

from fangxin.agencies.models import Agency, Declaration, PublishedAgency, QuarterDuty, Version
from fangxin.config.demonstration_fujian import OWN, create_fujian
from fangxin.rules import book
from fangxin.rules.identifiers import check_uscc

pytestmark = pytest.mark.django_db


def test_there_is_something_of_everything(settings):
    settings.FANGXIN_TODAY = "2026-11-20"
    create_fujian(agencies=200)
    agencies = list(Agency.objects.select_related("company"))
    assert len(agencies) == 200
    assert len({agency.company.name for agency in agencies}) == 200
    assert all(agency.company.name.endswith("（演示）") for agency in agencies)
    assert all(check_uscc(agency.code) == agency.code for agency in agencies)
    assert {agency.county for agency in agencies} == {
        *(one.key for one in book("fujian").districts),
        "350128",
    }
    assert set(Agency.objects.values_list("standing", flat=True)) == {"active", "cancelled", "merged"}
    assert Agency.objects.filter(head_office__isnull=False).count() == 2
    states = Counter(Declaration.objects.filter(channel="declared").values_list("state", flat=True))
    assert {"draft", "submitted", "pre_checked", "returned", "approved"} <= set(states)
    assert Version.objects.filter(number=2).exists()
    assert PublishedAgency.objects.count() == 200
    quarters = set(QuarterDuty.objects.values_list("year", "quarter"))
    assert quarters == {(2025, 4), (2026, 1), (2026, 2), (2026, 3)}
    assert set(QuarterDuty.objects.values_list("state", flat=True)) == {"updated", "late", "missing"}
    assert QuarterDuty.objects.filter(was_late=True).exists()
    own = QuarterDuty.objects.filter(agency__company__name=OWN).order_by("-year", "-quarter").first()
    assert own.state == "late"
