"""The people, the bodies of the administration, the companies, and who acts for whom."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.names import name_key
from fangxin.organisations.roles import TITLES, Role


class UserManager(BaseUserManager["User"]):
    """What Django's sign-in asks of a user table, and the shortest way to a user in a test."""

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """As Django's. An account by its number, which every page of a session asks for, is asked often."""
        if args or kwargs.keys() != {"pk"}:
            return super().get(*args, **kwargs)
        found: list[User] = account_numbered(int(kwargs["pk"]))
        if not found:
            raise self.model.DoesNotExist
        return found[0]

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What they may do comes from their memberships, never from the account."""

    username = models.CharField("用户名", max_length=64, unique=True)
    full_name = models.CharField("姓名", max_length=64)
    email = models.EmailField("电子邮箱", blank=True, default="")
    telephone = models.CharField("电话", max_length=32, blank=True, default="")
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须修改密码", default=False)
    password_changed_on = models.DateField("密码修改日期", null=True, blank=True)
    last_seen_on = models.DateField("最近使用日期", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.full_name or self.username


@asked_often
def account_numbered(user_id: int) -> Rows:
    """The account of that number, or none."""
    return User.objects.filter(pk=user_id)


class Body(models.Model):
    """An office of the administration: a commission's division, a centre, a district's department."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        DISTRICT = "district", "区县"

    code = models.CharField("代码", max_length=64, unique=True)
    jurisdiction = models.CharField("地区", max_length=16)
    name = models.CharField("名称", max_length=120)
    short_name = models.CharField("简称", max_length=60, blank=True, default="")
    level = models.CharField("层级", max_length=16, choices=Level.choices)
    district = models.CharField("区划代码", max_length=6, blank=True, default="")
    link = models.CharField("主管环节", max_length=16, blank=True, default="")
    functions = ArrayField(models.CharField(max_length=40), verbose_name="职责", default=list, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="上级"
    )
    is_active = models.BooleanField("有效", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "district"],
                condition=Q(is_active=True, functions__contains=["intake_district"]),
                name="body_one_entry_department",
                violation_error_message="每个区县只能指定一个录入部门。",
            ),
            models.CheckConstraint(
                condition=~Q(level="district") | ~Q(district=""), name="body_district_has_its_code"
            ),
        ]
        indexes = [models.Index(fields=["jurisdiction", "link", "district"], name="body_by_link")]

    def __str__(self) -> str:
        return self.short_name or self.name


class Company(models.Model):
    """A business of any of the six links; it has users here only when somebody signed up for it."""

    name = models.CharField("名称", max_length=200)
    name_key = models.CharField("名称检索键", max_length=200, db_index=True, editable=False)
    kinds = ArrayField(models.CharField(max_length=16), verbose_name="业务环节", default=list, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    org_code = models.CharField("组织机构代码", max_length=10, blank=True, default="")
    licence_no = models.CharField("营业执照注册号", max_length=15, blank=True, default="")
    district = models.CharField("所在区县", max_length=6, blank=True, default="")
    address = models.CharField("地址", max_length=300, blank=True, default="")
    contact_email = models.EmailField("联系邮箱", blank=True, default="")
    contact_telephone = models.CharField("联系电话", max_length=32, blank=True, default="")
    on_platform = models.BooleanField("已入驻平台", default=False)
    jurisdictions = ArrayField(
        models.CharField(max_length=16), verbose_name="所属地区", default=list, blank=True
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        constraints = [
            models.UniqueConstraint(
                fields=["org_code"], condition=~Q(org_code=""), name="company_org_code_once"
            ),
            models.UniqueConstraint(
                fields=["licence_no"], condition=~Q(licence_no=""), name="company_licence_no_once"
            ),
            models.CheckConstraint(condition=~Q(uscc=""), name="company_uscc_null_not_empty"),
        ]
        indexes = [GinIndex(fields=["name_key"], opclasses=["gin_trgm_ops"], name="company_name_trigrams")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The key always follows the name."""
        self.name_key = name_key(self.name)
        if (fields := kwargs.get("update_fields")) is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)

    @property
    def jurisdiction(self) -> str:
        """The first place it belongs to; empty when none is known."""
        return self.jurisdictions[0] if self.jurisdictions else ""


class CompanyName(models.Model):
    """A name the company bore until a day; complaints and old licences still use it."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="former_names", verbose_name="企业")
    name = models.CharField("曾用名", max_length=200)
    name_key = models.CharField("名称检索键", max_length=200, db_index=True, editable=False)
    until_on = models.DateField("使用至")

    class Meta:
        verbose_name = verbose_name_plural = "企业曾用名"
        indexes = [
            GinIndex(fields=["name_key"], opclasses=["gin_trgm_ops"], name="company_former_name_trigrams")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The key always follows the name."""
        self.name_key = name_key(self.name)
        super().save(*args, **kwargs)


class Membership(models.Model):
    """One person acting for one body or one company in one role, from a day, until a day or open."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="机构"
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="企业"
    )
    role = models.CharField("角色", max_length=24, choices=[(role.value, TITLES[role]) for role in Role])
    starts_on = models.DateField("开始日期")
    # Empty while the membership is in force: leaving takes effect at once, not at midnight.
    ends_on = models.DateField("结束日期", null=True, blank=True)
    is_deputy = models.BooleanField("代理", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.CheckConstraint(
                condition=Q(body__isnull=False, company__isnull=True)
                | Q(body__isnull=True, company__isnull=False),
                name="membership_body_or_company",
            ),
            models.CheckConstraint(
                condition=Q(company__isnull=True) | Q(role="company_user"),
                name="membership_company_role",
            ),
            models.CheckConstraint(
                condition=Q(body__isnull=True) | ~Q(role__in=["company_user", "citizen", "system"]),
                name="membership_office_role",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["user", "body", "role"],
                condition=Q(ends_on__isnull=True, body__isnull=False),
                name="membership_once_per_body_and_role",
            ),
            models.UniqueConstraint(
                fields=["user", "company", "role"],
                condition=Q(ends_on__isnull=True, company__isnull=False),
                name="membership_once_per_company",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.body or self.company}·{TITLES[Role(self.role)]}）"
