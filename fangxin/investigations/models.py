"""Opinion and rectification: what the department found, and what the company must put right."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fangxin.cases.models import Case, CompanyTask
from fangxin.organisations.models import Company, User


class Opinion(models.Model):
    """The handling opinion of a case: outcome, the conditions affirmed, legal basis, reasons (二(六))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="opinions", verbose_name="案件")
    outcome = models.CharField("结论", max_length=16)
    affirmed = ArrayField(models.CharField(max_length=40), verbose_name="确认事项", default=list)
    findings = models.TextField("调查情况")
    legal_basis = models.TextField("法律依据", blank=True, default="")
    violations = ArrayField(models.CharField(max_length=8), verbose_name="违法违规行为", default=list)
    text = models.TextField("处理意见")
    without_reply_because = models.CharField("不待回复的理由", max_length=500, blank=True, default="")
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    on = models.DateField("日期")
    late = models.BooleanField("逾期", default=False)
    rulebook_version = models.CharField("规则版本", max_length=16)

    class Meta:
        verbose_name = verbose_name_plural = "处理意见"

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"


class RectificationOrder(models.Model):
    """An order to one company to rectify; plan and result are owed within 15日 of service (二(六)3)."""

    class State(models.TextChoices):
        ORDERED = "ordered", "已责令整改"
        PLANNED = "planned", "已报整改方案"
        DONE = "done", "已报整改结果"
        VERIFIED = "verified", "整改到位"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_id = models.UUIDField("案件", db_index=True)
    number = models.CharField("案件编号", max_length=32)
    task = models.ForeignKey(CompanyTask, models.PROTECT, related_name="orders", verbose_name="任务")
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    company_name = models.CharField("企业名称", max_length=200)
    violations = ArrayField(models.CharField(max_length=8), verbose_name="违法违规行为", default=list)
    requirements = models.TextField("整改要求")
    handling_body_id = models.BigIntegerField("经办部门")
    served_on = models.DateField("送达日期")
    due_on = models.DateField("截止日")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ORDERED)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发人")
    verified_on = models.DateField("验收日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "责令整改"
        indexes = [models.Index(fields=["company", "state"], name="order_of_company")]

    def __str__(self) -> str:
        return f"{self.number} {self.company_name}"


class RectificationReport(models.Model):
    """A plan or a result handed in by the company; each one kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(
        RectificationOrder, models.PROTECT, related_name="reports", verbose_name="责令整改"
    )
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    kind = models.CharField("类别", max_length=8, choices=[("plan", "整改方案"), ("result", "整改结果")])
    text = models.TextField("内容")
    by_name = models.CharField("填报人", max_length=64)
    on = models.DateField("日期")
    at = models.DateTimeField("时间", auto_now_add=True)
    late = models.BooleanField("逾期", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "整改报告"

    def __str__(self) -> str:
        return self.get_kind_display()


class RectificationCheck(models.Model):
    """The department's check of a result."""

    order = models.ForeignKey(
        RectificationOrder, models.PROTECT, related_name="checks", verbose_name="责令整改"
    )
    accepted = models.BooleanField("到位")
    opinion = models.TextField("验收意见")
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="验收人")
    on = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "整改验收"

    def __str__(self) -> str:
        return "到位" if self.accepted else "未到位"
