"""What a citizen told us. Who told us lies apart, sealed: see complainant.py."""

import uuid

from django.db import models

from fangxin.complaints.complainant import Complainant
from fangxin.organisations.models import Body

__all__ = ["Complainant", "Complaint", "Progress"]


class Complaint(models.Model):
    """The words and facts of one complaint. The raw words are read in the office only, never sent to a company."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("投诉编号", max_length=32, unique=True)
    jurisdiction = models.CharField("地区", max_length=16)
    source = models.CharField("来源", max_length=16)
    external_number = models.CharField("外部工单编号", max_length=64, null=True)
    origin_document = models.CharField("来文编号", max_length=120, blank=True, default="")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("投诉内容", max_length=10000)
    respondent_name = models.CharField("被投诉单位", max_length=200, blank=True, default="")
    respondent_person = models.CharField("被投诉人员", max_length=64, blank=True, default="")
    project_name = models.CharField("项目名称", max_length=200, blank=True, default="")
    project_address = models.CharField("项目地址", max_length=300, blank=True, default="")
    district = models.CharField("所在区县", max_length=6, blank=True, default="")
    received_at = models.DateTimeField("收到时间")
    earlier_answer = models.TextField("原承办单位答复", blank=True, default="")
    entered_by = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="录入部门")
    entered_by_name = models.CharField("录入人", max_length=64, blank=True, default="")
    has_complainant = models.BooleanField("有投诉人", default=True)
    secret_hash = models.BinaryField("查询码摘要", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "投诉"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "source", "external_number"], name="complaint_work_order_once"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Progress(models.Model):
    """What the complainant may read of the way so far; written by the acts, read with number and secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="progress", verbose_name="投诉")
    at = models.DateTimeField("时间", auto_now_add=True)
    on = models.DateField("日期")
    title = models.CharField("进展", max_length=60)
    text = models.TextField("说明", blank=True, default="")
    due_on = models.DateField("预计完成", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "投诉进展"
        indexes = [models.Index(fields=["complaint", "at"], name="progress_of_complaint")]

    def __str__(self) -> str:
        return self.title
