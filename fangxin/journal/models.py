"""What is written is never changed. The tables are made by SQL in the migration, with their triggers.

Unmanaged, so that nothing in Django (a flush, an altered field) can try to empty or rewrite them. The
columns a reader needs are here; `xid`, which only the sealer reads, is not.
"""

from django.db import models


class Entry(models.Model):
    """One act: who did what to which thing, when, by which rule."""

    id = models.BigAutoField("序号", primary_key=True)
    at = models.DateTimeField("时间", editable=False)
    kind = models.TextField("种类")
    jurisdiction = models.TextField("地区", blank=True)
    actor_user_id = models.BigIntegerField("用户", null=True)
    actor_label = models.TextField("行为人")
    actor_role = models.TextField("职务", blank=True)
    actor_body = models.BigIntegerField("部门", null=True)
    actor_company = models.BigIntegerField("企业", null=True)
    subject_kind = models.TextField("对象种类")
    subject_id = models.TextField("对象编号")
    summary = models.TextField("摘要")
    details = models.JSONField("细目")
    clause = models.TextField("条款", blank=True)
    rule_key = models.TextField("规则", blank=True)
    rulebook_version = models.TextField("规则版本", blank=True)
    act_key = models.UUIDField("办理标识", null=True)

    class Meta:
        managed = False
        db_table = "journal_entry"
        verbose_name = verbose_name_plural = "日志"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class Seal(models.Model):
    """A batch of committed entries under one root, chained to the seal before."""

    number = models.BigIntegerField("封存号", primary_key=True)
    count = models.IntegerField("条数")
    total = models.BigIntegerField("累计条数")
    first_id = models.BigIntegerField("最小序号")
    last_id = models.BigIntegerField("最大序号")
    root = models.BinaryField("根")
    previous = models.BinaryField("前一封存")
    hash = models.BinaryField("散列")
    sealed_at = models.DateTimeField("封存时间")

    class Meta:
        managed = False
        db_table = "journal_seal"
        verbose_name = verbose_name_plural = "日志封存"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"第 {self.number} 号封存"
