"""A table of the register as a file: columns by right, looks written down, no formula."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.organisations.models import User
from fangxin.web.office import register_export
from tests.fujian_cast import FujianCast, declared_and_accepted, fujian_cast, published_agency, typed_values

pytestmark = pytest.mark.django_db
SECRETS = ("机密路88号", "0591-87654321", "11010519491231002X", "保密委托人甲", "HT-2026-001", "123.45")


@pytest.fixture
def cast() -> FujianCast:
    cast = fujian_cast()
    basic = {**typed_values(cast.agency)["J1"], "introduction": '=HYPERLINK("http://x","看")'}
    declared_and_accepted(cast, J1=basic)
    published_agency(cast, cast.other_agency, cast.other_filer, cast.other_reviewer)
    return cast


def sit(username: str) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def export(username: str, table: str = "J1", **asked: str) -> Any:
    return sit(username).get(reverse("register_export", args=[table]), asked)


def lines(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_department_takes_its_own_agency_whole_and_of_others_what_is_public(cast):
    own, other = lines(export("huangmin", **{"as": "csv"}))
    assert own["J1-04 办公地址●"] == "福州市鼓楼区东街口机密路88号"
    assert own["J1-14 注册资本●"] == "123.45万元"
    assert other["法人代码"] == cast.other_agency.code
    assert other["J1-12 经营范围"] == "房地产经纪服务"
    assert not any(value for title, value in other.items() if title.endswith("●"))
    look = Entry.objects.get(kind=Kind.RECORD_LOOK)
    assert (look.subject_id, look.details["way"]) == (str(cast.agency.pk), "export")
    assert "J1-04" in look.details["codes"]


@pytest.mark.parametrize("table", ["J1", "J2", "J5", "J6", "J7", "J8"])
def test_who_has_no_jurisdiction_takes_what_anybody_reads(cast, table):
    told = export("hexin", table, q=cast.agency.code, **{"as": "csv"}).content.decode()
    assert not any(secret in told for secret in SECRETS)
    assert "●" not in told
    assert not Entry.objects.filter(kind=Kind.RECORD_LOOK).exists()


def test_nothing_in_the_workbook_is_a_formula(cast):
    answer = export("huangmin")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(cell.value.startswith("=HYPERLINK") for cell in cells)
    assert "'=HYPERLINK" in export("huangmin", **{"as": "csv"}).content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_the_search_decides_which_agencies_and_too_many_are_asked_for_by_place(cast, monkeypatch):
    assert [row["法人代码"] for row in lines(export("yelan", city="350200", **{"as": "csv"}))] == [
        cast.other_agency.code
    ]
    page = sit("yelan").get(reverse("register_agencies"), {"city": "350200"}).content.decode()
    assert f"{reverse('register_export', args=['J1'])}?city=350200" in page
    monkeypatch.setattr(register_export, "MOST", 1)
    answer = sit("yelan").get(reverse("register_export", args=["J1"]), follow=True)
    assert "请按城市" in answer.content.decode()


def test_a_table_there_is_not_and_a_stranger_get_nothing(cast):
    assert export("huangmin", "T1").status_code == 404
    assert export("linxiao").status_code in (302, 403, 404)
