"""Exactly one row decides."""

from dataclasses import dataclass

import pytest

from fangxin.rules.decision_table import DecisionTable, NoRowMatches, SeveralRowsMatch


@dataclass(frozen=True)
class Row:
    key: str
    when: dict[str, str]


EAST = Row("east", {"side": "east"})
WEST = Row("west", {"side": "west"})
EAST_AT_NIGHT = Row("east_at_night", {"side": "east", "hour": "night"})


def test_the_row_whose_conditions_are_met_decides():
    table = DecisionTable("方向", [EAST, WEST])
    assert table.match(side="west", weather="rain") is WEST
    assert table.overlapping() is None


def test_facts_that_no_row_covers_are_told_what_the_table_covers():
    with pytest.raises(NoRowMatches, match="方向：没有适用于 side=north 的规定；现有：side=east；side=west"):
        DecisionTable("方向", [EAST, WEST]).match(side="north")


def test_two_rows_for_the_same_facts_are_an_error():
    table = DecisionTable("方向", [WEST, EAST, EAST_AT_NIGHT])
    assert table.overlapping() == (EAST, EAST_AT_NIGHT)
    with pytest.raises(SeveralRowsMatch, match="同时符合 east、east_at_night"):
        table.match(side="east", hour="night")
