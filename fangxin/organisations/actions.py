"""Every change to bodies, companies, people and memberships."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import Model

from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.organisations import fields, queries
from fangxin.organisations.founding import ENTRY_FUNCTIONS, functions_of_bodies, links_of_bodies
from fangxin.organisations.models import Body, Company, CompanyName, Membership, User
from fangxin.organisations.names import name_key
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import OFFICE_ROLES, Acting, Role
from fangxin.rules import book
from fangxin.rules.identifiers import check_licence_no, check_org_code, check_uscc, org_code_of

LINKS = ("trading", "brokerage", "development", "appraisal", "property", "surveying")


@transaction.atomic
def create_body(
    *,
    code: str,
    jurisdiction: str,
    name: str,
    level: str,
    by: Actor,
    short_name: str = "",
    district: str = "",
    link: str = "",
    functions: Sequence[str] = (),
    parent_code: str = "",
) -> Body:
    """The body exists and may have members; ActRefused when the code is taken."""
    _one_at_a_time("body")
    if Body.objects.filter(code=code).exists():
        raise ActRefused(f"机构代码：“{code}”已被使用，请换一个代码。", "code")
    if link and link not in LINKS:
        raise ActRefused(f"主管环节：没有“{link}”这个环节。", "link")
    body = Body.objects.create(
        code=code,
        jurisdiction=jurisdiction,
        name=fields.text(name, "机构名称", 120, "name"),
        short_name=short_name,
        level=level,
        district=district,
        link=link,
        functions=list(functions),
        parent=queries.body(parent_code) if parent_code else None,
    )
    _record(Kind.BODY_CREATED, body, by, f"设立机构：{body.name}", jurisdiction, code=code, district=district)
    return body


@transaction.atomic
def found_bodies(jurisdiction: str, *, by: Actor) -> list[Body]:
    """Every body of the jurisdiction's rulebook exists; returns those that were missing. Twice is once.

    Where districts enter cases, one that has designated no department for it yet gets its first designated.
    """
    _one_at_a_time("body")
    rules = book(jurisdiction)
    functions, links = functions_of_bodies(rules), links_of_bodies(rules)
    existing = set(Body.objects.filter(jurisdiction=jurisdiction).values_list("code", flat=True))
    founded = [
        create_body(
            code=each.code,
            jurisdiction=jurisdiction,
            name=each.name,
            short_name=each.name,
            level=each.level,
            district=each.district or "",
            link=links.get(each.function, ""),
            functions=sorted(functions.get(each.function, ())),
            parent_code=each.parent,
            by=by,
        )
        for each in rules.bodies
        if each.code not in existing
    ]
    first_of: dict[str, str] = {}
    for each in rules.bodies:
        if each.district and any(source.designated for source in rules.sources):
            first_of.setdefault(each.district, each.code)
    for district, code in first_of.items():
        if queries.entry_department(district, jurisdiction) is None:
            designate_entry_department(code, by=by)
    return founded


@transaction.atomic
def designate_entry_department(body_code: str, *, by: Actor) -> Body:
    """This department, and no other of its district, enters and sorts the district's cases (二（一）5)."""
    body = queries.body(body_code)
    if not body.district:
        raise ActRefused(f"录入部门：{body.name}不是区县部门，只能在区县的部门中指定。", "body")
    same_district = Body.objects.select_for_update().filter(
        jurisdiction=body.jurisdiction, district=body.district
    )
    for other in same_district.filter(functions__overlap=list(ENTRY_FUNCTIONS)).exclude(pk=body.pk):
        other.functions = [f for f in other.functions if f not in ENTRY_FUNCTIONS]
        other.save(update_fields=["functions"])
    body = same_district.get(pk=body.pk)
    body.functions = [*(f for f in body.functions if f not in ENTRY_FUNCTIONS), *ENTRY_FUNCTIONS]
    body.save(update_fields=["functions"])
    _record(
        Kind.ENTRY_DEPARTMENT_DESIGNATED,
        body,
        by,
        f"指定录入部门：{body.name}",
        body.jurisdiction,
        code=body.code,
        district=body.district,
    )
    return body


@transaction.atomic
def register_company(
    *,
    name: str,
    kinds: Sequence[str],
    jurisdictions: Sequence[str],
    by: Actor,
    uscc: str = "",
    org_code: str = "",
    licence_no: str = "",
    district: str = "",
    address: str = "",
    contact_email: str = "",
    contact_telephone: str = "",
) -> Company:
    """The company is in the register, its codes checked digit by digit.

    ActRefused names the field when a digit is wrong, the two codes disagree, or another company has the code
    or, without a code to tell them apart, the name.
    """
    name = fields.text(name, "企业名称", 200, "name")
    if unknown := [kind for kind in kinds if kind not in LINKS]:
        raise ActRefused(f"业务环节：没有“{unknown[0]}”这个环节。", "kinds")
    uscc = fields.identifier(check_uscc, uscc, "统一社会信用代码", "uscc")
    org_code = fields.identifier(check_org_code, org_code, "组织机构代码", "org_code")
    licence_no = fields.identifier(check_licence_no, licence_no, "营业执照注册号", "licence_no")
    if uscc:
        within = org_code_of(uscc)
        if org_code and org_code != within:
            raise ActRefused(
                f"组织机构代码：“{org_code}”与统一社会信用代码第9至17位“{within}”不一致，请核对两个代码。",
                "org_code",
            )
        org_code = within
    _one_at_a_time("company")
    _refuse_twin(name, uscc, org_code, licence_no)
    company = Company.objects.create(
        name=name,
        kinds=sorted(set(kinds), key=LINKS.index),
        uscc=uscc or None,
        org_code=org_code,
        licence_no=licence_no,
        district=district,
        address=address,
        contact_email=fields.email(contact_email, "contact_email"),
        contact_telephone=contact_telephone,
        jurisdictions=list(jurisdictions),
    )
    _record(
        Kind.COMPANY_REGISTERED,
        company,
        by,
        f"登记企业：{company.name}",
        company.jurisdiction,
        uscc=uscc,
        org_code=org_code,
        licence_no=licence_no,
        links=company.kinds,
    )
    return company


@transaction.atomic
def rename_company(company_id: int, new_name: str, *, on: date, by: Actor) -> Company:
    """The company bears the new name from the day `on`; searches for the former name still find it."""
    new_name = fields.text(new_name, "企业名称", 200, "name")
    _one_at_a_time("company")
    company = Company.objects.select_for_update().get(pk=company_id)
    if new_name == company.name:
        raise ActRefused(f"企业名称：该企业现在的名称就是“{new_name}”。", "name")
    other = Company.objects.filter(name_key=name_key(new_name)).exclude(pk=company.pk).first()
    if other is not None and not (other.uscc and company.uscc):
        raise ActRefused(f"企业名称：与已登记的企业“{other.name}”（编号{other.pk}）重名，请先核对。", "name")
    CompanyName.objects.create(company=company, name=company.name, until_on=on)
    former, company.name = company.name, new_name
    company.save(update_fields=["name"])
    _record(
        Kind.COMPANY_RENAMED,
        company,
        by,
        f"企业更名：{former} → {new_name}",
        company.jurisdiction,
        former=former,
        name=new_name,
        on=on.isoformat(),
    )
    return company


@transaction.atomic
def recode_company(company_id: int, code: str, *, on: date, by: Actor) -> Company:
    """The company is known by the code from the day `on`, its licence renewed (换照); the former one is journalled.

    ActRefused when the code is none, or another company's.
    """
    _one_at_a_time("company")
    company = Company.objects.select_for_update().get(pk=company_id)
    if len(code) == 18:
        uscc = fields.identifier(check_uscc, code, "统一社会信用代码", "code")
        org_code = org_code_of(uscc)
    else:
        uscc, org_code = "", fields.identifier(check_org_code, code, "组织机构代码", "code")
    others = Company.objects.exclude(pk=company.pk)
    if (uscc and others.filter(uscc=uscc).exists()) or others.filter(org_code=org_code).exists():
        raise ActRefused(f"代码“{code}”已是另一家登记企业的，请先核对。", "code")
    former = company.uscc or company.org_code
    company.uscc, company.org_code = uscc or None, org_code
    company.save(update_fields=["uscc", "org_code"])
    _record(
        Kind.COMPANY_RECODED, company, by, f"企业代码变更：{former} → {code}", company.jurisdiction,
        former=former, code=code, on=on.isoformat(),
    )  # fmt: skip
    return company


@transaction.atomic
def create_user(
    *,
    username: str,
    full_name: str,
    password: str,
    by: Actor,
    email: str = "",
    telephone: str = "",
    must_change_password: bool = True,
) -> User:
    """The person has an account; the first sign-in asks for a password of their own unless told otherwise."""
    username = fields.text(username, "用户名", 64, "username")
    _one_at_a_time("user")
    if User.objects.filter(username__iexact=username).exists():
        raise ActRefused(f"用户名：“{username}”已有人使用，请换一个。", "username")
    user = User(
        username=username,
        full_name=fields.text(full_name, "姓名", 64, "full_name"),
        email=fields.email(email, "email"),
        telephone=telephone,
        must_change_password=must_change_password,
    )
    fields.password(password, user, "password")
    user.set_password(password)
    user.save()
    _record(Kind.USER_CREATED, user, by, f"开设账号：{user.full_name}")
    return user


@transaction.atomic
def join(
    user_id: int,
    role: Role,
    *,
    on: date,
    by: Actor,
    body_code: str = "",
    company_id: int | None = None,
    is_deputy: bool = False,
) -> Membership:
    """The person acts for the body or the company in this role from the day `on`.

    ActRefused unless exactly one of the two is named, the role suits it, and they do not already act so.
    """
    if bool(body_code) == (company_id is not None):
        raise ActRefused("任职：须且只能选择一个机构或者一家企业。", "body")
    if not (role in OFFICE_ROLES if body_code else role is Role.COMPANY_USER):
        where = "机构" if body_code else "企业"
        raise ActRefused(f"角色：{where}中没有“{role.title}”这个角色。", "role")
    user = User.objects.select_for_update().defer("password").get(pk=user_id)
    body = queries.body(body_code) if body_code else None
    company = Company.objects.select_for_update().get(pk=company_id) if company_id is not None else None
    if Membership.objects.filter(
        user=user, body=body, company=company, role=role.value, ends_on=None
    ).exists():
        raise ActRefused(f"任职：{user.full_name}已经是{body or company}的{role.title}。", "role")
    membership = Membership.objects.create(
        user=user, body=body, company=company, role=role.value, starts_on=on, is_deputy=is_deputy
    )
    if company is not None and not company.on_platform:
        company.on_platform = True
        company.save(update_fields=["on_platform"])
    _record_membership(Kind.MEMBERSHIP_BEGUN, membership, by, "任职")
    return membership


@transaction.atomic
def open_account(
    *,
    username: str,
    full_name: str,
    password: str,
    role: Role,
    on: date,
    by: Actor,
    body_code: str = "",
    company_id: int | None = None,
    email: str = "",
    telephone: str = "",
    is_deputy: bool = False,
    must_change_password: bool = True,
) -> Membership:
    """The person has an account and acts in this role, or neither. Raises ActRefused."""
    user = create_user(
        username=username,
        full_name=full_name,
        password=password,
        email=email,
        telephone=telephone,
        must_change_password=must_change_password,
        by=by,
    )
    return join(user.pk, role, on=on, by=by, body_code=body_code, company_id=company_id, is_deputy=is_deputy)


@transaction.atomic
def leave(membership_id: int, *, on: date, by: Actor) -> Membership:
    """The membership is ended at once; a company whose last member left is off the platform."""
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership_id)
    if membership.ends_on is not None:
        raise ActRefused(f"任职：该任职已于{membership.ends_on:%Y-%m-%d}结束。", "membership")
    membership.ends_on = max(on, membership.starts_on)
    membership.save(update_fields=["ends_on"])
    if membership.company_id is not None:
        company = Company.objects.select_for_update().get(pk=membership.company_id)
        company.on_platform = queries.in_force().filter(company=company).exists()
        company.save(update_fields=["on_platform"])
    _record_membership(Kind.MEMBERSHIP_ENDED, membership, by, "离任")
    return membership


@transaction.atomic
def change_password(user_id: int, new_password: str, *, on: date, by: Actor) -> User:
    """The person signs in with the new password from now on, and need not change it again.

    ActRefused when it is the old one again or breaks a password rule.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if user.check_password(new_password):
        raise ActRefused("新密码：不能与原密码相同，请另设一个。", "new_password1")
    fields.password(new_password, user, "new_password1")
    user.set_password(new_password)
    user.must_change_password = False
    user.password_changed_on = on
    user.save(update_fields=["password", "must_change_password", "password_changed_on"])
    _record(Kind.PASSWORD_CHANGED, user, by, f"修改密码：{user.full_name}")
    return user


def record_seen(user_id: int, day: date) -> None:
    """The person was here on that day; written at most once a day."""
    User.objects.filter(pk=user_id).exclude(last_seen_on__gte=day).update(last_seen_on=day)


@transaction.atomic
def record_sign_in(user_id: int, address: str, *, by: Actor) -> None:
    """The journal knows that the person signed in, and from where."""
    _record(Kind.SIGNED_IN, User(pk=user_id), by, "登录", address=address, way="password")


@transaction.atomic
def record_sign_out(user_id: int, *, by: Actor) -> None:
    """The journal knows that the person signed out."""
    _record(Kind.SIGNED_OUT, User(pk=user_id), by, "退出")


@transaction.atomic
def record_switch(chosen: Acting, previous_id: int | None) -> None:
    """The journal knows in which membership the person acts from now on."""
    _record(
        Kind.MEMBERSHIP_SWITCHED,
        User(pk=chosen.user_id),
        chosen.actor,
        f"切换身份：{chosen.label}",
        membership=chosen.membership_id,
        previous=previous_id,
    )


@transaction.atomic
def record_lock_out(username: str, address: str, attempts: int) -> None:
    """The journal knows that sign-in was locked. An unknown name is not kept: it may be a password."""
    user = queries.user_named(username)
    whom = user.full_name if user else "没有这个用户名"
    nobody = Actor(user_id=None, label="未登录者")
    _record(Kind.LOCKED_OUT, user or User(), nobody, f"登录锁定：{whom}", address=address, attempts=attempts)


def _one_at_a_time(register: str) -> None:
    # Two clerks may enter the same company at once; a name alone has no unique index, for two companies
    # may bear one name when their codes differ. The second waits and is told who was first.
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"register:{register}"])


def _refuse_twin(name: str, uscc: str, org_code: str, licence_no: str) -> None:
    for field, title, code in (
        ("uscc", "统一社会信用代码", uscc),
        ("org_code", "组织机构代码", org_code),
        ("licence_no", "营业执照注册号", licence_no),
    ):
        other = Company.objects.filter(**{field: code}).first() if code else None
        if other is not None:
            raise ActRefused(f"{title}：“{code}”已登记在“{other.name}”名下，请直接选用该企业。", field)
    for other in Company.objects.filter(name_key=name_key(name)):
        if not (other.uscc and uscc):
            raise ActRefused(
                f"企业名称：已登记有“{other.name}”（编号{other.pk}），请直接选用；"
                "如确是同名的另一家企业，请填写两家的统一社会信用代码。",
                "name",
            )


def _record_membership(kind: Kind, membership: Membership, by: Actor, verb: str) -> None:
    role = Role(membership.role)
    where = membership.body or membership.company
    _record(
        kind,
        membership,
        by,
        f"{verb}：{membership.user.full_name}，{where}·{role.title}",
        membership.body.jurisdiction if membership.body else "",
        user_id=membership.user_id,
        body_id=membership.body_id,
        company_id=membership.company_id,
        role=role.value,
        on=(membership.ends_on or membership.starts_on).isoformat(),
    )


def _record(
    kind: Kind, subject: Model, by: Actor, summary: str, jurisdiction: str = "", /, **details: object
) -> None:
    record(
        kind,
        str(subject._meta.model_name),
        subject.pk or "",
        by=by,
        summary=summary,
        details=details,
        jurisdiction=jurisdiction,
    )
