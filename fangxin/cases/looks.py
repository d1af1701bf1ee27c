"""Who looked at whose identity, and why: the journal's looks joined with the cases they were about."""

from datetime import datetime
from typing import Any

from fangxin.cases.models import Case
from fangxin.journal.kinds import Kind
from fangxin.journal.queries import asked_for_looks, entries_by_user, looks_at_identity, title


def identity_looks(
    jurisdiction: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    person: str = "",
    number: str = "",
    first: int = 0,
    at_most: int,
) -> list[dict[str, Any]]:
    """The looks at complainants' identities, newest first, each with case number, reason, asker and consent.

    `person` is part of a name or body, `number` a whole case number; `until` is not included. The complainant
    is named by the case alone.
    """
    looks = looks_at_identity(since=since, until=until, jurisdiction=jurisdiction)
    if person:
        looks = looks.filter(actor_label__icontains=person)
    if number:
        cases = Case.objects.filter(number=number, jurisdiction=jurisdiction).values_list("pk", flat=True)
        looks = looks.filter(subject_kind="case", subject_id__in=[str(pk) for pk in cases])
    rows = list(looks[first : first + at_most])
    numbers = _numbers(rows)
    granted = _granted(rows)
    return [_look(row, numbers, granted) for row in rows]


def doings(
    user_id: int,
    jurisdiction: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    at_most: int,
) -> list[dict[str, Any]]:
    """What one person did, newest first, with the case number where it was about a case.

    Entries of another jurisdiction are left out; those of none (a sign-in) are kept.
    """
    entries = entries_by_user(user_id, since=since, until=until)
    rows = list(entries.filter(jurisdiction__in=["", jurisdiction])[:at_most])
    numbers = _numbers(rows)
    return [
        {**row, "title": title(row["kind"]), "number": numbers.get(row["subject_id"], "")} for row in rows
    ]


def _numbers(rows: list[dict[str, Any]]) -> dict[str, str]:
    ids = {row["subject_id"] for row in rows if row["subject_kind"] == "case"}
    return {str(pk): number for pk, number in Case.objects.filter(pk__in=ids).values_list("pk", "number")}


def _granted(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By grant: when it was asked for and why, and who else consented."""
    found: dict[str, dict[str, Any]] = {}
    for entry in asked_for_looks({row["subject_id"] for row in rows if row["subject_kind"] == "case"}):
        grant = found.setdefault(str(entry["details"].get("grant", "")), {})
        if entry["kind"] == Kind.IDENTITY_ASK:
            grant |= {"reason": entry["details"].get("reason", ""), "asked_at": entry["at"]}
        elif entry["kind"] == Kind.IDENTITY_CONSENT:
            grant["consented_by"] = entry["actor_label"]
    return found


def _look(row: dict[str, Any], numbers: dict[str, str], granted: dict[str, dict[str, Any]]) -> dict[str, Any]:
    details = row["details"]
    grant = granted.get(str(details.get("grant", "")), {})
    return {
        "id": row["id"],
        "at": row["at"],
        "who": row["actor_label"],
        "user_id": row["actor_user_id"],
        "what": title(row["kind"]),
        "number": numbers.get(row["subject_id"], "") or details.get("number", ""),
        "reason": details.get("reason") or grant.get("reason", ""),
        "asked_at": grant.get("asked_at"),
        "consented_by": grant.get("consented_by", ""),
        "own_case": bool(details.get("own_case")),
    }
