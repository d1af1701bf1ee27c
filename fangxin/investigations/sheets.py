"""Which cell of 附件1 and 附件2 holds what: the two forms say the same things in different words (SD-11)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fangxin.cases.models import Case
from fangxin.cases.terms import LINKS, source_titles
from fangxin.complaints.queries import complaint_text
from fangxin.organisations.models import Company
from fangxin.organisations.queries import company_matching
from fangxin.rules import book
from fangxin.rules.casework import Cell, CellKind, Form

INSIDE, OUTSIDE = "F1", "F2"
# What the officer may change, by its meaning; everything else in a form follows from the case, the signing, the answer.
WRITTEN: Mapping[str, Mapping[str, str]] = {
    INSIDE: {
        "reason": "F1-03", "level": "F1-06", "suggested": "F1-07", "respondent": "F1-11", "address": "F1-12",
        "certificates": "F1-13", "project": "F1-14", "project_address": "F1-15", "person": "F1-16",
        "telephone": "F1-17", "content": "F1-18",
    },
    OUTSIDE: {
        "reason": "F2-03", "respondent": "F2-05", "project": "F2-06", "project_address": "F2-07", "person": "F2-08",
        "telephone": "F2-09", "content": "F2-12", "officer_telephone": "F2-16", "officer_fax": "F2-17",
    },
}  # fmt: skip
REQUIRED = ("reason", "content")
ORDINARY, MAJOR = "一般", "重大"
# What the code printed on a sheet is looked up under, so that no receipt of another matter opens it.
VERIFIED_AS = "SHEET"
NUMBERED_BY = {INSIDE: "numbering.internal_notice", OUTSIDE: "numbering.external_letter"}


def form_of(key: str, jurisdiction: str) -> Form:
    """The printed form, cell by cell."""
    return next(form for form in book(jurisdiction).forms if form.key == key)


def form_for(asked_code: str, jurisdiction: str) -> str:
    """附件1 for a body inside the commission, 附件2 for any other (AMB-10)."""
    inside = {body.code for body in book(jurisdiction).bodies if body.inside}
    return INSIDE if asked_code in inside else OUTSIDE


def written_cells(form: str, jurisdiction: str) -> list[tuple[str, Cell]]:
    """The cells the officer writes, with their meaning, in the order of the form."""
    meaning = {code: name for name, code in WRITTEN[form].items()}
    return [(meaning[cell.code], cell) for cell in form_of(form, jurisdiction).cells if cell.code in meaning]


def longest(cell: Cell) -> int:
    """How many characters a cell takes."""
    return 4000 if cell.kind is CellKind.LONG_TEXT else 300


def number_text(form: str, jurisdiction: str, n: int, on: date) -> str:
    """“市建委 市场投诉〔2026〕3号” (SD-09)."""
    pattern = str(book(jurisdiction).value(NUMBERED_BY[form], on=on).value)
    return pattern.format(year=on.year, n=n)


def cells_from_case(case: Case, form: str) -> dict[str, str]:
    """What the case says of each cell; of the complaint's words only the digest that was approved, never the original."""
    words = complaint_text(case.complaint_id)
    company = company_matching(case.respondent_name) if case.respondent_name else None
    told = {
        "level": MAJOR if case.may_be_major else ORDINARY,
        "respondent": case.respondent_name, "address": company.address if company else "",
        "certificates": _certificates(company), "project": case.project_name,
        "project_address": words["project_address"], "person": words["respondent_person"],
        "telephone": company.contact_telephone if company else "", "content": case.summary,
        "officer_telephone": case.officer.telephone if case.officer else "",
    }  # fmt: skip
    return {code: told.get(name, "") for name, code in WRITTEN[form].items()}


def _certificates(company: Company | None) -> str:
    return f"统一社会信用代码 {company.uscc}" if company and company.uscc else ""


def from_the_case(case: Case) -> Mapping[str, Any]:
    """What the form takes from the case and nobody writes: source and kind of the complaint, who recorded it and when."""
    return {
        "source": source_titles(case.jurisdiction).get(case.source, ""), "kind": LINKS.get(case.link, ""),
        "recorder": complaint_text(case.complaint_id)["entered_by_name"], "recorded_on": case.registered_on,
    }  # fmt: skip
