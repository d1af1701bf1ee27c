"""Opinion, rectification, and the sheets by which other bodies are asked to look into a case."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fangxin.cases.models import Case, CompanyTask
from fangxin.investigations.workflow import INQUIRY
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.process import NEW


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


class Inquiry(models.Model):
    """One sheet of joint investigation to one body asked (附件1 inside the commission, 附件2 outside it), and how it goes.

    `cells` holds what is written into the form, by the code of the cell; the complainant's cells are never among
    them. What is printed of those is decided at the signing, with its reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="inquiries", verbose_name="案件")
    jurisdiction = models.CharField("地区", max_length=16)
    form = models.CharField("文书", max_length=4)
    asking_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="发送单位")
    asked_body = models.ForeignKey(
        Body, models.PROTECT, null=True, related_name="+", verbose_name="平台上的协查部门"
    )
    asked_name = models.CharField("协查单位名称", max_length=120)
    cells = models.JSONField("各栏内容", default=dict)
    state = models.CharField(
        "状态", max_length=20,
        choices=[(state, title) for state, title in INQUIRY.states.items() if state != NEW],
    )  # fmt: skip
    turn = models.PositiveIntegerField("版本", default=0)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟稿人")
    writers = ArrayField(models.BigIntegerField(), verbose_name="拟稿、改稿人", default=list)
    drafted_on = models.DateField("拟稿日期")
    office_opinion = models.CharField("处室意见", max_length=2000, blank=True, default="")
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签署人")
    names_complainant = models.BooleanField("印出投诉人", default=False)
    names_because = models.CharField("印出投诉人的理由", max_length=500, blank=True, default="")
    number = models.CharField("编号", max_length=60, blank=True, default="")
    sent_on = models.DateField("发出日期", null=True)
    received_on = models.DateField("收到日期", null=True)
    sent_how = models.CharField("送达方式", max_length=60, blank=True, default="")
    due_on = models.DateField("反馈截止日", null=True)
    answered_on = models.DateField("答复日期", null=True)
    answered_late = models.BooleanField("逾期答复", default=False)
    # The one-time link of a body without an account: its digest, and until when it opens.

    class Meta:
        verbose_name = verbose_name_plural = "协查"
        indexes = [
            models.Index(fields=["case", "drafted_on"], name="inquiry_of_case"),
            models.Index(fields=["asking_body", "state", "due_on"], name="inquiry_asked_by"),
            models.Index(fields=["asked_body", "state", "due_on"], name="inquiry_asked_of"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=models.F("drafted_by")), name="inquiry_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(names_complainant=False) | ~Q(names_because=""), name="inquiry_names_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"致{self.asked_name}"


class InquiryNumber(models.Model):
    """A number that an office gave to a sheet: once given it stays given, also when the sheet is recalled.

    What the public page of verification knows of a sheet is this row, found by the digest of the code printed on it.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="发送单位")
    jurisdiction = models.CharField("地区", max_length=16)
    issuer = models.CharField("发送单位名称", max_length=120)
    form = models.CharField("文书", max_length=4)
    year = models.PositiveSmallIntegerField("年份")
    n = models.PositiveIntegerField("序号")
    text = models.CharField("编号", max_length=60)
    inquiry = models.OneToOneField(Inquiry, models.PROTECT, related_name="numbered", verbose_name="协查")
    issued_on = models.DateField("签发日期")
    voided_on = models.DateField("作废日期", null=True)
    secret_hash = models.BinaryField("验证码的摘要", max_length=32, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "协查编号"
        constraints = [
            models.UniqueConstraint(fields=["body", "form", "year", "n"], name="inquiry_number_once"),
            models.CheckConstraint(condition=Q(n__gt=0), name="inquiry_number_from_one"),
        ]

    def __str__(self) -> str:
        return self.text


class InquiryAnswer(models.Model):
    """What the body asked answered or why it declined, and what was asked of it once more; each one kept."""

    class Kind(models.TextChoices):
        ANSWER = "answer", "处理意见"
        DECLINE = "decline", "不予协查"
        ASKED_MORE = "asked_more", "请补充协查"

    class Way(models.TextChoices):
        PLATFORM = "platform", "平台"
        PAPER = "paper", "书面来文"
        LINK = "link", "一次性链接"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="answers", verbose_name="协查")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    way = models.CharField("途径", max_length=10, choices=Way.choices)
    text = models.TextField("内容")
    on = models.DateField("日期")
    at = models.DateTimeField("录入时间", auto_now_add=True)
    by_label = models.CharField("录入人", max_length=200)
    contact = models.CharField("联系人", max_length=60, blank=True, default="")
    telephone = models.CharField("联系电话", max_length=40, blank=True, default="")
    fax = models.CharField("传真", max_length=40, blank=True, default="")
    late = models.BooleanField("逾期", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "协查答复"
        indexes = [models.Index(fields=["inquiry", "at"], name="inquiry_answer_of")]

    def __str__(self) -> str:
        return self.get_kind_display()
