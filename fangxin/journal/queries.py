"""Reading the journal: the story of a thing, of a person's doings, of who looked at an identity."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry

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


def title(kind: str) -> str:
    """The Chinese title of a kind; a kind no longer declared shows its key, for old entries stay readable."""
    try:
        return Kind(kind).title
    except ValueError:
        return kind


def _between(entries: QuerySet[Entry], since: datetime | None, until: datetime | None) -> Rows:
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    return entries.order_by("-id").values(*_SHOWN)
