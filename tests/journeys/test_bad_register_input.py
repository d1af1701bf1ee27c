"""The register's pages under whatever anybody sends: never an error of ours, and nothing typed is lost."""

from itertools import product
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fangxin.agencies.models import Declaration
from fangxin.agencies.values import declared_fields, declared_tables
from fangxin.organisations.models import User
from tests.fujian_cast import FujianCast, fujian_cast, published_agency, typed_values

pytestmark = pytest.mark.django_db
BAD = (
    "介" * 10_000, "\x00", "福\x00州", "\u202e福州", "👩‍👩‍👧‍👦", "=1+1", "@SUM(A1)", "'; drop table agencies_agency; --",
    "%_\\", "<script>alert(1)</script>", "{{ 7*7 }}", "9" * 400, "-1", "1e309", "NaN", "2026-02-30", "\u2028\t\r\n", "𠮷",
    "（）", "\ufeff", "１２３", "null",
)  # fmt: skip
# What is no UTF-8 at all, half a surrogate pair, and what only looks escaped.
BYTES = ("%ff%fe", "%ed%a0%80", "%", "%zz", "%25%30%30")


@pytest.fixture
def cast() -> FujianCast:
    cast = fujian_cast()
    published_agency(cast)
    return cast


def sit(username: str) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_public_pages_answer_whatever_is_asked(cast):
    public, code = Client(), cast.agency.code
    asked = [quote(one) for one in BAD] + list(BYTES)
    addresses = [
        *("/agencies/?q={}", "/agencies/?place={}", "/agencies/?q=福州&page={}", "/agencies/search.csv?q={}"),
        *("/brokers/?q={}", "/brokers/?agency={}", "/publicity/?q={}", "/api/v1/agencies?q={}&page={}"),
        *(
            "/api/v1/brokers?q={}",
            "/agencies/{}/",
            f"/agencies/{code}/?on={{}}",
            f"/agencies/{code}/?page={{}}",
        ),
        *(
            "/api/v1/agencies/{}",
            f"/api/v1/agencies/{code}?on={{}}",
            "/agencies/files/{}.csv",
            "/query/apply/?agency={}",
        ),
    ]
    for address, text in product(addresses, asked):
        answer = public.get(address.replace("{}", text))
        assert answer.status_code < 500, (address, text[:40])
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"<script>alert(1)" not in body


def test_office_pages_answer_whatever_is_asked(cast):
    officer = sit("huangmin")
    addresses = [
        f"{reverse(name)}?{field}={{}}"
        for name, fields in {
            "register_queue": ("q", "bin", "city", "county", "state", "waiting", "page"),
            "register_agencies": ("q", "city", "county", "standing", "page"),
            "quarters": ("quarter", "state", "city", "page"),
        }.items()
        for field in fields
    ]
    addresses += [
        f"{reverse('register_agency', args=[cast.agency.pk])}?on={{}}",
        f"{reverse('register_export', args=['J1'])}?q={{}}&as={{}}",
    ]
    for address, text in product(addresses, (*map(quote, BAD), *BYTES)):
        assert officer.get(address.replace("{}", text)).status_code < 500, (address, text[:40])


def test_every_field_of_every_sheet_keeps_whatever_is_typed_and_says_what_is_wrong(cast):
    clerk = sit("linxiao")
    clerk.post(reverse("register_begin"), {"act_key": uuid4()})
    for bad, table in product(BAD, declared_tables("fujian")):
        row = {one.column: bad for one in declared_fields("fujian", table.code)}
        url = (
            reverse("register_row", args=[table.code, "0" * 32])
            if table.many
            else reverse("register_table", args=[table.code])
        )
        assert clerk.post(url, {**row, "do": "save"}).status_code in (302, 422), (table.code, bad[:20])
        assert clerk.get(url).status_code == 200
        check = clerk.get(reverse("register_check"))
        assert check.status_code == 200
        assert "<script>alert(1)" not in check.content.decode()
    sent = clerk.get(reverse("register_check")).context["form"].initial
    answer = clerk.post(reverse("register_check"), {**sent, "truth": "on"})
    assert answer.status_code == 422
    assert Declaration.objects.filter(state="draft").exists()


def test_what_is_no_workbook_of_ours_is_told_in_one_sentence(cast):
    clerk, officer = sit("linxiao"), sit("yelan")
    for content in (
        b"\x00" * 1000,
        b"PK\x03\x04" + b"\xff" * 500,
        b"PK\x05\x06" + bytes(18),
        "名称,代码\n".encode(),
        b"%PDF-1.7",
    ):
        for client, url in ((clerk, reverse("register_workbook")), (officer, reverse("agency_imports"))):
            given: dict[str, Any] = {
                "file": SimpleUploadedFile("a.xlsx", content), "act_key": str(uuid4()), "do": "take",
            }  # fmt: skip
            assert client.post(url, given).status_code in (302, 422), (url, content[:8])


def test_steps_of_the_office_refuse_what_makes_no_sense(cast):
    officer = sit("huangmin")
    clerk = sit("linxiao")
    clerk.post(reverse("register_begin"), {"act_key": uuid4()})
    values = typed_values(cast.agency)
    clerk.post(reverse("register_table", args=["J8"]), {**values["J8"]})
    declaration = Declaration.objects.get(state="draft")
    for verb, bad in product(("approve_declaration", "return_declaration", "no_such_step", "%00"), BAD):
        url = f"/office/register/declarations/{declaration.pk}/{quote(verb)}/"
        sent = {"act_key": bad, "turn": bad, "opinion": bad, "pick": bad, f"why_{bad[:20]}": bad}
        assert officer.post(url, sent).status_code in (302, 400, 404, 409, 422), (verb, bad[:20])
    declaration.refresh_from_db()
    assert declaration.state == "draft"
