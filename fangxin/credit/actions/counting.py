"""The scores of a round are counted: by the worker, a thousand agencies at a time, each batch a transaction of its own.

A worker killed anywhere loses nothing and doubles nothing: the round says after which agency to go on.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxin.agencies.models import Agency
from fangxin.credit.actions.round_steps import begin, take
from fangxin.credit.evaluations import scheme_of
from fangxin.credit.facts import AGENCY, TOGETHER, Evaluated, agencies_until, evaluated
from fangxin.credit.models import Round, Score
from fangxin.credit.scoring import Line, Scorer
from fangxin.credit.scoring import Score as Counted
from fangxin.deadlines.clock import today
from fangxin.organisations.audience import Audience, Speaker, as_the_queue, speaking_as
from fangxin.organisations.many_rows import insert_rows
from fangxin.organisations.queries import acting
from fangxin.organisations.roles import Acting
from fangxin.rules.evaluation import Scheme

_LEFT = "计算人已经离任，请由其他人员继续计算。"
_BROKEN = "计算中途出错，已算的都已保存。请点“继续计算”，再次出错请联系系统管理员。"


@transaction.atomic
def compute_round(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None, at_once: bool = False
) -> Round:
    """The round waits for the worker, or is counted `at_once`. Counted again, the scores before are superseded."""
    found = begin(round_id, "compute_round", by, turn, act_key)
    Score.objects.filter(round=found, superseded_at=None).update(superseded_at=timezone.now())
    take(
        found, "compute_round", by, act_key, {}, computed_by_id=by.user_id, computed_on=None, reviewed_by_id=None,
        membership_id=by.membership_id, counted_to=0, counted=0, failure="", touched_at=timezone.now(),
        expected=agencies_until(found.jurisdiction, found.until).count(),
    )  # fmt: skip
    if not at_once:
        _defer(found.pk)
    while at_once and count_batch(found.pk, by=by):
        pass
    return found


@transaction.atomic
def resume_computing(
    round_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Round:
    """What a killed worker left is counted on; what is counted stays counted."""
    found = begin(round_id, "resume_computing", by, turn, act_key)
    take(
        found, "resume_computing", by, act_key, {}, computed_by_id=by.user_id, membership_id=by.membership_id,
        failure="", touched_at=timezone.now(),
    )  # fmt: skip
    _defer(found.pk)
    return found


def compute_in_background(round_id: UUID) -> None:
    """Everybody has a score in the round, in the name of whoever asked for it; or the round says why not."""
    office = Speaker(Audience.OFFICE)
    with speaking_as(office):
        found = Round.objects.filter(pk=round_id, state="computing").first()
    if found is None:
        return
    by = acting(found.membership_id or 0, found.computed_by_id or 0)
    try:
        if by is None:
            _stop(round_id, _LEFT)
            return
        while True:
            with speaking_as(office):
                if not count_batch(round_id, by=by):
                    return
    except Exception:
        _stop(round_id, _BROKEN)
        raise


@transaction.atomic
def count_batch(round_id: UUID, *, by: Acting) -> bool:
    """The next thousand agencies and their brokers have their scores; False when the round is done."""
    found = Round.objects.select_for_update().get(pk=round_id)
    if found.state != "computing":
        return False
    batch = list(
        agencies_until(found.jurisdiction, found.until)
        .filter(pk__gt=found.counted_to)
        .order_by("pk")
        .values(*AGENCY)[:TOGETHER]
    )
    if not batch:
        many = Score.objects.filter(round=found, superseded_at=None).count()
        take(found, "complete_computing", by, None, {"scores": many}, computed_on=today())
        return False
    scheme = scheme_of(found)
    _write(found, _counted(scheme, evaluated(batch, scheme, since=found.since, until=found.until), found))
    found.counted_to, found.counted, found.touched_at = (
        batch[-1]["pk"],
        found.counted + len(batch),
        timezone.now(),
    )
    found.save(update_fields=["counted_to", "counted", "touched_at"])
    return True


def recount_agency(found: Round, agency_id: int, *, because: str) -> int:
    """The agency and its brokers have new scores in the round; those before are superseded, not changed."""
    Score.objects.filter(round=found, agency_id=agency_id, superseded_at=None).update(
        superseded_at=timezone.now()
    )
    rows = list(Agency.objects.filter(pk=agency_id).values(*AGENCY))
    scheme = scheme_of(found)
    subjects = evaluated(rows, scheme, since=found.since, until=found.until)
    return _write(found, _counted(scheme, subjects, found), because)


def as_row(line: Line) -> list[Any]:
    """A line as a score keeps it, in the order the model names."""
    item, title, part, record, on, points, cut, basis = line
    return [item, title, part, record, on.isoformat() if on else "", float(points), float(cut), basis]


def _counted(
    scheme: Scheme, subjects: Iterable[Evaluated], found: Round
) -> Iterable[tuple[Evaluated, Counted]]:
    scorer = Scorer(scheme)
    return ((one, scorer.score(one.subject, since=found.since, until=found.until)) for one in subjects)


def _write(found: Round, counted: Iterable[tuple[Evaluated, Counted]], because: str = "") -> int:
    """The scores lie in the round; returns how many."""
    moment = timezone.now()
    rows = [_as_written(found, one, score, moment, because) for one, score in counted]
    insert_rows(Score, rows)
    return len(rows)


def _as_written(
    found: Round, one: Evaluated, score: Counted, moment: datetime, because: str
) -> dict[str, Any]:
    return {
        "round_id": found.pk, "kind": one.subject.kind, "subject": one.subject.key, "name": one.name[:100],
        "agency_id": one.agency_id, "company_id": one.company_id, "points": score.points, "grade": score.grade,
        "because": score.because[:200], "lines": [as_row(line) for line in score.lines], "computed_at": moment,
        "recounted_because": because,
    }  # fmt: skip


def _stop(round_id: UUID, why: str) -> None:
    with speaking_as(Speaker(Audience.OFFICE)):
        Round.objects.filter(pk=round_id, state="computing").update(failure=why, touched_at=timezone.now())


def _defer(round_id: UUID) -> None:
    from fangxin.credit.tasks import compute

    with as_the_queue():
        compute.defer(round_id=str(round_id))
