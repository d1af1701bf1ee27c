"""A round of evaluation: opened, computed, looked through, announced, answered, final, published (三（三）, SM-14)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from fangxin.credit.actions.counting import recount_agency
from fangxin.credit.actions.round_steps import begin, note, published_scheme, take
from fangxin.credit.models import PublishedScore, Round, Score, ScoreObjection
from fangxin.credit.standing import round_standing
from fangxin.credit.workflow import ROUND, UNIT
from fangxin.deadlines.clock import today
from fangxin.journal.actions import claim_act
from fangxin.notices.actions import send_notice, send_notice_to_companies
from fangxin.organisations import fields
from fangxin.organisations.process import NEW, Standing
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.terms import Term
from fangxin.rules.workdays import calendar

LONGEST = 2000


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
    step, after = ROUND.find_step("open_round", round_standing(jurisdiction, NEW, by))
    of_book = of_book or jurisdiction
    found = book(of_book).schemes.get(scheme)
    if found is None:
        raise ActRefused("请在列表中选择一个评价方案。", "scheme")
    if until < since:
        raise ActRefused(f"评价期止{until}早于评价期起{since}，请核对。", "until")
    if until > today():
        raise ActRefused(f"评价期止{until}还没有到，到期之后才能评价。", "until")
    made = Round.objects.create(
        jurisdiction=jurisdiction, book=of_book, scheme=scheme, scheme_title=found.title, state=after,
        rulebook_version=book(of_book).version, scheme_text=book(of_book).scheme_texts[scheme], since=since,
        until=until, opened_on=today(),
    )  # fmt: skip
    note(step, made, by, act_key, {"after": after, "scheme": scheme})
    return made


@transaction.atomic
def review_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """Somebody who did not compute it has looked it through."""
    found = begin(round_id, "review_round", by, turn, act_key)
    take(found, "review_round", by, act_key, {}, reviewed_by_id=by.user_id)
    return found


@transaction.atomic
def announce_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """Each agency reads its own score and may object until the day the scheme gives (AMB-43).

    ActRefused for a scheme that is an example or a draft: it may be tried, and no more (AMB-21).
    """
    found = begin(round_id, "announce_round", by, turn, act_key)
    scheme = published_scheme(found)
    term = Term.parse(scheme.objection_days)
    due = calendar().due_day(today(), term.n, term.unit).due_on
    take(
        found,
        "announce_round",
        by,
        act_key,
        {"due_on": due.isoformat()},
        announced_on=today(),
        objections_until=due,
    )
    companies = Score.objects.filter(round=found, kind="agency", superseded_at=None)
    send_notice_to_companies(
        companies.values_list("company_id", flat=True).iterator(),
        title=f"信用评价结果可以查看，{due}（含当日）前可以提出异议",
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
    note(step, found, by, act_key, {"score": score.pk})
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
    step, _ = ROUND.find_step("answer_objection", round_standing(found.jurisdiction, found.state, by))
    objection.answer = fields.text(answer, "答复", LONGEST, "answer")
    objection.answered_by_id, objection.answered_on = by.user_id, today()
    objection.save(update_fields=["answer", "answered_by_id", "answered_on"])
    note(step, found, by, act_key, {"score": objection.score_id, "recount": recount})
    if recount:
        recount_agency(found, objection.score.agency_id, because=objection.answer)
    send_notice(title="您对评分的异议已有答复", matter_id=found.pk, to_company_id=objection.company_id)
    return Score.objects.get(
        round=found, kind=objection.score.kind, subject=objection.score.subject, superseded_at=None
    )


@transaction.atomic
def finish_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """The round is final. ActRefused while the objection days run or an objection has no answer."""
    found = begin(round_id, "finish_round", by, turn, act_key)
    if found.objections_until is None or today() <= found.objections_until:
        raise ActRefused(f"异议期至{found.objections_until}，之后才能定案（AMB-43）。")
    if waiting := found.objections.filter(answered_on=None).count():
        raise ActRefused(f"还有{waiting}份异议没有答复（AMB-43）。")
    take(found, "finish_round", by, act_key, {}, final_on=today())
    return found


@transaction.atomic
def publish_scores(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> int:
    """The public reads the scores of a final round with their lines, beside the scheme's text; returns how many."""
    found = begin(round_id, "publish_scores", by, turn, act_key)
    scheme = published_scheme(found)
    if found.published_on is not None:
        raise ActRefused(f"这一轮评价已于{found.published_on}公布。")
    take(found, "publish_scores", by, act_key, {}, published_on=today())
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
