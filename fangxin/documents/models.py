"""Files that belong to something, and the keys under which they lie."""

import os
import time
import uuid

from django.conf import settings
from django.db import models

from fangxin.documents.key_rotation import declare_sealed
from fangxin.documents.keys import SealingKey
from fangxin.organisations.models import Company

__all__ = ["Attachment", "SealingKey"]


def time_ordered_uuid() -> uuid.UUID:
    """A UUID of version 7: made here, because a role that may only insert cannot ask the database for one."""
    octets = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    octets[6] = octets[6] & 0x0F | 0x70
    octets[8] = octets[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(octets))


class Attachment(models.Model):
    """One file of one matter. Everybody but its uploader and the office knows it as “附件1.jpg”.

    A picture has two contents: the original, for evidence, and the cleaned copy that is shown. Whatever a
    company may see is a row of its own (`company`), so that a row policy is a plain comparison: its own
    uploads, and copies that an officer released to it, which know neither original nor name.
    """

    class Purpose(models.TextChoices):
        COMPLAINT_EVIDENCE = "complaint_evidence", "投诉材料"
        REPLY_EVIDENCE = "reply_evidence", "企业回复材料"
        RECTIFICATION_EVIDENCE = "rectification_evidence", "整改材料"
        CASE_EVIDENCE = "case_evidence", "办案材料"
        INQUIRY_EVIDENCE = "inquiry_evidence", "协查材料"
        ORIGIN_DOCUMENT = "origin_document", "来文"
        PICTURE = "picture", "照片"
        REGISTER_EVIDENCE = "register_evidence", "登记材料"
        QUERY_PAPER = "query_paper", "查询申请材料"

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", "未扫描"
        CLEAN = "clean", "安全"
        QUARANTINED = "quarantined", "隔离"

    id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    subject_kind = models.CharField("所属事项类别", max_length=32)
    subject_id = models.CharField("所属事项", max_length=64)
    purpose = models.CharField("用途", max_length=32, choices=Purpose.choices)
    ordinal = models.PositiveSmallIntegerField("序号")
    shown_name = models.CharField("显示名称", max_length=32)
    original_name = models.BinaryField("原文件名（密封）", null=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("大小（字节）")
    media_type = models.CharField("类型", max_length=100)
    original_path = models.CharField("原件位置", max_length=120, blank=True, default="")
    shown_path = models.CharField("清洁副本位置", max_length=120, blank=True, default="")
    not_passed_on = models.BooleanField("不转给企业", default=True)
    shown_to_complainant = models.BooleanField("投诉人可见", default=False)
    scan_state = models.CharField("扫描状态", max_length=16, choices=Scan.choices, default=Scan.NOT_SCANNED)
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="可见企业",
    )
    released_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="released_copies", verbose_name="转自"
    )
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="上传人",
    )
    uploaded_by_company = models.ForeignKey(
        Company, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="上传企业"
    )
    uploaded_by_citizen = models.BooleanField("投诉人上传", default=False)
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "ordinal"], name="attachment_of_subject"),
            models.Index(fields=["company", "subject_id"], name="attachment_of_company"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["released_from", "company"], name="attachment_released_once"),
            models.CheckConstraint(
                condition=models.Q(released_from=None)
                | models.Q(company__isnull=False, original_path="", original_name=None),
                name="attachment_released_without_original",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name


declare_sealed("documents_attachment", "id", ("original_name",), "attachment.{column}:{key}")
