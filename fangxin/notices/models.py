"""The outbox: what somebody must be told, written in the transaction of the act that caused it."""

import uuid

from django.db import models
from django.db.models import Q

from fangxin.organisations.models import Body, Company, User


class Notice(models.Model):
    """One message to one reader. It names a matter and a day and links to it; it never tells the matter itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to_user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", verbose_name="收件人")
    to_body = models.ForeignKey(Body, models.CASCADE, null=True, related_name="+", verbose_name="收件部门")
    to_company = models.ForeignKey(
        Company, models.CASCADE, null=True, related_name="+", verbose_name="收件企业"
    )
    to_complainant_of = models.UUIDField("致投诉人（投诉）", null=True)
    title = models.CharField("标题", max_length=200)
    matter_id = models.UUIDField("所属案件", null=True)
    # What the mail holds besides: a one-time link to set a password, made when it is sent and kept nowhere.
    enclosed = models.CharField(
        "附", max_length=16, blank=True, default="", choices=[("set_password", "设置密码的链接")]
    )
    created_at = models.DateTimeField("写入时间", auto_now_add=True)
    read_at = models.DateTimeField("阅读时间", null=True)
    mail_state = models.CharField(
        "邮件",
        max_length=8,
        choices=[("none", "不发"), ("waiting", "待发"), ("sent", "已发"), ("failed", "失败")],
        default="waiting",
    )
    mail_attempts = models.PositiveSmallIntegerField("发送次数", default=0)
    mail_next_at = models.DateTimeField("下次发送", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        indexes = [
            models.Index(fields=["created_at"], name="notice_to_mail", condition=Q(mail_state="waiting")),
            models.Index(fields=["to_user"], name="notice_unread_user", condition=Q(read_at=None)),
            models.Index(fields=["to_body"], name="notice_unread_body", condition=Q(read_at=None)),
            models.Index(fields=["to_company"], name="notice_unread_company", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.title
