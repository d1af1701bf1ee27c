"""Queries that somebody applied for and the authority decided; the committee's own rules, with their versions."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fangxin.agencies.models import Agency
from fangxin.disclosure.workflow import STATE_TITLES, State
from fangxin.documents.key_rotation import declare_sealed
from fangxin.organisations.models import Company, User

STATE_CHOICES = [*STATE_TITLES.items()]


class AuthorisedQuery(models.Model):
    """What somebody asks to see of one agency, and what of it they may see, from a day to the end of another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=32, unique=True)
    secret_hash = models.BinaryField("查询码摘要")
    jurisdiction = models.CharField("地区", max_length=16)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="queries", verbose_name="被查询机构")
    # Written when it is granted, for row policies compare with it; until then nothing is open.
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    state = models.CharField("状态", max_length=16, choices=STATE_CHOICES, default=State.APPLIED)
    turn = models.PositiveIntegerField("版本", default=0)
    ground = models.CharField("理由", max_length=32)
    applicant_name = models.CharField("申请人", max_length=64)
    id_kind = models.CharField("证件类型", max_length=32)
    id_number = models.BinaryField("证件号码（密封）")
    organisation = models.CharField("单位", max_length=100)
    telephone = models.CharField("联系电话", max_length=32)
    email = models.EmailField("电子信箱", blank=True, default="")
    purpose = models.TextField("查询目的")
    basis = models.TextField("依据")
    asks_secrecy = models.BooleanField("请求不告知机构", default=False)
    asked_codes = ArrayField(models.CharField(max_length=16), verbose_name="申请的栏目")
    asked_from_on = models.DateField("申请起始日期")
    asked_days = models.PositiveSmallIntegerField("申请天数")
    applied_on = models.DateField("申请日期")
    applied_at = models.DateTimeField("申请时间", auto_now_add=True)
    granted_codes = ArrayField(models.CharField(max_length=16), default=list, verbose_name="批准的栏目")
    from_on = models.DateField("起始日期", null=True)
    until_on = models.DateField("截止日期", null=True)
    agency_told = models.BooleanField("已告知机构", default=False)
    opinion = models.TextField("审批意见", blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    decided_by_label = models.CharField("审批人（签注）", max_length=200, blank=True, default="")
    decided_at = models.DateTimeField("审批时间", null=True)
    ended_on = models.DateField("终止日期", null=True)
    end_reason = models.TextField("收回理由", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "授权查询"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="granted")
                | Q(company__isnull=False, from_on__isnull=False, until_on__gte=F("from_on")),
                name="query_granted_for_days",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-applied_at"], name="query_of_agency"),
            models.Index(fields=["until_on"], condition=Q(state="granted"), name="query_running"),
            models.Index(fields=["company"], condition=Q(state="granted"), name="query_of_company"),
            models.Index(fields=["jurisdiction", "state", "applied_at"], name="query_queue"),
        ]

    def __str__(self) -> str:
        return self.number


class ManagementRule(models.Model):
    """A version of one of the committee's rules on registration, review and publication (四（五）)."""

    jurisdiction = models.CharField("地区", max_length=16)
    topic = models.CharField("制度", max_length=32)
    number = models.PositiveSmallIntegerField("版次")
    title = models.CharField("标题", max_length=100)
    text = models.TextField("正文")
    from_on = models.DateField("起用日期")
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    kept_at = models.DateTimeField("发布时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "管理制度"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "topic", "number"], name="rule_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.number}"


declare_sealed("disclosure_authorisedquery", "id", ("id_number",), "authorisedquery.{column}:{key}")
