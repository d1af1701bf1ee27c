"""Published evaluation for other programs: the rounds with the scheme's text, and scores with their lines."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from fangxin.agencies import published
from fangxin.credit.evaluations import announced_round, announced_rounds, published_scores
from fangxin.deadlines.clock import today
from fangxin.web.evaluation import LINE
from fangxin.web.public import REGISTER

router = Router(tags=["公布的信用评价"])


class RoundRow(Schema):
    """A round that agencies were told of; `published_on` is null until its scores are published."""

    id: UUID
    scheme: str
    scheme_title: str
    since: date
    until: date
    announced_on: date
    objections_until: date | None
    final_on: date | None
    published_on: date | None


class Rounds(Schema):
    """The latest first."""

    rounds: list[RoundRow]


class Round(RoundRow):
    """A round with the whole scheme, as the YAML that was counted by."""

    scheme_text: str


class ScoreLine(Schema):
    """One line: `points` were given, `cut` were kept back by a cap; `record` names what lies behind it."""

    item: str
    title: str
    part: str
    record: str
    on: str
    points: float
    cut: float
    basis: str


class PublicScore(Schema):
    """A published score; `kind` is agency or broker."""

    round_id: UUID
    kind: str
    subject: str
    name: str
    agency_code: str
    points: float
    grade: str
    grade_title: str
    because: str
    lines: list[ScoreLine]
    published_on: date


class Scores(Schema):
    """The scores of an agency and its brokers, the latest round first."""

    scores: list[PublicScore]


@router.get("/evaluations", url_name="api_evaluations", response=Rounds, summary="各轮评价")
def evaluations(request: HttpRequest) -> dict[str, Any]:
    """已经告知机构的各轮评价。"""
    return {"rounds": announced_rounds(REGISTER)}


@router.get(
    "/evaluations/{uuid:round_id}", url_name="api_evaluation", response=Round, summary="一轮评价和它的方案"
)
def evaluation(request: HttpRequest, round_id: UUID) -> dict[str, Any]:
    """方案全文是计算时所用的原文；凭它和公示的记录可以重算。"""
    found = announced_round(REGISTER, round_id)
    if found is None:
        raise Http404
    return found


@router.get(
    "/agencies/{code}/scores", url_name="api_agency_scores", response=Scores, summary="一家机构的评分"
)
def agency_scores(request: HttpRequest, code: str) -> dict[str, Any]:
    """公布的评分和每一行明细；没有公布过的是空列表。"""
    scores = published_scores(code)
    if not scores and published.profile(REGISTER, code, on=today()) is None:
        raise Http404
    return {
        "scores": [
            {
                **{name: getattr(row, name) for name in PublicScore.model_fields if name != "lines"},
                "lines": [dict(zip(LINE, line, strict=True)) for line in row.lines],
            }
            for row in scores
        ]
    }  # fmt: skip
