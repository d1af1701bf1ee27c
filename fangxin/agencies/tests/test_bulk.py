"""What the province has collected becomes the first record of many agencies at once (AMB-44)."""

from typing import Any

import pytest

from fangxin.agencies.actions import Collected, enter_declarations, record_change
from fangxin.agencies.actions.publishing import publish_anew
from fangxin.agencies.models import (
    Agency,
    Declaration,
    PublishedAgency,
    PublishedCode,
    PublishedName,
    PublishedPerson,
    PublishedProfile,
    Version,
)
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.agencies.values import checked
from fangxin.agencies.workflow import StepRefused
from fangxin.config.demonstration import invented_uscc
from fangxin.deadlines.clock import today
from fangxin.journal.models import Entry
from fangxin.organisations.models import Company
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, fujian_cast, typed_values
from tests.fujian_stage import paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def collected(cast: FujianCast, number: int, **changed: Any) -> Collected:
    typed = typed_values(cast.agency)
    code = invented_uscc("350102", 7000 + number)
    typed["J1"] |= {"name": f"福州第{number}经纪有限公司", "legal_code": code, "licence_no": code, **changed}
    found = checked(typed, "fujian", on=today())
    assert not found.blocking
    return Collected(found.values)


def test_each_has_its_record_and_is_public_as_if_it_had_been_approved_by_itself(cast):
    batch = [collected(cast, number) for number in range(3)]
    told = enter_declarations(batch, by=cast.province)
    assert (len(told.entered), told.known, told.refused) == (3, [], {})
    agency = Agency.objects.get(code=batch[1].code)
    assert accepted_values(version_in_force(agency.pk)) == accepted(batch[1])
    assert agency.reviewing_body_id == cast.reviewer.body_id
    assert Version.objects.get(agency=agency).channel == "collected"
    before = published(agency)
    publish_anew(agency)
    assert published(agency) == before
    assert "保密委托人甲" not in str(before)
    kept = Declaration.objects.get(agency=agency)
    assert kept.state == "approved"
    assert "11010519491231002X" not in str(kept.values)
    assert len(Entry.objects.get(kind="agency:enter_many").details["codes"]) == 3


def accepted(one: Collected) -> dict[str, Any]:
    from fangxin.agencies.columns import REPEATED, stored_columns
    from fangxin.agencies.values import rows_of
    from fangxin.rules.indicators import catalogue

    found: dict[str, Any] = {}
    for code in ("J1", "J2", "J5", "J6", "J7", "J8"):
        table = catalogue("fujian").table(code)
        rows = [
            {
                c: row.get(c) or None if row.get(c) in ("", [], ()) else row.get(c)
                for c, _ in stored_columns(table)
            }
            for row in rows_of(one.values, code)
        ]
        found[code] = rows if table.many else rows[0]
    assert all(column not in found["J2"] for column in REPEATED)
    return found


def published(agency: Agency) -> list[Any]:
    return [
        PublishedAgency.objects.filter(pk=agency.pk).values().get(),
        *PublishedProfile.objects.filter(agency_id=agency.pk).values("number", "from_on", "until_on", "values"),
        *PublishedName.objects.filter(agency_id=agency.pk).values("kind", "name", "name_key", "until_on"),
        *PublishedPerson.objects.filter(agency_id=agency.pk).values("kind", "name", "registration_no", "full_time"),
        *sorted(PublishedCode.objects.filter(agency_id=agency.pk).values_list("code", flat=True)),
    ]  # fmt: skip


def test_the_same_again_changes_nothing_and_another_content_overwrites_nothing(cast):
    first = [collected(cast, 1), collected(cast, 2)]
    enter_declarations(first, by=cast.province)
    again = enter_declarations([*first, first[0]], by=cast.province)
    assert (again.entered, len(again.known)) == ([], 2)
    assert "前一次为准" in again.refused[first[0].code]
    changed = enter_declarations([collected(cast, 1, staff_count="9")], by=cast.province)
    assert "没有覆盖" in changed.refused[first[0].code]
    assert Version.objects.count() == 2
    assert Company.objects.filter(name="福州第1经纪有限公司").count() == 1
    assert Entry.objects.filter(kind="agency:enter_many").count() == 1


def test_an_agency_without_a_record_gets_one_and_one_that_declares_keeps_its_own(cast):
    from fangxin.agencies.tests.test_declaration import written

    own = checked(typed_values(cast.agency), "fujian", on=today()).values
    declaration = written(cast)
    told = enter_declarations([Collected(own)], by=cast.province)
    assert "自行申报" in told.refused[cast.agency.code]
    declaration.delete()
    assert enter_declarations([Collected(own)], by=cast.province).entered == [cast.agency.code]
    with pytest.raises(StepRefused, match="机构所在地"):
        record_change(
            cast.agency.pk, changes={"J1-22": "9"}, reason="增员", evidence=[paper()], by=cast.province
        )
    record_change(cast.agency.pk, changes={"J1-22": "9"}, reason="增员", evidence=[paper()], by=cast.reviewer)
    assert Version.objects.filter(agency=cast.agency).count() == 2


def test_nobody_but_the_province_imports(cast):
    for stranger in (cast.reviewer, cast.city_reviewer, cast.prechecker, cast.filer):
        with pytest.raises(ActRefused, match="省住建厅"):
            enter_declarations([collected(cast, 1)], by=stranger)
    assert not Version.objects.exists()
