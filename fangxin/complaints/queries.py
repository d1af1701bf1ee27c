"""A complaint as its author may read it, and as the office may."""

import unicodedata
from typing import Any
from uuid import UUID

from fangxin.complaints.complainant import FIELD_TITLES, unseal_complainant
from fangxin.complaints.models import Complaint, Progress
from fangxin.complaints.redaction import KnownString, Proposal, find_marks, propose_summary
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.receipts import hold_receipt


def follow_complaint(number: str, secret: str) -> dict[str, Any] | None:
    """The complaint and its progress for whoever holds number and secret; None for a wrong one of either.

    The row policy compares the digest, so that a wrong pair reads no row at all.
    """
    number, digest = hold_receipt(number, secret)
    row = (
        Complaint.objects.filter(number=number, secret_hash=digest)
        .values("id", "number", "jurisdiction", "title", "received_at", "respondent_name", "project_name")
        .first()
    )
    if row is None:
        return None
    steps = Progress.objects.filter(complaint_id=row["id"]).order_by("at")
    return {**row, "progress": list(steps.values("on", "title", "text", "due_on"))}


def complaint_text(complaint_id: UUID) -> dict[str, Any]:
    """The raw words and facts of a complaint, for the office."""
    (words,) = _text_of(complaint_id)
    return words


@asked_often
def _text_of(complaint_id: UUID) -> Rows:
    return Complaint.objects.filter(pk=complaint_id).values(
        "id", "number", "source", "title", "text", "respondent_name", "respondent_person", "project_name",
        "project_address", "district", "received_at", "external_number", "origin_document", "earlier_answer",
        "entered_by__name", "entered_by_name", "has_complainant",
    )  # fmt: skip


def masked_summary(title: str, text: str, known: dict[str, str]) -> Proposal:
    """The words with what names a person masked and marked: a proposal for the officer who approves it."""
    return propose_summary(title, text, [KnownString(kind, value) for kind, value in known.items()])


def summary_to_pass_on(complaint_id: UUID) -> Proposal:
    """The words with their author and everybody else masked, for the officer who approves what is passed on.

    The author's own sealed strings are looked for; they are used here and not shown.
    """
    words = complaint_text(complaint_id)
    return masked_summary("", words["text"], dict(unseal_complainant(complaint_id).known_strings))


def author_told_by(complaint_id: UUID, text: str) -> list[str]:
    """Which of the author's own entries a text that is to leave the office still tells, by title: 姓名, 联系电话…"""
    identity = unseal_complainant(complaint_id)
    told = []
    for kind, value in identity.known_strings.items():
        plain = find_marks(text)
        known = find_marks(text, known=[KnownString(kind, value)])
        if set(known) - set(plain) or any(_same(value, mark.found) for mark in plain):
            told.append(FIELD_TITLES[kind])
    return told


def _same(value: str, found: str) -> bool:
    return _bare(value) == _bare(found)


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in folded if character.isalnum())
