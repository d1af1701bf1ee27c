"""附件1 and 附件2 on paper: the same cells as PDF, for the seal, and as DOCX, to be edited. Both from the rulebook's form."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from fangxin.deadlines.clock import now
from fangxin.documents.printing import print_pdf
from fangxin.documents.queries import attachments_of
from fangxin.investigations.models import Inquiry
from fangxin.investigations.queries import inquiry_answers
from fangxin.investigations.sheets import INSIDE, form_of, from_the_case
from fangxin.organisations.receipts import secret_for
from fangxin.rules.casework import CellKind

FOLDER = Path(__file__).parent / "printed"
NO_DAY = "　　年　月　日"
Complainant = tuple[str, str]


def sheet_pdf(inquiry: Inquiry, complainant: Complainant = ("", "")) -> bytes:
    """The sheet as PDF/A with its verification code; a draft has neither number nor code. Raises ActRefused without fonts."""
    at = now()
    signed = bool(inquiry.number)
    code = secret_for(inquiry.pk) if signed else ""
    grouped = "-".join(code[i : i + 6] for i in range(0, len(code), 6))
    footer = f"验证码 {grouped}　扫描二维码或在网站“文书验证”核对" if signed else "拟稿，未经签署"
    if inquiry.state == "recalled":
        footer = f"已撤回作废　{footer}"
    return print_pdf(
        FOLDER / f"{inquiry.form}.typ",
        {
            "title": form_of(inquiry.form, inquiry.jurisdiction).title, "issuer": inquiry.asking_body.name,
            "number": number_line(inquiry), "cells": filled(inquiry, complainant), "fonts": settings.PDF_FONTS,
            "qr": _qr(f"{settings.SITE_ADDRESS}{reverse('verify')}?code={code}") if signed else "", "footer": footer,
        },
        at=at,
    )  # fmt: skip


def number_line(inquiry: Inquiry) -> str:
    """F1-01 as printed; its gap is blank until the sheet is signed. 附件2 has no such line (SD-09)."""
    return inquiry.number or "市建委 市场投诉　　　　号" if inquiry.form == INSIDE else ""


def filled(inquiry: Inquiry, complainant: Complainant = ("", "")) -> dict[str, dict[str, str]]:
    """Each cell of the form by its code: the words printed on it, and what is filled in."""
    texts = {**inquiry.cells, **_derived(inquiry, complainant)}
    return {
        cell.code: {
            "label": cell.label,
            "text": texts.get(cell.code) or (NO_DAY if cell.kind is CellKind.DATE else ""),
        }
        for cell in form_of(inquiry.form, inquiry.jurisdiction).cells
    }


def _derived(inquiry: Inquiry, complainant: Complainant) -> Mapping[str, str]:
    """What nobody writes into the form: it follows from the case, the signing and the last answer."""
    answers = [one for one in inquiry_answers(inquiry.pk) if one["kind"] != "asked_more"]
    last: Mapping[str, Any] = answers[-1] if inquiry.answered_on and answers else {}
    taken, (name, telephone) = from_the_case(inquiry.case), complainant
    files = "、".join(row["shown_name"] for row in attachments_of("inquiry", inquiry.pk))
    answered = _day(last["on"]) if last else ""
    if inquiry.form == INSIDE:
        return {
            "F1-02": inquiry.asked_name, "F1-04": taken["source"], "F1-05": taken["kind"], "F1-08": name,
            "F1-09": telephone, "F1-19": taken["recorder"], "F1-20": _day(taken["recorded_on"]),
            "F1-21": inquiry.office_opinion, "F1-22": _day(inquiry.sent_on), "F1-23": last.get("text", ""),
            "F1-24": answered, "F1-25": files,
        }  # fmt: skip
    officer = inquiry.case.officer
    return {
        "F2-01": inquiry.asking_body.name, "F2-02": inquiry.asked_name, "F2-10": name, "F2-11": telephone,
        "F2-14": _day(inquiry.sent_on), "F2-15": officer.full_name if officer else "", "F2-18": last.get("text", ""),
        "F2-20": answered, "F2-21": last.get("contact", ""), "F2-22": last.get("telephone", ""),
        "F2-23": last.get("fax", ""), "F2-24": files,
    }  # fmt: skip


def _day(on: date | datetime | None) -> str:
    return f"{on.year}年{on.month}月{on.day}日" if on else ""


def _qr(address: str) -> str:
    """The address as an SVG of squares."""
    import segno

    return str(segno.make(address, error="m", micro=False).svg_inline(scale=4, border=1))


# The rows of each form: (code of the label or of the cell itself, columns it spans), "" continues the cell above.
_ROWS: Mapping[str, tuple[tuple[tuple[str, int], ...], ...]] = {
    "F1": (
        (("F1-02", 2), ("=F1-02", 3)),
        (("F1-03", 2), ("=F1-03", 3)),
        (("F1-04", 2), ("=F1-04", 1), ("F1-05", 1), ("=F1-05", 1)),
        (("F1-06", 2), ("=F1-06", 1), ("F1-07", 1), ("=F1-07", 1)),
        (("F1-08", 2), ("=F1-08", 1), ("F1-09", 1), ("=F1-09", 1)),
        (("F1-10", 1), ("F1-11", 1), ("=F1-11", 3)),
        (("", 1), ("F1-12", 1), ("=F1-12", 1), ("F1-13", 1), ("=F1-13", 1)),
        (("", 1), ("F1-14", 1), ("=F1-14", 1), ("F1-15", 1), ("=F1-15", 1)),
        (("", 1), ("F1-16", 1), ("=F1-16", 1), ("F1-17", 1), ("=F1-17", 1)),
        (("F1-18", 2), ("=F1-18 F1-19+F1-20", 3)),
        (("F1-21", 2), ("=F1-21 =F1-22", 3)),
        (("F1-23", 2), ("=F1-23 =F1-24", 3)),
    ),
    "F2": (
        (("F2-02", 2), ("=F2-02", 3)),
        (("F2-03", 2), ("=F2-03", 3)),
        (("F2-04", 1), ("F2-05", 1), ("=F2-05", 3)),
        (("", 1), ("F2-06", 1), ("=F2-06", 1), ("F2-07", 1), ("=F2-07", 1)),
        (("", 1), ("F2-08", 1), ("=F2-08", 1), ("F2-09", 1), ("=F2-09", 1)),
        (("F2-10", 2), ("=F2-10", 1), ("F2-11", 1), ("=F2-11", 1)),
        (("F2-12", 1), ("=F2-12 F2-13 =F2-14", 4)),
        (("", 1), ("+F2-15", 2), ("+F2-16", 1), ("+F2-17", 1)),
        (("F2-18", 1), ("=F2-18 F2-19 =F2-20", 4)),
        (("", 1), ("+F2-21", 2), ("+F2-22", 1), ("+F2-23", 1)),
    ),
}
_BEFORE: Mapping[str, str] = {"F1": "", "F2": "+F2-01"}
_AFTER: Mapping[str, tuple[str, str]] = {"F1": ("+F1-25", "F1-26"), "F2": ("+F2-24", "F2-25")}
_WIDTHS = (24, 24, 40, 27, 41)
TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"


def sheet_docx(inquiry: Inquiry, complainant: Complainant = ("", "")) -> bytes:
    """The sheet as an editable DOCX with the official fonts named, for an office that has them; not the record itself."""
    import io

    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    cells, document = filled(inquiry, complainant), Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Mm(28), Mm(26), Mm(22), Mm(20)
    _font(document.styles["Normal"], BODY_FONT, Pt(12))
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _font(title.add_run(form_of(inquiry.form, inquiry.jurisdiction).title), TITLE_FONT, Pt(22))
    head = document.add_paragraph(number_line(inquiry) or _said(_BEFORE[inquiry.form], cells))
    if inquiry.form == INSIDE:
        head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    rows = _ROWS[inquiry.form]
    table = document.add_table(len(rows), len(_WIDTHS), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = Mm(width)
    for at, row in enumerate(rows):
        left = 0
        for code, span in row:
            cell = table.cell(at, left)
            if span > 1:
                cell = cell.merge(table.cell(at, left + span - 1))
            left += span
            if code == "":
                table.cell(at - 1, 0).merge(cell)
                continue
            parts = code.split(" ")
            cell.text = _said(parts[0], cells)
            if not code.startswith(("=", "+")):
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
            for part in parts[1:]:
                foot = cell.add_paragraph(_said(part, cells))
                foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if len(parts) > 1:
                table.rows[at].height = Mm(40)
    for part in _AFTER[inquiry.form]:
        document.add_paragraph(_said(part, cells))
    note = document.add_paragraph()
    _font(note.add_run("可编辑稿，非正式文书；以平台签发的PDF为准。"), BODY_FONT, Pt(9))
    octets = io.BytesIO()
    document.save(octets)
    return octets.getvalue()


def _said(part: str, cells: Mapping[str, Mapping[str, str]]) -> str:
    """`F1-02` its label, `=F1-02` what is filled in, `+F1-25` both, `F1-19+F1-20` label and text, then the text of the other."""
    if part.startswith("="):
        return cells[part[1:]]["text"]
    if part.startswith("+"):
        return f"{cells[part[1:]]['label']}{cells[part[1:]]['text']}"
    first, _, second = part.partition("+")
    if second:
        return f"{cells[first]['label']} {cells[first]['text']}　{cells[second]['text']}"
    return cells[first]["label"]


def _font(styled: Any, name: str, size: Any) -> None:
    """The name for Latin and for Chinese text: Word keeps two."""
    from docx.oxml.ns import qn

    styled.font.name, styled.font.size = name, size
    styled.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
