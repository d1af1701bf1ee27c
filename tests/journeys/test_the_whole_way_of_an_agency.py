"""An agency declares by form or by Excel, is returned at two indicators, corrects, is approved; the public reads it; a
lawyer applies and reads one ● field for a day. Pages only, in each one's rights."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fangxin.agencies.models import Declaration, PublishedAgency
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.tests.applications import papers
from fangxin.exchange.declarations.layout import Shape, layout_of
from fangxin.exchange.tests.declared_files import OWN, changed, place, put
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.organisations.models import User
from fangxin.rules.indicators import catalogue
from tests.fujian_cast import FujianCast, fujian_cast, typed_values

pytestmark = pytest.mark.django_db
ADDRESS = "福州市鼓楼区东街口机密路88号"
SECRETS = (
    ADDRESS,
    "0591-87654321",
    "11010519491231002X",
    "13805910001",
    "保密委托人甲",
    "HT-2026-001",
    "123.45",
    "73.45",
)


@pytest.fixture(autouse=True)
def day() -> Iterator[Any]:
    with time_machine.travel("2026-03-02 09:00+08:00") as traveller:
        yield traveller


@pytest.fixture
def cast(tmp_path, settings) -> FujianCast:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    cache.clear()
    return fujian_cast()


def sit(username: str) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def text(answer: Any) -> str:
    return answer.content.decode()


def as_form(row: dict[str, Any]) -> dict[str, Any]:
    sent = dict(row)
    if sent.pop("licence_expires_on", None):
        sent["licence_expires_on_endless"] = "on"
    if period := sent.pop("service_period", None):
        sent["service_period_first"], sent["service_period_last"] = period.split("至")
    return sent


def by_form(clerk: Client, cast: FujianCast, corrected: bool) -> None:
    """Page by page; corrected, only the two sheets that were returned."""
    values = typed_values(cast.agency)
    if corrected:
        clerk.post(table("J1"), {**as_form(values["J1"]), "filed_on": "2012-05-10"})
        clerk.post(table("J2"), {**as_form(values["J2"]), "education": "20"})
        return
    assert clerk.post(reverse("register_begin"), {"act_key": uuid4()}).status_code == 302
    for code, rows in values.items():
        for row in rows if isinstance(rows, list) else [rows]:
            many = isinstance(rows, list)
            url = clerk.get(reverse("register_new_row", args=[code])).url if many else table(code)
            answer = clerk.post(url, {**as_form(row), "do": "next"})
            assert answer.status_code == 302, text(answer)


def by_excel(clerk: Client, cast: FujianCast, corrected: bool) -> None:
    """The workbook of the agency, taken along, filled in and brought back; corrected, two of its cells."""
    content = clerk.get(reverse("register_workbook_file")).content

    def fill(workbook: openpyxl.Workbook) -> None:
        for sheet in layout_of(Shape.AGENCY).sheets:
            rows = typed_values(cast.agency)[sheet.code]
            for at, row in enumerate(rows if isinstance(rows, list) else [rows]):
                for one in sheet.columns:
                    if one.column in row:
                        name, first, column = place(OWN, one.code)
                        title = catalogue().field(one.code).options.get(row[one.column], row[one.column])
                        workbook[name].cell(first + at, column).value = title

    mended = {"J1_18": "2012-05-10", "J2_14": "大学本科"}
    content = put(content, OWN, **mended) if corrected else changed(content, fill)
    sent = {"file": SimpleUploadedFile("申报.xlsx", content), "do": "take"}
    assert clerk.post(reverse("register_workbook"), sent).url == reverse("register_check")


def table(code: str) -> str:
    return reverse("register_table", args=[code])


def hand_in(clerk: Client) -> Declaration:
    form = clerk.get(reverse("register_check")).context["form"].initial
    sent = {"act_key": form["act_key"], "turn": form["turn"], "truth": "on"}
    answer = clerk.post(reverse("register_check"), sent)
    assert answer.status_code == 302, text(answer)
    return Declaration.objects.get()


def decide(officer: Client, declaration: Declaration, verb: str, **given: Any) -> None:
    page = text(officer.get(reverse("register_queue")))
    assert str(declaration.pk) in page
    url = reverse("declaration_step", args=[declaration.pk, verb])
    answer = officer.post(url, {"act_key": uuid4(), "turn": declaration.turn, **given})
    assert answer.status_code == 302, text(answer)


@pytest.mark.parametrize("declare", [by_form, by_excel])
def test_from_the_first_sheet_to_the_lawyers_one_day(
    cast: FujianCast, declare: Callable[[Client, FujianCast, bool], None], day: Any
) -> None:
    clerk, officer, public = sit("linxiao"), sit("huangmin"), Client()
    profile = reverse("agency", args=[cast.agency.code])
    declare(clerk, cast, False)
    declaration = hand_in(clerk)
    assert public.get(profile).status_code == 404

    # Returned at two indicators, each with its reason beside its field.
    reasons = {"pick": ["J1-18", "J2-14"], "why_J1-18": "与备案不符，请核对", "why_J2-14": "请补填学历"}
    decide(officer, declaration, "return_declaration", **reasons)
    declaration.refresh_from_db()
    clerk.post(reverse("register_correct"), {"act_key": uuid4(), "turn": declaration.turn})
    assert "与备案不符，请核对" in text(clerk.get(table("J1")))
    assert "请补填学历" in text(clerk.get(table("J2")))
    declare(clerk, cast, True)
    decide(officer, hand_in(clerk), "approve_declaration", opinion="属实")

    # Anybody finds it and reads what may be read; nothing of ● stands in any outlet.
    assert PublishedAgency.objects.get().code == cast.agency.code
    found = text(public.get(reverse("agencies"), {"q": "fzcx"}))
    assert profile in found
    page = text(public.get(profile))
    assert "2012-05-10" in page
    assert "大学本科" in page
    api = text(public.get(f"/api/v1/agencies/{cast.agency.code}"))
    files = (
        public.get(reverse("public_register_file", args=[one])) for one in ("J1", "J2", "J5", "J6", "people")
    )
    export = "".join(b"".join(file.streaming_content).decode() for file in files)
    for outlet in (found, page, api, export):
        assert not [secret for secret in SECRETS if secret in outlet]

    # A lawyer applies for two fields, is granted one for a day, and reads it.
    lawyer = Client()
    applied = {
        "act_key": str(uuid4()), "agency_code": cast.agency.code, "ground": "court_order", "codes": ["J1-04", "J1-07"],
        "from_on": "2026-03-02", "days": "7", "purpose": "办理执行案件", "basis": "（2026）闽0102执字第88号",
        "papers": papers(), "applicant_name": "方晴", "id_kind": "居民身份证", "id_number": "11010519491231002X",
        "organisation": "福建海峡律师事务所", "telephone": "0591-87001122",
    }  # fmt: skip
    receipt = lawyer.post(reverse("apply_for_query"), applied, follow=True)
    number, secret = re.findall(r"<dd>([^<]+)</dd>", text(receipt))[:2]
    query = AuthorisedQuery.objects.get(number=number)
    granted = officer.post(
        reverse("query_step", args=[query.pk, "grant_query"]),
        {"act_key": str(uuid4()), "turn": query.turn, "codes": ["J1-04"], "days": "1", "opinion": "准予"},
    )
    assert granted.status_code == 302, text(granted)
    pair = {"number": number, "secret": secret}
    result = text(lawyer.post(reverse("query_result"), pair))
    assert ADDRESS in result
    assert not [one for one in SECRETS if one != ADDRESS and one in result]
    sheet = lawyer.post(reverse("query_sheet"), pair)
    assert sheet.content.startswith(b"%PDF-1.")
    looks = Entry.objects.filter(kind=Kind.RECORD_LOOK, details__grant=str(query.pk))
    assert [look.details["codes"] for look in looks] == [["J1-04"], ["J1-04"]]
    day.move_to("2026-03-03 00:00+08:00")
    gone = lawyer.post(reverse("query_result"), pair)
    assert gone.status_code == 409
    assert ADDRESS not in text(gone)
