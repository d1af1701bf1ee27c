"""The province's workbook enters the register: each sound agency once, whatever happens on the way."""

from typing import Any

import pytest

from benchmarks.province import declarations
from fangxin.agencies.models import Agency, PublishedCoverage, Version
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.deadlines.clock import today
from fangxin.exchange.actions import declarations as importing
from fangxin.exchange.declarations.layout import Shape, layout_of
from fangxin.exchange.declarations.template import template
from fangxin.exchange.refusals import FileRefused
from fangxin.journal.models import Entry
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, fujian_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def workbook(count: int, *, shape: Shape = Shape.PROVINCE, **changed: Any) -> bytes:
    rows = list(declarations(count))
    rows[-1]["J1"] |= changed
    return template(layout_of(shape), on=today(), rows=rows)


def test_every_agency_has_its_record_with_people_and_projects(cast):
    told = importing.import_declarations("全省.xlsx", workbook(5), by=cast.province)
    assert (told.read, told.entered, told.not_entered, told.faults) == (5, 5, 0, [])
    values = accepted_values(
        version_in_force(Agency.objects.get(company__name="福州第3号房地产经纪有限公司").pk)
    )
    assert (len(values["J5"]), len(values["J6"]), len(values["J7"])) == (2, 2, 6)
    assert PublishedCoverage.objects.get(jurisdiction="fujian", county="350102").published == 5
    entry = Entry.objects.get(kind="exchange:import")
    assert (entry.details["accepted"], entry.details["known"]) == (5, 0)


def test_the_same_file_twice_changes_nothing(cast):
    content = workbook(5)
    importing.import_declarations("全省.xlsx", content, by=cast.province)
    told = importing.import_declarations("全省.xlsx", content, by=cast.province)
    assert (told.entered, told.known) == (0, 5)
    assert Version.objects.count() == 5


def test_stopped_anywhere_it_goes_on(cast, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    content = workbook(5)

    def stop(read: int) -> None:
        if read == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_declarations("全省.xlsx", content, by=cast.province, progress=stop)
    assert Version.objects.count() == 4
    told = importing.import_declarations("全省.xlsx", content, by=cast.province)
    assert (told.entered, told.known) == (1, 4)


def test_a_trial_writes_nothing(cast):
    told = importing.import_declarations("全省.xlsx", workbook(5), by=cast.province, dry_run=True)
    assert told.entered == 5
    assert not Version.objects.exists()
    assert not Entry.objects.filter(kind="exchange:import").exists()


def test_what_is_wrong_is_told_by_cell_and_the_others_are_entered(cast):
    told = importing.import_declarations(
        "全省.xlsx", workbook(3, full_time_broker_count=99), by=cast.province
    )
    assert (told.entered, told.blocked) == (2, 1)
    assert any(fault.blocks and fault.cell and "J1-20-01" in fault.message for fault in told.faults)


def test_a_person_whom_an_agency_entered_before_has_named_is_a_fault_at_the_cell(cast):
    importing.import_declarations("先.xlsx", workbook(1), by=cast.province)
    (before,) = declarations(1)
    number = before["J7"][0]["broker_registration_no"]
    rows = list(declarations(3))[1:]
    rows[0]["J7"][2]["broker_registration_no"] = number
    content = template(layout_of(Shape.PROVINCE), on=today(), rows=rows)
    for dry_run in (True, False):
        told = importing.import_declarations("后.xlsx", content, by=cast.province, dry_run=dry_run)
        assert (told.entered, told.blocked) == (1, 1)
        (fault,) = told.faults
        assert fault.message == importing.ENTERED_BEFORE.format(number, before["J1"]["legal_code"])
        assert (fault.blocks, fault.agency) == (True, rows[0]["J1"]["legal_code"])
        assert fault.cell.endswith("6")
    # The agency's own record is no other's.
    assert importing.import_declarations("先.xlsx", workbook(1), by=cast.province).known == 1


def test_nobody_else_imports_and_no_other_workbook_is_taken(cast):
    content = workbook(2)
    for stranger in (cast.reviewer, cast.prechecker, cast.filer):
        with pytest.raises(ActRefused, match="省住建厅"):
            importing.import_declarations("全省.xlsx", content, by=stranger)
    with pytest.raises(FileRefused, match="一家机构的模板"):
        importing.import_declarations("一家.xlsx", workbook(1, shape=Shape.AGENCY), by=cast.province)
    assert not Version.objects.exists()
