"""Demonstration data: invented people, bodies and companies, and cases at every step of their way."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from fangxin.cases import actions
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, CompanyTask
from fangxin.complaints.actions import Grievance, identity_from
from fangxin.deadlines.clock import today
from fangxin.investigations import actions as investigations
from fangxin.journal.actors import Actor
from fangxin.organisations.actions import (
    create_user,
    designate_entry_department,
    found_bodies,
    join,
    register_company,
)
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.queries import acting
from fangxin.organisations.roles import Acting, Role
from fangxin.rules.identifiers import check_uscc

PASSWORD = "Fangxin-2026"  # noqa: S105 - printed on the screen, for a demonstration only
BY = Actor.system("演示")


@dataclass(frozen=True)
class Seat:
    """An account of the demonstration."""

    username: str
    name: str
    role: Role
    body: str = ""
    company: str = ""


SEATS = (
    Seat("liqiang", "李强", Role.DISPATCHER, "city.research_centre"),
    Seat("sunli", "孙丽", Role.SUPERVISOR, "city.research_centre"),
    Seat("wulei", "吴磊", Role.INTAKE_CLERK, "city.emergency"),
    Seat("zhouying", "周颖", Role.DISPATCHER, "city.property_guidance"),
    Seat("wangfang", "王芳", Role.DEPARTMENT_CLERK, "district.110105.brokerage"),
    Seat("chentao", "陈涛", Role.CASE_OFFICER, "district.110105.brokerage"),
    Seat("zhaogang", "赵刚", Role.DEPARTMENT_HEAD, "district.110105.brokerage"),
    Seat("hepei", "何佩", Role.LEADER, "city.research_centre"),
    Seat("shenji", "沈吉", Role.AUDIT_OFFICER, "city.research_centre"),
    Seat("guanli", "关立", Role.ADMINISTRATOR, "city.research_centre"),
    Seat("liuyang", "刘洋", Role.COMPANY_USER, company="北京诚信房产经纪有限公司（演示）"),
    Seat("xudan", "许丹", Role.COMPANY_USER, company="北京安居物业管理有限公司（演示）"),
)
COMPANIES = (
    ("北京诚信房产经纪有限公司（演示）", "brokerage", "110105"),
    ("北京安居物业管理有限公司（演示）", "property", "110105"),
    ("北京宏远房地产开发有限公司（演示）", "development", "110105"),
    ("北京汇通房屋销售有限公司（演示）", "trading", "110105"),
    ("北京方正房地产评估有限公司（演示）", "appraisal", "110108"),
    ("北京经纬房产测绘有限公司（演示）", "surveying", "110108"),
)
STORIES: tuple[tuple[str, str, str, str], ...] = (
    (
        "brokerage",
        "中介收取定金后拒不退还",
        "看房时交了两万元定金，业主反悔不卖，中介一直拖着不退定金。",
        "定金为何不退还？",
    ),
    (
        "brokerage",
        "中介隐瞒房屋已抵押",
        "签约前中介说房子没有任何问题，后来才知道已经抵押给银行。",
        "签约前是否核实抵押情况？",
    ),
    (
        "brokerage",
        "中介收费不开发票",
        "成交后收了中介费，不给开发票，也没有明码标价。",
        "收费标准是否公示，何时开具发票？",
    ),
    (
        "property",
        "物业多收停车费",
        "小区停车费从每月150元涨到300元，没有经过业主大会。",
        "涨价的依据是什么？",
    ),
    ("property", "物业未公示公共收益", "电梯广告和场地出租的收入，三年没有公示过。", "公共收益的收支情况？"),
    (
        "development",
        "延期交房不赔违约金",
        "合同约定去年年底交房，至今没有通知，也不谈违约金。",
        "何时交房，违约金如何支付？",
    ),
    (
        "development",
        "新房墙面开裂漏水",
        "收房两个月，客厅墙面开裂，卫生间漏水到楼下。",
        "何时维修，是否属于保修范围？",
    ),
    (
        "trading",
        "没有预售许可证就收认筹金",
        "项目还没有预售许可证，售楼处已经收了五万元认筹金。",
        "是否取得预售许可，所收款项如何处理？",
    ),
    ("trading", "一房两卖", "我签了认购书，售楼处又把同一套房卖给了别人。", "该房屋的销售情况？"),
    (
        "appraisal",
        "评估价明显偏低",
        "拆迁评估价比周边成交价低三成，评估报告没有说明依据。",
        "估价依据和可比实例是什么？",
    ),
    (
        "surveying",
        "房屋面积误差超过合同约定",
        "实测面积比合同少了四平方米，开发商说以测绘为准。",
        "测绘成果如何得出？",
    ),
)
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴", "敏静丽强磊军洋勇艳杰娟涛明霞平"


def create(*, cases: int = 60, progress: Callable[[int], None] | None = None) -> list[str]:
    """An empty database has bodies, people, companies and cases at every step; returns lines of accounts to print.

    Everything goes through the real acts; the days lie in the past weeks, so that some terms are soon due and
    some are missed. A database that already has people is left as it is.
    """
    if User.objects.exists():
        return _lines()
    found_bodies("beijing", by=BY)
    companies = _companies()
    people = {seat.username: _seat(seat, companies) for seat in SEATS}
    staff = _staff(people)
    chance = random.Random(20260213)  # noqa: S311 - a demonstration must be the same everywhere
    last = today()
    for number in range(cases):
        with on_day(last - timedelta(days=chance.randint(0, 30))):
            _play(number, chance, people, staff, companies)
        if progress is not None:
            progress(number + 1)
    from fangxin.config.demonstration_fujian import create_fujian

    create_fujian()
    return _lines()


def _lines() -> list[str]:
    from fangxin.config.demonstration_fujian import SEATS as FUJIAN

    titles = dict(Body.objects.values_list("code", "name"))

    def told(seats: tuple[Seat, ...]) -> list[str]:
        return [
            f"  {seat.username:<10} {seat.name}  {seat.company or titles.get(seat.body, seat.body)} · {seat.role.title}"
            for seat in seats
        ]

    return [f"演示账号（密码均为 {PASSWORD}）：", " 北京", *told(SEATS), " 福建", *told(FUJIAN)]


def _companies() -> dict[str, Company]:
    made = {}
    for number, (name, kind, district) in enumerate(COMPANIES, start=1):
        made[kind] = register_company(
            name=name, kinds=[kind], uscc=invented_uscc(district, number), district=district,
            jurisdictions=["beijing"], by=BY,
        )  # fmt: skip
    return made


def invented_uscc(district: str, number: int) -> str:
    """A unified code with valid check digits in the block of subjects nobody is given (MA000…)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"MA{number:06d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    values = [int(c, 36) for c in body]
    rest = 11 - sum(w * v for w, v in zip(weights, values, strict=True)) % 11
    code = f"91{district}{body}" + ("X" if rest == 10 else "0" if rest == 11 else str(rest))
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return check_uscc(code + alphabet[(31 - total % 31) % 31])


def _seat(seat: Seat, companies: dict[str, Company]) -> Acting:
    company = next((one for one in companies.values() if one.name == seat.company), None)
    return join_as(new_user(seat.username, seat.name), seat.role, seat.body, company.pk if company else None)


def new_user(username: str, name: str) -> int:
    """An account with the printed password."""
    user = create_user(
        username=username, full_name=name, password=PASSWORD, must_change_password=False, by=BY
    )
    return user.pk


def join_as(user_id: int, role: Role, body_code: str, company_id: int | None = None) -> Acting:
    membership = join(user_id, role, on=today(), by=BY, body_code=body_code, company_id=company_id)
    found = acting(membership.pk, user_id)
    assert found is not None  # noqa: S101 - it was made a line ago
    return found


def _staff(people: dict[str, Acting]) -> dict[str, dict[Role, Acting]]:
    """Every department that can receive a case has its clerk, officer and head: three people a district."""
    staff: dict[str, dict[Role, Acting]] = {}
    for one in people.values():
        staff.setdefault(one.body_code, {})[one.role] = one
    chance = random.Random(7)  # noqa: S311 - the same people everywhere
    users: dict[str, int] = {}
    for body in Body.objects.filter(jurisdiction="beijing", functions__contains=["handle"]).order_by("code"):
        seats = staff.setdefault(body.code, {})
        for role in (Role.DEPARTMENT_CLERK, Role.CASE_OFFICER, Role.DEPARTMENT_HEAD):
            if role in seats:
                continue
            username = f"{body.district or body.code.replace('.', '-')}-{role.value.split('_')[-1]}"
            if username not in users:
                name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
                users[username] = new_user(username, name)
            seats[role] = join_as(users[username], role, body.code)
    for district in sorted({body.district for body in Body.objects.filter(level="district")}):
        designate_entry_department(f"district.{district}.market", by=BY)
    return staff


def _play(
    number: int, chance: random.Random, people: dict[str, Acting], staff: dict[str, dict[Role, Acting]],
    companies: dict[str, Company],
) -> None:  # fmt: skip
    link, title, text, point = STORIES[number % len(STORIES)]
    company = companies[link]
    told = number // len(STORIES) * 3 + number % len(STORIES) if link == "brokerage" else None
    district = "110105" if chance.random() < 0.6 else chance.choice(["110106", "110108", "110112", "110302"])
    steps = chance.randint(0, 9)
    if told is not None and told < 10:
        # The accounts that are printed meet a case at every stage.
        district, steps = "110105", told
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    receipt = actions.receive_web_complaint(
        Grievance(
            title=title, text=f"{text}（演示）我叫{name}，电话1380000{number:04d}。", respondent_name=company.name,
            project_name=f"演示家园{number % 7 + 1}期", district=district,
        ),
        identity_from({"name": name, "telephone": f"1380000{number:04d}"}),
        jurisdiction="beijing", act_key=uuid4(),
    )  # fmt: skip
    case_id = Case.objects.values_list("pk", flat=True).get(number=receipt.number)
    _walk(case_id, link, district, point, steps, people, staff, company)


def _walk(
    case_id: UUID, link: str, district: str, point: str, steps: int, people: dict[str, Acting],
    staff: dict[str, dict[Role, Acting]], company: Company,
) -> None:  # fmt: skip
    """Takes the case as many steps of its way as chance gave it."""
    if steps < 1:
        return
    case = actions.dispatch_case(case_id, link=link, district=district, by=people["liqiang"])
    if case.status == "at_hub":
        if steps < 2:
            return
        case = actions.forward_from_hub(case_id, district=district, by=people["zhouying"])
    if steps < 3 or case.handling_body is None:
        return
    seats = staff[case.handling_body.code]
    clerk, officer, head = (
        seats[r] for r in (Role.DEPARTMENT_CLERK, Role.CASE_OFFICER, Role.DEPARTMENT_HEAD)
    )
    actions.accept_case(
        case_id, officer_id=officer.user_id, summary=f"投诉人反映：{case.title}。请逐条说明情况。", points=[point],
        respondents=[Respondent(company.pk, company.name)], project_name=case.project_name, by=clerk,
    )  # fmt: skip
    task = CompanyTask.objects.get(case_id=case_id)
    answerer = next((one for one in people.values() if one.company_id == company.pk), None)
    if steps < 5:
        return
    if answerer is not None:
        actions.open_task(task.pk, by=answerer)
        actions.reply_to_task(task.pk, answers=["经核实已与客户沟通，依合同处理。（演示）"], by=answerer)
    violation = steps % 2 == 0
    _conclude(case_id, task, violation, steps, officer, head, answerer, people["sunli"])


def _conclude(
    case_id: UUID, task: CompanyTask, violation: bool, steps: int, officer: Acting, head: Acting,
    answerer: Acting | None, supervisor: Acting,
) -> None:  # fmt: skip
    told: dict[str, Any] = {
        "told_how": "directly",
        "text": "您反映的问题已调查处理，结果如下：企业已作说明。（演示）",
    }
    investigations.submit_opinion(
        case_id, outcome="violation" if violation else "answered",
        affirmed=["verified"] if violation else ["answered_all", "conforms"], findings="查阅合同并询问双方。（演示）",
        text="责令整改。" if violation else "企业答复符合规定。", by=officer,
        legal_basis="《房地产经纪管理办法》" if violation else "", violations=["BR-07"] if violation else [],
        without_reply_because="" if answerer else "企业未入驻平台，已另行核实。（演示）",
    )  # fmt: skip
    if steps < 7:
        return
    if violation:
        investigations.order_rectification(
            case_id,
            task_ids=[task.pk],
            requirements="退还所收款项，完善收费公示。（演示）",
            served_on=today(),
            by=head,
        )
        return
    actions.tell_complainant(case_id, by=officer, **told)
    if steps >= 9:
        actions.record_callback(
            case_id, contacted=True, solved="solved", satisfaction="satisfied", comment="", by=supervisor
        )


@contextmanager
def on_day(day: date) -> Iterator[None]:
    """The acts inside happen on that day."""
    before = settings.FANGXIN_TODAY
    settings.FANGXIN_TODAY = day.isoformat()
    try:
        yield
    finally:
        settings.FANGXIN_TODAY = before
