"""Finding cases by words: Chinese without a dictionary, rare ideographs, and nothing of who complained."""

import pytest

from fangxin.cases.queries import Sieve, desk
from fangxin.cases.search import search_expression, tokens_of

pytestmark = pytest.mark.django_db


def found(stage, words, **more):
    rows = desk(stage.cast.dispatcher, Sieve(bin="all", words=words, **more))["rows"]
    return {row["number"] for row in rows}


@pytest.mark.parametrize(
    "words",
    [
        "定金", "金", "诚信房产", "望京花园", "买成不退", "不退 定金", "ＢＪ", "ABC", "abc-12", "𠮷野家", "㛃", "两万元",
    ],
)  # fmt: skip
def test_a_case_is_found_by_what_stands_in_it(stage, words):
    case = stage.registered(
        text="诚信房产收了两万元定金，房子没买成不退。𠮷野家旁边，李㛃接待，合同ABC-123号。",
        project_name="望京花园",
    )
    assert found(stage, words) == {case.number}


def test_a_case_is_found_by_its_number_in_any_case(stage):
    case = stage.registered()
    assert found(stage, case.number.lower()) == {case.number}


@pytest.mark.parametrize(
    "words", ["物业费", "张敏", "13800138000", "zhangmin", "定金 物业", "退不", "''", "&|!"]
)
def test_what_does_not_stand_there_and_who_complained_are_not_found(stage, words):
    stage.registered()
    assert found(stage, words) == set()


def test_nothing_to_search_for_finds_nothing_and_no_words_find_all(stage):
    case = stage.registered()
    assert found(stage, "！？") == set()
    assert found(stage, "  ") == {case.number}


def test_words_go_with_the_other_filters(stage):
    case = stage.dispatched()
    assert found(stage, "定金", link="brokerage") == {case.number}
    assert found(stage, "定金", link="property") == set()


def test_tokens_are_pairs_and_every_runs_last_character():
    assert tokens_of("退定金 A-1") == {"退定", "定金", "金", "a-1"}
    assert tokens_of("x" * 50) == {"x" * 40}
    assert tokens_of("") == set()


def test_an_expression_asks_for_every_pair():
    assert search_expression("退定金") == "'定金' & '退定'"
    assert search_expression("金 a1") == "'a1':* & '金':*"
    assert search_expression("—") == ""
