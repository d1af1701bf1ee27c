"""Reads of rounds and scores: the office's, an agency's own, and what is published."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from fangxin.credit.facts import agencies_until
from fangxin.credit.models import PublishedScore, Round, Score, ScoreObjection
from fangxin.credit.published import KINDS, public_now
from fangxin.credit.standing import acted_in, round_standing
from fangxin.credit.workflow import ROUND
from fangxin.organisations.process import NEW, Step, StepRefused
from fangxin.organisations.roles import Acting
from fangxin.rules.evaluation import SUBJECTS, Scheme
from fangxin.rules.schemes import read_scheme

STATE_TITLES = ROUND.states
SHOWN = (
    "id", "scheme", "scheme_title", "state", "since", "until", "opened_on", "computed_on", "announced_on",
    "objections_until", "final_on", "published_on",
)  # fmt: skip
_SCORE = (
    "id",
    "kind",
    "subject",
    "name",
    "agency__company__name",
    "agency__code",
    "points",
    "grade",
    "because",
)
# What the office does not press: the worker, the agency and pages of their own do.
_ELSEWHERE = {"try_scheme", "open_round", "complete_computing", "object_to_score", "answer_objection"}


def may_evaluate(verb: str, by: Acting) -> bool:
    """Whether the person's body may open a round, or try a scheme."""
    try:
        expect_may(verb, by)
    except StepRefused:
        return False
    return True


def expect_may(verb: str, by: Acting) -> None:
    """StepRefused, in the table's words, where the person's body may not."""
    ROUND.allowed(verb, round_standing(by.jurisdiction, NEW, by))


def expected_agencies(jurisdiction: str, until: date) -> int:
    """How many agencies a round over the days up to `until` counts."""
    return agencies_until(jurisdiction, until).count()


def scheme_of(found: Round) -> Scheme:
    """The scheme by which the round is counted, as it read when the round was opened."""
    return read_scheme(found.scheme_text)


def rounds_of(jurisdiction: str) -> list[dict[str, Any]]:
    """The rounds, the latest first."""
    return list(
        Round.objects.filter(jurisdiction=jurisdiction).order_by("-opened_on", "-until", "pk").values(*SHOWN)
    )


def round_for(by: Acting, round_id: UUID) -> Round | None:
    """A round of the reader's own jurisdiction."""
    return (
        Round.objects.filter(pk=round_id, jurisdiction=by.jurisdiction)
        .select_related("computed_by", "reviewed_by")
        .first()
    )


def steps_on(found: Round, by: Acting) -> list[Step]:
    """What this person may do with the round as a whole now."""
    standing = round_standing(found.jurisdiction, found.state, by, acted_in(found.computed_by_id, by))
    return [
        step
        for step in ROUND.open_steps(standing)
        if step.verb not in _ELSEWHERE and not (step.verb == "publish_scores" and found.published_on)
    ]


def may_answer(found: Round, by: Acting) -> bool:
    """Whether the person answers objections of this round now."""
    standing = round_standing(found.jurisdiction, found.state, by)
    return any(step.verb == "answer_objection" for step in ROUND.open_steps(standing))


def grade_counts(round_id: UUID) -> dict[str, dict[str, int]]:
    """How many agencies, and how many brokers, have each grade in a round."""
    return _counts(Score.objects.filter(round_id=round_id, superseded_at=None))


def scores_of(
    round_id: UUID, *, kind: str, grade: str = "", text: str = ""
) -> QuerySet[Score, dict[str, Any]]:
    """The scores in force, by code or number."""
    found = Score.objects.filter(round_id=round_id, kind=kind, superseded_at=None)
    if grade:
        found = found.filter(grade=grade)
    if text:
        found = found.filter(name__contains=text) | found.filter(subject=text)
    return found.order_by("subject", "agency_id").values(*_SCORE)


def score_for(by: Acting, score_id: int) -> Score | None:
    """A score of the reader's own jurisdiction, in force or superseded."""
    return (
        Score.objects.filter(pk=score_id, round__jurisdiction=by.jurisdiction)
        .select_related("round", "agency", "agency__company")
        .first()
    )


def scores_before(score: Score) -> list[dict[str, Any]]:
    """All scores the same subject has had in the round, the latest first."""
    return _listed(
        Score.objects.filter(round=score.round, kind=score.kind, subject=score.subject, agency=score.agency)
        .order_by("-computed_at", "-pk")
        .values("id", "points", "grade", "computed_at", "superseded_at", "recounted_because")
    )


def objections_of(round_id: UUID) -> list[dict[str, Any]]:
    """The objections of a round, those that wait first."""
    return _listed(
        ScoreObjection.objects.filter(round_id=round_id)
        .order_by("answered_on", "objected_on", "pk")
        .values(
            "id", "text", "objected_on", "answer", "answered_on", "answered_by__full_name", "score_id", "score__name",
            "score__kind", "score__points", "score__grade", "score__agency__company__name",
        )
    )  # fmt: skip


def objection_for(by: Acting, objection_id: UUID) -> ScoreObjection | None:
    """An objection in the reader's own jurisdiction."""
    return (
        ScoreObjection.objects.filter(pk=objection_id, round__jurisdiction=by.jurisdiction)
        .select_related("round", "score", "score__agency", "score__agency__company")
        .first()
    )


def own_scores(company_id: int) -> list[Score]:
    """The scores of a company's agencies and their brokers in rounds that are announced, the latest round first."""
    return list(
        Score.objects.filter(company_id=company_id, superseded_at=None, round__announced_on__isnull=False)
        .select_related("round", "agency")
        .order_by("-round__announced_on", "round_id", "kind", "subject")
    )


def own_objections(company_id: int) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """What the company objected to, by round, kind, subject and agency: an upheld objection led to another score."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    rows = ScoreObjection.objects.filter(company_id=company_id).order_by("objected_on", "pk")
    of = ("round_id", "score__kind", "score__subject", "score__agency_id")
    for row in _listed(rows.values(*of, "text", "objected_on", "answer", "answered_on")):
        found.setdefault(tuple(row[name] for name in of), []).append(row)
    return found


def announced_rounds(jurisdiction: str) -> list[dict[str, Any]]:
    """What the public may know of rounds: those that agencies were told of, and those with scores to be read."""
    return list(
        Round.objects.filter(jurisdiction=jurisdiction, announced_on__isnull=False)
        .order_by("-announced_on", "pk")
        .values(*PUBLIC)
    )


def announced_round(jurisdiction: str, round_id: UUID) -> dict[str, Any] | None:
    """The same of one, with the scheme's text."""
    return (
        Round.objects.filter(jurisdiction=jurisdiction, pk=round_id, announced_on__isnull=False)
        .values(*PUBLIC, "book", "scheme_text")
        .first()
    )


def round_texts(round_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The text of the scheme of each round, as it was counted by."""
    return dict(Round.objects.filter(pk__in=round_ids).values_list("pk", "scheme_text"))


# The columns of a round that the public's role may read.
PUBLIC = (
    "id", "scheme", "scheme_title", "since", "until", "announced_on", "objections_until", "final_on", "published_on",
)  # fmt: skip


def published_grade_counts(round_id: UUID) -> dict[str, dict[str, int]]:
    """How many agencies, and how many brokers, have each grade in a published round."""
    return _counts(PublishedScore.objects.filter(round_id=round_id))


def published_scores(code: str) -> list[PublishedScore]:
    """The published scores of an agency and its brokers, the latest round first, the agency before its brokers.

    Their points stand as they were published; of a record that is public no longer they tell nothing else (AMB-55).
    """
    found = list(
        PublishedScore.objects.filter(agency_code=code).order_by(
            "-published_on", "round_id", "kind", "subject"
        )
    )
    named = {number for row in found for line in row.lines if (number := _record_of(line[_RECORD]))}
    gone = named - public_now(named)
    for row in found if gone else ():
        row.lines = [
            ["", GONE, "", "", "", *line[_RECORD + 2 : -1], ""] if _record_of(line[_RECORD]) in gone else line
            for line in row.lines
        ]
        if any(number in row.because for number in gone):
            row.because = f"所依据的是{GONE}"
    return found


# What is left of a line whose record was taken down, and where a line names its record.
GONE, _RECORD = "已停止公示的记录", 3


def _record_of(named: str) -> str:
    """The id of the good or bad record that a line names; "" where it names something else."""
    title, _, number = named.partition(" ")
    return number if title in KINDS.values() else ""


def _counts(rows: QuerySet[Any]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {kind: {} for kind in SUBJECTS}
    found: Iterable[tuple[str, str, int]] = rows.values_list("kind", "grade").annotate(many=Count("pk"))
    for kind, grade, many in found:
        counted[kind][grade] = many
    return counted


def _listed(rows: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]
