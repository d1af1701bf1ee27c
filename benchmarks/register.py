"""The public register at 10,000 agencies and at 300,000, a simulated nation: laid as rows, then searched and read.

What the product needs is set beside the bare SQL of the same answer in the same run, and beside itself at both sizes.
"""

import json
import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import cycle
from typing import Any

import psycopg

from benchmarks.servers import Room
from benchmarks.table import Line
from fangxin.rules.divisions import divisions

SIZES = (10_000, 300_000)
AT_ONCE = 10_000
DAY = date(2026, 3, 2)
FIRST_CHARACTERS = "诚信安居家福海润金宏达华盛泰和顺鑫源隆兴嘉禾瑞祥天成中联德佑恒通广厦新世纪百年好宜景美优品万科融创东方明珠锦绣江南龙凤鼎峰博远卓越君悦凯旋丰泽永昌"
KINDS = (
    "房地产经纪有限公司",
    "房产中介服务有限公司",
    "不动产经纪有限公司",
    "房地产营销策划有限公司",
    "置业有限公司",
)
SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱苏叶江赖潘徐罗庄余何沈游魏"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文"
TABLES = (
    "publishedcode", "publishedperson", "publishedname", "publishedprofile", "publishedagency", "agency",
)  # fmt: skip
INDEXES_BUILT_AFTERWARDS = ("published_grams",)


def places() -> list[tuple[str, str, str]]:
    """City, county, and how a name begins that says where the agency is."""
    province = next(one for one in divisions().provinces if one.code == "350000")
    return [
        (city.code, county.code, f"{city.name.rstrip('市')}{county.name}"[:chance])
        for city in province.cities
        for county in city.counties
        for chance in (2, 5)
    ]


@cache
def _letters(piece: str) -> str:
    from fangxin.agencies.initials import initials_of

    return initials_of(piece)


def name_of(number: int, chance: random.Random, somewhere: str) -> tuple[str, str]:
    """A name as agencies have them (where, a made-up word, what it does), and its initials."""
    word = "".join(chance.choices(FIRST_CHARACTERS, k=chance.choice((2, 2, 3, 4))))
    branch = f"第{number % 97}分公司" if number % 11 == 0 else ""
    pieces = (somewhere, *word, chance.choice(KINDS), branch)
    return "".join(pieces), "".join(map(_letters, pieces))


def code_of(number: int) -> str:
    """Eighteen characters; the check digits of so many are not worth working out."""
    return f"91350{number % 1000:03d}MA{number:06d}0A"[:16] + f"{number % 97:02d}"


def lay(admin: str, how_many: int) -> None:
    """So many published agencies lie in the database, each with a code, a name or two, a profile and three people."""
    chance, where = random.Random(20260301), places()
    with psycopg.connect(admin) as connection:
        cursor = connection.cursor()
        cursor.execute("set session_replication_role = replica")
        for table in TABLES:
            cursor.execute(f"truncate agencies_{table} cascade")
        cursor.execute("delete from organisations_company where id >= 1000000")
        kept = [_definition(cursor, index) for index in INDEXES_BUILT_AFTERWARDS]
        for begin in range(0, how_many, AT_ONCE):
            drawn = [_drawn(number, chance, where) for number in range(begin, min(begin + AT_ONCE, how_many))]
            for table, columns in _COLUMNS.items():
                with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
                    for one in drawn:
                        for row in one[table]:
                            copy.write_row([row[column] for column in columns])
        for definition in kept:
            cursor.execute(definition.encode())
        cursor.execute("set session_replication_role = origin")
    with psycopg.connect(admin, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"vacuum analyze agencies_{table}".encode())


def _definition(cursor: psycopg.Cursor[Any], index: str) -> str:
    cursor.execute("select indexdef from pg_indexes where indexname = %s", [index])
    [(definition,)] = cursor.fetchall()
    cursor.execute(f"drop index {index}".encode())
    return str(definition)


_COLUMNS = {
    "organisations_company": (
        "id", "name", "name_key", "kinds", "jurisdictions", "uscc", "org_code", "licence_no", "district", "address",
        "contact_email", "contact_telephone", "created_at", "on_platform",
    ),
    "agencies_agency": (
        "id", "company_id", "jurisdiction", "code", "city", "county", "reviewing_body_id", "standing", "entered_on",
        "former_codes",
    ),
    "agencies_publishedagency": (
        "agency_id", "jurisdiction", "code", "name", "city", "county", "standing", "merged_into_code",
        "head_office_code", "brokers", "first_on", "updated_on", "name_key", "name_lines", "initial_lines", "grams",
    ),
    "agencies_publishedname": ("agency_id", "kind", "name", "name_key", "until_on"),
    "agencies_publishedcode": ("agency_id", "code"),
    "agencies_publishedprofile": ("agency_id", "number", "from_on", "until_on", "values"),
    "agencies_publishedperson": ("agency_id", "kind", "name", "registration_no", "full_time"),
}  # fmt: skip


def _drawn(
    number: int, chance: random.Random, where: Sequence[tuple[str, str, str]]
) -> dict[str, list[dict[str, Any]]]:
    from fangxin.agencies.search_keys import searched_by
    from fangxin.organisations.names import name_key

    pk = 1_000_000 + number
    city, county, somewhere = where[chance.randrange(len(where))]
    spelt = [name_of(number, chance, somewhere) for _ in range(2 if number % 6 == 0 else 1)]
    names = [name for name, _ in spelt]
    code, begun = code_of(number), DAY - timedelta(days=chance.randrange(900))
    found_by = searched_by(
        [name_key(name) for name in names], [letters for _, letters in spelt], city, county
    )
    agency = {
        "id": pk, "agency_id": pk, "company_id": pk, "jurisdiction": "fujian", "code": code, "city": city,
        "county": county, "reviewing_body_id": 1, "standing": "active", "entered_on": begun, "name": names[0],
        "merged_into_code": "", "head_office_code": "", "brokers": 3, "first_on": begun, "updated_on": begun,
        **found_by, "kinds": ["brokerage"], "jurisdictions": ["fujian"], "uscc": code, "org_code": "",
        "licence_no": "", "district": county, "address": "", "contact_email": "", "contact_telephone": "",
        "created_at": DAY, "former_codes": [], "on_platform": True,
    }  # fmt: skip
    people = [
        {
            "agency_id": pk, "kind": "broker", "full_time": True, "registration_no": f"35{number:08d}{at}",
            "name": chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2)))),
        }
        for at in range(3)
    ]  # fmt: skip
    return {
        "organisations_company": [agency],
        "agencies_agency": [agency],
        "agencies_publishedagency": [agency],
        "agencies_publishedname": [
            {
                "agency_id": pk, "kind": "former" if at else "present", "name": name,
                "name_key": found_by["name_lines"].split("\n")[1 + at], "until_on": begun if at else None,
            }
            for at, name in enumerate(dict.fromkeys(names))
        ],
        "agencies_publishedcode": [{"agency_id": pk, "code": form} for form in (code, code[8:17])],
        "agencies_publishedprofile": [
            {
                "agency_id": pk, "number": 1, "from_on": begun, "until_on": None,
                "values": json.dumps(_values(names[0], code, city, county, people), ensure_ascii=False),
            }
        ],
        "agencies_publishedperson": people,
    }  # fmt: skip


def _values(name: str, code: str, city: str, county: str, people: list[dict[str, Any]]) -> dict[str, Any]:
    holders = [
        {"name": one["name"], "sex": "男", "nationality": "中国", "holder_kind": "自然人"}
        for one in people[:2]
    ]
    return {
        "J1": {
            "name": name, "legal_code": code, "city": city, "county": county, "registration_type": "173",
            "business_scope": "房地产经纪服务；住房租赁信息咨询。", "licence_no": code, "registered_on": "2012-03-01",
            "licence_expires_on": "长期", "legal_representative": people[0]["name"], "filed_on": "2012-05-04",
            "broker_count": 3, "full_time_broker_count": 3, "assistant_count": 0, "staff_count": 8,
            "mid_title_count": 1, "senior_title_count": 0, "shareholder_count": 2, "association_standing": "会员单位",
            "introduction": "诚信为本，服务八闽。门店临街，专做二手房买卖与租赁，明码标价，签约前告知全部费用。" * 2,
        },
        "J2": {"name": people[0]["name"], "sex": "男", "nationality": "中国", "position": "董事长", "education": "本科"},
        "J5": holders,
        "J6": [
            {"project_name": f"{at}号院二手房买卖", "purpose": "房地产买卖", "service_period": "2026-01-05至2026-03-05"}
            for at in range(1, 4)
        ],
        "J8": {"application_opinion": "申请备案。", "authority_opinion": "同意备案。"},
    }  # fmt: skip


# What is searched for: one agency in several ways, and what thousands bear.
def searches(sample: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """By kind, texts that each find something."""
    return {
        "whole name": [row["name"] for row in sample],
        "four characters": [row["name_key"][3:7] for row in sample],
        "two characters": [row["name_key"][4:6] for row in sample],
        "initials": [row["initial_lines"].split("\n")[1][1:7] for row in sample],
        "code": [row["code"] for row in sample],
        "what thousands bear": ["房产", "有限公司", "福州", "不动产经纪", "置业", "厦门"],
    }


# The same answer as a person at the database would ask for it.
BARE = """
    select code, name, city, county, standing, brokers, updated_on from agencies_publishedagency
    where jurisdiction = 'fujian' and {where} order by name_key <> %(text)s, name_key limit 20"""
BARE_COUNT = """
    select count(*) from (select 1 from agencies_publishedagency where jurisdiction = 'fujian' and {where} limit 3001) c"""
WHERE = {
    "code": "code = %(text)s",
    "initials": "grams @> %(grams)s and initial_lines like '%%' || %(text)s || '%%'",
    "": "grams @> %(grams)s and name_lines like '%%' || %(text)s || '%%'",
}


def measured(place: Room, sizes: Sequence[int], rounds: int, seconds: float, many: int) -> list[Line]:
    """The lines of the table; the first size is what the second is set beside."""
    lines: list[Line] = []
    took: dict[int, dict[str, float]] = {}
    for size in sizes:
        lay(place.admin, size)
        took[size] = {}
        for kind, bare, ours in _functions(size):
            took[size][kind] = ours
            lines.append(
                Line(
                    f"register search, {kind}, {size:,}",
                    ours / bare,
                    "×",
                    2,
                    f"{ours:.2f} / {bare:.2f} ms, median",
                )
            )
        lines += _pages(place, size, rounds, seconds, many, took[size])
    least, most = sizes[0], sizes[-1]
    if most > least:
        allowed = math.log(most) / math.log(least)
        for kind in took[least]:
            grown = took[most][kind] / took[least][kind]
            goal = None if kind == "what thousands bear" else round(allowed, 2)
            lines.append(
                Line(f"{kind}, {most:,} beside {least:,}", grown, "×", goal, "goal: as the logarithm grows")
            )
    return lines


def _functions(size: int) -> Iterator[tuple[str, float, float]]:
    """Kind, milliseconds of the bare SQL, milliseconds of the product's search; in alternation, medians."""
    from django.db import connection

    from fangxin.agencies.published import Wanted, search
    from fangxin.agencies.search_keys import needle_of

    for kind, texts in searches(_sample(40)).items():
        where = WHERE.get(kind, WHERE[""])
        bare: list[float] = []
        ours: list[float] = []
        for turn in range(3):
            for text in texts:
                needle = needle_of(text)
                assert needle is not None
                values = {"text": text if kind == "code" else needle.text, "grams": list(needle.grams)}
                begun = time.perf_counter()
                with connection.cursor() as cursor:
                    for statement in (BARE, BARE_COUNT):
                        cursor.execute(statement.format(where=where), values)
                        cursor.fetchall()
                middle = time.perf_counter()
                found = search(Wanted("fujian", text))
                end = time.perf_counter()
                if not found.rows:
                    raise RuntimeError(f"{kind}: nothing was found for {text}")
                if turn:
                    bare.append((middle - begun) * 1000)
                    ours.append((end - middle) * 1000)
        yield kind, statistics.median(bare), statistics.median(ours)


def _sample(how_many: int) -> list[dict[str, Any]]:
    from fangxin.agencies.models import PublishedAgency

    rows = PublishedAgency.objects.filter(agency_id__gte=1_000_000).order_by("code")
    step = max(1, rows.count() // how_many)
    return list(rows.values("name", "name_key", "initial_lines", "code")[::step][:how_many])


def _pages(
    place: Room, size: int, rounds: int, seconds: float, many: int, took: dict[str, float]
) -> Iterator[Line]:
    """Search and profile over the web, beside the floor's list and its single row."""
    from urllib.parse import quote

    from benchmarks import visits
    from benchmarks.ratios import Act, alternate, line
    from benchmarks.servers import serving

    sample = _sample(40)
    with (
        serving(place, "fangxin.config.wsgi:application", "/healthz") as ours,
        serving(place, "benchmarks.floor.wsgi:application", "/list") as bare,
    ):
        asked = [visits.get(f"/agencies/?q={quote(row['name_key'][3:7])}") for row in sample]
        read = [visits.get(f"/agencies/{row['code']}/") for row in sample]
        floor_page = Act(
            "list as a page",
            bare,
            [visits.Asking(visits.again(visits.get("/page"))) for _ in range(many)],
            [],
        )
        floor_read = Act("read", bare, [visits.Asking(visits.reads(5000)) for _ in range(many)], [])
        search_page = Act(f"search page, {size:,}", ours, _turning(asked, many), [])
        profile = Act(f"profile page, {size:,}", ours, _turning(read, many), [])
        alternate(floor_page, [search_page], rounds, seconds)
        yield line(search_page, floor_page, 3)
        alternate(floor_read, [profile], rounds, seconds)
        yield line(profile, floor_read, 5)
        took["search page over the web"] = (
            search_page.figures()["web ms"] + search_page.figures()["database ms"]
        )
        took["profile page over the web"] = profile.figures()["web ms"] + profile.figures()["database ms"]


def _turning(pages: list[bytes], many: int) -> list[Any]:
    from benchmarks import visits

    return [visits.Asking(cycle(pages[at:] + pages[:at]), words=b"<h1>") for at in range(many)]
