"""Who may see which field: the table of readers, asked field by field."""

from datetime import date

import pytest

from fangxin.rules import RuleUnknown, book
from fangxin.rules.indicators import catalogue
from fangxin.rules.reading import Granted, fields_for, grantable_fields

DAY = date(2026, 3, 2)
CATALOGUE = catalogue()
TABLES = [table.code for table in CATALOGUE.tables]
REGISTER = [code for code in TABLES if code.startswith("J")]
CLIENTS = {"J6-10", "J6-11", "J6-12", "J6-13"}
MARKED = {field.code for field in CATALOGUE.grantable_fields()}


def codes(reader, *, on=DAY, grant=None):
    return {field.code for table in TABLES for field in fields_for(reader, table, on=on, grant=grant)}


def grant(*codes, ground="official_duty", agency=1):
    return Granted(agency, ground, frozenset(codes), date(2026, 3, 1), date(2026, 3, 7))


@pytest.mark.parametrize("reader", [reader.key for reader in book("fujian").readers])
def test_nobody_reads_a_complaint_out_of_the_register(reader):
    everything = grant(*(field.code for table in CATALOGUE.tables for field in table.all_fields))
    assert all(not fields_for(reader, table, on=DAY, grant=everything) for table in ("T1", "T2"))


@pytest.mark.parametrize("reader", ["public", "other_agency", "other_department", "grantee"])
def test_without_jurisdiction_one_sees_what_anybody_sees(reader):
    shown = {field.code for code in REGISTER for field in CATALOGUE.shown_fields(code, on=DAY)}
    assert codes(reader) == shown
    assert not shown & (MARKED | {field.code for field in CATALOGUE.held_back_fields()})


@pytest.mark.parametrize("reader", ["agency", "department", "province", "committee"])
def test_who_sees_the_marked_sees_the_held_back_too(reader):
    assert codes(reader) == {field.code for code in REGISTER for field in CATALOGUE.table(code).all_fields}


def test_who_keeps_the_platform_going_sees_nothing():
    assert codes("operator") == set()


def test_a_reader_that_the_rulebook_has_not_is_refused():
    with pytest.raises(RuleUnknown):
        fields_for("friend", "J1", on=DAY)


def test_a_grant_opens_its_fields_and_no_other():
    assert codes("grantee", grant=grant("J1-04")) - codes("public") == {"J1-04"}


def test_a_grant_opens_nothing_to_another_reader():
    assert codes("public", grant=grant("J1-04")) == codes("public")
    assert codes("other_department", grant=grant("J1-04")) == codes("public")


@pytest.mark.parametrize(
    ("on", "opens"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 7), True),
        (date(2026, 3, 8), False),
    ],
)
def test_a_grant_runs_from_its_first_day_to_the_end_of_its_last(on, opens):
    assert ("J1-04" in codes("grantee", on=on, grant=grant("J1-04"))) is opens


def test_the_consent_of_the_agency_never_opens_its_clients():
    opened = codes("grantee", grant=grant(*MARKED, ground="consent")) - codes("public")
    assert opened == MARKED - CLIENTS
    assert {field.code for field in grantable_fields("consent", on=DAY)} == MARKED - CLIENTS
    assert codes("grantee", grant=grant(*MARKED)) - codes("public") == MARKED


def test_what_is_held_back_from_the_public_is_not_granted():
    assert codes("grantee", grant=grant("J6-02", "J7-03", "J6-08")) == codes("public")
