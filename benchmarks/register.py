"""The public register at 10,000 agencies and at 300,000, a simulated nation: laid as rows, then searched and read.

What the product needs is set beside the bare SQL of the same answer in the same run, and beside itself at both sizes.
"""

import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import psycopg

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


def name_of(number: int, chance: random.Random, somewhere: str) -> str:
    """A name as agencies have them: where, a made-up word, what it does."""
    word = "".join(chance.choices(FIRST_CHARACTERS, k=chance.choice((2, 2, 3, 4))))
    branch = f"第{number % 97}分公司" if number % 11 == 0 else ""
    return f"{somewhere}{word}{chance.choice(KINDS)}{branch}"


def code_of(number: int) -> str:
    """Eighteen characters; the check digits of so many are not worth working out."""
    return f"91350{number % 1000:03d}MA{number:06d}0A"[:16] + f"{number % 97:02d}"


def lay(admin: str, how_many: int) -> None:
    """So many published agencies lie in the database, each with a code, a name or two, a profile and three people."""
    from fangxin.agencies.actions.publishing import searched_by

    chance, where = random.Random(20260301), places()
    with psycopg.connect(admin) as connection:
        cursor = connection.cursor()
        cursor.execute("set session_replication_role = replica")
        for table in TABLES:
            cursor.execute(f"truncate agencies_{table} cascade")
        cursor.execute("delete from organisations_company where id >= 1000000")
        kept = [_definition(cursor, index) for index in INDEXES_BUILT_AFTERWARDS]
        for begin in range(0, how_many, AT_ONCE):
            drawn = [
                _drawn(number, chance, where, searched_by)
                for number in range(begin, min(begin + AT_ONCE, how_many))
            ]
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
    number: int,
    chance: random.Random,
    where: Sequence[tuple[str, str, str]],
    searched_by: Callable[..., dict[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    pk = 1_000_000 + number
    city, county, somewhere = where[chance.randrange(len(where))]
    names = [name_of(number, chance, somewhere)]
    if number % 6 == 0:
        names.append(name_of(number, chance, somewhere))
    code, begun = code_of(number), DAY - timedelta(days=chance.randrange(900))
    found_by = searched_by(names, city, county)
    agency = {
        "id": pk, "agency_id": pk, "company_id": pk, "jurisdiction": "fujian", "code": code, "city": city,
        "county": county, "reviewing_body_id": 1, "standing": "active", "entered_on": begun, "name": names[0],
        "merged_into_code": "", "head_office_code": "", "brokers": 3, "first_on": begun, "updated_on": begun,
        **found_by, "kinds": ["brokerage"], "jurisdictions": ["fujian"], "uscc": code, "org_code": "",
        "licence_no": "", "district": county, "address": "", "contact_email": "", "contact_telephone": "",
        "created_at": DAY, "on_platform": True,
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
