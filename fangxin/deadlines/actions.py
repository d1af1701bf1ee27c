"""Starting, meeting, cancelling, reminding of and recounting terms."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from fangxin.deadlines.clock import today
from fangxin.deadlines.models import Deadline, DueDayChange
from fangxin.deadlines.reminders import first_look, next_reminder
from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.written_often import insert
from fangxin.rules import book
from fangxin.rules.bodies import function_of
from fangxin.rules.book import Rulebook
from fangxin.rules.limits import Limit
from fangxin.rules.workdays import CalendarMissing, calendar

CLOCK = Actor.system("时钟")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Owner:
    """Who owes the term: a department with its officer, or a company."""

    body_id: int | None = None
    user_id: int | None = None
    company_id: int | None = None


@transaction.atomic(savepoint=False)
def start_deadline(
    rule_key: str,
    *,
    jurisdiction: str,
    subject_kind: str,
    subject_id: UUID,
    matter_id: UUID,
    owner: Owner,
    on: date | None = None,
) -> Deadline:
    """The term `rule_key` of the jurisdiction's rulebook runs for `owner` from the day `on` (today), not counted.

    The due day is stored with its explanation, its clause and the version of the rulebook it was counted by.
    ActRefused when the term runs into a year without a calendar.
    """
    rules = book(jurisdiction)
    start = on or today()
    limit = rules.limit(rule_key, on=start, department=_department(rules, rule_key, owner.body_id))
    try:
        due = limit.due_day(start, calendar())
    except CalendarMissing as missing:
        raise ActRefused(f"无法推算“{limit.title}”的截止日：{missing}。") from missing
    reminder = first_look(jurisdiction, start, due.due_on)
    # Where another passage sets a shorter term, the owner hears of it on that day as well (AMB-03).
    warning = limit.warning_day(start, calendar())
    # No RETURNING: the roles that may start a term need not be able to read one.
    deadline = Deadline(
        jurisdiction=jurisdiction,
        rule_key=rule_key,
        title=limit.title,
        subject_kind=subject_kind,
        subject_id=subject_id,
        matter_id=matter_id,
        owner_body_id=owner.body_id,
        owner_user_id=owner.user_id,
        owner_company_id=owner.company_id,
        starts_on=start,
        amount=limit.n,
        unit=limit.unit.value,
        due_on=due.due_on,
        first_due_on=due.due_on,
        provisional=due.provisional,
        explanation=due.explanation(),
        clause=limit.clause,
        quote=limit.quote,
        rulebook_version=rules.version,
        next_look_on=min(reminder, warning or reminder),
    )
    insert(deadline)
    return deadline


@transaction.atomic(savepoint=False)
def meet_deadline(rule_key: str, *, subject_id: UUID, on: date | None = None) -> bool:
    """The running term of that rule and subject is met on the day `on` (today); True when it was in time.

    Lateness is kept: a term met after its due day is met late for ever. No running term: nothing, and False.
    """
    day = on or today()
    running = Deadline.objects.filter(
        rule_key=rule_key, subject_id=subject_id, state=Deadline.State.RUNNING
    ).first()
    if running is None:
        return False
    # Missed under an earlier due day, it is late whatever days were added since.
    in_time = day <= running.due_on and (running.missed_on is None or day < running.missed_on)
    Deadline.objects.filter(pk=running.pk, state=Deadline.State.RUNNING).update(
        state=Deadline.State.MET if in_time else Deadline.State.MET_LATE,
        met_on=day,
        missed_on=None if in_time else (running.missed_on or running.due_on + timedelta(days=1)),
        next_look_on=None,
    )
    return in_time


@transaction.atomic(savepoint=False)
def resume_deadline(rule_key: str, *, subject_id: UUID) -> bool:
    """A term that was met in time, by something that did not suffice, runs again to its own due day.

    No new days: past that day it is overdue at the clock's next turn. One met late stays late, and False.
    """
    met = Deadline.objects.filter(rule_key=rule_key, subject_id=subject_id, state=Deadline.State.MET)
    return any(
        met.filter(pk=deadline.pk).update(
            state=Deadline.State.RUNNING,
            met_on=None,
            next_look_on=first_look(deadline.jurisdiction, deadline.starts_on, deadline.due_on),
        )
        for deadline in met
    )


@transaction.atomic(savepoint=False)
def cancel_deadlines(*, matter_id: UUID, rule_key: str | None = None) -> int:
    """Every running term of the matter (of that rule only, when named) is ended without being met; how many."""
    running = Deadline.objects.filter(matter_id=matter_id, state=Deadline.State.RUNNING)
    if rule_key is not None:
        running = running.filter(rule_key=rule_key)
    return running.update(state=Deadline.State.CANCELLED, next_look_on=None)


@transaction.atomic(savepoint=False)
def extend_deadline(rule_key: str, *, subject_id: UUID, until: date, reason: str) -> Deadline:
    """The running term of that rule and subject ends on `until`; the old day is kept, and a term missed stays missed.

    ActRefused when no such term runs, or `until` is not after its due day.
    """
    running = (
        Deadline.objects.select_for_update(of=("self",))
        .filter(rule_key=rule_key, subject_id=subject_id, state=Deadline.State.RUNNING)
        .first()
    )
    if running is None or until <= running.due_on:
        raise ActRefused("新的截止日应在原截止日之后。", "until")
    old = running.due_on
    DueDayChange.objects.create(deadline=running, old_due_on=old, new_due_on=until, reason=reason)
    if running.missed_on is None and old < today():
        running.missed_on = old + timedelta(days=1)
    # What was decided is no count that a later calendar could move.
    running.due_on, running.provisional = until, False
    running.explanation = [*running.explanation, f"{today()} 经批准由 {old} 延至 {until}"]
    running.next_look_on = first_look(running.jurisdiction, running.starts_on, until)
    running.save(update_fields=["due_on", "provisional", "explanation", "missed_on", "next_look_on"])
    return running


@transaction.atomic(savepoint=False)
def cancel_deadlines_of(subject_id: UUID) -> int:
    """Every running term of one task or order is ended without being met; one that was missed keeps that; how many."""
    running = Deadline.objects.filter(subject_id=subject_id, state=Deadline.State.RUNNING)
    running.filter(missed_on=None, due_on__lt=today()).update(missed_on=F("due_on") + timedelta(days=1))
    return running.update(state=Deadline.State.CANCELLED, next_look_on=None)


@transaction.atomic(savepoint=False)
def hand_over_deadlines(*, matter_id: UUID, body_id: int, user_id: int) -> int:
    """The department's running terms of the matter are owed by another officer from now on; days unchanged."""
    return Deadline.objects.filter(
        matter_id=matter_id, owner_body_id=body_id, state=Deadline.State.RUNNING
    ).update(owner_user_id=user_id)


def run_clock(on: date | None = None, *, progress: Callable[[int], None] | None = None) -> int:
    """Every term whose day to be looked at has come is reminded of or marked missed; returns how many.

    One transaction a term: the run can be killed anywhere and begun again, and nobody is told twice.
    """
    day = on or today()
    looked = 0
    latest: tuple[date | None, UUID] = (date.min, UUID(int=0))
    while True:
        due = list(
            Deadline.objects.filter(state=Deadline.State.RUNNING, next_look_on__lte=day)
            # Onwards only: one that its owner holds locked, or that cannot be looked at, waits for the next run.
            .filter(Q(next_look_on__gt=latest[0]) | Q(next_look_on=latest[0], pk__gt=latest[1]))
            .order_by("next_look_on", "pk")
            .values_list("next_look_on", "pk")[:500]
        )
        if not due:
            return looked
        for _, pk in due:
            try:
                looked += _look_at(pk, day)
            except CalendarMissing as missing:
                logger.error("deadline %s cannot be looked at: %s", pk, missing)
        latest = due[-1]
        if progress is not None:
            progress(looked)


@transaction.atomic
def recount_provisional(*, dry_run: bool = False) -> list[dict[str, str]]:
    """Running terms counted without a published holiday notice are counted afresh; the changed ones are returned.

    The old day is kept as a change with its reason, and the journal says which matter moved from when to when.
    """
    changed: list[dict[str, str]] = []
    for deadline in (
        Deadline.objects.select_for_update()
        .filter(state=Deadline.State.RUNNING, provisional=True)
        .order_by("due_on", "pk")
    ):
        due = _limit_of(deadline).due_day(deadline.starts_on, calendar())
        moved = due.due_on != deadline.due_on
        if moved:
            changed.append(
                {
                    "matter_id": str(deadline.matter_id),
                    "subject_kind": deadline.subject_kind,
                    "subject_id": str(deadline.subject_id),
                    "title": deadline.title,
                    "old": deadline.due_on.isoformat(),
                    "new": due.due_on.isoformat(),
                }
            )
        if dry_run or (not moved and due.provisional):
            continue
        if moved:
            DueDayChange.objects.create(
                deadline=deadline,
                old_due_on=deadline.due_on,
                new_due_on=due.due_on,
                reason="节假日安排公布，重新推算",
            )
            record(
                Kind.DEADLINE_RECOUNT,
                deadline.subject_kind,
                str(deadline.subject_id),
                by=CLOCK,
                summary=f"{deadline.title}截止日由{deadline.due_on}改为{due.due_on}",
                details={"old": deadline.due_on.isoformat(), "new": due.due_on.isoformat()},
                clause=deadline.clause,
                jurisdiction=deadline.jurisdiction,
            )
            deadline.next_look_on = first_look(deadline.jurisdiction, deadline.starts_on, due.due_on)
            if due.due_on >= today():
                deadline.missed_on = None
        deadline.due_on, deadline.provisional, deadline.explanation = (
            due.due_on, due.provisional, due.explanation(),
        )  # fmt: skip
        deadline.save(update_fields=["due_on", "provisional", "explanation", "missed_on", "next_look_on"])
    return changed


@transaction.atomic
def _look_at(pk: UUID, day: date) -> bool:
    # Locked first: the owner may act in the same second the clock marks the term missed.
    deadline = (
        Deadline.objects.select_for_update(skip_locked=True)
        .filter(pk=pk, state=Deadline.State.RUNNING, next_look_on__lte=day)
        .first()
    )
    if deadline is None:
        return False
    if day <= deadline.due_on:
        left = calendar().working_days_between(day, deadline.due_on)
        _tell_owner(deadline, f"{deadline.title}将于{deadline.due_on}到期，还剩{left}个工作日")
        reminder = first_look(deadline.jurisdiction, deadline.starts_on, deadline.due_on)
        deadline.next_look_on = reminder if day < reminder else deadline.due_on + timedelta(days=1)
        deadline.save(update_fields=["next_look_on"])
        return True
    newly_missed = deadline.missed_on is None
    deadline.missed_on = deadline.missed_on or deadline.due_on + timedelta(days=1)
    deadline.next_look_on = next_reminder(deadline.jurisdiction, deadline.starts_on, deadline.due_on, day)
    deadline.save(update_fields=["missed_on", "next_look_on"])
    _tell_owner(deadline, f"{deadline.title}已逾期，截止日为{deadline.due_on}")
    if not newly_missed:
        return True
    record(
        Kind.DEADLINE_MISSED,
        deadline.subject_kind,
        str(deadline.subject_id),
        by=CLOCK,
        summary=f"{deadline.title}逾期：截止日为{deadline.due_on}",
        details={"due_on": deadline.due_on.isoformat(), "matter_id": str(deadline.matter_id)},
        clause=deadline.clause,
        rulebook_version=deadline.rulebook_version,
        jurisdiction=deadline.jurisdiction,
    )
    return True


def _tell_owner(deadline: Deadline, title: str) -> None:
    """One message a reader: what the department has read, the company has not."""
    if deadline.owner_user_id is not None:
        send_notice(title=title, matter_id=deadline.matter_id, to_user_id=deadline.owner_user_id)
    elif deadline.owner_body_id is not None:
        send_notice(title=title, matter_id=deadline.matter_id, to_body_id=deadline.owner_body_id)
    if deadline.owner_company_id is not None:
        send_notice(title=title, matter_id=deadline.subject_id, to_company_id=deadline.owner_company_id)


def _limit_of(deadline: Deadline) -> Limit:
    rules = book(deadline.jurisdiction)
    department = _department(rules, deadline.rule_key, deadline.owner_body_id)
    return rules.limit(deadline.rule_key, on=deadline.starts_on, department=department)


def _department(rules: Rulebook, rule_key: str, body_id: int | None) -> str:
    """The function of the body that owes, where some department has a term of its own (二(六)); "" otherwise."""
    if body_id is None or not rules.has_departments_own(rule_key):
        return ""
    return function_of(Body.objects.values_list("code", flat=True).get(pk=body_id))
