"""The quarter's duties as an agency, a department, a city and the province see them."""

from datetime import date

import pytest
from django.urls import reverse

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    run_quarters,
    save_table,
    submit_declaration,
)
from fangxin.agencies.models import QuarterDuty
from fangxin.journal.models import Entry
from fangxin.organisations.models import User
from tests.fujian_cast import fujian_cast, typed_values

pytestmark = pytest.mark.django_db
PAGE = "/enterprise/register/quarter/"
LIST = "/office/register/quarters/"


@pytest.fixture
def cast(settings):
    settings.FANGXIN_TODAY = "2026-02-10"
    cast = fujian_cast()
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    submit_declaration(declaration.pk, truth=True, by=cast.filer)
    approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)
    settings.FANGXIN_TODAY = "2026-04-02"
    run_quarters()
    return cast


def signed_in(client, acting):
    client.force_login(User.objects.get(pk=acting.user_id))
    return client


def test_the_agency_sees_both_duties_and_why_the_day_is_that_day(client, cast):
    page = signed_in(client, cast.filer).get(PAGE).content.decode()
    assert "2026年第1季度更新数据：待提交" in page
    assert "2026年第2季度还没有更新过" in page
    assert "2026-03-31 星期二 起算日，不计入" in page
    assert "2026-04-15" in page
    assert "剩 13 日" in page, "the term is in 日"


def test_the_agency_confirms_that_nothing_changed_and_forgets_no_table(client, cast):
    signed_in(client, cast.filer)
    form = client.get(PAGE).context["form"]
    key = form.initial["act_key"]
    tables = [code for code, _ in form.fields["tables"].choices]
    refused = client.post(PAGE, {"act_key": key, "tables": tables[1:], "truth": "on"})
    assert refused.status_code == 422
    assert "J1机构基本情况还没有勾选" in refused.content.decode()
    assert client.post(PAGE, {"act_key": key, "tables": tables}).status_code == 422
    for _ in range(2):
        assert client.post(PAGE, {"act_key": key, "tables": tables, "truth": "on"}).status_code in {302, 422}
    duty = QuarterDuty.objects.get(agency=cast.agency)
    assert (duty.state, duty.submitted_on) == ("updated", date(2026, 4, 2))
    assert Entry.objects.filter(kind="quarter:no_change").count() == 1
    assert "确认无变化" in client.get(PAGE).content.decode()


def test_a_company_that_is_no_agency_has_no_such_page(client, cast):
    cast.other_agency.duties.all().delete()
    type(cast.other_agency).objects.filter(pk=cast.other_agency.pk).delete()
    assert signed_in(client, cast.other_filer).get(PAGE).status_code == 404


def test_each_looks_after_its_own_place(client, cast):
    seen = {}
    for who in ("reviewer", "city_reviewer", "other_reviewer", "prechecker", "province"):
        page = signed_in(client, getattr(cast, who)).get(LIST).content.decode()
        seen[who] = ("福州诚信房产经纪有限公司" in page, "厦门海润房产经纪有限公司" in page)
    assert seen == {
        "reviewer": (True, False), "city_reviewer": (True, False), "other_reviewer": (False, True),
        "prechecker": (True, True), "province": (True, True),
    }  # fmt: skip
    assert signed_in(client, cast.filer).get(LIST).status_code == 404


def test_the_list_is_sieved_by_state_and_place(client, cast, settings):
    settings.FANGXIN_TODAY = "2026-04-16"
    run_quarters()
    signed_in(client, cast.province)
    page = client.get(LIST, {"quarter": "2026-1", "state": "unmet", "place": "city-350200"}).content.decode()
    assert "厦门海润房产经纪有限公司" in page
    assert "福州诚信房产经纪有限公司" not in page
    assert "逾期未交" in page
    for odd in ({"quarter": "x"}, {"quarter": "1999-1"}, {"state": "x"}, {"place": "x"}, {"page": "x"}):
        assert client.get(LIST, odd).status_code in {200, 302}


def test_the_list_goes_out_as_csv_and_the_journal_knows(client, cast):
    signed_in(client, cast.reviewer)
    answer = client.post(
        reverse("quarters_export"), {"quarter": "2026-1", "state": "", "within": "", "place": ""}
    )
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("机构名称,法人代码")
    assert "福州诚信房产经纪有限公司" in text
    assert "厦门海润房产经纪有限公司" not in text
    entry = Entry.objects.get(kind="exchange:export")
    assert entry.details["rows"] == 1
    assert client.get(reverse("quarters_export")).status_code == 405


def test_before_the_first_quarter_there_is_nothing_to_list(client, cast):
    QuarterDuty.objects.all().delete()
    assert "还没有开放过季度更新" in signed_in(client, cast.reviewer).get(LIST).content.decode()
    assert "还没有开放过季度更新" in signed_in(client, cast.filer).get(PAGE).content.decode()
