"""What is on record of everybody, as the plain facts that a score counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Count, Q, QuerySet

from fangxin.agencies.models import Agency, BasicRecord, QuarterDuty, RepresentativeRecord
from fangxin.agencies.models import PublishedPerson as Person
from fangxin.credit.models import BadRecord, GoodRecord
from fangxin.credit.scoring import Fact, Subject
from fangxin.rules.evaluation import Scheme

TOGETHER = 1000
# What `evaluated` must know of an agency.
AGENCY = ("pk", "company_id", "code", "company__name", "entered_on")


@dataclass(frozen=True, slots=True)
class Evaluated:
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
    for agency_id, number, name in Person.objects.filter(agency_id__in=ids, kind="broker").values_list(
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


def _in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    # By day and record, so that a cap takes from the same line whoever counts.
    return tuple(sorted(facts, key=lambda fact: (fact.on, fact.key)))


def _conduct(ids: Sequence[int], scheme: Scheme, until: date) -> Iterator[tuple[int, str, Fact]]:
    rows = BadRecord.objects.filter(
        agency_id__in=ids, state__in=scheme.counted_states, published_on__lte=until
    )
    for row in _rows(rows, "pk", "agency_id", "registration_no", "decided_on", "record_class", "source"):
        about = {"record_class": row["record_class"], "source": row["source"]}
        yield (
            row["agency_id"],
            row["registration_no"],
            Fact("bad_record", f"不良行为 {row['pk']}", row["decided_on"], about),
        )


def _honours(ids: Sequence[int], scheme: Scheme, until: date) -> Iterator[tuple[int, str, Fact]]:
    rows = GoodRecord.objects.filter(
        agency_id__in=ids, state__in=scheme.counted_states, decided_on__lte=until
    )
    for row in _rows(rows, "pk", "agency_id", "registration_no", "awarded_on", "level", "body_kind"):
        about = {"level": row["level"], "body_kind": row["body_kind"]}
        yield (
            row["agency_id"],
            row["registration_no"],
            Fact("good_record", f"良好行为 {row['pk']}", row["awarded_on"], about),
        )


def _updates(ids: Sequence[int], since: date, until: date) -> Iterator[tuple[int, Fact]]:
    duties = QuarterDuty.objects.filter(
        agency_id__in=ids, state="updated", submitted_on__range=(since, until)
    )
    for row in _rows(duties, "agency_id", "year", "quarter", "submitted_on", "was_late"):
        key = f"季度更新 {row['year']}年第{row['quarter']}季度"
        yield row["agency_id"], Fact("quarterly_update", key, row["submitted_on"], {"late": row["was_late"]})


def _standing(agencies: Sequence[Mapping[str, Any]], until: date) -> Iterator[tuple[int, Fact]]:
    """What an agency is at the end of the cycle, by its record of that day."""
    ids = [one["pk"] for one in agencies]
    in_force = Q(version__from_on__lte=until) & (Q(version__until_on=None) | Q(version__until_on__gt=until))
    of_version = {"version__agency_id__in": ids}
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
        Agency.objects.filter(head_office_id__in=ids).values_list("head_office_id").annotate(many=Count("pk"))
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


def _rows(query: QuerySet[Any], *columns: str) -> Iterator[dict[str, Any]]:
    return iter(query.values(*columns))
