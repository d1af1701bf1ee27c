"""What was imported, row by row, and what a table's columns were last taken to mean."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fangxin.documents.key_rotation import declare_sealed
from fangxin.organisations.models import Body, User


class ImportRun(models.Model):
    """One file on its way in. The counts are written with the rows they count, in the same transaction."""

    class State(models.TextChoices):
        DRAFT = "draft", "待确认"
        QUEUED = "queued", "排队中"
        RUNNING = "running", "导入中"
        DONE = "done", "已完成"
        FAILED = "failed", "已中止"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    jurisdiction = models.CharField("地区", max_length=16)
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="部门")
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    membership_id = models.BigIntegerField("任职")
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件摘要", max_length=64)
    layout = models.CharField("格式", max_length=120)
    header = ArrayField(models.TextField(), verbose_name="列名")
    columns = models.JSONField("列的含义", default=dict)
    default_source = models.CharField("默认来源", max_length=16)
    remark = models.CharField("说明", max_length=500, blank=True, default="")
    stored_at = models.CharField("存放处", max_length=120, blank=True, default="")
    sample = models.BinaryField("样行（密封）", null=True)
    report = models.BinaryField("各处问题（密封）", null=True)
    returned_at = models.CharField("核对结果存放处", max_length=120, blank=True, default="")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.DRAFT)
    dry_run = models.BooleanField("试导入", default=False)
    attempt = models.PositiveSmallIntegerField("第几次", default=0)
    failure = models.CharField("中止原因", max_length=500, blank=True, default="")
    total = models.PositiveIntegerField("数据行", default=0)
    read = models.PositiveIntegerField("已读", default=0)
    added = models.PositiveIntegerField("新增", default=0)
    known = models.PositiveIntegerField("已存在", default=0)
    differing = models.PositiveIntegerField("已存在而内容不同", default=0)
    refused = models.PositiveIntegerField("拒绝", default=0)
    noted = models.PositiveIntegerField("有提示", default=0)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    touched_at = models.DateTimeField("最近进展", auto_now=True)
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入"
        indexes = [
            models.Index(fields=["body", "-created_at"], name="import_of_body"),
            models.Index(fields=["sha256", "jurisdiction"], name="import_of_file"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.get_state_display()}"


class ImportedRow(models.Model):
    """What became of one row. Rows are added, never rewritten; values in remarks are already shortened."""

    class Result(models.TextChoices):
        ADDED = "added", "新增"
        KNOWN = "known", "已存在"
        REFUSED = "refused", "拒绝"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", verbose_name="导入")
    attempt = models.PositiveSmallIntegerField("第几次")
    row = models.PositiveIntegerField("行号")
    result = models.CharField("结果", max_length=8, choices=Result.choices)
    external_number = models.CharField("工单编号", max_length=64, blank=True, default="")
    case_number = models.CharField("案件编号", max_length=32, blank=True, default="")
    remarks = models.JSONField("说明", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "导入的行"
        constraints = [models.UniqueConstraint(fields=["run", "attempt", "row"], name="imported_row_once")]

    def __str__(self) -> str:
        return f"{self.row} {self.get_result_display()}"


class ColumnMemory(models.Model):
    """What the columns of a table with this header were last taken to mean, by the people of one body."""

    jurisdiction = models.CharField("地区", max_length=16)
    body = models.ForeignKey(Body, models.CASCADE, related_name="+", verbose_name="部门")
    signature = models.CharField("表头摘要", max_length=64)
    chosen = models.JSONField("列的含义")
    default_source = models.CharField("默认来源", max_length=16)
    kept_at = models.DateTimeField("记下时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "列的记忆"
        constraints = [models.UniqueConstraint(fields=["body", "signature"], name="column_memory_once")]

    def __str__(self) -> str:
        return self.signature[:12]


declare_sealed("exchange_importrun", "id", ("sample", "report"), "exchange.{column}:{key}")
