"""What the public reads of good and bad records. Only tables named `credit_published…` are read here.

What was taken down is in no such table; what is over by the day is not shown, whether or not the clock has looked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from fangxin.credit.models import PublishedRecord
from fangxin.deadlines.clock import today
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.rules import book
from fangxin.rules.indicators import Field
from fangxin.rules.reading import fields_for

PER_PAGE = 20
MOST_COUNTED = 3000
# Entries of the feed; records read at a time for a file.
NEWEST, AT_ONCE = 50, 500
TABLE = {"good": "J3", "bad": "J4"}
KINDS = dict(PublishedRecord.Kind.choices)
COLUMNS = (
    "id", "jurisdiction", "kind", "agency_code", "agency_name", "city", "county", "record_class", "source", "values", "person", "published_on",
    "shown_until", "comment", "rectification_result", "rectified_on", "is_objected", "corrected_on",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What is asked for; every part but the register may be empty."""

    jurisdiction: str
    text: str = ""
    kind: str = ""
    city: str = ""
    county: str = ""
    record_class: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Found:
    """One page of the notices, the newest first; `total` counts to 3001 and no further."""

    rows: Sequence[dict[str, Any]]
    total: int
    page: int

    @property
    def more_than_counted(self) -> bool:
        return self.total > MOST_COUNTED

    @property
    def pages(self) -> int:
        """How many pages there are to turn."""
        return max(1, -(-min(self.total, MOST_COUNTED) // PER_PAGE))


def notices(wanted: Wanted, page: int = 1) -> Found:
    """One page of what is public now and was asked for; a page behind the last is the last."""
    found = _wanted(wanted)
    total = found[: MOST_COUNTED + 1].count()
    page = min(max(page, 1), Found((), total, 1).pages)
    first = (page - 1) * PER_PAGE
    return Found([_told(row) for row in found.values(*COLUMNS)[first : first + PER_PAGE]], total, page)


def records_of(jurisdiction: str, code: str, *, on: date) -> list[dict[str, Any]]:
    """What is public of the agency now and was on that day already, bad and good, the newest first."""
    return [_told(row) for row in _of_agency(jurisdiction, code, on, today())]


@asked_often
def _of_agency(jurisdiction: str, code: str, on: date, day: date) -> Rows:
    found = PublishedRecord.objects.filter(
        Q(shown_until=None) | Q(shown_until__gte=day),
        jurisdiction=jurisdiction,
        agency_code=code,
        published_on__lte=on,
    )
    return found.order_by("-published_on", "pk").values(*COLUMNS)[:AT_ONCE]


def public_now(ids: Iterable[str]) -> set[str]:
    """Which of these records the public reads today."""
    asked = list(ids)
    found = PublishedRecord.objects.filter(Q(shown_until=None) | Q(shown_until__gte=today()), pk__in=asked)
    return {str(pk) for pk in found.values_list("pk", flat=True)} if asked else set()


def newest(jurisdiction: str) -> list[dict[str, Any]]:
    """The latest that are public, for the feed."""
    return [_told(row) for row in _wanted(Wanted(jurisdiction)).values(*COLUMNS)[:NEWEST]]


def every_record(wanted: Wanted, after: int) -> list[dict[str, Any]]:
    """The next records behind the first `after`, for a file of everything that was asked for."""
    return [_told(row) for row in _wanted(wanted).values(*COLUMNS)[after : after + AT_ONCE]]


def shown_fields(kind: str, jurisdiction: str) -> Iterator[Field]:
    """What the catalogue shows of such a record today, without what every table repeats of the agency."""
    for one in fields_for("public", TABLE[kind], on=today(), jurisdiction=jurisdiction):
        if one.column not in ("agency_name", "agency_code"):
            yield one


def _wanted(wanted: Wanted) -> "QuerySet[PublishedRecord]":
    found = PublishedRecord.objects.filter(
        Q(shown_until=None) | Q(shown_until__gte=today()), jurisdiction=wanted.jurisdiction
    )
    exact = {
        "kind": wanted.kind, "city": wanted.city, "county": wanted.county, "record_class": wanted.record_class,
        "published_on__gte": wanted.since, "published_on__lte": wanted.until,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.text:
        code = wanted.text.strip().upper()
        found = found.filter(Q(agency_name__contains=wanted.text.strip()) | Q(agency_code=code))
    return found.order_by("-published_on", "pk")


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """The row with what today's catalogue shows of it, whatever was copied when, and its class and source in words."""
    kept, sources = book("national").record_classes, book(row["jurisdiction"]).record_sources
    columns = {one.column for one in shown_fields(row["kind"], row["jurisdiction"])}
    return {
        **row, "values": {name: value for name, value in row["values"].items() if name in columns},
        "kind_title": KINDS[row["kind"]],
        "source_title": sources[row["source"]].title if row["source"] in sources else "",
        "class_title": kept[row["record_class"]].title if row["record_class"] in kept else "",
    }  # fmt: skip
