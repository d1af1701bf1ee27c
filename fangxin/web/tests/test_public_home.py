"""The first page says what this is and what the law promises, in the rulebook's own numbers."""

import re
from datetime import date

import pytest
from django.urls import reverse

from fangxin.rules import book
from fangxin.web.public import DEFAULT, home

pytestmark = pytest.mark.django_db


def test_anybody_finds_the_way_to_complain_and_to_follow(client):
    page = client.get("/")
    assert page.status_code == 200
    assert reverse("complain_where") in page.content.decode()
    assert reverse("follow") in page.content.decode()


def test_the_promised_days_their_unit_and_clause_are_those_of_the_rulebook(client):
    page = client.get(reverse("home")).content.decode()
    for key in home.PROMISED:
        limit = book(DEFAULT).limit(key, on=date(2026, 3, 2))
        for told in (limit.title, str(limit.within), limit.clause, limit.quote):
            assert told in page


def test_another_number_in_the_rulebook_is_another_number_on_the_page(client, monkeypatch):
    limits = [limit for limit in home.promises() if limit.key != "company_reply"]
    monkeypatch.setattr(home, "promises", lambda: iter(limits))
    page = client.get(reverse("home")).content.decode()
    assert "企业网上回复" not in page


def test_each_link_of_the_market_is_named(client):
    page = client.get(reverse("home")).content.decode()
    assert all(title in page for title in ("交易", "经纪", "开发", "物业", "评估", "测绘"))


def test_the_page_needs_no_script_and_no_other_site(client):
    page = client.get(reverse("home")).content.decode()
    assert not re.search(r'(src|href)="https?://', page)
    assert "onclick" not in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_first_page_is_only_read(client, method):
    assert getattr(client, method)(reverse("home")).status_code == 405


@pytest.mark.parametrize("query", ["?a=%ED%A0%80", "?q=<script>alert(1)</script>", "?page=999999"])
def test_what_a_stranger_hangs_on_the_address_changes_nothing(client, query):
    page = client.get("/" + query)
    assert page.status_code == 200
    assert "alert(1)" not in page.content.decode()
