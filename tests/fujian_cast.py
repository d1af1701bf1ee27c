"""The people of Fujian: 林晓 declares for 福州诚信, 黄敏 reviews in 鼓楼区, 吴建 in 福州市, 郑华 looks first for the committee."""

from dataclasses import dataclass
from typing import Any

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    enter_agency,
    save_table,
    submit_declaration,
)
from fangxin.agencies.models import Agency, Declaration
from fangxin.journal.actors import Actor
from fangxin.organisations.actions import found_bodies
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting, Role
from tests.cast import member

BY = Actor.system("测试")
CODE, OTHER_CODE = "91350102MA345XYZ02", "91350203MA31ABCD10"


@dataclass
class FujianCast:
    """Everybody a declaration can meet."""

    agency: Agency
    other_agency: Agency
    filer: Acting
    other_filer: Acting
    reviewer: Acting
    city_reviewer: Acting
    other_reviewer: Acting
    prechecker: Acting
    province: Acting


def fujian_cast() -> FujianCast:
    """Two agencies, their departments and the committee."""
    found_bodies("fujian", by=BY)
    body = {row.code: row for row in Body.objects.filter(jurisdiction="fujian")}
    agency = enter_agency(
        jurisdiction="fujian",
        code=valid(CODE),
        name="福州诚信房产经纪有限公司",
        city="350100",
        county="350102",
        by=BY,
    )
    other = enter_agency(
        jurisdiction="fujian",
        code=valid(OTHER_CODE),
        name="厦门海润房产经纪有限公司",
        city="350200",
        county="350203",
        by=BY,
    )
    return FujianCast(
        agency=agency, other_agency=other,
        filer=member("linxiao", "林晓", Role.COMPANY_USER, company=agency.company),
        other_filer=member("chenyu", "陈宇", Role.COMPANY_USER, company=other.company),
        reviewer=member("huangmin", "黄敏", Role.REVIEWER, body["district.350102.housing"]),
        city_reviewer=member("wujian", "吴建", Role.REVIEWER, body["city.350100.housing"]),
        other_reviewer=member("hexin", "何欣", Role.REVIEWER, body["district.350203.housing"]),
        prechecker=member("zhenghua", "郑华", Role.PRECHECKER, body["province.committee"]),
        province=member("yelan", "叶岚", Role.REVIEWER, body["province.housing"]),
    )  # fmt: skip


def valid(code: str) -> str:
    """The code with its last two digits made right."""
    from fangxin.config.demonstration import invented_uscc

    return invented_uscc(code[2:8], int("".join(c for c in code[8:17] if c.isdigit()) or 1) % 1_000_000)


def typed_values(agency: Agency) -> dict[str, Any]:
    """A sound declaration as an agency types it."""
    return {
        "J1": {
            "name": agency.company.name, "legal_code": agency.code, "city": agency.city, "county": agency.county,
            "office_address": "福州市鼓楼区东街口机密路88号", "telephone": "0591-87654321",
            "email": "office@chengxin.example", "registration_type": "173", "business_scope": "房地产经纪服务",
            "licence_no": agency.code, "registered_capital": "123.45", "registered_on": "2012-03-01",
            "licence_expires_on": "长期", "legal_representative": "林国强", "filed_on": "2012-05-04",
            "broker_count": "3", "full_time_broker_count": "2", "assistant_count": "1", "staff_count": "8",
            "mid_title_count": "1", "senior_title_count": "0", "shareholder_count": "2",
            "association_standing": "会员单位", "introduction": "诚信为本，服务福州。",
        },
        "J2": {
            "name": "林国强", "sex": "男", "nationality": "中国", "id_kind": "身份证",
            "id_number": "11010519491231002X", "born_on": "1949-12-31", "telephone": "13805910001",
            "position": "董事长", "invested": "73.45", "invested_percent": "59.5",
        },
        "J5": [
            {"name": "陈丽", "sex": "女", "nationality": "中国", "holder_kind": "自然人", "position": "监事",
             "invested": "50", "invested_percent": "40.5"},
        ],
        "J6": [
            {"project_name": "东街口二手房买卖", "contract_no": "HT-2026-001", "purpose": "房地产买卖",
             "service_period": "2026-01-05至2026-03-05", "brokers": "张伟", "client_name": "保密委托人甲",
             "client_telephone": "13905910002"},
        ],
        "J7": [{"contract_no": "HT-2026-001", "broker_name": "张伟", "broker_registration_no": "35200900123"}],
        "J8": {"application_opinion": "申请备案。"},
    }  # fmt: skip


def declared_and_accepted(cast: FujianCast, **changed: Any) -> Declaration:
    """The agency's declaration, approved: its record from today."""
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in {**typed_values(cast.agency), **changed}.items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    submit_declaration(declaration.pk, truth=True, by=cast.filer)
    return approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)


def published_agency(
    cast: FujianCast,
    agency: Agency | None = None,
    filer: Acting | None = None,
    reviewer: Acting | None = None,
    **changed: Any,
) -> Agency:
    """The agency has declared, been approved, and stands in public; the first of the cast unless another is named."""
    agency, filer, reviewer = agency or cast.agency, filer or cast.filer, reviewer or cast.reviewer
    agency.refresh_from_db()
    declaration = begin_declaration(agency.pk, by=filer)
    for table, rows in {**typed_values(agency), **changed}.items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=filer)
    submit_declaration(declaration.pk, truth=True, by=filer)
    approve_declaration(declaration.pk, opinion="属实", by=reviewer)
    agency.refresh_from_db()
    return agency
