"""Reading what agencies owe after each quarter, and what they handed in (四（二）, SM-13)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from fangxin.agencies.models import Agency, Declaration, QuarterDuty
from fangxin.agencies.quarters import DUTY_TITLES, OWED, DutyState, Quarter, due_day, limit_of
from fangxin.agencies.values import declared_tables
from fangxin.agencies.workflow import OPEN
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import due_words
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.workdays import CalendarMissing

# How many quarters back an agency reads its own.
REMEMBERED = 8


def last_opened(jurisdiction: str) -> Quarter | None:
    """The latest quarter that was opened; None before the first."""
    found = QuarterDuty.objects.filter(agency__jurisdiction=jurisdiction).order_by("-year", "-quarter")
    latest = found.values_list("year", "quarter").first()
    return Quarter(*latest) if latest else None


def undecided_declaration(agency_id: int) -> Declaration | None:
    """The agency's own declaration that is not decided yet; there is one at most."""
    mine = Declaration.objects.filter(
        agency_id=agency_id, channel=Declaration.Channel.DECLARED, state__in=sorted(OPEN)
    )
    return mine.only("state", "return_reasons", "submitted_on").first()


def quarters_of_company(company_id: int) -> dict[str, Any] | None:
    """What the company's agency owes, the latest quarter first; None for a company that is no agency.

    `current` is the latest duty, `duties` all that are shown, `updated_on` the latest day of this very quarter on
    which the agency handed anything in: the other duty of the sentence.
    """
    agency = Agency.objects.filter(company_id=company_id).select_related("reviewing_body").first()
    if agency is None:
        return None
    rows = QuarterDuty.objects.filter(agency=agency).order_by("-year", "-quarter")[:REMEMBERED]
    duties = [as_shown(row, agency.jurisdiction) for row in rows]
    running = Quarter.of(today())
    return {
        "reviewer": agency.reviewing_body.name, "active": agency.standing == Agency.Standing.ACTIVE,
        "current": duties[0] if duties else None, "duties": duties, "running": running,
        "running_opens_on": running.after.first_day,
        "updated_on": _handed_in_on(agency.pk, running),
        "limit": limit_of(agency.jurisdiction, running.before),
        "tables": [(one.code, f"{one.code} {one.title}") for one in declared_tables(agency.jurisdiction)],
        "truth": str(book(agency.jurisdiction).value("declaration.truth_statement", on=today()).value),
        "waiting": undecided_declaration(agency.pk),
    }  # fmt: skip


def as_shown(duty: QuarterDuty, jurisdiction: str) -> dict[str, Any]:
    """One duty in words, with the account of its due day."""
    quarter, state = Quarter(duty.year, duty.quarter), DutyState(duty.state)
    limit = limit_of(jurisdiction, quarter)
    words = due_words(duty.due_on, today(), limit.unit) if state in OWED else _done_words(duty, state)
    return {
        "id": duty.pk, "quarter": quarter, "state": state, "state_title": DUTY_TITLES[state],
        "owed": state in OWED, "opens_on": duty.opens_on, "submitted_on": duty.submitted_on,
        "was_late": duty.was_late, "no_change": duty.no_change_by_id is not None,
        "updated_within": duty.updated_within, "reviewed_on": duty.reviewed_on,
        # As the component of a term takes it.
        "title": f"{quarter}{limit.title.removeprefix('提交季度')}", "due_on": duty.due_on, **words,
        "provisional": duty.provisional and state in OWED, "explanation": _explained(jurisdiction, quarter, duty),
        "clause": limit.clause, "quote": limit.quote,
    }  # fmt: skip


def explained(jurisdiction: str, quarter: Quarter) -> dict[str, Any]:
    """The quarter's term as a screen tells it, with the account of its due day."""
    limit, due = limit_of(jurisdiction, quarter), due_day(jurisdiction, quarter)
    past = today() > due.due_on
    words = {"tone": "", "words": "已截止"} if past else due_words(due.due_on, today(), limit.unit)
    return {
        "title": limit.title, "due_on": due.due_on, "provisional": due.provisional, "clause": limit.clause,
        "explanation": due.explanation(), "quote": limit.quote, **words,
    }  # fmt: skip


def opened_quarters(jurisdiction: str) -> list[Quarter]:
    """Every quarter that was opened, the latest first."""
    found = QuarterDuty.objects.filter(agency__jurisdiction=jurisdiction).values_list("year", "quarter")
    return [Quarter(*one) for one in sorted(found.distinct().order_by(), reverse=True)]


def duties_within(acting: Acting, quarter: Quarter) -> "QuerySet[QuarterDuty]":
    """The quarter's duties that the person's body looks after: a county's own, a city's with its counties, or all.

    One that was cancelled before it handed in owes nothing any more and is left out.
    """
    found = QuarterDuty.objects.filter(
        agency__jurisdiction=acting.jurisdiction, year=quarter.year, quarter=quarter.number
    ).exclude(~Q(agency__standing=Agency.Standing.ACTIVE), state__in=OWED)
    if acting.body_level == Body.Level.PROVINCE:
        return found
    return found.filter(Q(reviewing_body_id=acting.body_id) | Q(agency__city_body_id=acting.body_id))


def counts_within(acting: Acting, quarter: Quarter) -> dict[str, int]:
    """How many agencies owe, have handed in, are late; `within` and `not_within` count the other duty."""
    counts: dict[str, int] = duties_within(acting, quarter).aggregate(**_COUNTS)
    return counts


def counts_by_county(acting: Acting, quarter: Quarter) -> list[dict[str, Any]]:
    """The same by city and county, in the order of their codes."""
    titles = place_titles(acting.jurisdiction)
    found = duties_within(acting, quarter).values(city=F("agency__city"), county=F("agency__county"))
    return [
        {**row, "city_title": titles.get(row["city"], row["city"]), "title": titles.get(row["county"], row["county"])}
        for row in found.annotate(**_COUNTS).order_by("city", "county")
    ]  # fmt: skip


def duty_rows(
    acting: Acting, quarter: Quarter, *, state: str = "", city: str = "", county: str = "", within: str = ""
) -> "QuerySet[QuarterDuty, Any]":
    """The agencies of the quarter, those who owe longest first; `state` owed means not handed in at all."""
    found = duties_within(acting, quarter)
    if state == "unmet":
        found = found.filter(state__in=[DutyState.OPEN, DutyState.LATE, DutyState.MISSING])
    elif state == "was_late":
        found = found.filter(was_late=True)
    elif state:
        found = found.filter(state=state)
    if city:
        found = found.filter(agency__city=city)
    if county:
        found = found.filter(agency__county=county)
    if within:
        found = found.filter(updated_within=within == "yes")
    return found.order_by("agency__city", "agency__county", "agency__company__name", "pk").values(
        "state", "due_on", "submitted_on", "was_late", "updated_within", "reviewed_on",
        name=F("agency__company__name"), code=F("agency__code"), city=F("agency__city"), county=F("agency__county"),
        reviewer=F("reviewing_body__name"), confirmed=F("no_change_by_id"), standing=F("agency__standing"),
    )  # fmt: skip


def place_titles(jurisdiction: str) -> Mapping[str, str]:
    """Cities and counties by code."""
    rules = book(jurisdiction)
    return {one.key: one.title for one in (*rules.cities, *rules.districts)}


def handed_in_days(agency_id: int) -> Iterator[date]:
    """Every day on which the agency is known to have handed in, or confirmed, anything."""
    declared = Declaration.objects.filter(agency_id=agency_id, channel=Declaration.Channel.DECLARED)
    for first, last in declared.values_list("first_submitted_on", "submitted_on"):
        yield from (day for day in (first, last) if day)
    duties = QuarterDuty.objects.filter(agency_id=agency_id, submitted_on__isnull=False)
    yield from (day for day in duties.values_list("submitted_on", flat=True) if day)


_COUNTS = {
    "all": Count("pk"),
    "open": Count("pk", filter=Q(state=DutyState.OPEN)),
    "updated": Count("pk", filter=Q(state=DutyState.UPDATED)),
    "was_late": Count("pk", filter=Q(was_late=True)),
    "late": Count("pk", filter=Q(state=DutyState.LATE)),
    "missing": Count("pk", filter=Q(state=DutyState.MISSING)),
    "no_change": Count("pk", filter=Q(no_change_by__isnull=False)),
    "reviewed": Count("pk", filter=Q(reviewed_on__isnull=False)),
    "not_within": Count("pk", filter=Q(updated_within=False)),
    "due_on": Max("due_on"),
}


def _handed_in_on(agency_id: int, quarter: Quarter) -> date | None:
    days = [day for day in handed_in_days(agency_id) if quarter.first_day <= day <= quarter.last_day]
    return max(days, default=None)


def _done_words(duty: QuarterDuty, state: DutyState) -> dict[str, Any]:
    if state is DutyState.MISSING:
        return {"tone": "overdue", "words": "未更新"}
    what = "确认无变化" if duty.no_change_by_id else "提交"
    if duty.was_late:
        return {"tone": "late", "words": f"已于{duty.submitted_on}{what}（逾期）"}
    return {"tone": "met", "words": f"已于{duty.submitted_on}按期{what}"}


def _explained(jurisdiction: str, quarter: Quarter, duty: QuarterDuty) -> list[str]:
    """The account of the due day, by the calendar as it is known now."""
    try:
        due = due_day(jurisdiction, quarter)
    except CalendarMissing as missing:
        return [str(missing)]
    if due.due_on == duty.due_on:
        return due.explanation()
    return [f"截止日{duty.due_on}是在放假安排公布之前推算的，提交时按它计算", *due.explanation()]
