"""A public complaint about an agency on its way (SM-02), and what suggests that a bad record be drafted.

The words lie with `complaints`, their author sealed there; nothing here repeats either.
"""

import uuid

from django.db import models
from django.db.models import Q

from fangxin.agencies.models import Agency
from fangxin.complaints.models import Complaint
from fangxin.credit.models import BadRecord
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.process import NEW, Process
from fangxin.redress.workflow import COMPLAINT, FINDINGS, LATENESS, PROPOSAL, WAYS


def _choices(process: Process) -> list[tuple[str, str]]:
    return [(state, title) for state, title in process.states.items() if state != NEW]


class Numbering(models.Model):
    """The last number given of each category. Written by `redress_next_number` alone, in the complaint's transaction."""

    jurisdiction = models.CharField("地区", max_length=16)
    prefix = models.CharField("分类", max_length=8)
    last = models.PositiveIntegerField("最后一个序号")

    class Meta:
        verbose_name = verbose_name_plural = "投诉编号"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "prefix"], name="numbering_once")]

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"


class AgencyComplaint(models.Model):
    """T1 beside the words: whom it is about, who is to look into it, how far it has come, and what was decided."""

    complaint = models.OneToOneField(
        Complaint, models.PROTECT, primary_key=True, related_name="+", verbose_name="投诉"
    )
    number = models.CharField("T1-14 投诉编号", max_length=40, unique=True)
    jurisdiction = models.CharField("地区", max_length=16)
    respondent_kind = models.CharField("T1-11 被投诉对象分类", max_length=16)
    # T1-06 and T1-07 are for statistics only (AMB-37).
    province = models.CharField("T1-06 投诉人所在省", max_length=6, blank=True, default="")
    home_city = models.CharField("T1-07 投诉人所在城市", max_length=30, blank=True, default="")
    # Where the respondent is: whose place it is decides who looks into it.
    city = models.CharField("被投诉对象所在城市", max_length=6)
    county = models.CharField("被投诉对象所在县（市、区）", max_length=6, blank=True, default="")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="办理部门")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", verbose_name="机构")
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    state = models.CharField("状态", max_length=20, choices=_choices(COMPLAINT))
    turn = models.PositiveIntegerField("版本", default=0)
    received_on = models.DateField("收到日期")
    received_at = models.DateTimeField("T1-13 投诉时间")
    suggested_way = models.CharField(
        "初分建议", max_length=10, choices=list(WAYS.items()), blank=True, default=""
    )
    way = models.CharField("分办", max_length=10, choices=list(WAYS.items()), blank=True, default="")
    sorted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="分办人")
    finding = models.CharField(
        "核查结论", max_length=10, choices=list(FINDINGS.items()), blank=True, default=""
    )
    found_on = models.DateField("核查日期", null=True)
    is_published_wanted = models.BooleanField("公示", null=True)
    publish_because = models.TextField("公示与否的理由", blank=True, default="")
    is_counted = models.BooleanField("计入信用", null=True)
    count_because = models.TextField("计入与否的理由", blank=True, default="")
    public_summary = models.TextField("公开摘要", blank=True, default="")
    public_result = models.TextField("公开的处理结果", blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确定人")
    decided_on = models.DateField("确定日期", null=True)
    served_on = models.DateField("告知送达日期", null=True)
    served_how = models.CharField("告知方式", max_length=60, blank=True, default="")
    publishable_on = models.DateField("最早公示日期", null=True)
    published_on = models.DateField("公示日期", null=True)
    shown_until = models.DateField("公示至", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "对经纪机构的投诉"
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_counted=True) | Q(finding="true", agency__isnull=False),
                name="complaint_counts_only_when_true",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(is_published_wanted=True, published_on__isnull=False),
                name="complaint_published_by_decision",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "state", "received_at"], name="agency_complaint_queue"),
            models.Index(fields=["agency", "-received_at"], name="agency_complaint_of_agency"),
        ]

    def __str__(self) -> str:
        return self.number


class Transfer(models.Model):
    """What the agency is told of a complaint: the words an official approved, and nothing else (二（三）)."""

    class State(models.TextChoices):
        WAITING = "waiting", "待反馈"
        ANSWERED = "answered", "已反馈"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.OneToOneField(
        AgencyComplaint, models.PROTECT, related_name="transfer", verbose_name="投诉"
    )
    number = models.CharField("投诉编号", max_length=40)
    jurisdiction = models.CharField("地区", max_length=16)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="办理部门")
    respondent_kind = models.CharField("被投诉对象分类", max_length=16)
    text = models.TextField("转办摘要")
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核准人")
    sent_on = models.DateField("转办日期")
    due_on = models.DateField("反馈截止日")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    answered_on = models.DateField("反馈日期", null=True)
    answered_late = models.BooleanField("逾期反馈", default=False)
    late_reason = models.TextField("逾期的理由", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "投诉转办"
        indexes = [
            models.Index(fields=["company", "state", "due_on"], name="transfer_of_company"),
            models.Index(fields=["due_on"], name="transfer_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.number


class Answer(models.Model):
    """T2: one feedback of the agency, or one entry of the authority; each is kept."""

    class Kind(models.TextChoices):
        FEEDBACK = "feedback", "企业反馈"
        FINDING = "finding", "部门处理"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(
        AgencyComplaint, models.PROTECT, related_name="answers", verbose_name="投诉"
    )
    complaint_number = models.CharField("T2-01 投诉编号", max_length=40)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    # The agency whose feedback it is; none for the authority's.
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    answered_at = models.DateTimeField("T2-02 反馈时间")
    answered_by = models.CharField("T2-03 反馈或处理单位", max_length=100)
    opinion = models.TextField("T2-04 反馈或处理意见")
    finding = models.CharField(
        "核查结论", max_length=10, choices=list(FINDINGS.items()), blank=True, default=""
    )
    is_late = models.BooleanField("逾期", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "投诉反馈或处理"
        indexes = [models.Index(fields=["complaint", "answered_at"], name="answers_of_complaint")]

    def __str__(self) -> str:
        return f"{self.complaint_number} {self.answered_by}"


class LateFeedback(models.Model):
    """The platform's finding that a day passed without feedback; a person says whether with good reason (DOC-38)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="lateness", verbose_name="转办")
    state = models.CharField("状态", max_length=16, choices=_choices(LATENESS))
    turn = models.PositiveIntegerField("版本", default=0)
    found_on = models.DateField("发现日期")
    reason = models.TextField("判断的理由", blank=True, default="")
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="判断人")
    judged_on = models.DateField("判断日期", null=True)
    record = models.ForeignKey(BadRecord, models.PROTECT, null=True, related_name="+", verbose_name="记录")

    class Meta:
        verbose_name = verbose_name_plural = "逾期未反馈"

    def __str__(self) -> str:
        return str(self.pk)


class Proposal(models.Model):
    """Something found true that may be a bad record: an official drafts it or says why not (二（二）)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="机构")
    jurisdiction = models.CharField("地区", max_length=16)
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="办理部门")
    source = models.CharField("来源", max_length=24)
    # The number of the complaint or of the case; its own jurisdiction may be another.
    source_number = models.CharField("来源编号", max_length=40)
    items = models.JSONField("违法行为目录", default=list)
    found_on = models.DateField("查实日期")
    state = models.CharField("状态", max_length=16, choices=_choices(PROPOSAL))
    turn = models.PositiveIntegerField("版本", default=0)
    proposed_on = models.DateField("提示日期")
    reason = models.TextField("不起草的理由", blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="处理人")
    decided_on = models.DateField("处理日期", null=True)
    record = models.ForeignKey(BadRecord, models.PROTECT, null=True, related_name="+", verbose_name="记录")

    class Meta:
        verbose_name = verbose_name_plural = "记入提示"
        constraints = [
            models.UniqueConstraint(fields=["agency", "source", "source_number"], name="proposed_once")
        ]
        indexes = [models.Index(fields=["body", "state", "proposed_on"], name="proposal_queue")]

    def __str__(self) -> str:
        return f"{self.source} {self.source_number}"


class PublishedComplaint(models.Model):
    """A complaint and its result as the public reads them: the approved words, by decision only (二（三）)."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField("投诉编号", max_length=40)
    jurisdiction = models.CharField("地区", max_length=16)
    agency_code = models.CharField("法人代码", max_length=18, blank=True, default="", db_index=True)
    respondent = models.CharField("被投诉对象", max_length=200)
    respondent_kind = models.CharField("被投诉对象分类", max_length=16)
    city = models.CharField("所在城市", max_length=6)
    received_on = models.DateField("投诉日期")
    summary = models.TextField("公开摘要")
    result = models.TextField("处理结果")
    finding = models.CharField("核查结论", max_length=10, blank=True, default="")
    answered_by = models.CharField("处理单位", max_length=100)
    published_on = models.DateField("公示日期")
    shown_until = models.DateField("公示至")

    class Meta:
        verbose_name = verbose_name_plural = "公示的投诉"
        indexes = [models.Index(fields=["jurisdiction", "-published_on"], name="published_complaint_newest")]

    def __str__(self) -> str:
        return self.number
