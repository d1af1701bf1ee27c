"""A round of evaluation from its opening to the public (SM-14)."""

from datetime import date

import pytest
import time_machine

from fangxin.agencies.actions import approve_declaration, begin_declaration, save_table, submit_declaration
from fangxin.credit.actions import (
    announce_round,
    answer_objection,
    compute_round,
    count_batch,
    finish_round,
    object_to_score,
    open_round,
    publish_scores,
    review_round,
)
from fangxin.credit.models import BadRecord, PublishedScore, Round, Score
from fangxin.organisations.models import Body
from fangxin.organisations.process import StepRefused
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.schemes import read_scheme
from tests.cast import member
from tests.fujian_cast import FujianCast, fujian_cast, typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    with time_machine.travel("2024-02-01 09:00+08:00"):
        cast = fujian_cast()
        declaration = begin_declaration(cast.agency.pk, by=cast.filer)
        for table, rows in typed_values(cast.agency).items():
            save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
        submit_declaration(declaration.pk, truth=True, by=cast.filer)
        approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)
    return cast


@pytest.fixture
def second(cast: FujianCast) -> Acting:
    """The other official of the province."""
    return member("luoyi", "罗艺", Role.REVIEWER, Body.objects.get(code="province.housing"))


@pytest.fixture
def published_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example as it would be once the province has published it."""
    text = book("fujian").scheme_texts["example"].replace("status: 示例", "status: 公布")
    monkeypatch.setitem(book("fujian").scheme_texts, "example", text)
    monkeypatch.setitem(book("fujian").schemes, "example", read_scheme(text))


def bad(cast: FujianCast, decided_on: date = date(2025, 5, 6)) -> BadRecord:
    return BadRecord.objects.create(
        agency=cast.agency, company=cast.agency.company, jurisdiction="fujian", state="published",
        source="inspection", record_class="general", body=cast.agency.reviewing_body, entered_on=decided_on,
        served_on=decided_on, releasable_on=decided_on, published_on=decided_on, decided_on=decided_on,
        matter="未经书面同意发布房源信息",
    )  # fmt: skip


def opened(cast: FujianCast) -> Round:
    return open_round("fujian", "example", since=date(2024, 1, 1), until=date(2025, 12, 31), by=cast.province)


def computed(found: Round, by: Acting) -> Round:
    """Counted as the worker counts."""
    compute_round(found.pk, by=by)
    while count_batch(found.pk, by=by):
        pass
    found.refresh_from_db()
    return found


def of_agency(cast: FujianCast) -> Score:
    return Score.objects.get(agency=cast.agency, kind="agency", superseded_at=None)


def test_everybody_has_a_score_whose_lines_lead_to_the_records(cast):
    record = bad(cast)
    found = opened(cast)
    computed(found, cast.province)
    assert (found.state, Score.objects.count()) == ("computed", 3)
    score = of_agency(cast)
    assert (score.points, score.grade) == (55.5, "C")
    assert [(line[0], line[3], line[5]) for line in score.lines] == [
        ("FJ-B2", f"不良行为 {record.pk}", -5.0),
        ("FJ-O2", "登记内容 2025-12-31", 0.5),
    ]
    assert Score.objects.get(kind="broker").name == "张伟"


def test_only_the_province_opens_and_another_reviews(cast, second):
    with pytest.raises(StepRefused):
        open_round("fujian", "example", since=date(2024, 1, 1), until=date(2025, 12, 31), by=cast.reviewer)
    found = opened(cast)
    computed(found, cast.province)
    with pytest.raises(StepRefused, match="两个人"):
        review_round(found.pk, by=cast.province)
    review_round(found.pk, by=second)


def test_an_example_is_tried_and_no_more(cast, second):
    found = opened(cast)
    computed(found, cast.province)
    review_round(found.pk, by=second)
    with pytest.raises(ActRefused, match="只能试算"):
        announce_round(found.pk, by=cast.province)


@pytest.mark.usefixtures("published_scheme")
def test_the_whole_way_to_the_public(cast, second):
    record = bad(cast)
    found = opened(cast)
    computed(found, cast.province)
    review_round(found.pk, by=second)
    with time_machine.travel("2026-01-12 09:00+08:00"):
        announce_round(found.pk, by=cast.province)
        objection = object_to_score(of_agency(cast).pk, text="该记录已撤销", by=cast.filer)
        with pytest.raises(ActRefused):
            object_to_score(of_agency(cast).pk, text="与我有关", by=cast.other_filer)
    with time_machine.travel("2026-01-20 09:00+08:00"):
        with pytest.raises(ActRefused, match="1份异议没有答复"):
            finish_round(found.pk, by=cast.province)
        before = of_agency(cast)
        BadRecord.objects.filter(pk=record.pk).update(state="annulled")
        after = answer_objection(objection.pk, answer="记录已更正撤下，重算", recount=True, by=cast.province)
        assert (before.points, after.points, after.grade) == (55.5, 60.5, "B")
        before.refresh_from_db()
        assert before.superseded_at is not None
        assert before.points == 55.5
        finish_round(found.pk, by=cast.province)
        publish_scores(found.pk, by=cast.province)
    shown = PublishedScore.objects.get(agency_code=cast.agency.code, kind="agency")
    assert (shown.points, shown.grade_title) == (60.5, "基本合格")


@pytest.mark.usefixtures("published_scheme")
def test_not_final_while_the_objection_days_run(cast, second):
    found = opened(cast)
    computed(found, cast.province)
    review_round(found.pk, by=second)
    with time_machine.travel("2026-01-12 09:00+08:00"):
        announced = announce_round(found.pk, by=cast.province)
        assert announced.objections_until == date(2026, 1, 19)
    with time_machine.travel("2026-01-19 09:00+08:00"), pytest.raises(ActRefused, match="之后才能定案"):
        finish_round(found.pk, by=cast.province)
    with time_machine.travel("2026-01-20 09:00+08:00"), pytest.raises(ActRefused, match="届满"):
        object_to_score(of_agency(cast).pk, text="迟了", by=cast.filer)


def test_counted_again_the_scores_before_are_kept(cast):
    found = opened(cast)
    computed(found, cast.province)
    computed(found, cast.province)
    assert Score.objects.filter(kind="agency", agency=cast.agency).count() == 2
    assert of_agency(cast)
