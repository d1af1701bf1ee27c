"""One function says what a person may see of an agency's record; a look at ● is written down."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine

from fangxin.disclosure.actions.looking import read_record, seen_of, sees_unapproved
from fangxin.disclosure.readers import reader_of
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from fangxin.rules.reading import Granted
from tests.cast import member
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast, typed_values

pytestmark = pytest.mark.django_db
SECRETS = ("11010519491231002X", "0591-87654321", "机密路88号", "保密委托人甲", "HT-2026-001", "123.45")


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def looks():
    return list(Entry.objects.filter(kind=Kind.RECORD_LOOK))


def test_each_person_is_one_reader_towards_an_agency(cast):
    agency = cast.agency
    centre = member(
        "xulin",
        "徐林",
        Role.REVIEWER,
        Body.objects.get(code="province.information_centre", jurisdiction="fujian"),
    )
    of_beijing = replace(cast.reviewer, jurisdiction="beijing")
    assert {
        "nobody": reader_of(None, agency),
        "filer": reader_of(cast.filer, agency),
        "other filer": reader_of(cast.other_filer, agency),
        "reviewer": reader_of(cast.reviewer, agency),
        "city": reader_of(cast.city_reviewer, agency),
        "elsewhere": reader_of(cast.other_reviewer, agency),
        "committee": reader_of(cast.prechecker, agency),
        "province": reader_of(cast.province, agency),
        "centre": reader_of(centre, agency),
        "administrator": reader_of(replace(cast.reviewer, role=Role.ADMINISTRATOR), agency),
        "auditor": reader_of(replace(cast.reviewer, role=Role.AUDIT_OFFICER), agency),
        "Beijing": reader_of(of_beijing, agency),
    } == {
        "nobody": "public", "filer": "agency", "other filer": "other_agency", "reviewer": "department",
        "city": "department", "elsewhere": "other_department", "committee": "committee", "province": "province",
        "centre": "operator", "administrator": "operator", "auditor": "other_department", "Beijing": "other_department",
    }  # fmt: skip


def test_the_agency_sees_its_own_whole_and_nobody_writes_that_down(cast):
    declared_and_accepted(cast)
    seen = read_record(cast.agency, "agency", by=cast.filer.actor)
    assert all(secret in str(seen) for secret in SECRETS)
    assert looks() == []


def test_a_look_of_the_department_is_written_down_without_a_value(cast):
    declared_and_accepted(cast)
    seen = read_record(cast.agency, reader_of(cast.reviewer, cast.agency), by=cast.reviewer.actor)
    assert all(secret in str(seen) for secret in SECRETS)
    (look,) = looks()
    assert look.details["reader"] == "department"
    assert {"J1-04", "J6-10", "J7-04"} <= set(look.details["codes"])
    assert not any(secret in str(look.details) + look.summary for secret in SECRETS)
    assert look.subject_id == str(cast.agency.pk)


def test_a_department_elsewhere_sees_what_the_public_sees_and_no_look_is_written(cast):
    declared_and_accepted(cast)
    seen = read_record(cast.agency, reader_of(cast.other_reviewer, cast.agency), by=cast.other_reviewer.actor)
    assert not any(secret in str(seen) for secret in SECRETS)
    assert seen["J1"]["introduction"] == "诚信为本，服务福州。"
    assert seen["J7"] == [
        {"broker_name": "张伟", "broker_registration_no": "35200900123", "assistant_name": None, "assistant_registration_no": None}
    ]  # fmt: skip
    assert "contract_no" not in seen["J6"][0]
    assert looks() == []


def test_persons_of_several_projects_are_seen_once_by_who_does_not_see_the_projects(cast):
    values = typed_values(cast.agency)
    second = {**values["J6"][0], "contract_no": "HT-2026-002", "project_name": "五四路二手房买卖"}
    declared_and_accepted(
        cast,
        J6=[*values["J6"], second],
        J7=[*values["J7"], {**values["J7"][0], "contract_no": "HT-2026-002"}],
    )
    assert len(read_record(cast.agency, "other_department", by=cast.other_reviewer.actor)["J7"]) == 1
    assert len(read_record(cast.agency, "department", by=cast.reviewer.actor)["J7"]) == 2


def test_who_keeps_the_platform_going_sees_nothing(cast):
    declared_and_accepted(cast)
    seen = read_record(cast.agency, "operator", by=cast.province.actor)
    assert not any(seen.values())


def test_the_record_is_read_as_of_a_day_with_the_rights_of_today(cast):
    with time_machine.travel("2026-03-02 10:00+08:00"):
        declared_and_accepted(cast)
    with time_machine.travel("2026-06-01 10:00+08:00"):
        assert read_record(cast.agency, "public", by=cast.reviewer.actor, on=date(2026, 3, 1)) is None
        seen = read_record(cast.agency, "department", by=cast.reviewer.actor, on=date(2026, 3, 2))
    assert seen["J1"]["staff_count"] == 8
    assert looks()[0].details["on"] == "2026-03-02"


def test_a_grant_for_one_agency_opens_no_other(cast):
    declared_and_accepted(cast)
    grant = Granted(
        cast.other_agency.pk, "official_duty", frozenset({"J1-04"}), date(2026, 1, 1), date(2099, 1, 1)
    )
    with pytest.raises(ValueError, match="its own agency"):
        read_record(cast.agency, "grantee", by=cast.reviewer.actor, grant=grant)


def test_what_waits_for_review_is_seen_by_who_reviews_and_by_the_agency(cast):
    assert [
        reader
        for reader in ("public", "agency", "other_agency", "department", "other_department", "province", "committee",
                       "operator", "grantee")
        if sees_unapproved(reader)
    ] == ["agency", "department", "province", "committee"]  # fmt: skip
    assert "telephone" not in seen_of({"J1": {"telephone": "1", "name": "甲"}}, "other_department")["J1"]
