"""Anybody looks an agency up, reads what is published of it as of any day, and takes it along."""

import csv
import io
import re
from datetime import date

import pytest
import time_machine
from django.test import Client

from fangxin.agencies.actions.publishing import count_coverage, publish_standing
from fangxin.agencies.models import Practitioner, PublishedAgency, PublishedCoverage
from fangxin.organisations.models import Company
from fangxin.web.public.places import named
from tests.fujian_cast import FujianCast, fujian_cast, published_agency, typed_values

pytestmark = pytest.mark.django_db
SECRETS = (
    "11010519491231002X",
    "0591-87654321",
    "机密路88号",
    "保密委托人甲",
    "HT-2026-001",
    "123.45",
    "13805910001",
)


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    """Founded and published once for the module: two versions of one agency, and a broker of the roster."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        founded = fujian_cast()
        Practitioner.objects.create(
            jurisdiction="fujian", registration_no="35200900999", name="李娜", kind="assistant",
            agency_code=founded.agency.code, full_time=False,
        )  # fmt: skip
        with time_machine.travel("2026-03-02 10:00+08:00"):
            published_agency(founded)
        with time_machine.travel("2026-06-01 10:00+08:00"):
            values = typed_values(founded.agency)
            published_agency(
                founded,
                J1={**values["J1"], "name": "福州至诚房产经纪有限公司", "introduction": "=1+1"},
            )
            count_coverage("fujian", on=date(2026, 6, 1))
        yield founded
        transaction.set_rollback(True)


@pytest.fixture
def public(cast: FujianCast, db: None) -> Client:
    with time_machine.travel("2026-06-02 10:00+08:00"):
        yield Client()


def text_of(response) -> str:
    return response.content.decode()


def test_the_search_is_reached_from_the_first_page(public):
    page = text_of(public.get("/"))
    assert 'href="/agencies/"' in page
    assert 'action="/agencies/"' in page


@pytest.mark.parametrize("asked", ["至诚", "诚信", "fzzc", "张伟", "35200900999", "福 州"])
def test_an_agency_is_found_by_what_people_know_of_it(public, cast, asked):
    page = text_of(public.get("/agencies/", {"q": asked}))
    assert f"/agencies/{cast.agency.code}/" in page
    assert "福州至诚房产经纪有限公司" in page


def test_a_former_name_is_told_beside_the_present(public):
    assert "曾用名：福州诚信房产经纪有限公司" in text_of(public.get("/agencies/?q=福州诚信"))


def test_by_place(public, cast):
    assert cast.agency.code in text_of(public.get("/agencies/?place=350102"))
    page = text_of(public.get("/agencies/?place=350200&q=至诚"))
    assert "没有查到" in page
    assert "在全省查询" in page


@pytest.mark.parametrize(
    "asked",
    ["长" * 10_000, "a\ud800b".encode("utf-8", "surrogatepass"), "\x07", "\ufffd"],
    ids=["long", "surrogate", "bell", "replacement"],
)
def test_what_cannot_be_searched_is_named(public, asked):
    for address in ("/agencies/", "/brokers/", "/api/v1/agencies", "/api/v1/brokers", "/agencies/search.csv"):
        response = public.get(address, {"q": asked})
        assert response.status_code == 422, address
        assert "不得超过100字" in text_of(response) or "含有无法识别的字符" in text_of(response)


@pytest.mark.parametrize(
    "asked",
    ["%", "_", "%%诚%", "\\", "' or 1=1 --", "{{ 7*7 }}", "<script>alert(1)</script>", "😀", "𠮷", "（）"],
)
def test_snippets_are_only_text(public, asked):
    for address in ("/agencies/", "/brokers/"):
        response = public.get(address, {"q": asked})
        assert response.status_code == 200
        assert "<script>alert" not in text_of(response)
        assert "49" not in text_of(response) or "{{" not in asked
        assert "没有查到" in text_of(response)


def test_nul_in_the_address_is_refused(public):
    assert public.get("/agencies/?q=%00").status_code == 400


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "９", "1e3"])
def test_a_page_number_that_is_none_leads_to_a_page(public, page):
    assert public.get("/agencies/", {"q": "福州", "page": page}).status_code == 200


def test_the_profile_shows_what_is_published_with_the_titles_of_the_catalogue(public, cast):
    page = text_of(public.get(f"/agencies/{cast.agency.code}/"))
    for shown in (
        "福州至诚房产经纪有限公司", "登记注册类型", "私营有限责任公司", "林国强", "陈丽", "东街口二手房买卖", "张伟",
        "35200900123", "李娜", "兼职", "福州诚信房产经纪有限公司", "8人", "申请备案。",
    ):  # fmt: skip
        assert shown in page, shown
    for secret in (*SECRETS, "办公地址", "注册资本", "身份证件号码", "委托人名称"):
        assert secret not in page, secret


def test_as_of_a_day(public, cast):
    address = f"/agencies/{cast.agency.code}/"
    then = text_of(public.get(address, {"on": "2026-03-02"}))
    assert "诚信为本，服务福州。" in then
    assert "<h1>福州诚信房产经纪有限公司" in then
    assert "第1版" in then
    before = public.get(address, {"on": "2026-03-01"})
    assert "还没有公示的登记" in text_of(before)
    assert "2026-03-02" in text_of(before)


@pytest.mark.parametrize(
    ("on", "words"),
    [("2026-02-30", "没有这一天"), ("x", "没有这一天"), ("0000-00-00", "没有这一天"), ("2026-06-03", "还没有到"),
     ("9999-12-31", "还没有到"), ("2026-W01-1x", "没有这一天"), ("\u0664", "没有这一天")],
)  # fmt: skip
def test_a_day_there_is_not_is_named(public, cast, on, words):
    response = public.get(f"/agencies/{cast.agency.code}/", {"on": on})
    assert response.status_code == 422
    assert words in text_of(response)
    told = public.get(f"/api/v1/agencies/{cast.agency.code}", {"on": on})
    assert told.status_code == 422
    assert words in told.json()["fields"]["on"][0]


def test_a_former_code_leads_to_the_present_page(public, cast):
    old = cast.agency.code[8:17]
    response = public.get(f"/agencies/{old}/?on=2026-03-02")
    assert response.status_code == 302
    assert response["Location"] == f"/agencies/{cast.agency.code}/?on=2026-03-02"
    assert public.get(f"/api/v1/agencies/{old}").json()["code"] == cast.agency.code


@pytest.mark.parametrize("code", ["1", "91350102MA0034506Z", "x'--", "%25", "长" * 300])
def test_no_such_code_is_not_found(public, code):
    assert public.get(f"/agencies/{code}/").status_code == 404
    response = public.get(f"/api/v1/agencies/{code}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_cancelled_and_merged_agencies_stay_and_say_so(public, cast):
    agency = cast.agency
    agency.refresh_from_db()
    agency.standing = "cancelled"
    agency.save()
    publish_standing(agency)
    assert "本机构已注销" in text_of(public.get(f"/agencies/{agency.code}/"))
    assert "已注销" in text_of(public.get("/agencies/?q=至诚"))
    published_agency(cast, cast.other_agency, cast.other_filer, cast.other_reviewer)
    agency.standing, agency.merged_into = "merged", cast.other_agency
    agency.save()
    publish_standing(agency)
    page = text_of(public.get(f"/agencies/{agency.code}/"))
    assert "已并入" in page
    assert f"/agencies/{cast.other_agency.code}/" in page


def test_brokers_are_found_with_their_agency(public, cast):
    for asked in ("张伟", "李", "35200900999"):
        page = text_of(public.get("/brokers/", {"q": asked}))
        assert f"/agencies/{cast.agency.code}/" in page
    assert "没有查到" in text_of(public.get("/brokers/?q=伟"))
    assert "李娜" in text_of(public.get("/brokers/", {"agency": cast.agency.code}))


def test_coverage_tells_known_and_published_by_county(public):
    page = text_of(public.get("/agencies/coverage/"))
    assert "福州市" in page
    assert "1 / 1" in page
    assert "0 / 1" in page, "the other agency is known and has not declared"


def test_pingtan_stands_beside_the_cities_and_under_none(public):
    """It counts as a city (J1-03), and its one county is itself."""
    PublishedCoverage.objects.create(
        jurisdiction="fujian",
        city="350128",
        county="350128",
        known=4,
        published=3,
        counted_on=date(2026, 6, 1),
    )
    assert named("350128", "350128") == "平潭综合实验区"
    search = text_of(public.get("/agencies/"))
    assert search.count('value="350128"') == 1
    assert '?place=350128">平潭综合实验区' in search
    assert "平潭县" not in search
    page = text_of(public.get("/agencies/coverage/"))
    assert '?place=350128">平潭综合实验区' in page
    assert "3 / 4" in page
    assert "没有写明所在地" not in page


def test_the_print_view_has_everything_and_no_frame(public, cast):
    page = text_of(public.get(f"/agencies/{cast.agency.code}/?print=1"))
    assert "on-paper" in page
    assert "东街口二手房买卖" in page


def test_a_search_can_be_taken_along(public, cast):
    response = public.get("/agencies/search.csv?q=至诚")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    [row] = list(csv.DictReader(io.StringIO(content)))
    assert row["法人代码"] == cast.agency.code


@pytest.mark.parametrize("table", ["J1", "J2", "J5", "J6", "J8", "people"])
def test_the_whole_register_can_be_taken_along_without_what_is_marked(public, cast, table):
    response = public.get(f"/agencies/files/{table}.csv")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert cast.agency.code in content
    for secret in SECRETS:
        assert secret not in content, secret
    if table == "J1":
        assert "'=1+1" in content, "no formula"
    assert public.get("/agencies/files/J7.csv").status_code == 404
    assert public.get("/agencies/files/T1.csv").status_code == 404


def test_the_api_gives_what_the_page_shows(public, cast):
    found = public.get("/api/v1/agencies", {"q": "诚信"}).json()
    assert found["total"] == 1
    assert found["agencies"][0]["found_by"] == "福州诚信房产经纪有限公司"
    told = public.get(f"/api/v1/agencies/{cast.agency.code}", {"on": "2026-03-02"}).json()
    assert told["values"]["J1"]["introduction"] == "诚信为本，服务福州。"
    assert told["version"] == {"number": 1, "from_on": "2026-03-02", "until_on": "2026-06-01"}
    assert [one["name"] for one in told["people"]] == ["张伟", "李娜"]
    assert (
        public.get("/api/v1/brokers", {"q": "李娜"}).json()["brokers"][0]["agency_code"] == cast.agency.code
    )


def test_the_api_is_described_by_the_catalogue(public):
    schema = public.get("/api/v1/openapi.json").json()
    assert schema["paths"]["/api/v1/agencies"]["get"]["security"] == []
    columns = schema["components"]["schemas"]["PublicAgency"]["properties"]["values"]["properties"]["J1"][
        "properties"
    ]
    assert columns["introduction"]["x-indicator"] == "J1-25"
    assert "registered_capital" not in columns


def test_pages_ask_few_queries(public, cast, django_assert_max_num_queries):
    for address, most in (
        ("/agencies/?q=福州", 8), (f"/agencies/{cast.agency.code}/", 9), ("/brokers/?q=张", 6),
        ("/agencies/?place=350100", 6), ("/agencies/coverage/", 6),
    ):  # fmt: skip
        with django_assert_max_num_queries(most, info=address):
            assert public.get(address).status_code == 200


def test_every_page_of_the_register_reads_in_the_public_role_alone(public, cast):
    """The rows are there for the owner; a page that read another table would be refused by the database."""
    assert Company.objects.filter(pk=cast.agency.company_id).exists()
    assert PublishedAgency.objects.count() == 1
    assert public.get(f"/agencies/{cast.agency.code}/").status_code == 200


def test_search_engines_find_every_page_with_the_day_it_changed(public, cast, monkeypatch):

    whole = public.get("/sitemap.xml")
    assert whole["Content-Type"].startswith("application/xml")
    parts = re.findall(r"<loc>http://testserver([^<]+)</loc>", text_of(whole))
    assert parts == ["/sitemap-0.xml", "/sitemap-1.xml"]
    still, agencies = (text_of(public.get(part)) for part in parts)
    listed = f"<loc>http://testserver/agencies/{cast.agency.code}/</loc><lastmod>2026-06-01</lastmod>"
    assert listed in agencies
    for address in re.findall(r"<loc>http://testserver([^<]+)</loc>", still + agencies):
        assert public.get(address).status_code in (200, 404) if "/rules/" in address else 200, address
    assert public.get("/sitemap-2.xml").status_code == 404
    # Nobody's page that is not public: the other agency of the cast has no record.
    assert cast.other_agency.code not in agencies
