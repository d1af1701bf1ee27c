"""Which files a matter has, as each reader may know of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from fangxin.documents.models import Attachment
from fangxin.organisations.asked_often import Rows, asked_often

_SHOWN = ("id", "shown_name", "size", "media_type", "purpose", "ordinal", "scan_state", "uploaded_at")
_FOR_THE_OFFICE = (
    *_SHOWN, "sha256", "not_passed_on", "shown_path", "shown_to_complainant", "uploaded_by_citizen",
    "uploaded_by_company__name", "uploaded_by_user__full_name", "released_from_id", "company_id",
)  # fmt: skip


def attachments_of(subject_kind: str, subject_id: object) -> list[dict[str, Any]]:
    """Every file of the matter, for the office: also who sent it, and which companies have its copy."""
    rows = files_of(subject_kind, str(subject_id))
    copied = [row["id"] for row in rows if row["shown_path"] and not row["not_passed_on"]]
    copies: dict[Any, list[int]] = {}
    if copied:
        found = Attachment.objects.filter(released_from_id__in=copied).values_list(
            "released_from_id", "company_id"
        )
        for original, company_id in found:
            copies.setdefault(original, []).append(company_id)
    return _for_the_office(rows, copies)


def attachments_of_each(subject_kind: str, subject_ids: Iterable[object]) -> dict[str, list[dict[str, Any]]]:
    """As `attachments_of` for each of the matters that has files, in one query; none for no matter.

    For what companies sent: of their files no copies are released.
    """
    ids = [str(subject_id) for subject_id in subject_ids]
    if not ids:
        return {}
    return by_matter(_files_of_each(subject_kind, *ids))


def by_matter(found: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of `stored_files`, sorted by the matter they belong to, as the office sees them."""
    each: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        each.setdefault(row.pop("subject_id"), []).append(row)
    return {subject_id: _for_the_office(rows, {}) for subject_id, rows in each.items()}


def stored_files(subject_kind: str, subject_ids: Any, *other_kinds: str) -> Rows:
    """The files of each of the matters (numbers, or a query for them) as they are stored."""
    kinds = (
        {"subject_kind__in": (subject_kind, *other_kinds)} if other_kinds else {"subject_kind": subject_kind}
    )
    found = Attachment.objects.filter(**kinds, subject_id__in=subject_ids)
    return found.order_by("ordinal").values("subject_id", *_FOR_THE_OFFICE)


@asked_often
def files_of(subject_kind: str, subject_id: str) -> Rows:
    """The matter's files as they are stored, originals and copies."""
    return _of(subject_kind, subject_id).values(*_FOR_THE_OFFICE)


@asked_often
def _files_of_each(subject_kind: str, *subject_ids: str) -> Rows:
    return stored_files(subject_kind, subject_ids)


def _for_the_office(everything: list[dict[str, Any]], copies: dict[Any, list[int]]) -> list[dict[str, Any]]:
    """The originals, each with the companies that have its copy."""
    rows = [row for row in everything if row["released_from_id"] is None]
    for row in _with_words(rows):
        row["can_be_released"] = bool(row.pop("shown_path"))
        row["released_to"] = sorted(copies.get(row["id"], []))
        del row["released_from_id"], row["company_id"]
    return rows


def attachments_for_company(company_id: int, subject_kind: str, subject_id: object) -> list[dict[str, Any]]:
    """What this company uploaded itself, and the cleaned pictures that an officer released to it."""
    own_or_released = Q(uploaded_by_company_id=company_id) | Q(
        released_from__isnull=False, not_passed_on=False
    )
    return _with_words(
        list(
            _of(subject_kind, subject_id)
            .filter(own_or_released, company_id=company_id)
            .exclude(scan_state=Attachment.Scan.QUARANTINED)
            .values(*_SHOWN)
        )
    )


def attachments_for_complainant(subject_kind: str, subject_id: object) -> list[dict[str, Any]]:
    """What the complainant uploaded, and what is shown to them; the caller has checked number and secret."""
    return _with_words(
        list(
            _of(subject_kind, subject_id)
            .filter(Q(uploaded_by_citizen=True) | Q(shown_to_complainant=True) & ~Q(shown_path=""))
            .filter(released_from=None)
            .exclude(scan_state=Attachment.Scan.QUARANTINED)
            .values(*_SHOWN)
        )
    )


def next_ordinal(subject_kind: str, subject_id: object) -> int:
    """The number that the matter's next file bears."""
    last: int | None = _of(subject_kind, subject_id).aggregate(last=Max("ordinal"))["last"]
    return (last or 0) + 1


def _of(subject_kind: str, subject_id: object) -> "QuerySet[Attachment]":
    return Attachment.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by(
        "ordinal"
    )


def _with_words(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        row["purpose_words"] = Attachment.Purpose(row["purpose"]).label
        row["scan_words"] = Attachment.Scan(row["scan_state"]).label
    return rows


def subject_of(attachment_id: UUID) -> tuple[str, str] | None:
    """Kind and number of the matter a file belongs to, as far as the reader's rows go."""
    return Attachment.objects.filter(pk=attachment_id).values_list("subject_kind", "subject_id").first()
