"""A small cast that keeps its habits.

张敏 complains; 李强 sorts at 城研中心; 周颖 sends on at 物导中心; 王芳 is the 专人, 陈涛 the case officer and 赵刚 the head
of a department; 孙丽 calls back; 诚信房产 is the agency and 刘洋 answers for it.
"""

from dataclasses import dataclass, field
from datetime import date

from fangxin.journal.actors import Actor
from fangxin.organisations.actions import found_bodies
from fangxin.organisations.models import Body, Company, Membership, User
from fangxin.organisations.queries import acting
from fangxin.organisations.roles import Acting, Role

PASSWORD = "Chengyan-2026"


@dataclass
class Cast:
    """The people by the name of their part; `users` for signing in, `company` the agency."""

    dispatcher: Acting
    hub: Acting
    clerk: Acting
    officer: Acting
    head: Acting
    supervisor: Acting
    emergency: Acting
    company_user: Acting
    company: Company
    other_company: Company
    other_company_user: Acting
    other_clerk: Acting
    users: dict[str, User] = field(default_factory=dict)


def member(
    username: str, name: str, role: Role, body: Body | None = None, company: Company | None = None
) -> Acting:
    """A user with one membership, made when absent."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(
            username, PASSWORD, full_name=name, email=f"{username}@example.invalid"
        )
    membership, _ = Membership.objects.get_or_create(
        user=user, body=body, company=company, role=role, defaults={"starts_on": date(2020, 1, 1)}
    )
    found = acting(membership.pk, user.pk)
    assert found is not None
    return found


def company(name: str, uscc: str, *, on_platform: bool = True) -> Company:
    """A brokerage agency in the register."""
    made, _ = Company.objects.get_or_create(
        uscc=uscc,
        defaults={
            "name": name, "kinds": ["brokerage"], "district": "110105", "on_platform": on_platform,
            "jurisdictions": ["beijing"],
        },
    )  # fmt: skip
    return made


def beijing_cast(link: str = "brokerage", district: str = "110105") -> Cast:
    """Everybody a Beijing case of that link and district can meet."""
    found_bodies("beijing", by=Actor.system("测试"))
    department = "market" if link == "trading" else link
    body = {row.code: row for row in Body.objects.filter(jurisdiction="beijing")}
    centre, hub = body["city.research_centre"], body["city.property_guidance"]
    handling = (
        body.get(f"district.{district}.{department}")
        or body["city.market" if link == "appraisal" else "city.surveying"]
    )
    other = body["district.110106.brokerage"]
    agency = company("北京诚信房产经纪有限公司", "91110302562134916R")
    rival = company("北京广厦房产经纪有限公司", "911103027404017237")
    cast = Cast(
        dispatcher=member("liqiang", "李强", Role.DISPATCHER, centre),
        supervisor=member("sunli", "孙丽", Role.SUPERVISOR, centre),
        hub=member("zhouying", "周颖", Role.DISPATCHER, hub),
        clerk=member("wangfang", "王芳", Role.DEPARTMENT_CLERK, handling),
        officer=member("chentao", "陈涛", Role.CASE_OFFICER, handling),
        head=member("zhaogang", "赵刚", Role.DEPARTMENT_HEAD, handling),
        emergency=member("wulei", "吴磊", Role.INTAKE_CLERK, body["city.emergency"]),
        other_clerk=member("qianjun", "钱军", Role.DEPARTMENT_CLERK, other),
        company=agency,
        other_company=rival,
        company_user=member("liuyang", "刘洋", Role.COMPANY_USER, company=agency),
        other_company_user=member("hejing", "何静", Role.COMPANY_USER, company=rival),
    )
    cast.users = {user.username: user for user in User.objects.all()}
    return cast
