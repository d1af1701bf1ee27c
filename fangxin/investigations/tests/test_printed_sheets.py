"""附件1 and 附件2 as they are printed: every cell of the rulebook's form, blank where nobody released, verified by a code."""

import io
import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from fangxin.deadlines.clock import today
from fangxin.documents.printing import has_chinese_font
from fangxin.investigations import actions
from fangxin.investigations.models import InquiryNumber
from fangxin.investigations.printing import filled, number_line, sheet_docx, sheet_pdf
from fangxin.investigations.queries import inquiry_for
from fangxin.investigations.sheets import form_of
from fangxin.investigations.tests.test_inquiries import drafted, scan, signed
from fangxin.journal.models import Entry
from fangxin.organisations.receipts import secret_for
from fangxin.organisations.roles import Role

pytestmark = pytest.mark.django_db


def answered(stage, *, inside, **signing):
    inquiry = signed(stage, drafted(stage, inside=inside), **signing)
    if inside:
        clerk = stage.at("city.market", Role.DEPARTMENT_CLERK)
        return actions.answer_inquiry(inquiry.pk, text="经查，该公司未备案。", by=clerk)
    return actions.register_answer(
        inquiry.pk, text="经查，广告与事实不符。", answered_on=today(), contact="刘工", telephone="010-66660000",
        files=[scan()], by=stage.cast.clerk,
    )  # fmt: skip


@pytest.mark.parametrize("inside", [True, False])
def test_every_cell_of_the_form_is_on_the_sheet_and_the_complainants_are_blank(stage, inside):
    inquiry = answered(stage, inside=inside)
    cells = filled(inquiry)
    assert list(cells) == [cell.code for cell in form_of(inquiry.form, "beijing").cells]
    confidential = {cell.code for cell in form_of(inquiry.form, "beijing").cells if cell.confidential}
    assert {cells[code]["text"] for code in confidential} == {""}
    assert "张敏" not in str(cells)
    answer = cells["F1-23" if inside else "F2-18"]["text"]
    assert answer.startswith("经查")
    assert cells["F1-22" if inside else "F2-14"]["text"] == "2026年3月2日"
    assert number_line(inquiry) == (inquiry.number if inside else "")


def test_a_draft_has_blanks_where_it_is_not_signed(stage):
    cells = filled(drafted(stage))
    assert (cells["F1-21"]["text"], cells["F1-22"]["text"]) == ("", "　　年　月　日")
    assert number_line(drafted(stage)) == "市建委 市场投诉　　　　号"


def test_who_complained_is_printed_where_it_was_released_and_each_look_is_written_down(stage):
    inquiry = answered(stage, inside=True, names_complainant=True, names_because="须当面核对")
    assert actions.print_inquiry(inquiry.pk, by=stage.cast.officer) == ("张敏", "13800138000")
    assert filled(inquiry, ("张敏", "13800138000"))["F1-08"]["text"] == "张敏"
    assert Entry.objects.filter(kind="inquiry:print", actor_user_id=stage.cast.officer.user_id).count() == 1
    # The centre sees that it was sent, and not who complained.
    assert actions.print_inquiry(inquiry.pk, by=stage.cast.supervisor) == ("", "")
    blank = signed(stage)
    assert actions.print_inquiry(blank.pk, by=stage.cast.officer) == ("", "")
    assert Entry.objects.filter(kind="inquiry:print").count() == 1


@pytest.mark.skipif(not has_chinese_font(), reason="no Chinese font here")
@pytest.mark.parametrize("inside", [True, False])
def test_the_sheet_is_one_page_of_pdf(stage, inside):
    inquiry = inquiry_for(stage.cast.officer, answered(stage, inside=inside).pk)
    printed = sheet_pdf(inquiry)
    assert printed.startswith(b"%PDF-1.")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type/Page/") <= 1
    if folder := os.environ.get("SHEETS"):
        (Path(folder) / f"{inquiry.form}.pdf").write_bytes(printed)


def test_a_code_confirms_its_sheet_and_nothing_of_the_case(stage):
    inquiry = answered(stage, inside=True)
    code = secret_for(inquiry.pk)
    page = Client().get(reverse("verify"), {"code": f"{code[:6]}-{code[6:12].lower()}-{code[12:]}"})
    text = page.content.decode()
    assert page.status_code == 200
    for said in (inquiry.number, "房地产市场违法违规案件协查通知单", "2026年3月2日", "确由本平台签发"):
        assert said in text or said.replace("年", "-") in text or "2026" in text
    for unsaid in (
        inquiry.case.number,
        inquiry.case.title,
        inquiry.asked_name,
        stage.cast.company.name,
        "未备案",
    ):
        assert unsaid not in text
    for wrong in ("2" * 18, "x", code[:-1]):
        assert Client().get(reverse("verify"), {"code": wrong}).status_code == 422
    assert Client().get(reverse("verify")).status_code == 200
    InquiryNumber.objects.filter(inquiry=inquiry).update(voided_on=today())
    assert "已作废" in Client().get(reverse("verify"), {"code": code}).content.decode()


@pytest.mark.parametrize("inside", [True, False])
def test_the_editable_sheet_has_every_cell_and_names_the_official_fonts(stage, inside):
    inquiry = answered(stage, inside=inside)
    made = sheet_docx(inquiry)
    document = Document(io.BytesIO(made))
    whole = "\n".join(paragraph.text for paragraph in document.paragraphs)
    whole += "\n".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    for cell in form_of(inquiry.form, "beijing").cells:
        if cell.kind not in {"number", "date"}:
            assert cell.label in whole, cell.code
    assert "经查" in whole
    assert "仿宋_GB2312" in document.styles["Normal"].element.xml
    # What people wrote is text, never markup.
    inquiry.cells["F1-18" if inside else "F2-12"] = "</w:t></w:r></w:p><w:p>{{ 7*7 }}&"
    text = "".join(
        cell.text for row in Document(io.BytesIO(sheet_docx(inquiry))).tables[0].rows for cell in row.cells
    )
    assert "</w:t></w:r></w:p><w:p>{{ 7*7 }}&" in text
    if folder := os.environ.get("SHEETS"):
        (Path(folder) / f"{inquiry.form}.docx").write_bytes(made)
