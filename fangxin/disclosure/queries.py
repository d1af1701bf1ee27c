"""Reading authorised queries: as the applicant, the holder of a grant, the department, the agency and the auditor may."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from fangxin.agencies.models import Agency, PublishedAgency
from fangxin.complaints.actions import secret_digest
from fangxin.deadlines.clock import today
from fangxin.disclosure.models import AuthorisedQuery, ManagementRule
from fangxin.disclosure.standing import within_jurisdiction
from fangxin.disclosure.workflow import State
from fangxin.documents.sealing import open_text
from fangxin.journal.kinds import Kind
from fangxin.journal.queries import entries_of_kind
from fangxin.organisations.roles import Acting
from fangxin.rules.reading import Granted

_HELD = "select set_config('fangxin.receipt', %s, true), set_config('fangxin.today', %s, true)"
_FOLLOWED = (
    "id", "number", "state", "applied_on", "applicant_name", "organisation", "ground", "purpose", "asked_codes",
    "asked_from_on", "asked_days", "granted_codes", "from_on", "until_on", "ended_on", "opinion", "end_reason",
    "agency_id",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A grant in the hands of whoever has its number and secret, while it runs."""

    query: AuthorisedQuery
    agency: Agency
    granted: Granted


def follow_query(number: str, secret: str) -> dict[str, Any] | None:
    """How the query stands, for whoever holds number and secret; None for a wrong one of either.

    The row policy compares the digest, so that a wrong pair reads no row at all. One whose last day is over is
    expired, whether or not the clock has said so.
    """
    number, digest = _presented(number, secret)
    found = AuthorisedQuery.objects.filter(number=number, secret_hash=digest).values(*_FOLLOWED).first()
    if found is None:
        return None
    if found["state"] == State.GRANTED and found["until_on"] < today():
        found |= {"state": State.EXPIRED.value, "ended_on": found["until_on"]}
    return {
        **found,
        "agency": PublishedAgency.objects.filter(pk=found["agency_id"]).values("name", "code").first(),
    }


def held_grant(number: str, secret: str) -> Held | None:
    """The grant of this number and secret if it runs today; None else, whatever the reason (`follow_query` tells it)."""
    number, digest = _presented(number, secret)
    query = (
        AuthorisedQuery.objects.filter(number=number, secret_hash=digest, state=State.GRANTED)
        .only(
            "id", "number", "jurisdiction", "ground", "applicant_name", "organisation", "purpose", "granted_codes",
            "from_on", "until_on", "agency_id", "company_id", "state",
        )
        .first()
    )  # fmt: skip
    if query is None or query.from_on is None or query.until_on is None:
        return None
    granted = Granted(
        query.agency_id, query.ground, frozenset(query.granted_codes), query.from_on, query.until_on
    )
    if not granted.runs(today()):
        return None
    agency = Agency.objects.select_related("published").filter(pk=query.agency_id).first()
    return Held(query, agency, granted) if agency else None


def queries_for(acting: Acting, *, waiting: bool) -> "QuerySet[AuthorisedQuery]":
    """The queries the person's body decides on: those that wait, the oldest first; or all others, the latest first."""
    found = AuthorisedQuery.objects.filter(within_jurisdiction(acting)).select_related("agency__company")
    found = found.defer("secret_hash", "id_number")
    if waiting:
        return found.filter(state=State.APPLIED).order_by("applied_at")
    return found.exclude(state=State.APPLIED).order_by("-applied_at")


def query_for(acting: Acting, query_id: UUID) -> AuthorisedQuery | None:
    """The query, for a person whose body has jurisdiction over its agency."""
    return (
        AuthorisedQuery.objects.filter(within_jurisdiction(acting), pk=query_id)
        .select_related("agency__company", "agency__reviewing_body")
        .first()
    )


def id_number_of(query: AuthorisedQuery) -> str:
    """The number of the applicant's identity document, for whoever decides. Raises SealBroken."""
    return open_text(bytes(query.id_number), f"authorisedquery.id_number:{query.pk}")


def looks_by_grant(query: AuthorisedQuery) -> list[dict[str, Any]]:
    """When the holder of the grant looked, the latest first."""
    found = entries_of_kind(
        Kind.RECORD_LOOK, jurisdiction=query.jurisdiction, details={"grant": [str(query.pk)]}
    )
    return list(found[:100])


def told_to(company_id: int) -> list[dict[str, Any]]:
    """Who was granted a look at the company's fields, for the company that was told."""
    rows = AuthorisedQuery.objects.filter(company_id=company_id, agency_told=True).order_by(
        "-from_on", "-number"
    )
    return _plain(
        rows.values(
            "number",
            "state",
            "ground",
            "organisation",
            "purpose",
            "granted_codes",
            "from_on",
            "until_on",
            "ended_on",
        )[:200]
    )


def looks(
    jurisdiction: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    person: str = "",
    number: str = "",
    first: int = 0,
    at_most: int,
) -> list[dict[str, Any]]:
    """The looks at what is not public, the latest first: who, at which agency, at which fields, by which grant.

    `person` is part of a name or body, `number` a whole number of a query; `until` is not included.
    """
    held: dict[str, list[str]] = {}
    if number:
        ids = AuthorisedQuery.objects.filter(number=number, jurisdiction=jurisdiction)
        held = {"grant": [str(pk) for pk in ids.values_list("pk", flat=True)]}
    entries = entries_of_kind(
        Kind.RECORD_LOOK, jurisdiction=jurisdiction, since=since, until=until, person=person, details=held
    )
    rows = list(entries[first : first + at_most])
    grants = _grants({row["details"].get("grant") for row in rows} - {None})
    names = _names({row["subject_id"] for row in rows})
    return [
        {
            "at": row["at"], "who": row["actor_label"], "user_id": row["actor_user_id"],
            "agency": names.get(row["subject_id"], ""), "codes": row["details"].get("codes", []),
            "reader": row["details"].get("reader", ""), "on": row["details"].get("on", ""),
            "grant": grants.get(row["details"].get("grant", "")), "way": row["details"].get("way", ""),
        }
        for row in rows
    ]  # fmt: skip


def grants_of(
    jurisdiction: str, *, since: date | None = None, until: date | None = None
) -> list[dict[str, Any]]:
    """Every query applied for in these days, the latest first, for the audit officer; at most 200."""
    found = AuthorisedQuery.objects.filter(jurisdiction=jurisdiction).order_by("-applied_at")
    found = found.filter(applied_on__gte=since) if since else found
    found = found.filter(applied_on__lte=until) if until else found
    return _plain(
        found.values(
            "id", "number", "state", "ground", "applicant_name", "organisation", "agency__company__name", "applied_on",
            "asked_codes", "granted_codes", "from_on", "until_on", "ended_on", "decided_by_label", "agency_told",
        )[:200]
    )  # fmt: skip


def rules_in_force(jurisdiction: str) -> list[dict[str, Any]]:
    """The latest version of each of the committee's rules."""
    latest = (
        ManagementRule.objects.filter(jurisdiction=jurisdiction)
        .order_by("topic", "-number")
        .distinct("topic")
    )
    return _plain(latest.values("topic", "number", "title", "text", "from_on"))


def rule_versions(jurisdiction: str, topic: str) -> list[dict[str, Any]]:
    """Every version of one rule, the latest first."""
    found = ManagementRule.objects.filter(jurisdiction=jurisdiction, topic=topic).order_by("-number")
    return _plain(found.values("topic", "number", "title", "text", "from_on"))


def _presented(number: str, secret: str) -> tuple[str, bytes]:
    number = unicodedata.normalize("NFKC", number).strip().upper()[:32]
    secret = unicodedata.normalize("NFKC", secret).replace(" ", "").replace("-", "").strip().upper()[:64]
    digest = secret_digest(number, secret)
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [digest.hex(), today().isoformat()])
    return number, digest


def _plain(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def _grants(ids: set[str]) -> dict[str, dict[str, Any]]:
    found = AuthorisedQuery.objects.filter(pk__in=ids)
    return {
        str(row["id"]): dict(row)
        for row in found.values("id", "number", "applicant_name", "organisation", "purpose")
    }


def _names(ids: set[str]) -> dict[str, str]:
    found = Agency.objects.filter(pk__in=[int(pk) for pk in ids]).values_list("pk", "company__name")
    return {str(pk): name for pk, name in found}
