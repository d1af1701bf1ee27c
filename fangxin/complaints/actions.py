"""Taking a complaint in, and telling its author how it goes."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from fangxin.complaints.complainant import FIELD_TITLES, Identity, seal_complainant
from fangxin.complaints.models import Complaint, Progress
from fangxin.deadlines.clock import now, today
from fangxin.rules import book

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SECRET_LENGTH = 18  # 31**18 > 2**89


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


@transaction.atomic
def register_complaint(
    grievance: Grievance,
    identity: Identity,
    *,
    jurisdiction: str,
    source: str,
    entered_by_id: int | None = None,
    entered_by_name: str = "",
    act_key: UUID | None = None,
) -> Receipt:
    """The complaint is numbered and kept, its author sealed apart (二（一）, 五).

    The secret is derived from the act's key, so that the same form sent twice shows the same receipt; only
    its digest is stored.
    """
    complaint_id = uuid4()
    secret = secret_for(act_key) if act_key is not None else fresh_secret()
    number = next_number(jurisdiction)
    Complaint(
        id=complaint_id,
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
        has_complainant=bool(identity),
        secret_hash=secret_digest(number, secret),
    ).save(force_insert=True)
    if identity:
        seal_complainant(complaint_id, identity)
    return Receipt(complaint_id, number, secret)


@transaction.atomic
def note_progress(complaint_id: UUID, title: str, text: str = "", *, due_on: date | None = None) -> None:
    """The complainant reads this on the follow page from now on. `text` must be fit for their eyes."""
    Progress(complaint_id=complaint_id, on=today(), title=title, text=text, due_on=due_on).save(force_insert=True)


def next_number(jurisdiction: str) -> str:
    """The next label of the jurisdiction, such as BJ-2026-000123. A label opens nothing, and gaps are allowed."""
    prefix = book(jurisdiction).value("numbering.case_prefix", on=today()).value
    with connection.cursor() as cursor:
        cursor.execute("select nextval('complaints_number')")
        (number,) = cursor.fetchone()
    return f"{prefix}-{today().year}-{number:06d}"


def fresh_secret() -> str:
    """A new secret of 89 bits, in letters and digits that are not mistaken for one another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))


def secret_for(act_key: UUID) -> str:
    """The secret that belongs to one act, the same each time it is asked for."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"receipt:" + act_key.bytes, hashlib.sha256).digest()
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(SECRET_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def secret_digest(number: str, secret: str) -> bytes:
    """What is stored of a secret: 89 random bits need no slow hash."""
    return hashlib.sha256(f"{number}:{secret}".encode()).digest()
