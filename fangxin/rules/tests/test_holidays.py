"""A year's file must be free of contradictions."""

from datetime import date

import pytest

from fangxin.rules.holidays import read_year
from fangxin.rules.reader import RulebookBroken
from fangxin.rules.tests.rulebooks import write

YEAR = """\
year: 2030
status: provisional
notice: null
issued_on: null
source: 测试
checked_on: 2026-11-22
"""


def read(tmp_path, days, name="2030.yaml"):
    return read_year(write(tmp_path, f"calendar/{name}", YEAR + days))


def test_a_year_knows_its_working_days(tmp_path):
    year = read(tmp_path, "off: [{from: 2030-01-01, to: 2030-01-03, name: 元旦}]\nwork: [2030-01-05]\n")
    worked = list(year.working_days())
    assert worked[:3] == [date(2030, 1, 4), date(2030, 1, 5), date(2030, 1, 7)]
    assert len(worked) == 261 - 3 + 1
    assert year.names()[date(2030, 1, 2)] == "元旦"


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ("off: [{from: 2030-01-03, to: 2030-01-01, name: 元旦}]\nwork: []\n", "2030-01-01 早于 2030-01-03"),
        ("off: [{from: 2029-12-31, to: 2030-01-01, name: 元旦}]\nwork: []\n", "2029-12-31 不在2030年"),
        ("off: []\nwork: [2031-01-04]\n", "2031-01-04 不在2030年"),
        ("off: []\nwork: [2030-01-05, 2030-01-05]\n", "写了两遍"),
        ("off: [{from: 2030-01-05, to: 2030-01-05, name: 元旦}]\nwork: [2030-01-05]\n", "既放假又上班"),
        ("off: []\nwork: [2030-01-04]\n", "2030-01-04 不是周末"),
    ],
)
def test_a_contradiction_is_refused(tmp_path, days, why):
    with pytest.raises(RulebookBroken, match=why):
        read(tmp_path, days)


def test_a_file_named_for_another_year_is_refused(tmp_path):
    with pytest.raises(RulebookBroken, match="文件名是 2031，内容却是2030年"):
        read(tmp_path, "off: []\nwork: []\n", "2031.yaml")
