"""Taking a complaint in, and telling its author how it goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.complaints.complainant import FIELD_TITLES, Identity, seal_complainant
from fangxin.complaints.models import Complaint, Progress
from fangxin.deadlines.clock import now, today
from fangxin.journal.statements import ask
from fangxin.organisations.receipts import fresh_secret, secret_digest, secret_for
from fangxin.organisations.written_often import insert
from fangxin.rules import book


@dataclass(frozen=True)
class Grievance:
    """What was said, apart from who said it."""

    title: str
    text: str
    respondent_name: str = ""
    respondent_person: str = ""
    project_name: str = ""
    project_address: str = ""
    district: str = ""
    external_number: str | None = None
    origin_document: str = ""
    earlier_answer: str = ""
    received_at: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """What the complainant takes away: a number, which is a label, and a secret, which is the right to follow."""

    complaint_id: UUID
    number: str
    secret: str


def identity_from(given: Mapping[str, Any]) -> Identity:
    """The identity among a form's or a row's values; fields it does not have stay empty."""
    return Identity(**{key: str(given.get(key) or "").strip() for key in FIELD_TITLES})


@transaction.atomic(savepoint=False)
def register_complaint(
    grievance: Grievance,
    identity: Identity,
    *,
    jurisdiction: str,
    source: str,
    entered_by_id: int | None = None,
    entered_by_name: str = "",
    act_key: UUID | None = None,
    number: str = "",
    has_complainant: bool | None = None,
) -> Receipt:
    """The complaint is numbered and kept, its author sealed apart (二（一）, 五).

    The secret is derived from the act's key, so that the same form sent twice shows the same receipt; only
    its digest is stored. `number` is one that `next_number` gave. `has_complainant` tells of an author who is not named here, but can be answered.
    """
    secret = secret_for(act_key) if act_key is not None else fresh_secret()
    complaint = new_complaint(
        grievance, number or next_number(jurisdiction), secret, jurisdiction=jurisdiction, source=source,
        entered_by_id=entered_by_id, entered_by_name=entered_by_name,
        has_complainant=bool(identity) if has_complainant is None else has_complainant,
    )  # fmt: skip
    insert(complaint)
    if identity:
        seal_complainant(complaint.pk, identity)
    return Receipt(complaint.pk, complaint.number, secret)


def new_complaint(
    grievance: Grievance,
    number: str,
    secret: str,
    *,
    jurisdiction: str,
    source: str,
    entered_by_id: int | None,
    entered_by_name: str,
    has_complainant: bool,
) -> Complaint:
    """The complaint as it will be kept; nothing is written yet."""
    return Complaint(
        id=uuid4(),
        number=number,
        jurisdiction=jurisdiction,
        source=source,
        external_number=grievance.external_number or None,
        origin_document=grievance.origin_document,
        title=grievance.title,
        text=grievance.text,
        respondent_name=grievance.respondent_name,
        respondent_person=grievance.respondent_person,
        project_name=grievance.project_name,
        project_address=grievance.project_address,
        district=grievance.district,
        received_at=grievance.received_at or now(),
        earlier_answer=grievance.earlier_answer,
        entered_by_id=entered_by_id,
        entered_by_name=entered_by_name,
        has_complainant=has_complainant,
        secret_hash=secret_digest(number, secret),
    )


@transaction.atomic(savepoint=False)
def register_complaints(
    given: Sequence[tuple[Grievance, Identity, bool]],
    *,
    jurisdiction: str,
    source: str,
    entered_by_id: int,
    entered_by_name: str,
) -> list[Receipt]:
    """As `register_complaint` for each grievance, identity and whether anybody complained, in order."""
    kept: list[Complaint] = []
    receipts: list[Receipt] = []
    numbers = next_numbers(jurisdiction, len(given))
    for (grievance, _, has_complainant), number in zip(given, numbers, strict=True):
        secret = fresh_secret()
        complaint = new_complaint(
            grievance, number, secret, jurisdiction=jurisdiction, source=source, entered_by_id=entered_by_id,
            entered_by_name=entered_by_name, has_complainant=has_complainant,
        )  # fmt: skip
        kept.append(complaint)
        receipts.append(Receipt(complaint.pk, number, secret))
    Complaint.objects.bulk_create(kept)
    for complaint, (_, identity, _) in zip(kept, given, strict=True):
        if identity:
            seal_complainant(complaint.pk, identity)
    return receipts


@transaction.atomic(savepoint=False)
def note_progress(complaint_id: UUID, title: str, text: str = "", *, due_on: date | None = None) -> None:
    """The complainant reads this on the follow page from now on. `text` must be fit for their eyes."""
    insert(Progress(complaint_id=complaint_id, on=today(), title=title, text=text, due_on=due_on))


@transaction.atomic(savepoint=False)
def note_progress_of(complaint_ids: Iterable[UUID], title: str, text: str = "") -> None:
    """As `note_progress`, the same words for each of the complaints."""
    day = today()
    Progress.objects.bulk_create(
        Progress(complaint_id=complaint_id, on=day, title=title, text=text) for complaint_id in complaint_ids
    )


def next_number(jurisdiction: str) -> str:
    """The next label of the jurisdiction, such as BJ-2026-000123. A label opens nothing, and gaps are allowed."""
    return next_numbers(jurisdiction, 1)[0]


def next_numbers(jurisdiction: str, how_many: int) -> list[str]:
    """So many labels, in rising order."""
    prefix, year = book(jurisdiction).value("numbering.case_prefix", on=today()).value, today().year
    drawn = ask("select nextval('complaints_number') from generate_series(1, %s)", [how_many])
    return [f"{prefix}-{year}-{number:06d}" for (number,) in drawn.rows]
