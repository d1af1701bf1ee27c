"""Demonstration data of Fujian: invented agencies in every county, with what they declared, owe and were told."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.agencies import actions
from fangxin.agencies.actions.publishing import count_coverage
from fangxin.agencies.models import Agency, Declaration, QuarterDuty
from fangxin.agencies.quarters import OWED, DutyState, Quarter
from fangxin.agencies.values import checked, declared_tables
from fangxin.config.demonstration import BY, Seat, invented_uscc, join_as, new_user, on_day
from fangxin.config.demonstration_complaints import create_complaints
from fangxin.config.demonstration_conduct import create_conduct
from fangxin.credit.actions import compute_round, open_round
from fangxin.deadlines.clock import today
from fangxin.organisations.actions import found_bodies
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.identifiers import ID_CHECKS, ID_WEIGHTS

PLACE = "fujian"
OWN = "福州诚信房产经纪有限公司（演示）"
SEATS = (
    Seat("linxiao", "林晓", Role.COMPANY_USER, company=OWN),
    Seat("huangmin", "黄敏", Role.REVIEWER, "district.350102.housing"),
    Seat("tangning", "唐宁", Role.REVIEWER, "district.350102.housing"),
    Seat("wujian", "吴建", Role.REVIEWER, "city.350100.housing"),
    Seat("zhenghua", "郑华", Role.PRECHECKER, "province.committee"),
    Seat("yelan", "叶岚", Role.REVIEWER, "province.housing"),
    Seat("luoyi", "罗艺", Role.REVIEWER, "province.housing"),
    Seat("linshen", "林慎", Role.AUDIT_OFFICER, "province.housing"),
)
SURNAMES, GIVEN = "陈林黄张吴李王郑蔡刘", "志强建国丽华秀英海燕晓明伟杰雅婷"
FIRST, SECOND = "安信嘉和恒泰宏远佳居", "达隆顺盛源诚合家润丰"
PURPOSES = ("房地产买卖", "房地产租赁")
QUARTERS = 4


def create_fujian(*, agencies: int = 400, progress: Callable[[int], None] | None = None) -> None:
    """Fujian has its bodies, people and agencies, with four quarters behind them; the same at every call."""
    found_bodies(PLACE, by=BY)
    chance = random.Random(20150401)  # noqa: S311 - a demonstration must be the same everywhere
    ended = Quarter.of(today()).before
    first = ended
    for _ in range(QUARTERS - 1):
        first = first.before
    people = {seat.username: _seat(seat) for seat in SEATS if seat.body}
    with on_day(first.first_day + timedelta(days=10)):
        _enter(agencies, chance, people["yelan"], progress)
    people["linxiao"] = _seat(SEATS[0], Agency.objects.get(company__name=OWN).company_id)
    quarter = first
    while quarter <= ended:
        with on_day(quarter.after.first_day):
            actions.open_quarter(PLACE, quarter.year, quarter.number)
        _hand_in(quarter, chance, people["linxiao"], last=quarter == ended)
        quarter = quarter.after
    _declare(people)
    _change(people)
    create_conduct(Agency.objects.get(company__name=OWN), people, _lent)
    create_complaints(Agency.objects.select_related("company").get(company__name=OWN), people)
    actions.run_quarters()
    _evaluate(people["yelan"])
    count_coverage(PLACE, on=today())


def _seat(seat: Seat, company_id: int | None = None) -> Acting:
    user = new_user(seat.username, seat.name)
    return join_as(user, seat.role, seat.body, company_id)


def _enter(count: int, chance: random.Random, by: Acting, progress: Callable[[int], None] | None) -> None:
    made = _collected(count, chance)
    entered = 0
    while batch := list(islice(made, 100)):
        entered += len(actions.enter_declarations(batch, by=by).entered)
        if progress is not None:
            progress(entered)


def _collected(count: int, chance: random.Random) -> Iterator[actions.Collected]:
    """Sound declarations, over every county in turn; the first is the printed account's."""
    cities = {one.key: one.title.removesuffix("市").removesuffix("综合实验区") for one in book(PLACE).cities}
    counties = [(one.city, one.key) for one in book(PLACE).districts]
    # A city without counties below it: 平潭.
    counties += [(key, key) for key in cities if key not in {city for city, _ in counties}]
    counties.sort(key=lambda one: one[1] != "350102")
    for number in range(count):
        city, county = counties[number % len(counties)]
        names = f"{FIRST[number % 10]}{SECOND[number // 10 % 10]}{FIRST[number // 100 % 10]}"
        name = OWN if number == 0 else f"{cities[city]}{names}房产经纪有限公司（演示）"
        values = _values(number, name, city, county, chance)
        found = checked(values, PLACE, on=today())
        if found.blocking:
            raise ValueError(f"演示机构{number}：{found.blocking[0].message}")
        yield actions.Collected(found.values)


def _values(number: int, name: str, city: str, county: str, chance: random.Random) -> dict[str, Any]:
    code = invented_uscc(county, number + 1)
    born = date(1960, 1, 1) + timedelta(days=chance.randrange(12_000))
    filed = date(2008, 3, 3) + timedelta(days=chance.randrange(2_500))
    head, brokers = _name(chance), chance.randint(2, 9)
    contracts = [_project(number, at, chance) for at in range(chance.randint(0, 3))]
    capital = chance.randint(5, 60) * 10
    return {
        "J1": {
            "name": name, "legal_code": code, "city": city, "county": county, "licence_no": code,
            "office_address": f"演示路{number + 1}号", "telephone": f"0591-8{number:07d}",
            "email": f"agency{number + 1}@example.invalid", "registration_type": "173",
            "business_scope": "房地产经纪服务", "registered_capital": str(capital),
            "registered_on": (filed - timedelta(days=60)).isoformat(), "licence_expires_on": "长期",
            "legal_representative": head, "filed_on": filed.isoformat(), "broker_count": str(brokers),
            "full_time_broker_count": str(chance.randint(1, brokers)), "assistant_count": str(chance.randint(0, 6)),
            "staff_count": str(brokers + chance.randint(2, 12)), "shareholder_count": "1",
            "mid_title_count": "1", "senior_title_count": "0",
            "association_standing": chance.choice(("会员单位", "会员单位", "理事单位", "")),
            "introduction": f"{name}是演示用的机构，名称、人员、项目都是虚构的。",
        },
        "J2": {
            "name": head, "sex": "女", "nationality": "中国", "id_kind": "身份证", "id_number": _id_number(born),
            "born_on": born.isoformat(), "telephone": f"138{number:08d}", "position": "总经理",
            "invested": str(capital), "invested_percent": "100",
        },
        "J5": [],
        "J6": [project for project, _ in contracts],
        "J7": [person for _, people in contracts for person in people],
        "J8": {"application_opinion": "申请备案。（演示）"},
    }  # fmt: skip


def _project(number: int, at: int, chance: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    contract, broker, assistant = f"演示-{number + 1}-{at + 1}", _name(chance), _name(chance)
    begun = date(2026, 1, 5) + timedelta(days=chance.randrange(60))
    project = {
        "project_name": f"演示家园{chance.randint(1, 30)}号楼{chance.randint(1, 20)}01室", "contract_no": contract,
        "purpose": chance.choice(PURPOSES), "service_period": f"{begun}至{begun + timedelta(days=90)}",
        "brokers": broker, "assistants": assistant, "client_name": f"演示委托人{number + 1}",
        "client_telephone": f"139{number:08d}",
    }  # fmt: skip
    serial = number * 10 + at * 2
    people = [
        {"contract_no": contract, "broker_name": broker, "broker_registration_no": f"3520{serial:07d}"},
        {
            "contract_no": contract,
            "assistant_name": assistant,
            "assistant_registration_no": f"3521{serial + 1:07d}",
        },
    ]
    return project, people


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)


def _id_number(born: date) -> str:
    """With a right check digit and the serial 000, which nobody is given."""
    body = f"350102{born:%Y%m%d}000"
    return body + ID_CHECKS[sum(int(d) * w for d, w in zip(body, ID_WEIGHTS, strict=True)) % 11]


def _hand_in(quarter: Quarter, chance: random.Random, by: Acting, *, last: bool) -> None:
    """Most confirmed in time that nothing changed, some late, some not at all; the own agency still owes the last.

    Written at once: a thousand confirmations by the act itself would cost more than a start may.
    """
    owed = QuarterDuty.objects.filter(year=quarter.year, quarter=quarter.number, state__in=OWED)
    days: dict[date, list[Any]] = {}
    for pk, name, opens_on in owed.values_list("pk", "agency__company__name", "opens_on").order_by(
        "agency_id"
    ):
        late, luck = chance.random() < 0.08, chance.random()
        day = opens_on + timedelta(days=chance.randint(20, 40) if late else chance.randint(0, 13))
        if luck > (0.75 if last else 0.95) or day > today() or (last and name == OWN):
            continue
        days.setdefault(day, []).append(pk)
    tables = [table.code for table in declared_tables(PLACE)]
    for day, keys in sorted(days.items()):
        found = QuarterDuty.objects.filter(pk__in=keys)
        due_on = found.values_list("due_on", flat=True)[0]
        found.update(
            state=DutyState.UPDATED, submitted_on=day, was_late=day > due_on, no_change_by=by.user_id,
            unchanged_tables=tables, next_look_on=None,
        )  # fmt: skip


def _declare(people: dict[str, Acting]) -> None:
    """Some agencies have declared anew of late: approved, returned, waiting, looked at first, still writing."""
    ends = ("waiting", "returned", "approved", "prechecked", "draft", "approved")
    in_gulou = Agency.objects.filter(county="350102").exclude(company__name=OWN)
    elsewhere = Agency.objects.exclude(county="350102")
    chosen = [*in_gulou.order_by("pk"), *elsewhere.order_by("pk")[:20]]
    day = max(today() - timedelta(days=9), Quarter.of(today()).first_day)
    with on_day(day):
        for agency, end in zip(chosen, ends * 9, strict=False):
            _declare_one(agency, end, people)


def _declare_one(agency: Agency, end: str, people: dict[str, Acting]) -> None:
    filer = replace(
        people["linxiao"], company_id=agency.company_id, label=f"演示填报员（{agency.company.name}·企业人员）"
    )
    declaration = actions.begin_declaration(agency.pk, by=filer)
    basic = Declaration.objects.get(pk=declaration.pk).values["J1"]
    staff = int(basic["staff_count"]) + 1
    changed = {**basic, "staff_count": str(staff), "introduction": f"{basic['introduction']}新设一处门店。"}
    actions.save_table(declaration.pk, "J1", [changed], by=filer)
    if end == "draft":
        return
    actions.submit_declaration(declaration.pk, truth=True, by=filer)
    reviewer = _reviewer_of(agency, people)
    if end == "prechecked":
        actions.precheck_declaration(declaration.pk, opinion="材料齐全。（演示）", by=people["zhenghua"])
    elif end == "returned":
        reasons = {"J1-22": "与劳动用工备案不符，请核对。（演示）", "J1-25": "请写明门店地址。（演示）"}
        actions.return_declaration(declaration.pk, reasons=reasons, by=reviewer)
    elif end == "approved":
        actions.approve_declaration(declaration.pk, opinion="属实。（演示）", by=reviewer)


def _change(people: dict[str, Acting]) -> None:
    """Two branches, one agency merged into another, one cancelled."""
    agencies = list(Agency.objects.filter(city="350200").order_by("pk")[:6])
    if len(agencies) < 6:
        return
    head, branch, other, gone, merged, cancelled = agencies
    for one in (branch, other):
        actions.set_head_office(
            one.pk, head_office=head.code, reason="分支机构登记。（演示）", by=_reviewer_of(one, people)
        )
    for one in (gone, merged, cancelled):
        Declaration.objects.filter(agency=one, state="draft").delete()
    actions.merge_agency(
        merged.pk,
        into=head.code,
        reason="吸收合并。（演示）",
        evidence=[_paper()],
        by=_reviewer_of(merged, people),
    )
    actions.record_change(
        cancelled.pk, changes={"J1-19": today().isoformat(), "J1+02": "注销"}, reason="办理注销备案。（演示）",
        evidence=[_paper()], by=_reviewer_of(cancelled, people),
    )  # fmt: skip


def _evaluate(by: Acting) -> None:
    """A round by the example scheme over the year up to yesterday, counted; it goes no further (AMB-21)."""
    until = today() - timedelta(days=1)
    found = open_round(PLACE, "example", since=until - timedelta(days=364), until=until, by=by)
    compute_round(found.pk, by=by, at_once=True)


def _reviewer_of(agency: Agency, people: dict[str, Acting]) -> Acting:
    """黄敏 in her own county; elsewhere the same person lent to the department of the place."""
    return _lent(agency, people["huangmin"])


def _lent(agency: Agency, own: Acting) -> Acting:
    body = Body.objects.get(pk=agency.reviewing_body_id)
    if body.pk == own.body_id:
        return own
    return replace(
        own, body_id=body.pk, body_code=body.code, body_level=body.level, district=body.district,
        functions=frozenset(body.functions), label=f"演示审核员（{body.name}·审核员）",
    )  # fmt: skip


def _paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("证明材料（演示）.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
