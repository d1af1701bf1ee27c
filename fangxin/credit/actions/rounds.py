"""A round of evaluation: opened, computed, looked through, announced, answered, final, published (三（三）, SM-14)."""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from fangxin.agencies.models import Agency
from fangxin.credit.facts import TOGETHER, Evaluated, evaluated, everybody
from fangxin.credit.models import PublishedScore, Round, Score, ScoreObjection
from fangxin.credit.scoring import Line, Scorer
from fangxin.credit.scoring import Score as Counted
from fangxin.credit.workflow import PROVINCE, ROUND, UNIT
from fangxin.deadlines.clock import today
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.process import NEW, Standing, Step
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.evaluation import Scheme, SchemeStatus
from fangxin.rules.terms import Term
from fangxin.rules.workdays import calendar

LONGEST = 2000
COLUMNS = (
    "round_id", "kind", "subject", "name", "agency_id", "company_id", "points", "grade", "because", "lines",
    "computed_at", "recounted_because",
)  # fmt: skip


@transaction.atomic
def open_round(
    jurisdiction: str,
    scheme: str,
    *,
    since: date,
    until: date,
    of_book: str = "",
    by: Acting,
    act_key: UUID | None = None,
) -> Round:
    """A round over the days from `since` to `until` waits to be computed. ActRefused for a scheme there is not."""
    claim_act(act_key, "open_round", "round", scheme)
    step, after = ROUND.find_step("open_round", _standing(jurisdiction, NEW, by))
    of_book = of_book or jurisdiction
    found = book(of_book).schemes.get(scheme)
    if found is None:
        raise ActRefused("请在列表中选择一个评价方案。", "scheme")
    if until < since:
        raise ActRefused(f"评价期止{until}早于评价期起{since}，请核对。", "until")
    made = Round.objects.create(
        jurisdiction=jurisdiction, book=of_book, scheme=scheme, scheme_title=found.title, state=after,
        rulebook_version=book(of_book).version, since=since, until=until, opened_on=today(),
    )  # fmt: skip
    _journal(step, made, by, act_key, {"after": after, "scheme": scheme})
    return made


@transaction.atomic
def compute_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:  # fmt: skip
    """Everybody has a score in the round, each line frozen with it; returns how many. Counted again before it is
    announced, the scores before are superseded.
    """
    found = _begin(round_id, "compute_round", by, turn, act_key)
    Score.objects.filter(round=found, superseded_at=None).update(superseded_at=timezone.now())
    scheme = scheme_of(found)
    subjects = everybody(found.jurisdiction, scheme, since=found.since, until=found.until)
    many = _write(found, _counted(scheme, subjects, found.since, found.until), progress)
    _step(
        found, "compute_round", by, act_key, {"scores": many}, computed_by_id=by.user_id, computed_on=today()
    )
    return many


@transaction.atomic
def review_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """Somebody who did not compute it has looked it through."""
    found = _begin(round_id, "review_round", by, turn, act_key)
    _step(found, "review_round", by, act_key, {}, reviewed_by_id=by.user_id)
    return found


@transaction.atomic
def announce_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """Each agency reads its own score and may object until the day the scheme gives (AMB-43).

    ActRefused for a scheme that is an example or a draft: it may be tried, and no more (AMB-21).
    """
    found = _begin(round_id, "announce_round", by, turn, act_key)
    scheme = _published_scheme(found)
    term = Term.parse(scheme.objection_days)
    due = calendar().due_day(today(), term.n, term.unit).due_on
    _step(
        found,
        "announce_round",
        by,
        act_key,
        {"due_on": due.isoformat()},
        announced_on=today(),
        objections_until=due,
    )
    for company_id in Score.objects.filter(round=found, kind="agency", superseded_at=None).values_list(
        "company_id", flat=True
    ):
        send_notice(
            title=f"您的信用评价结果可以查看，{due}前可以提出异议",
            matter_id=found.pk,
            to_company_id=company_id,
        )
    return found


@transaction.atomic
def object_to_score(score_id: int, *, text: str, by: Acting, act_key: UUID | None = None) -> ScoreObjection:
    """The objection waits for its answer; the round is not final before it has one. ActRefused after the last day."""
    score = Score.objects.select_related("agency", "round").filter(pk=score_id, superseded_at=None).first()
    if score is None or score.company_id != by.company_id:
        raise ActRefused("没有这份评分，或者您无权办理。")
    claim_act(act_key, "object_to_score", "score", score_id)
    found = score.round
    step, _ = ROUND.find_step("object_to_score", Standing(found.state, by.role, frozenset({UNIT})))
    if found.objections_until is None or today() > found.objections_until:
        raise ActRefused(f"异议期已于{found.objections_until}届满。")
    if score.objections.filter(answered_on=None).exists():
        raise ActRefused("您已对这份评分提出异议，请等答复。")
    made = ScoreObjection.objects.create(
        round=found, score=score, company_id=score.company_id, objected_on=today(),
        text=fields.text(text, "异议", LONGEST, "text"),
    )  # fmt: skip
    _journal(step, found, by, act_key, {"score": score.pk})
    return made


@transaction.atomic
def answer_objection(
    objection_id: UUID, *, answer: str, recount: bool = False, by: Acting, act_key: UUID | None = None
) -> Score:
    """The objection is answered; upheld, the agency's scores are counted anew from today's records (AMB-43)."""
    claim_act(act_key, "answer_objection", "round", str(objection_id))
    objection = ScoreObjection.objects.select_related("score", "round").filter(pk=objection_id).first()
    if objection is None or objection.answered_on is not None:
        raise ActRefused("没有待答复的异议。")
    found = Round.objects.select_for_update().get(pk=objection.round_id)
    step, _ = ROUND.find_step("answer_objection", _standing(found.jurisdiction, found.state, by))
    objection.answer = fields.text(answer, "答复", LONGEST, "answer")
    objection.answered_by_id, objection.answered_on = by.user_id, today()
    objection.save(update_fields=["answer", "answered_by_id", "answered_on"])
    _journal(step, found, by, act_key, {"score": objection.score_id, "recount": recount})
    if recount:
        recount_agency(found, objection.score.agency_id, because=objection.answer)
    send_notice(title="您对评分的异议已有答复", matter_id=found.pk, to_company_id=objection.company_id)
    return Score.objects.get(
        round=found, kind=objection.score.kind, subject=objection.score.subject, superseded_at=None
    )


def recount_agency(found: Round, agency_id: int, *, because: str) -> int:
    """The agency and its brokers have new scores in the round; those before are superseded, not changed."""
    Score.objects.filter(round=found, agency_id=agency_id, superseded_at=None).update(
        superseded_at=timezone.now()
    )
    rows = list(
        Agency.objects.filter(pk=agency_id).values("pk", "company_id", "code", "company__name", "entered_on")
    )
    scheme = scheme_of(found)
    subjects = evaluated(rows, scheme, since=found.since, until=found.until)
    return _write(found, _counted(scheme, subjects, found.since, found.until), None, because)


@transaction.atomic
def finish_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """The round is final. ActRefused while the objection days run or an objection has no answer."""
    found = _begin(round_id, "finish_round", by, turn, act_key)
    if found.objections_until is None or today() <= found.objections_until:
        raise ActRefused(f"异议期至{found.objections_until}，之后才能定案（AMB-43）。")
    if waiting := found.objections.filter(answered_on=None).count():
        raise ActRefused(f"还有{waiting}份异议没有答复（AMB-43）。")
    _step(found, "finish_round", by, act_key, {}, final_on=today())
    return found


@transaction.atomic
def publish_scores(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> int:
    """The public reads the scores of a final round with their lines, beside the scheme's text; returns how many."""
    found = _begin(round_id, "publish_scores", by, turn, act_key)
    scheme = _published_scheme(found)
    if found.published_on is not None:
        raise ActRefused(f"这一轮评价已于{found.published_on}公布。")
    _step(found, "publish_scores", by, act_key, {}, published_on=today())
    rows = Score.objects.filter(round=found, superseded_at=None).select_related("agency")
    made = PublishedScore.objects.bulk_create(
        (
            PublishedScore(
                round_id=found.pk, jurisdiction=found.jurisdiction, kind=row.kind, subject=row.subject, name=row.name,
                agency_code=row.agency.code, scheme=found.scheme, scheme_title=found.scheme_title, since=found.since,
                until=found.until, points=row.points, grade=row.grade, grade_title=scheme.grades.get(row.grade, row.grade),
                because=row.because, lines=row.lines, published_on=today(),
            )
            for row in rows.iterator(chunk_size=2000)
        ),
        batch_size=2000,
    )  # fmt: skip
    return len(made)


def scheme_of(found: Round) -> Scheme:
    """The scheme by which the round is counted."""
    return book(found.book).schemes[found.scheme]


def as_row(line: Line) -> list[Any]:
    """A line as a score keeps it, in the order the model names."""
    return [
        line.item, line.title, line.part, line.record, line.on.isoformat() if line.on else "",
        float(line.points), float(line.cut), line.basis,
    ]  # fmt: skip


def _counted(
    scheme: Scheme, subjects: Iterable[Evaluated], since: date, until: date
) -> Iterable[tuple[Evaluated, Counted]]:
    scorer = Scorer(scheme)
    return ((one, scorer.score(one.subject, since=since, until=until)) for one in subjects)


def _write(
    found: Round,
    counted: Iterable[tuple[Evaluated, Counted]],
    progress: Callable[[int], None] | None,
    because: str = "",
) -> int:
    """The scores lie in the round, written as they are counted; returns how many.

    By COPY, which the ORM takes several times as long for; a batch at a time, for what is counted next is read over
    the same connection.
    """
    moment, many, counting = timezone.now(), 0, iter(counted)
    while batch := list(islice(counting, TOGETHER)):
        with (
            connection.cursor() as cursor,
            cursor.copy(f"copy credit_score ({', '.join(COLUMNS)}) from stdin") as copy,
        ):
            for one, score in batch:
                copy.write_row(_as_written(found, one, score, moment, because))
        many += len(batch)
        if progress is not None:
            progress(many)
    return many


def _as_written(
    found: Round, one: Evaluated, score: Counted, moment: datetime, because: str
) -> tuple[Any, ...]:
    lines = json.dumps([as_row(line) for line in score.lines], ensure_ascii=False)
    return (
        found.pk, one.subject.kind, one.subject.key, one.name[:100], one.agency_id, one.company_id, score.points,
        score.grade, score.because[:200], lines, moment, because,
    )  # fmt: skip


def _begin(round_id: UUID, verb: str, by: Acting, turn: int | None, act_key: UUID | None) -> Round:
    claim_act(act_key, verb, ROUND.name, str(round_id))
    found = Round.objects.select_for_update().filter(pk=round_id).first()
    if found is None:
        raise ActRefused("没有这一轮评价，或者您无权办理。")
    if turn is not None and turn != found.turn:
        raise SomebodyWasFirst(
            f"这一轮评价刚刚有了变化，现为“{found.get_state_display()}”。请看过最新情况后再办。"
        )
    ROUND.allowed(verb, _standing(found.jurisdiction, found.state, by))
    return found


def _step(
    found: Round, verb: str, by: Acting, act_key: UUID | None, details: dict[str, Any], **changes: Any
) -> None:
    parts = ("computer",) if found.computed_by_id == by.user_id else ()
    before = found.state
    step, after = ROUND.find_step(verb, _standing(found.jurisdiction, found.state, by, parts))
    found.state, found.turn = after, found.turn + 1
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(update_fields=["state", "turn", *changes])
    _journal(step, found, by, act_key, {"before": before, "after": after, **details})


def _journal(step: Step, found: Round, by: Acting, act_key: UUID | None, details: dict[str, Any]) -> None:
    record(
        Kind.named(f"round:{step.verb}"), ROUND.name, found.pk, by=by.actor, summary=step.title, details=details,
        clause=step.clause, rule_key=f"credit.{step.verb}", rulebook_version=found.rulebook_version, act_key=act_key,
        jurisdiction=found.jurisdiction,
    )  # fmt: skip


def _standing(jurisdiction: str, state: str, by: Acting, acted_as: Iterable[str] = ()) -> Standing:
    ours = by.jurisdiction == jurisdiction and "publish_method" in by.functions
    return Standing(state, by.role, frozenset({PROVINCE} if ours else ()), frozenset(acted_as))


def _published_scheme(found: Round) -> Scheme:
    scheme = scheme_of(found)
    if scheme.status is not SchemeStatus.PUBLISHED:
        raise ActRefused(
            f"评价方案“{scheme.title}”的状态是“{scheme.status}”，只能试算，不能告知或者公布（AMB-21）。"
        )
    return scheme
