"""Reading the journal: the story of a thing, of a person's doings, of who looked at an identity."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from fangxin.journal.kinds import BY_VALUE, Kind
from fangxin.journal.models import Entry, Seal

_SHOWN = (
    "id",
    "at",
    "kind",
    "actor_label",
    "actor_role",
    "actor_user_id",
    "actor_body",
    "actor_company",
    "subject_kind",
    "subject_id",
    "summary",
    "details",
    "clause",
    "rule_key",
    "rulebook_version",
    "jurisdiction",
)

Rows = QuerySet[Entry, dict[str, Any]]


def entries_about(subject_kind: str, subject_id: object) -> Rows:
    """The story of one thing, oldest first."""
    return (
        Entry.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id))
        .order_by("id")
        .values(*_SHOWN)
    )


def entries_by_user(user_id: int, *, since: datetime | None = None, until: datetime | None = None) -> Rows:
    """What one user did, newest first."""
    return _between(Entry.objects.filter(actor_user_id=user_id), since, until)


def looks_at_identity(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    user_id: int | None = None,
    jurisdiction: str | None = None,
) -> Rows:
    """Who opened or searched complainants' identities, newest first: the audit officer's page."""
    entries = Entry.objects.filter(kind__in=[kind.value for kind in Kind if kind.looks_at_identity])
    if user_id is not None:
        entries = entries.filter(actor_user_id=user_id)
    if jurisdiction is not None:
        entries = entries.filter(jurisdiction=jurisdiction)
    return _between(entries, since, until)


def entries_of_kind(
    kind: Kind,
    *,
    jurisdiction: str,
    since: datetime | None = None,
    until: datetime | None = None,
    person: str = "",
    details: dict[str, list[str]] | None = None,
) -> Rows:
    """The entries of one kind, newest first; `person` is part of the actor's label, `details` what a detail may be."""
    entries = Entry.objects.filter(kind=kind.value, jurisdiction=jurisdiction)
    if person:
        entries = entries.filter(actor_label__icontains=person)
    for name, values in (details or {}).items():
        entries = entries.filter(**{f"details__{name}__in": values})
    return _between(entries, since, until)


def asked_for_looks(subject_ids: Iterable[str]) -> Rows:
    """Who asked for, consented to or refused looks at the identities of these cases, oldest first."""
    kinds = [Kind.IDENTITY_ASK.value, Kind.IDENTITY_CONSENT.value, Kind.IDENTITY_REFUSE.value]
    entries = Entry.objects.filter(kind__in=kinds, subject_kind="case", subject_id__in=list(subject_ids))
    return entries.order_by("id").values(*_SHOWN)


def act_done(act_key: UUID) -> tuple[str, str, str] | None:
    """What the act of this key was: (verb, subject_kind, subject_id); None when none with it has been done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, subject_kind, subject_id FROM journal_act_subject(%s)", [act_key])
        verb, subject_kind, subject_id = cursor.fetchone()
    return (verb, subject_kind, subject_id) if verb else None


def title(kind: str) -> str:
    """The Chinese title of a kind; a kind no longer declared shows its key, for old entries stay readable."""
    return BY_VALUE[kind].title if kind in BY_VALUE else kind


def seal_numbered(number: int) -> dict[str, Any] | None:
    """One seal as JSON-able values with a Chinese `text`, or None."""
    seal = Seal.objects.filter(number=number).first()
    if seal is None:
        return None
    hash_, at = bytes(seal.hash).hex(), timezone.localtime(seal.sealed_at).isoformat(timespec="seconds")
    return {
        "number": number,
        "total": seal.total,
        "hash": hash_,
        "sealed_at": at,
        "text": f"第 {number} 号封存，累计 {seal.total} 条，{at}，散列 {hash_}",
    }


def sealing_state() -> dict[str, Any]:
    """How far the sealer is: number, total and sealed_at of the newest seal, and what waits for the next one.

    `waiting` counts the entries not yet sealed, `waiting_since` is the oldest of them.
    """
    newest = Seal.objects.order_by("-number").values("number", "total", "sealed_at").first()
    unsealed = Entry.objects.extra(
        where=["NOT EXISTS (SELECT FROM journal_leaf l WHERE l.entry_id = journal_entry.id)"]
    ).aggregate(waiting=Count("id"), waiting_since=Min("at"))
    return {"number": 0, "total": 0, "sealed_at": None, **(newest or {}), **unsealed}


def _between(entries: QuerySet[Entry], since: datetime | None, until: datetime | None) -> Rows:
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    return entries.order_by("-id").values(*_SHOWN)
