"""Every line of a score names record, item, points and clause, and anyone can count it again (三（三）)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxin.credit.scoring import Fact, Score, Scorer, Subject
from fangxin.rules import book
from fangxin.rules.evaluation import Scheme

SINCE, UNTIL = date(2024, 1, 1), date(2025, 12, 31)
OLD = date(2015, 1, 1)


@pytest.fixture
def example() -> Scheme:
    return book("fujian").schemes["example"]


def scored(scheme: Scheme, *facts: Fact, kind: str = "agency", entered_on: date = OLD) -> Score:
    return Scorer(scheme).score(Subject(kind, "x", entered_on, facts), since=SINCE, until=UNTIL)


def honour(key: str, level: str, body: str = "行业主管部门", on: date = date(2024, 5, 1)) -> Fact:
    return Fact("good_record", key, on, {"level": level, "body_kind": body})


def bad(key: str, record_class: str, source: str = "inspection", on: date = date(2024, 5, 1)) -> Fact:
    return Fact("bad_record", key, on, {"record_class": record_class, "source": source})


def test_without_records_it_is_the_base(example):
    score = scored(example)
    assert (score.points, score.grade, score.lines) == (60, "B", ())


def test_each_line_names_record_item_points_and_basis(example):
    (line,) = scored(example, bad("不良-1", "general")).lines
    assert (line.record, line.item, line.points) == ("不良-1", "FJ-B2", -5)
    assert line.basis.startswith("平台自定")


def test_honours_together_stop_at_their_common_cap(example):
    score = scored(
        example, honour("a", "部"), honour("b", "省"), honour("c", "设区市"), honour("d", "省", "行业协会")
    )
    assert [line.points for line in score.lines] == [10, 6, 3, 1]
    assert score.lines[-1].cut == 2
    assert score.points == 80


def test_what_happened_outside_the_cycle_does_not_count(example):
    early, late = date(2023, 12, 31), date(2026, 1, 1)
    assert not scored(example, bad("a", "general", on=early), bad("b", "general", on=late)).lines
    assert len(scored(example, bad("a", "general", on=SINCE), bad("b", "general", on=UNTIL)).lines) == 2


def test_grave_conduct_is_not_outweighed(example):
    score = scored(
        example,
        honour("a", "部"),
        honour("b", "部"),
        *(honour(str(n), "省") for n in range(9)),
        bad("s", "serious"),
    )
    assert score.points == 65
    many = [Fact("quarterly_update", str(n), date(2024, 4, 1), {"late": False}) for n in range(4)]
    rich = Fact("standing", "o", UNTIL, {"full_time_brokers": 99})
    score = scored(example, honour("a", "部"), honour("b", "部"), *many, rich, bad("s", "serious"))
    assert score.points == 74
    assert (score.grade, score.because) == ("B", "有严重不良行为的不高于B（s）")


def test_a_newcomer_has_the_newcomers_grade(example):
    assert scored(example, entered_on=date(2025, 6, 1)).grade == "A"
    assert scored(example, entered_on=date(2024, 12, 31)).grade == "B"


def test_numbers_count_beyond_their_threshold():
    scheme = book("fujian").schemes["suzhou_like"]
    facts = Fact("standing", "登记", UNTIL, {"years": 4, "branches": 30, "brokers": 8})
    score = scored(scheme, facts)
    assert {line.item: line.points for line in score.lines} == {
        "SZ-B2": Decimal("2.0"), "SZ-B3": 8, "SZ-B5a": 1, "SZ-B5b": Decimal("1.0"),
    }  # fmt: skip


def test_an_honour_of_a_level_counts_once_where_they_do_not_add_up():
    scheme = book("fujian").schemes["suzhou_like"]
    score = scored(scheme, honour("a", "省"), honour("b", "省"), honour("c", "部"))
    assert [line.points for line in score.lines] == [3, 1]


def test_points_against_reach_their_thresholds():
    scheme = book("beijing").schemes["points_against"]
    grades = [scored(scheme, *(bad(str(n), "general") for n in range(many))).grade for many in range(5)]
    assert grades == ["正常", "提示", "重点监管", "重点监管", "清退"]


def test_brokers_are_scored_by_items_of_their_own(example):
    assert [line.item for line in scored(example, bad("a", "general"), kind="broker").lines] == ["FJ-P2"]


FACTS = st.lists(
    st.tuples(
        st.sampled_from(["good_record", "bad_record", "quarterly_update", "standing"]),
        st.integers(-400, 1200),
        st.sampled_from(["部", "省", "设区市"]),
        st.sampled_from(["行业主管部门", "行业协会"]),
        st.sampled_from(["minor", "general", "serious"]),
        st.sampled_from(["inspection", "late_feedback", "false_introduction"]),
        st.integers(0, 30),
    ),
    max_size=25,
)


@given(FACTS)
def test_the_lines_add_up_to_the_score_within_every_bound(drawn):
    """An independent count, from the lines alone, of what the score says."""
    for scheme in book("fujian").schemes.values():
        facts = [
            Fact(kind, str(n), SINCE + timedelta(days=day), {
                "level": level, "body_kind": body, "record_class": grave, "source": source, "late": False,
                "full_time_brokers": number, "brokers": number, "years": number, "branches": number,
            })
            for n, (kind, day, level, body, grave, source, number) in enumerate(drawn)
        ]  # fmt: skip
        score = scored(scheme, *facts)
        assert scheme.base + sum(line.points for line in score.lines) == score.points
        assert scheme.lowest <= score.points <= scheme.highest
        for item in scheme.items:
            given_by = sum(line.points for line in score.lines if line.item in (item.code, *item.capped_with))
            assert item.cap is None or abs(given_by) <= item.cap
        assert all(
            line.record in {fact.key for fact in facts if SINCE <= fact.on <= UNTIL}
            for line in score.lines
            if line.record
        )
        assert scored(scheme, *facts) == score
