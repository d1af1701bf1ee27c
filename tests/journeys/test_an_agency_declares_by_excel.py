"""An agency declares by Excel: template, faults at their cells, the corrected file, review, the record."""

import io
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fangxin.agencies.actions import approve_declaration
from fangxin.agencies.models import Declaration
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.exchange.declarations.layout import Shape, layout_of
from fangxin.exchange.tests.declared_files import OWN, changed, own, place, put
from fangxin.organisations.models import User
from fangxin.rules.indicators import catalogue
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast, typed_values

pytestmark = pytest.mark.django_db
PAGE = "/enterprise/register/workbook/"


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


@pytest.fixture
def clerk(cast: FujianCast) -> Client:
    """林晓 at the agency's desk."""
    client = Client()
    client.force_login(
        User.objects.get(username="linxiao"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def text(answer: Any) -> str:
    return answer.content.decode()


def template_of(clerk: Client) -> bytes:
    answer = clerk.get(reverse("register_workbook_file"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return answer.content


def filled_in(content: bytes, cast: FujianCast) -> bytes:
    """As the agency types it: what stands in lists by its title."""

    def change(workbook: openpyxl.Workbook) -> None:
        for sheet in layout_of(Shape.AGENCY).sheets:
            rows = typed_values(cast.agency)[sheet.code]
            for at, row in enumerate(rows if isinstance(rows, list) else [rows]):
                for one in sheet.columns:
                    if one.column in row:
                        name, first, column = place(OWN, one.code)
                        title = catalogue().field(one.code).options.get(row[one.column], row[one.column])
                        workbook[name].cell(first + at, column).value = title

    return changed(content, change)


def send(clerk: Client, content: bytes, do: str = "take", name: str = "申报.xlsx") -> Any:
    return clerk.post(PAGE, {"file": SimpleUploadedFile(name, content), "do": do})


def test_from_the_template_to_the_record(cast, clerk):
    assert "用 Excel 填报" in text(clerk.get(reverse("register")))
    content = filled_in(template_of(clerk), cast)
    wrong = put(content, OWN, J1_22="八人", J1_06="35000")
    page = send(clerk, wrong)
    assert page.status_code == 200
    _, row, column = place(OWN, "J1-22")
    assert f"{openpyxl.utils.get_column_letter(column)}{row}" in text(page)
    assert "八人" in text(clerk.get(reverse("register_table", args=["J1"]))), "nothing typed is lost"
    # The same file comes back with its faults at their cells, and is read again once it is mended.
    marked = send(clerk, wrong, do="mark")
    assert "spreadsheetml" in marked["Content-Type"]
    cell = openpyxl.load_workbook(io.BytesIO(marked.content))[place(OWN, "J1-22")[0]].cell(row, column)
    assert cell.value == "八人"
    assert "J1-22" in cell.comment.text
    only_hints = openpyxl.load_workbook(io.BytesIO(send(clerk, content, do="mark").content))
    assert only_hints[place(OWN, "J1-22")[0]].cell(row, column).comment is None
    assert send(clerk, content).url == reverse("register_check")
    form = clerk.get(reverse("register_check")).context["form"]
    sent = {"act_key": form.initial["act_key"], "turn": form.initial["turn"], "truth": "on"}
    assert clerk.post(reverse("register_check"), sent).url == reverse("register")
    declaration = Declaration.objects.get()
    approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)
    record = accepted_values(version_in_force(cast.agency.pk))
    assert record["J1"]["staff_count"] == 8
    assert record["J2"]["id_number"] == "11010519491231002X"
    assert record["J6"][0]["client_name"] == "保密委托人甲"
    assert record["J7"][0]["project_name"] == "东街口二手房买卖"


def test_the_next_template_holds_the_record_and_changes_one_cell(cast, clerk):
    declared_and_accepted(cast)
    assert send(clerk, put(template_of(clerk), OWN, J1_22=9)).url == reverse("register_check")
    draft = Declaration.objects.get(state="draft")
    assert draft.values["J1"]["staff_count"] in (9, "9")
    assert draft.values["J1"]["office_address"] == "福州市鼓楼区东街口机密路88号"
    assert "11010519491231002X" not in str(draft.values), "sealed apart, as on the page"


def test_anothers_workbook_and_what_is_none_are_refused_and_the_draft_stays(cast, clerk):
    clerk.post(reverse("register_begin"), {"act_key": uuid4()})
    before = Declaration.objects.get().values
    other = put(filled_in(template_of(clerk), cast), OWN, J1_02=cast.other_agency.code)
    for content, name, words in (
        (other, "别家.xlsx", "不是本账号所属机构"),
        (b"MZ\x90\x00not a workbook", "申报.xlsx", ""),
        (own()[:500], "坏的.xlsx", ""),
        (b"", "空的.xlsx", "0 字节"),
        (b"name,code\n", "申报.csv", ""),
    ):
        answer = send(clerk, content, name=name)
        assert answer.status_code == 422, name
        assert words in text(answer)
    assert clerk.post(PAGE, {"do": "take"}).status_code == 422
    assert Declaration.objects.get().values == before


def test_what_is_under_review_is_not_written_over(cast, clerk):
    content = filled_in(template_of(clerk), cast)
    send(clerk, content)
    Declaration.objects.update(state="submitted")
    answer = send(clerk, content)
    assert answer.status_code == 422
    assert "须先撤回" in text(answer)


def test_a_company_that_is_no_agency_has_no_such_page(cast, clerk):
    from fangxin.agencies.models import Agency

    Agency.objects.filter(pk=cast.agency.pk).delete()
    assert clerk.get(PAGE).status_code == 404
    assert clerk.get(reverse("register_workbook_file")).status_code == 404
