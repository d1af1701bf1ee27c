"""`fangxin create-account`: an account for a person, and the membership in which they act."""

import json
import secrets
import sys
from typing import Any, NoReturn

import click

from fangxin.organisations.roles import OFFICE_ROLES, TITLES, Role

ROLES = {role.value: role for role in (*OFFICE_ROLES, Role.COMPANY_USER)}
ROLES |= {TITLES[role]: role for role in ROLES.values()}


@click.command()
@click.argument("username")
@click.option("--name", "full_name", default="", help="姓名 / full name")
@click.option("--role", "role_name", required=True, help="角色，如“经办人”或 case_officer / role, either way")
@click.option(
    "--body", "body_code", default="", help="机构代码，如 district.110105.brokerage / code of the body"
)
@click.option("--company", "company_code", default="", help="企业代码或名称 / code or name of the company")
@click.option("--email", default="", help="电子信箱 / e-mail")
@click.option("--telephone", default="", help="电话 / telephone")
@click.option("--deputy", is_flag=True, help="代理该角色 / the person deputises")
@click.option(
    "--existing", is_flag=True, help="为已有账号增加任职 / a further membership of an existing account"
)
@click.option(
    "--password-stdin", is_flag=True, help="从标准输入读取初始密码 / read the first password from stdin"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def command(
    username: str,
    full_name: str,
    role_name: str,
    body_code: str,
    company_code: str,
    email: str,
    telephone: str,
    deputy: bool,
    existing: bool,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """开设账号并登记任职；初始密码只显示这一次，首次登录须修改。

    Open an account with a membership. The first password is shown once and must be changed at first sign-in.
    """
    from fangxin.config.cli import with_django

    if role_name not in ROLES:
        titles = "、".join(title for role, title in TITLES.items() if role in ROLES.values())
        refuse(f"角色：没有“{role_name}”。可用的角色：{titles}。")
    with_django()
    from fangxin.deadlines.clock import today
    from fangxin.journal.actors import Actor
    from fangxin.organisations import actions, queries
    from fangxin.organisations.refusals import ActRefused

    by = Actor.system("命令行")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else new_password()
    company_id = None
    if company_code:
        company = queries.company_by_code(company_code) or queries.company_matching(company_code)
        if company is None:
            refuse(f"企业：没有代码或名称为“{company_code}”的企业，请先登记。")
        company_id = company.pk
    where: dict[str, Any] = {
        "on": today(),
        "by": by,
        "body_code": body_code,
        "company_id": company_id,
        "is_deputy": deputy,
    }
    try:
        if existing:
            person = queries.user_named(username)
            if person is None:
                refuse(f"用户名：没有账号“{username}”；开设新账号请去掉 --existing。")
            membership = actions.join(person.pk, ROLES[role_name], **where)
        else:
            membership = actions.open_account(
                username=username,
                full_name=full_name,
                password=password,
                role=ROLES[role_name],
                email=email,
                telephone=telephone,
                **where,
            )
    except ActRefused as refused:
        refuse(str(refused))
    label = queries.as_acting(membership).label
    shown = "" if existing or password_stdin else password
    if as_json:
        click.echo(
            json.dumps({"username": username, "acts_as": label, "password": shown}, ensure_ascii=False)
        )
    else:
        click.echo(f"{username}：{label}")
        if shown:
            click.echo(f"初始密码（首次登录须修改）：{shown}")


def new_password() -> str:
    """Four groups that can be read out over a telephone: no l, o, i, 0 or 1."""
    letters, digits = "abcdefghjkmnpqrstuvwxyz", "23456789"
    groups = ["".join(secrets.choice(letters + digits) for _ in range(4)) for _ in range(3)]
    return "-".join(
        [secrets.choice(letters).upper() + secrets.choice(digits), *groups, secrets.choice(letters)]
    )


def refuse(why: str) -> NoReturn:
    """Says why on the error stream and ends with status 2."""
    click.echo(why, err=True)
    sys.exit(2)
