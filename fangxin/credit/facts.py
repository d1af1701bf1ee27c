"""What is on record of everybody, as the plain facts that a score counts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast

from fangxin.agencies.models import Agency, BasicRecord, QuarterDuty, RepresentativeRecord
from fangxin.agencies.models import PublishedPerson as Person
from fangxin.credit.models import BadRecord, GoodRecord
from fangxin.credit.scoring import Fact, Subject
from fangxin.rules.evaluation import Scheme

TOGETHER = 1000
# What `evaluated` must know of an agency.
AGENCY = ("pk", "company_id", "code", "company__name", "entered_on")


class Evaluated(NamedTuple):
    """A subject with what a score's row says of it besides the points."""

    subject: Subject
    name: str
    agency_id: int
    company_id: int


def agencies_until(jurisdiction: str, until: date) -> QuerySet[Agency]:
    """Whom a round over the days up to `until` evaluates: everybody active who was on the register by then."""
    return Agency.objects.filter(
        jurisdiction=jurisdiction, standing=Agency.Standing.ACTIVE, entered_on__lte=until
    )


def everybody(jurisdiction: str, scheme: Scheme, *, since: date, until: date) -> Iterator[Evaluated]:
    """Every active agency, and after it its brokers, with the facts up to `until`; a thousand agencies at a time."""
    agencies = (
        agencies_until(jurisdiction, until).order_by("pk").values(*AGENCY).iterator(chunk_size=TOGETHER)
    )
    while batch := list(islice(agencies, TOGETHER)):
        yield from evaluated(batch, scheme, since=since, until=until)


def evaluated(
    agencies: Sequence[Mapping[str, Any]], scheme: Scheme, *, since: date, until: date
) -> Iterator[Evaluated]:
    """These agencies and their brokers. Six queries, however many they are."""
    ids = [one["pk"] for one in agencies]
    facts: defaultdict[int, list[Fact]] = defaultdict(list)
    of_people: defaultdict[tuple[int, str], list[Fact]] = defaultdict(list)
    for agency_id, number, fact in (*_conduct(ids, scheme, until), *_honours(ids, scheme, until)):
        (of_people[agency_id, number] if number else facts[agency_id]).append(fact)
    for agency_id, fact in (*_updates(ids, since, until), *_standing(agencies, until)):
        facts[agency_id].append(fact)
    people = defaultdict(list)
    for agency_id, number, name in Person.objects.filter(**_batch("agency", ids), kind="broker").values_list(
        "agency_id", "registration_no", "name"
    ):
        people[agency_id].append((number, name))
    for one in agencies:
        key, entered = one["pk"], one["entered_on"]
        yield Evaluated(
            Subject("agency", one["code"], entered, _in_order(facts[key])),
            one["company__name"],
            key,
            one["company_id"],
        )
        # One number is one person, however the roster and the projects write the name.
        for number, name in sorted(dict(sorted(people[key], reverse=True)).items()):
            subject = Subject("broker", number, entered, _in_order(of_people[key, number]))
            yield Evaluated(subject, name, key, one["company_id"])


def _in_order(facts: list[Fact]) -> tuple[Fact, ...]:
    # By day and record, so that a cap takes from the same line whoever counts.
    facts.sort(key=_DAY_AND_RECORD)
    return tuple(facts)


_DAY_AND_RECORD = attrgetter("on", "key")


def _conduct(ids: Sequence[int], scheme: Scheme, until: date) -> Iterator[tuple[int, str, Fact]]:
    rows = BadRecord.objects.filter(
        **_batch("agency", ids), state__in=scheme.counted_states, published_on__lte=until
    )
    # What is so of a record is the same for very many: one mapping for all that are alike.
    alike: dict[tuple[str, str], Mapping[str, Any]] = {}
    columns = ("agency_id", "registration_no", "number", "decided_on", "record_class", "source")
    for agency, person, number, on, record_class, source in _rows(rows, *columns):
        about = alike.setdefault((record_class, source), {"record_class": record_class, "source": source})
        yield agency, person, Fact("bad_record", f"不良行为 {number}", on, about)


def _honours(ids: Sequence[int], scheme: Scheme, until: date) -> Iterator[tuple[int, str, Fact]]:
    rows = GoodRecord.objects.filter(
        **_batch("agency", ids), state__in=scheme.counted_states, decided_on__lte=until
    )
    alike: dict[tuple[str, str], Mapping[str, Any]] = {}
    columns = ("agency_id", "registration_no", "number", "awarded_on", "level", "body_kind")
    for agency, person, number, on, level, body_kind in _rows(rows, *columns):
        about = alike.setdefault((level, body_kind), {"level": level, "body_kind": body_kind})
        yield agency, person, Fact("good_record", f"良好行为 {number}", on, about)


def _updates(ids: Sequence[int], since: date, until: date) -> Iterator[tuple[int, Fact]]:
    duties = QuarterDuty.objects.filter(
        **_batch("agency", ids), state="updated", submitted_on__range=(since, until)
    )
    for agency, year, quarter, on, late in duties.values_list(
        "agency_id", "year", "quarter", "submitted_on", "was_late"
    ):
        assert on is not None  # noqa: S101 - the range asked for it
        yield agency, Fact("quarterly_update", f"季度更新 {year}年第{quarter}季度", on, {"late": late})


def _standing(agencies: Sequence[Mapping[str, Any]], until: date) -> Iterator[tuple[int, Fact]]:
    """What an agency is at the end of the cycle, by its record of that day."""
    ids = [one["pk"] for one in agencies]
    in_force = Q(version__from_on__lte=until) & (Q(version__until_on=None) | Q(version__until_on__gt=until))
    of_version = _batch("version__agency", ids)
    counts = {
        row["version__agency_id"]: row
        for row in BasicRecord.objects.filter(in_force, **of_version).values(
            "version__agency_id", "broker_count", "full_time_broker_count"
        )
    }
    registered = set(
        RepresentativeRecord.objects.filter(
            in_force, **of_version, registration_no__isnull=False
        ).values_list("version__agency_id", flat=True)
    )
    branches = dict(
        Agency.objects.filter(**_batch("head_office", ids))
        .values_list("head_office_id")
        .annotate(many=Count("pk"))
    )
    for one in agencies:
        row = counts.get(one["pk"])
        if row is None:
            continue
        about = {
            "brokers": row["broker_count"] or 0, "full_time_brokers": row["full_time_broker_count"] or 0,
            "branches": branches.get(one["pk"], 0), "years": max(0, (until - one["entered_on"]).days // 365),
            "representative_is_broker": one["pk"] in registered,
        }  # fmt: skip
        yield one["pk"], Fact("standing", f"登记内容 {until}", until, about)


def _rows(query: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    # The id as the database writes it: nobody counts with it, and a line names it as text.
    return iter(query.annotate(number=Cast("pk", TextField())).values_list(*columns))


def _batch(name: str, ids: Sequence[int]) -> dict[str, int]:
    """From the first to the last of them: a batch lies side by side, and what lies between is left unread."""
    return {f"{name}_id__gte": min(ids, default=0), f"{name}_id__lte": max(ids, default=0)}
