"""Words that leave the office: written by an officer, and fit for a company's or another body's eyes (五)."""

from uuid import UUID

from fangxin.complaints.queries import author_told_by
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused


def text_to_pass_on(complaint_id: UUID, value: str, label: str, longest: int, field: str) -> str:
    """As `organisations.fields.text`; ActRefused also when the words still tell who complained."""
    text = fields.text(value, label, longest, field)
    keep_author_out(complaint_id, text, label, field)
    return text


def keep_author_out(complaint_id: UUID, text: str, label: str, field: str) -> None:
    """ActRefused when one of the author's sealed entries is still to be read in the text, in whatever disguise."""
    if text and (told := author_told_by(complaint_id, text)):
        raise ActRefused(
            f"{label}：还看得出投诉人的{'、'.join(told)}，请改写（五：不得泄露投诉举报人信息）。", field
        )
