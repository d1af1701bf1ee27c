"""The demonstration of Fujian: every county, every state, marked as invented, the same each time."""

from collections import Counter

import pytest

from fangxin.agencies.models import Agency, Declaration, PublishedAgency, QuarterDuty, Version
from fangxin.config.demonstration_fujian import OWN, create_fujian
from fangxin.credit.models import (
    Application,
    BadRecord,
    Correction,
    GoodRecord,
    PublishedRecord,
    Round,
    Score,
)
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


def test_a_round_is_counted_by_an_example_and_goes_no_further(settings):
    settings.FANGXIN_TODAY = "2026-11-20"
    create_fujian(agencies=200)
    found = Round.objects.get()
    assert (found.state, found.announced_on) == ("computed", None)
    assert "示例" in found.scheme_title
    scores = Score.objects.filter(kind="agency", superseded_at=None)
    assert scores.count() == Agency.objects.filter(standing="active").count()
    assert scores.values("grade").distinct().count() > 1
    assert Score.objects.filter(kind="broker").exists()


def test_conduct_is_at_every_step(settings):
    settings.FANGXIN_TODAY = "2026-11-20"
    create_fujian(agencies=120)
    assert set(BadRecord.objects.values_list("state", flat=True)) == {
        "draft", "dropped", "recorded", "notice_served", "published", "withdrawn", "expired",
    }  # fmt: skip
    assert set(GoodRecord.objects.values_list("state", flat=True)) == {
        "submitted", "returned", "rejected", "published", "revoked",
    }  # fmt: skip
    assert set(Application.objects.values_list("state", flat=True)) == {"applied", "passed", "consented"}
    assert Correction.objects.filter(decided_on=None).exists()
    shown = PublishedRecord.objects
    assert shown.filter(is_objected=True).exists()
    assert shown.exclude(comment="").exclude(rectification_result="").exists()
    assert shown.exclude(corrected_on=None).exists()
    assert {row.agency_name for row in shown.all()} >= {OWN}
    for record in BadRecord.objects.exclude(published_on=None):
        assert (
            record.entered_on
            <= record.confirmed_on
            <= record.served_on
            < record.releasable_on
            <= record.published_on
        )
