"""What an agency owes after each quarter: opened, met, reminded of, marked (四（二）, SM-13)."""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from fangxin.agencies.duties import last_opened, undecided_declaration
from fangxin.agencies.models import Agency, Declaration, QuarterDuty
from fangxin.agencies.quarters import (
    OWED,
    RULE,
    DutyState,
    Quarter,
    due_day,
    duty_step,
    limit_of,
)
from fangxin.agencies.queries import version_in_force
from fangxin.agencies.standing import places_of
from fangxin.agencies.values import declared_tables
from fangxin.agencies.workflow import Place, State
from fangxin.deadlines.clock import today
from fangxin.deadlines.reminders import first_look, next_reminder
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice, send_notice_to_companies
from fangxin.organisations.many_rows import insert_many
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import RuleUnknown, book
from fangxin.rules.workdays import CalendarMissing, calendar

CLOCK = Actor.system("时钟")
logger = logging.getLogger(__name__)


@transaction.atomic
def open_quarter(jurisdiction: str, year: int, quarter: int) -> int:
    """Every agency in business that was entered by the quarter's last day owes its data; returns how many.

    What the quarter before left unmet is missing from now on. An agency that handed in since the quarter ended
    has met its duty already. Twice is once, and 0. ActRefused before the quarter's end, or without a calendar.
    """
    asked = Quarter(year, quarter)
    opens_on = asked.after.first_day
    if today() < opens_on:
        raise ActRefused(f"{asked}还没有结束，{opens_on}开放提交更新数据（四（二））。")
    _one_clock_at_a_time()
    if QuarterDuty.objects.filter(agency__jurisdiction=jurisdiction, year=year, quarter=quarter).exists():
        return 0
    if (latest := last_opened(jurisdiction)) and latest > asked:
        raise ActRefused(f"{latest}已经开放，{asked}不能再开放。")
    try:
        due = due_day(jurisdiction, asked)
    except CalendarMissing as missing:
        raise ActRefused(f"无法推算{asked}更新数据的截止日：{missing}。") from missing
    missed = _mark_missing(jurisdiction, asked)
    duties = _duties(jurisdiction, asked, opens_on, due.due_on, due.provisional)
    insert_many(duties)
    met = sum(duty.state == DutyState.UPDATED for duty in duties)
    if duties or missed:
        _journal(
            Kind.QUARTER_OPEN, jurisdiction, asked, f"{asked}开放提交更新数据，截止日{due.due_on}",
            opened=len(duties), met=met, missing=missed, due_on=due.due_on.isoformat(),
        )  # fmt: skip
    return len(duties)


@transaction.atomic(savepoint=False)
def meet_duty(declaration: Declaration) -> QuarterDuty | None:
    """The agency's running duty is met by the declaration just submitted; late after its due day, for ever."""
    duty = _running(declaration.agency_id)
    if duty is not None:
        _meet(duty, "submit_declaration", declaration=declaration)
    return duty


@transaction.atomic
def confirm_no_change(
    duty_id: UUID, *, tables: Collection[str], truth: bool, by: Acting, act_key: UUID | None = None
) -> QuarterDuty:
    """The agency's duty is met without a declaration: every declared table is as it was accepted (AMB-22).

    ActRefused unless each table is ticked and the truth declared; when nothing was ever handed in; when a
    declaration waits to be mended; and from anybody but the agency.
    """
    claim_act(act_key, "confirm_no_change", "quarter_duty", duty_id)
    duty = (
        QuarterDuty.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(pk=duty_id)
        .first()
    )
    if duty is None or by.role is not Role.COMPANY_USER or Place.AGENCY not in places_of(duty.agency, by):
        raise ActRefused("没有这项季度更新，或者您无权办理。")
    duty_step("confirm_no_change", DutyState(duty.state))
    _refuse_what_cannot_be_confirmed(duty, tables, truth)
    rules = book(duty.agency.jurisdiction)
    _meet(
        duty, "confirm_no_change", no_change_by_id=by.user_id, unchanged_tables=sorted(tables),
        truth_statement=str(rules.value("declaration.truth_statement", on=today()).value),
    )  # fmt: skip
    record(
        Kind.QUARTER_NO_CHANGE, "agency", duty.agency_id, by=by.actor,
        summary=f"确认{_quarter(duty)}无变化{'（逾期）' if duty.was_late else ''}",
        details={
            "year": duty.year, "quarter": duty.quarter, "tables": sorted(tables), "late": duty.was_late,
            "due_on": duty.due_on.isoformat(),
        },
        clause="四(二)", rule_key=f"deadlines.{RULE}", rulebook_version=rules.version, act_key=act_key,
        jurisdiction=duty.agency.jurisdiction,
    )  # fmt: skip
    return duty


def run_quarters(on: date | None = None) -> int:
    """The clock's part: quarters that ended are opened, agencies reminded, lateness marked; how many were looked at.

    It may be stopped anywhere and run again: nothing is opened twice, and nobody is told twice.
    """
    day, looked = on or today(), 0
    for jurisdiction in (
        Agency.objects.order_by("jurisdiction").values_list("jurisdiction", flat=True).distinct()
    ):
        for quarter in _to_open(jurisdiction, day):
            try:
                looked += open_quarter(jurisdiction, quarter.year, quarter.number)
            except ActRefused as refused:
                logger.error("%s of %s cannot be opened: %s", quarter, jurisdiction, refused)
                break
        looked += _look(jurisdiction, day)
    return looked


def recount_duties(*, dry_run: bool = False) -> list[dict[str, str]]:
    """Due days counted without a published holiday notice are counted afresh; the quarters that moved are returned."""
    counted = QuarterDuty.objects.filter(provisional=True, state__in=OWED)
    groups = counted.values_list("agency__jurisdiction", "year", "quarter", "due_on").distinct().order_by()
    changed = []
    for jurisdiction, year, number, old in sorted(groups):
        quarter = Quarter(year, number)
        due = due_day(jurisdiction, quarter)
        if due.due_on != old:
            changed.append(
                {"title": f"{quarter}更新数据", "old": old.isoformat(), "new": due.due_on.isoformat()}
            )
        if not dry_run and (due.due_on != old or not due.provisional):
            _recount(jurisdiction, quarter, due.due_on, due.provisional)
    return changed


def _duties(
    jurisdiction: str, quarter: Quarter, opens_on: date, due_on: date, provisional: bool
) -> list[QuarterDuty]:
    updated = _updated_within(jurisdiction, quarter)
    since = _handed_in_since(jurisdiction, opens_on)
    look_on = first_look(jurisdiction, quarter.last_day, due_on)
    agencies = Agency.objects.filter(
        jurisdiction=jurisdiction, standing=Agency.Standing.ACTIVE, entered_on__lte=quarter.last_day
    )
    found = []
    for pk, company, body in agencies.values_list("pk", "company_id", "reviewing_body_id").order_by("pk"):
        duty = QuarterDuty(
            agency_id=pk, company_id=company, reviewing_body_id=body, year=quarter.year, quarter=quarter.number,
            opens_on=opens_on, due_on=due_on, provisional=provisional, next_look_on=look_on,
            updated_within=pk in updated,
        )  # fmt: skip
        if pk in since:
            declaration, on = since[pk]
            duty.state, duty.declaration_id, duty.next_look_on = DutyState.UPDATED, declaration, None
            duty.submitted_on, duty.was_late = on, on > due_on
        found.append(duty)
    return found


def _updated_within(jurisdiction: str, quarter: Quarter) -> set[int]:
    """Agencies that handed anything in, or confirmed that nothing changed, on a day of the quarter itself."""
    days = (quarter.first_day, quarter.last_day)
    declared = Declaration.objects.filter(
        Q(submitted_on__range=days) | Q(first_submitted_on__range=days),
        jurisdiction=jurisdiction, channel=Declaration.Channel.DECLARED,
    )  # fmt: skip
    confirmed = QuarterDuty.objects.filter(agency__jurisdiction=jurisdiction, submitted_on__range=days)
    return {*declared.values_list("agency_id", flat=True), *confirmed.values_list("agency_id", flat=True)}


def _handed_in_since(jurisdiction: str, opens_on: date) -> dict[int, tuple[UUID, date]]:
    """Of a quarter opened later than its day: which declaration each agency handed in meanwhile, and when."""
    if today() == opens_on:
        return {}
    declared = Declaration.objects.filter(
        jurisdiction=jurisdiction, channel=Declaration.Channel.DECLARED, submitted_on__gte=opens_on
    )
    found: dict[int, tuple[UUID, date]] = {}
    for agency, pk, first, last in declared.order_by("submitted_at").values_list(
        "agency_id", "pk", "first_submitted_on", "submitted_on"
    ):
        if on := first if first and first >= opens_on else last:
            found.setdefault(agency, (pk, on))
    return found


def _mark_missing(jurisdiction: str, opened: Quarter) -> int:
    unmet = QuarterDuty.objects.filter(
        Q(year__lt=opened.year) | Q(year=opened.year, quarter__lt=opened.number),
        agency__jurisdiction=jurisdiction, agency__standing=Agency.Standing.ACTIVE, state__in=OWED,
    )  # fmt: skip
    left = list(unmet.select_for_update(of=("self",)).order_by("pk").only("pk"))
    _change(left, state=duty_step("mark_missing", DutyState.OPEN).after, next_look_on=None)
    return len(left)


def _running(agency_id: int) -> QuarterDuty | None:
    owed = QuarterDuty.objects.select_for_update().filter(agency_id=agency_id, state__in=OWED)
    return owed.order_by("-year", "-quarter").first()


def _meet(duty: QuarterDuty, verb: str, **changes: object) -> None:
    duty.state = duty_step(verb, DutyState(duty.state)).after
    duty.submitted_on, duty.next_look_on = today(), None
    duty.was_late = duty.submitted_on > duty.due_on
    for name, value in changes.items():
        setattr(duty, name, value)
    duty.save(update_fields=["state", "submitted_on", "next_look_on", "was_late", *changes])


def _refuse_what_cannot_be_confirmed(duty: QuarterDuty, tables: Collection[str], truth: bool) -> None:
    jurisdiction = duty.agency.jurisdiction
    if not book(jurisdiction).value("declaration.no_change_counts", on=today()).value:
        raise ActRefused("现行规则不以确认无变化代替提交，请提交更新数据（四（二））。")
    if unticked := [one for one in declared_tables(jurisdiction) if one.code not in tables]:
        names = "、".join(f"{one.code}{one.title}" for one in unticked)
        raise ActRefused(f"请逐表确认：{names}还没有勾选；有变化的，请提交申报（AMB-22）。", "tables")
    if not truth:
        raise ActRefused("请勾选声明：信息提供者须保证所提供信息的准确性、合法性（二（二））。", "truth")
    waiting = undecided_declaration(duty.agency_id)
    if waiting is not None and (waiting.state == State.RETURNED or waiting.return_reasons):
        raise ActRefused("您的申报被退回补正，请补正后重新提交；不能以确认无变化代替。")
    submitted = waiting is not None and waiting.submitted_on is not None
    if version_in_force(duty.agency_id) is None and not submitted:
        raise ActRefused("本机构还没有填报过，没有可以确认的内容，请先填报。")


def _to_open(jurisdiction: str, day: date) -> list[Quarter]:
    """The quarters that ended and were not opened: all since the last one that was, or the latest alone."""
    ended = Quarter.of(day).before
    try:
        limit_of(jurisdiction, ended)
    except RuleUnknown:
        return []
    opened = last_opened(jurisdiction)
    if opened is None:
        return [ended]
    found = []
    while opened < ended:
        opened = opened.after
        found.append(opened)
    return found


def _look(jurisdiction: str, day: date) -> int:
    """Quarters of which somebody must be told today: each in one transaction, everybody at once."""
    waiting = _to_look_at(jurisdiction, day).values_list("year", "quarter").distinct().order_by()
    looked = 0
    for year, number in sorted(waiting):
        try:
            looked += _look_at(jurisdiction, Quarter(year, number), day)
        except CalendarMissing as missing:
            logger.error("%s-%s of %s cannot be looked at: %s", year, number, jurisdiction, missing)
    return looked


def _to_look_at(jurisdiction: str, day: date) -> "QuerySet[QuarterDuty]":
    return QuarterDuty.objects.filter(
        agency__jurisdiction=jurisdiction, agency__standing=Agency.Standing.ACTIVE, state__in=OWED,
        next_look_on__lte=day,
    )  # fmt: skip


@transaction.atomic
def _look_at(jurisdiction: str, quarter: Quarter, day: date) -> int:
    _one_clock_at_a_time()
    owed = list(
        _to_look_at(jurisdiction, day)
        .filter(year=quarter.year, quarter=quarter.number)
        .select_for_update(of=("self",))
        .order_by("pk")
        .only("pk", "company_id", "reviewing_body_id", "state", "due_on")
    )
    for due_on in sorted({duty.due_on for duty in owed}):
        of_day = [duty for duty in owed if duty.due_on == due_on]
        if day <= due_on:
            _change(of_day, next_look_on=due_on + timedelta(days=1))
            _remind(of_day, quarter, day, due_on)
        else:
            _change(
                of_day,
                state=duty_step("mark_late", DutyState.OPEN).after,
                next_look_on=next_reminder(jurisdiction, quarter.last_day, due_on, day),
            )
            _remind_late(jurisdiction, of_day, quarter, due_on)
    return len(owed)


def _remind(owed: list[QuarterDuty], quarter: Quarter, day: date, due_on: date) -> None:
    left = calendar().working_days_between(day, due_on)
    title = f"{quarter}更新数据将于{due_on}截止，还剩{left}个工作日"
    send_notice_to_companies((duty.company_id for duty in owed), title=title)


def _remind_late(jurisdiction: str, owed: list[QuarterDuty], quarter: Quarter, due_on: date) -> None:
    send_notice_to_companies(
        (duty.company_id for duty in owed),
        title=f"{quarter}更新数据已逾期，截止日为{due_on}，请尽快提交（四（二））",
    )
    if newly := [duty for duty in owed if duty.state == DutyState.OPEN]:
        _journal(
            Kind.QUARTER_LATE, jurisdiction, quarter, f"{quarter}更新数据逾期未交{len(newly)}家",
            late=len(newly), due_on=due_on.isoformat(),
        )  # fmt: skip
    # The department has its list from the second reminder on: the first is the agency's alone.
    known = Counter(duty.reviewing_body_id for duty in owed if duty.state == DutyState.LATE)
    for body_id, count in sorted(known.items()):
        send_notice(title=f"{quarter}有{count}家机构逾期未提交更新数据，见“季度更新”", to_body_id=body_id)


def _change(owed: Sequence[QuarterDuty], **changes: object) -> None:
    # By key, in parts: a statement takes 65,535 parameters, and sieved anew through a join the same rows would
    # cost a plan that the statistics of a table just filled can spoil.
    for at in range(0, len(owed), 20_000):
        QuarterDuty.objects.filter(pk__in=[duty.pk for duty in owed[at : at + 20_000]]).update(**changes)


@transaction.atomic
def _recount(jurisdiction: str, quarter: Quarter, due_on: date, provisional: bool) -> None:
    owed = list(
        QuarterDuty.objects.select_for_update(of=("self",)).filter(
            agency__jurisdiction=jurisdiction, year=quarter.year, quarter=quarter.number, state__in=OWED,
            provisional=True,
        )
    )  # fmt: skip
    moved = [duty for duty in owed if duty.due_on != due_on]
    _change(owed, provisional=provisional)
    if not moved:
        return
    old = min(duty.due_on for duty in moved)
    look_on = max(first_look(jurisdiction, quarter.last_day, due_on), today())
    _change(moved, due_on=due_on, next_look_on=look_on)
    if due_on >= today():
        late = [duty for duty in moved if duty.state == DutyState.LATE]
        _change(late, state=duty_step("recount", DutyState.LATE).after)
    title = f"放假安排公布，{quarter}更新数据的截止日由{old}改为{due_on}"
    send_notice_to_companies((duty.company_id for duty in moved), title=title)
    _journal(Kind.QUARTER_RECOUNT, jurisdiction, quarter, title, old=old.isoformat(), new=due_on.isoformat())


def _one_clock_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('fangxin.quarters'))")


def _quarter(duty: QuarterDuty) -> Quarter:
    return Quarter(duty.year, duty.quarter)


def _journal(kind: Kind, jurisdiction: str, quarter: Quarter, summary: str, **details: object) -> None:
    record(
        kind, "quarter", f"{jurisdiction} {quarter.year}-{quarter.number}", by=CLOCK, summary=summary,
        details={"year": quarter.year, "quarter": quarter.number, **details}, clause="四(二)",
        rule_key=f"deadlines.{RULE}", rulebook_version=book(jurisdiction).version, jurisdiction=jurisdiction,
    )  # fmt: skip
