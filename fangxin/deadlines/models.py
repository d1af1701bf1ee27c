"""Terms that run: what must be done by which day, by whom, and why that day."""

import uuid

from django.db import models
from django.db.models import Q

from fangxin.organisations.models import Body, Company, User


class Deadline(models.Model):
    """One term of one owner. The day and its explanation are stored as they were counted."""

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        MET = "met", "按期完成"
        MET_LATE = "met_late", "逾期完成"
        CANCELLED = "cancelled", "已终止"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    jurisdiction = models.CharField("地区", max_length=16)
    rule_key = models.CharField("规则", max_length=60)
    title = models.CharField("事项", max_length=60)
    subject_kind = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象")
    matter_id = models.UUIDField("所属案件", db_index=True)
    owner_body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="责任部门")
    owner_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="责任人")
    owner_company = models.ForeignKey(
        Company, models.PROTECT, null=True, related_name="+", verbose_name="责任企业"
    )
    starts_on = models.DateField("起算日")
    amount = models.PositiveSmallIntegerField("期限数")
    unit = models.CharField("单位", max_length=3)
    due_on = models.DateField("截止日")
    first_due_on = models.DateField("原截止日")
    provisional = models.BooleanField("暂定", default=False)
    explanation = models.JSONField("推算过程", default=list)
    clause = models.CharField("依据", max_length=40)
    quote = models.CharField("原文", max_length=300, blank=True, default="")
    rulebook_version = models.CharField("规则版本", max_length=16)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RUNNING)
    met_on = models.DateField("完成日", null=True)
    missed_on = models.DateField("逾期日", null=True)
    next_look_on = models.DateField("下次检视日", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "期限"
        indexes = [
            models.Index(fields=["next_look_on"], name="deadline_to_look_at", condition=Q(state="running")),
            models.Index(fields=["owner_company", "due_on"], name="deadline_of_company"),
            models.Index(
                fields=["provisional"],
                name="deadline_provisional",
                condition=Q(state="running", provisional=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(unit__in=["工作日", "日"]), name="deadline_unit"),
            models.CheckConstraint(condition=Q(due_on__gt=models.F("starts_on")), name="deadline_after_start"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title}（{self.due_on}）"


class DueDayChange(models.Model):
    """A due day that was recounted or extended: the old day is never lost."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="changes", verbose_name="期限")
    old_due_on = models.DateField("原截止日")
    new_due_on = models.DateField("新截止日")
    reason = models.CharField("原因", max_length=500)
    changed_at = models.DateTimeField("变更时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "截止日变更"

    def __str__(self) -> str:
        return f"{self.old_due_on} → {self.new_due_on}"
