"""A term is a number of 工作日 or of 日, and nothing else."""

import pytest

from fangxin.rules.terms import Term, Unit


@pytest.mark.parametrize("text", ["3个工作日", "3工作日", "3 工作日", " 3 个 工作日 ", "３个工作日"])
def test_working_days_may_be_written_in_several_ways(text):
    term = Term.parse(text)
    assert term == Term(3, Unit.WORKING_DAY)
    assert str(term) == "3个工作日"


@pytest.mark.parametrize("text", ["15日", "15 日"])
def test_days_are_not_working_days(text):
    assert Term.parse(text) == Term(15, Unit.DAY)
    assert str(Term.parse(text)) == "15日"


@pytest.mark.parametrize(
    "text", ["", "日", "0日", "-3日", "3天", "3", "三日", "3个日", "3.5日", "10000日", "3日3日"]
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="应写作“3个工作日”或“15日”"):
        Term.parse(text)
