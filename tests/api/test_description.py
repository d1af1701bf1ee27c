"""The API says what it takes, who may use it and how it fails; and counts days."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from fangxin.web.api import urls
from fangxin.web.office.case import PAGES
from tests.api.test_cases import problem
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(db):
    client = Client()
    client.force_login(beijing_cast().users["liuyang"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses():
    found = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    return found.url_patterns


def test_every_address_says_who_may_enter():
    assert {one.name for one in addresses()} == set(urls.WHO) | {"api_root", "api_docs", "api_schema"}
    for one in addresses():
        assert one.callback.access in {"public", "office", "enterprise", "signed_in"}


def test_no_operation_is_spared_the_token():
    for one in addresses():
        assert not getattr(one.callback, "csrf_exempt", False)


def test_the_description_names_every_operation_its_audience_and_its_problems(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"] == "3.1.0"
    operations = [
        (route, method, one) for route, methods in schema["paths"].items() for method, one in methods.items()
    ]
    assert len(operations) == 17
    for route, method, one in operations:
        assert one["description"], route
        if one["x-access"] == "public":
            # Anybody reads the public register: nothing to sign, nothing to be late for.
            assert method == "get"
            assert one["security"] == []
            assert "application/problem+json" in one["responses"]["404"]["content"]
            continue
        assert one["x-access"] in {"office", "enterprise", "signed_in"}
        assert "application/problem+json" in one["responses"]["409"]["content"]
        assert ("csrf" in one["security"][0]) == (method == "post")
    bodies = schema["paths"]["/api/v1/cases/{number}/steps/{verb}"]["post"]["requestBody"]["content"]
    assert [one["title"] for one in bodies["application/json"]["schema"]["oneOf"]] == list(PAGES)


def test_every_reference_of_the_description_leads_somewhere(client):
    text = client.get("/api/v1/openapi.json").content.decode()
    known = set(client.get("/api/v1/openapi.json").json()["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= known


def test_the_page_is_ours_alone(client):
    page = client.get("/api/v1/docs")
    shown = page.content.decode()
    assert page.status_code == 200
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', shown)
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    for _, route in re.findall(r"<code>(GET|POST) ([^<]+)</code>", shown):
        assert route.startswith("/api/v1/")
    ids, targets = set(re.findall(r'\bid="([^"]+)"', shown)), set(re.findall(r'href="#([^"]+)"', shown))
    assert targets <= ids
    assert client.get("/api/v1/").content == page.content


def test_a_due_day_is_counted_and_explained(member):
    told = member.get("/api/v1/due-day", {"start": "2026-02-13", "n": "3", "unit": "工作日"}).json()
    assert told["due_on"] == "2026-02-25"
    assert told["weekday"] == "星期三"
    assert "2026-02-14 星期六 调休上班，计第1个工作日" in told["explanation"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "start"), ({"start": "2026-02-30", "n": "3", "unit": "日"}, "start"),
        ({"start": "2026-02-13", "n": "0", "unit": "日"}, "n"), ({"start": "2026-02-13", "n": "3", "unit": "周"}, "unit"),
        ({"start": "1999-01-01", "n": "3", "unit": "日"}, "start"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_named(member, asked, field):
    told = problem(member.get("/api/v1/due-day", asked), 422)
    assert field in told["fields"]
