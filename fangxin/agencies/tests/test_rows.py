"""A sheet of a table with many is written in by its key, whoever writes in the others meanwhile."""

import pytest

from fangxin.agencies.actions import (
    begin_declaration,
    recall_declaration,
    remove_row,
    save_row,
    save_table,
    submit_declaration,
)
from fangxin.agencies.models import Declaration
from fangxin.agencies.values import ROW_KEY
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, fujian_cast, typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def rows(table: str = "J5") -> list[dict[str, str]]:
    return Declaration.objects.get().values[table]


def test_a_key_that_is_not_there_yet_is_a_new_row_and_again_the_same(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for name in ("陈", "陈丽"):
        found = save_row(declaration.pk, "J5", "a1", {"name": name}, by=cast.filer)
    assert rows() == [{"name": "陈丽", ROW_KEY: "a1"}]
    assert all(one.path[0] == "J5" for one in found)


def test_an_empty_new_row_is_not_kept(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    save_row(declaration.pk, "J5", "a1", {"name": ""}, by=cast.filer)
    assert rows() == []


def test_a_row_is_removed_once(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    save_table(declaration.pk, "J5", [{"name": "陈丽"}, {"name": "林静"}], by=cast.filer)
    key = rows()[0][ROW_KEY]
    for _ in range(2):
        remove_row(declaration.pk, "J5", key, by=cast.filer)
    assert [row["name"] for row in rows()] == ["林静"]


def test_a_table_of_one_sheet_has_no_rows(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    with pytest.raises(ActRefused, match="只有一张"):
        save_row(declaration.pk, "J1", "a1", {"name": "甲"}, by=cast.filer)


def test_a_stranger_writes_in_no_row(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    save_row(declaration.pk, "J5", "a1", {"name": "陈丽"}, by=cast.filer)
    for act in (
        lambda: save_row(declaration.pk, "J5", "a1", {"name": "某人"}, by=cast.other_filer),
        lambda: remove_row(declaration.pk, "J5", "a1", by=cast.other_filer),
    ):
        with pytest.raises(ActRefused, match="无权办理"):
            act()
    assert rows()[0]["name"] == "陈丽"


def test_under_review_nobody_writes_and_taken_back_the_rows_have_keys(cast):
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, given in typed_values(cast.agency).items():
        save_table(declaration.pk, table, given if isinstance(given, list) else [given], by=cast.filer)
    submit_declaration(declaration.pk, truth=True, by=cast.filer)
    # What the department reads are values and nothing else.
    assert ROW_KEY not in str(Declaration.objects.get().values)
    with pytest.raises(ActRefused, match="不能修改"):
        save_row(declaration.pk, "J5", "a1", {"name": "陈丽"}, by=cast.filer)
    recall_declaration(declaration.pk, by=cast.filer)
    assert all(row[ROW_KEY] for table in ("J5", "J6", "J7") for row in rows(table))
