"""A declaration in which everything agrees, for the tests to spoil."""

from copy import deepcopy
from datetime import date
from typing import Any

from fangxin.rules.indicators import catalogue

ON = date(2015, 1, 8)
AGENCY = {"agency_name": "福州诚信房地产经纪有限公司", "agency_code": "91350100M000100Y43"}
TYPED: dict[str, Any] = {
    "J1": {
        "name": "福州诚信房地产经纪有限公司", "legal_code": "91350100M000100Y43", "city": "福州市", "county": "鼓楼区",
        "office_address": "福州市鼓楼区五四路158号", "mailing_address": "福州市鼓楼区五四路158号", "postcode": "350001",
        "telephone": "0591-87654321", "email": "office@chengxin.example", "website": "www.chengxin.example",
        "registration_type": "173", "business_scope": "房地产经纪服务", "licence_no": "350100100000017",
        "registered_capital": "500", "registered_on": "2010-05-06", "licence_expires_on": "2030-05-05",
        "legal_representative": "刘洋", "filed_on": "2010-06-01", "broker_count": 5, "full_time_broker_count": 4,
        "assistant_count": 3, "staff_count": 8, "mid_title_count": 2, "senior_title_count": 1, "shareholder_count": 2,
        "association_standing": "会员单位", "introduction": "成立于2010年，从事二手房买卖和租赁。",
    },
    "J2": AGENCY | {
        "name": "刘洋", "sex": "女", "nationality": "中国", "id_kind": "居民身份证", "id_number": "11010519491231002X",
        "born_on": "1949-12-31", "telephone": "13800138000", "education": "大学本科", "registration_no": "35201000001",
        "position": "董事长", "invested": "300", "invested_percent": "60",
    },
    "J5": [
        AGENCY | {
            "name": "陈晨", "sex": "女", "nationality": "中国", "position": "监事", "invested": "200",
            "invested_percent": "40", "holder_kind": "自然人",
        },
    ],
    "J6": [
        {
            "project_name": "融信大厦1201室出租", "contract_no": "2014-001", "purpose": "房地产租赁",
            "service_period": "2014-09-01至2014-12-31", "brokers": "张敏", "assistants": "李强", "client_name": "王小明",
            "client_address": "福州市台江区工业路100号", "client_telephone": "13900139000",
        },
    ],
    "J7": [
        AGENCY | {
            "contract_no": "2014-001", "project_name": "融信大厦1201室出租", "broker_name": "张敏",
            "broker_registration_no": "35201000002",
        },
        AGENCY | {
            "contract_no": "2014-001", "project_name": "融信大厦1201室出租", "assistant_name": "李强",
            "assistant_registration_no": "35202000001",
        },
    ],
    "J8": AGENCY | {"application_opinion": "申请备案"},
}  # fmt: skip


def values(table: str, typed: dict[str, Any]) -> dict[str, Any]:
    """The row as the catalogue reads it; asserts that nothing is wrong with it."""
    row = catalogue().check_row(table, typed, on=ON, complete=False)
    assert [error.message for error in row.wrong] == []
    return row.values


def declaration(**tables: Any) -> dict[str, Any]:
    """A sound declaration; what is given for a table takes the place of those columns, or rows."""
    found = {
        table: [values(table, row) for row in typed] if isinstance(typed, list) else values(table, typed)
        for table, typed in deepcopy(TYPED).items()
    }
    for table, given in tables.items():
        if isinstance(given, dict) and isinstance(found.get(table), dict):
            found[table] |= given
        elif isinstance(given, dict) and found.get(table):
            found[table][0] |= given
        else:
            found[table] = given
    return found
