"""A value is the one in force on the day."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from fangxin.rules.dated import NotInForce, history, in_force
from fangxin.rules.reader import RulebookBroken, read_yaml
from fangxin.rules.tests.rulebooks import write


@dataclass(frozen=True)
class Fee:
    key: str
    title: str
    value: int
    starts_from: date | None = field(metadata={"yaml": "from"})


def fees(tmp_path, dated):
    text = "title: 收费\n" + dated
    return history(Fee, "fee", read_yaml(write(tmp_path, "fees.yaml", text)), {})


TWO = "dated:\n  - {from: 2020-01-01, value: 1}\n  - {from: 2024-07-01, value: 2, title: 新收费}\n"


@pytest.mark.parametrize(
    ("on", "value"), [(date(2020, 1, 1), 1), (date(2024, 6, 30), 1), (date(2024, 7, 1), 2), (date.max, 2)]
)
def test_the_last_value_that_had_begun_is_in_force(tmp_path, on, value):
    assert in_force(fees(tmp_path, TWO), on).value == value


def test_what_is_said_outside_holds_unless_said_again(tmp_path):
    assert [(fee.key, fee.title) for fee in fees(tmp_path, TWO)] == [("fee", "收费"), ("fee", "新收费")]


def test_before_the_first_value_nothing_is_in_force(tmp_path):
    with pytest.raises(NotInForce, match="2019-12-31 尚无规定：最早的一条自 2020-01-01 起施行"):
        in_force(fees(tmp_path, TWO), date(2019, 12, 31))


def test_an_undated_text_has_always_been_in_force(tmp_path):
    dated = "dated:\n  - {from: undated, value: 1}\n  - {from: 2024-07-01, value: 2}\n"
    assert in_force(fees(tmp_path, dated), date.min).value == 1


@pytest.mark.parametrize(
    ("dated", "why"),
    [
        ("dated: []\n", "需要 dated"),
        ("dated: 三日\n", "需要 dated"),
        ("value: 1\n", "需要 dated"),
        ("dated: [三日]\n", "dated 的每一项"),
        ("dated:\n  - {from: 2024-07-01, value: 1}\n  - {from: 2024-07-01, value: 2}\n", "由早到晚"),
        ("dated:\n  - {from: 2024-07-01, value: 1}\n  - {from: undated, value: 2}\n", "由早到晚"),
        ("dated:\n  - {value: 1}\n", "缺少“from”"),
    ],
)
def test_values_out_of_order_or_without_a_day_are_refused(tmp_path, dated, why):
    with pytest.raises(RulebookBroken, match=why):
        fees(tmp_path, dated)
