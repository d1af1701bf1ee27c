"""A case and what belongs to it: hops, company tasks, replies, proposals, opinions, call-backs."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from fangxin.cases.workflow import ENDED, STATUS_TITLES, Status
from fangxin.complaints.models import Complaint
from fangxin.organisations.models import Body, Company, User

STATUS_CHOICES = [(status.value, title) for status, title in STATUS_TITLES.items()]
LINK_CHOICES = [
    ("trading", "交易"), ("brokerage", "经纪"), ("development", "开发"),
    ("appraisal", "评估"), ("property", "物业"), ("surveying", "测绘"),
]  # fmt: skip


class Case(models.Model):
    """One matter on its way through SM-01. `holder` is the body that must act next; it changes with each hop."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("案件编号", max_length=32, unique=True)
    jurisdiction = models.CharField("地区", max_length=16)
    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="case", verbose_name="投诉")
    source = models.CharField("来源", max_length=16)
    title = models.CharField("事由", max_length=200)
    respondent_name = models.CharField("被诉单位", max_length=200, blank=True, default="")
    project_name = models.CharField("项目名称", max_length=200, blank=True, default="")
    link = models.CharField("环节", max_length=16, choices=LINK_CHOICES, blank=True, default="")
    district = models.CharField("区县", max_length=6, blank=True, default="")
    status = models.CharField("状态", max_length=20, choices=STATUS_CHOICES, default=Status.REGISTERED)
    holder = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="当前部门")
    sorting_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="分件部门")
    sender = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="派件部门")
    handling_body = models.ForeignKey(
        Body, models.PROTECT, null=True, related_name="+", verbose_name="经办部门"
    )
    officer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    # As the complaint has it; repeated so that who may see a case is asked of this table alone.
    entered_by = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="录入部门")
    registered_at = models.DateTimeField("录入时间", auto_now_add=True)
    registered_on = models.DateField("录入日期")
    dispatched_on = models.DateField("分派日期", null=True)
    accepted_on = models.DateField("受理日期", null=True)
    due_on = models.DateField("办理截止日", null=True)
    handled_on = models.DateField("办结日期", null=True)
    closed_on = models.DateField("归档日期", null=True)
    outcome = models.CharField("处理结论", max_length=16, blank=True, default="")
    summary = models.TextField("转办摘要", blank=True, default="")
    points = ArrayField(models.CharField(max_length=300), verbose_name="投诉问题", default=list)
    returned_times = models.PositiveSmallIntegerField("回退次数", default=0)
    reopened_times = models.PositiveSmallIntegerField("重新办理次数", default=0)
    may_be_major = models.BooleanField("疑似重大", default=False)
    suggested_link = models.CharField("建议环节", max_length=16, blank=True, default="")
    suggestion = models.JSONField("分件建议", default=dict)
    # Who asked for more days, while nobody has decided; the due day whose passing has been explained or reported (二(七)).
    extension_asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="延期申请人"
    )
    delay_explained_for = models.DateField("已说明逾期的截止日", null=True)
    reported_to = models.ForeignKey(
        Body, models.PROTECT, null=True, related_name="+", verbose_name="上报的主管部门"
    )
    rulebook_version = models.CharField("规则版本", max_length=16, blank=True, default="")
    turn = models.PositiveIntegerField("版本", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        indexes = [
            models.Index(fields=["holder", "due_on", "registered_at"], name="case_desk",
                         condition=~Q(status__in=["closed", "refused"])),
            models.Index(fields=["officer", "due_on"], name="case_of_officer",
                         condition=~Q(status__in=["closed", "refused"])),
            models.Index(fields=["status", "due_on"], name="case_by_status"),
            models.Index(fields=["handling_body", "-registered_at"], name="case_of_department"),
            models.Index(fields=["-registered_at"], name="case_newest"),
            models.Index(fields=["district", "link"], name="case_by_district"),
            models.Index(fields=["handled_on"], name="case_handled", condition=Q(handled_on__isnull=False)),
            models.Index(fields=["due_on"], name="case_due",
                         condition=Q(due_on__isnull=False) & ~Q(status__in=["closed", "refused"])),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def has_ended(self) -> bool:
        """Closed or refused; only a reopening moves it."""
        return self.status in ENDED


class CaseSearch(models.Model):
    """The words of a case as bigrams, for searching Chinese text; identity is never among them."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    tokens = SearchVectorField()

    class Meta:
        verbose_name = verbose_name_plural = "案件检索词"
        indexes = [GinIndex(fields=["tokens"], name="case_search_tokens")]

    def __str__(self) -> str:
        return str(self.case_id)


class Hop(models.Model):
    """One sending of the case from body to body: which rule sent it, under which version of the rulebook."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="hops", verbose_name="案件")
    from_body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="派件部门")
    to_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="收件部门")
    kind = models.CharField(
        "方式", max_length=10,
        choices=[("dispatch", "分件"), ("forward", "再分派"), ("return", "回退"), ("reopen", "恢复")],
    )  # fmt: skip
    link = models.CharField("环节", max_length=16, blank=True, default="")
    reason = models.CharField("说明", max_length=500, blank=True, default="")
    rule_key = models.CharField("规则", max_length=60, blank=True, default="")
    clause = models.CharField("依据", max_length=40, blank=True, default="")
    rulebook_version = models.CharField("规则版本", max_length=16, blank=True, default="")
    by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    on = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "流转"
        indexes = [models.Index(fields=["case", "id"], name="hop_of_case")]

    def __str__(self) -> str:
        return f"{self.from_body_id} → {self.to_body_id}"


class Proposal(models.Model):
    """A return or refusal asked for by one person and decided by another (二(三))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="proposals", verbose_name="案件")
    kind = models.CharField("事项", max_length=8, choices=[("return", "回退"), ("refusal", "不予受理")])
    status_before = models.CharField("提出前状态", max_length=20, choices=STATUS_CHOICES)
    reason_code = models.CharField("理由", max_length=40)
    reason = models.CharField("说明", max_length=1000)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField("决定时间", null=True)
    approved = models.BooleanField("同意", null=True)
    opinion = models.CharField("领导意见", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "回退与不予受理"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(approved=None), name="proposal_one_open"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")),
                name="proposal_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class CompanyTask(models.Model):
    """What one respondent company is asked, in the words the department approved; all a company ever reads."""

    class State(models.TextChoices):
        UNREACHED = "unreached", "平台无法自动分派"
        TOLD = "told", "已复印、传真告知"
        NOTIFIED = "notified", "已分派"
        VIEWED = "viewed", "企业已查看"
        REPLIED = "replied", "已回复"
        RETURNED = "returned", "退回补充回复"
        ACCEPTED = "accepted", "回复已采纳"
        CLOSED = "closed", "未回复已处理"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_id = models.UUIDField("案件", db_index=True)
    number = models.CharField("案件编号", max_length=32)
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    company_name = models.CharField("企业名称", max_length=200)
    handling_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="经办部门")
    link = models.CharField("环节", max_length=16, choices=LINK_CHOICES)
    project_name = models.CharField("项目名称", max_length=200, blank=True, default="")
    summary = models.TextField("转办摘要")
    points = ArrayField(models.CharField(max_length=300), verbose_name="须答复的问题")
    state = models.CharField("状态", max_length=10, choices=State.choices)
    sent_on = models.DateField("分派日期")
    due_on = models.DateField("回复截止日", null=True)
    first_viewed_at = models.DateTimeField("首次查看", null=True)
    viewed_by = models.CharField("查看人", max_length=64, blank=True, default="")
    replied_on = models.DateField("回复日期", null=True)
    replied_late = models.BooleanField("逾期回复", default=False)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    # Told by copy or fax: the day; none while the platform reaches the company.
    told_on = models.DateField("告知日期", null=True)
    closed_because = models.CharField("不待回复的理由", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "企业任务"
        indexes = [models.Index(fields=["company", "state", "due_on"], name="task_of_company")]
        constraints = [
            models.UniqueConstraint(fields=["case_id", "company", "round"], name="task_once_a_company")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.company_name}"


class CompanyTelling(models.Model):
    """A company that the platform cannot reach was told by copy or fax, and by whom (二(五)); its proof is attached."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(CompanyTask, models.PROTECT, related_name="tellings", verbose_name="任务")
    channel = models.CharField("方式", max_length=8, choices=[("copy", "复印"), ("fax", "传真")])
    address = models.CharField("传真号码或签收人", max_length=100)
    told_at = models.DateTimeField("告知时间")
    told_on = models.DateField("告知日期")
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    registered_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "复印、传真告知"

    def __str__(self) -> str:
        return f"{self.task_id} {self.get_channel_display()} {self.told_on}"


class Reply(models.Model):
    """One version of a company's answer; versions are added, never overwritten.

    In writing: on paper, registered by an officer, with the scan attached; `replied_on` is the day it came in.
    """

    class Way(models.TextChoices):
        ONLINE = "online", "网上回复"
        WRITING = "writing", "书面回复"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(CompanyTask, models.PROTECT, related_name="replies", verbose_name="任务")
    # None: a company that the register does not have answers on paper.
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    way = models.CharField("方式", max_length=8, choices=Way.choices, default=Way.ONLINE)
    registered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    version = models.PositiveSmallIntegerField("版本", default=1)
    answers = models.JSONField("逐条答复")
    admits_violation = models.BooleanField("承认存在违规", default=False)
    plan = models.TextField("整改意见", blank=True, default="")
    by_name = models.CharField("答复人", max_length=64)
    contact = models.CharField("联系电话", max_length=32, blank=True, default="")
    replied_at = models.DateTimeField("答复时间", auto_now_add=True)
    replied_on = models.DateField("答复日期")
    late = models.BooleanField("逾期", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "企业回复"
        constraints = [models.UniqueConstraint(fields=["task", "version"], name="reply_versions")]

    def __str__(self) -> str:
        return f"{self.task_id} 第{self.version}版"


class ReplyReturn(models.Model):
    """A reply that does not suffice: the department named the points that are still open (SM-04)."""

    task = models.ForeignKey(CompanyTask, models.PROTECT, related_name="returns", verbose_name="任务")
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    version = models.PositiveSmallIntegerField("回复版本")
    points = ArrayField(models.CharField(max_length=300), verbose_name="须补充的问题")
    reason = models.CharField("须补充什么", max_length=1000)
    due_on = models.DateField("补充截止日")
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    on = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "退回补充回复"
        constraints = [models.UniqueConstraint(fields=["task", "version"], name="reply_returned_once")]

    def __str__(self) -> str:
        return f"{self.task_id} 第{self.version}版"


class OwnRectification(models.Model):
    """What a company told by copy or fax put right by itself, having admitted a violation (二(五), SM-05b)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(CompanyTask, models.PROTECT, related_name="rectifications", verbose_name="任务")
    text = models.TextField("整改情况")
    done_on = models.DateField("完成日期")
    late = models.BooleanField("逾期", default=False)
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    on = models.DateField("登记日期")

    class Meta:
        verbose_name = verbose_name_plural = "自行整改"

    def __str__(self) -> str:
        return f"{self.task_id} {self.done_on}"


class Urging(models.Model):
    """One urging of a company (二(五)) or of a department (二(七)); numbered within its case, and what was answered."""

    class Channel(models.TextChoices):
        PLATFORM = "platform", "平台通知"
        TELEPHONE = "telephone", "电话"
        FAX = "fax", "传真"
        LETTER = "letter", "函件"
        VISIT = "visit", "上门"

    case = models.ForeignKey(Case, models.PROTECT, related_name="urgings", verbose_name="案件")
    number = models.PositiveSmallIntegerField("第几次")
    kind = models.CharField("类别", max_length=10, choices=[("urge", "催办"), ("coordinate", "协调")])
    task = models.ForeignKey(
        CompanyTask, models.PROTECT, null=True, related_name="urgings", verbose_name="任务"
    )
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="被督促部门")
    channel = models.CharField("方式", max_length=10, choices=Channel.choices)
    addressee = models.CharField("对象", max_length=100)
    text = models.CharField("内容", max_length=1000)
    by_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="催办部门")
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="催办人")
    on = models.DateField("日期")
    answer = models.CharField("答复", max_length=1000, blank=True, default="")
    answered_on = models.DateField("答复日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "催办"
        indexes = [models.Index(fields=["company", "on"], name="urging_of_company")]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="urging_numbers")]

    def __str__(self) -> str:
        return f"{self.case_id} 第{self.number}次"


class Extension(models.Model):
    """More days for a complex case (二(六)): asked for with a reason, decided by the head, who did not ask."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="extensions", verbose_name="案件")
    old_due_on = models.DateField("原截止日")
    new_due_on = models.DateField("申请延至")
    reason = models.CharField("理由", max_length=1000)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_on = models.DateField("申请日期")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    decided_on = models.DateField("决定日期", null=True)
    approved = models.BooleanField("同意", null=True)
    opinion = models.CharField("领导意见", max_length=1000, blank=True, default="")
    # The opinion came, or the case left, before anybody decided.
    lapsed = models.BooleanField("不再需要", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(approved=None, lapsed=False), name="extension_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")), name="extension_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(new_due_on__gt=models.F("old_due_on")), name="extension_adds_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_due_on} → {self.new_due_on}"


class DelayStatement(models.Model):
    """Why an opinion is late, or to which department the delay was reported (二(七))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="delays", verbose_name="案件")
    due_on = models.DateField("逾期的截止日")
    reason = models.CharField("理由", max_length=1000)
    reported_to = models.ForeignKey(
        Body, models.PROTECT, null=True, related_name="+", verbose_name="上报的主管部门"
    )
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="说明人")
    on = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "逾期说明"

    def __str__(self) -> str:
        return f"{self.case_id} {self.due_on}"


class SupervisionCounter(models.Model):
    """The last number of supervision orders given in a year; its row is locked until the order is there or is not."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    last = models.PositiveIntegerField("最后的编号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "督办编号"

    def __str__(self) -> str:
        return f"{self.year} {self.last}"


class SupervisionOrder(models.Model):
    """督办: 城研中心 has a department or a company answer for one case (二(七), SM-17)."""

    class State(models.TextChoices):
        ISSUED = "issued", "已发出"
        ACKNOWLEDGED = "acknowledged", "已签收"
        ANSWERED = "answered", "已答复"
        CLOSED = "closed", "已办结"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Not a foreign key: a company reads the order, and no case.
    case_id = models.UUIDField("案件", db_index=True)
    case_number = models.CharField("案件编号", max_length=32)
    number = models.CharField("督办编号", max_length=40, unique=True)
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="被督办部门")
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, related_name="+", verbose_name="被督办企业"
    )
    text = models.CharField("督办要求", max_length=1000)
    level = models.PositiveSmallIntegerField("级别", default=1)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.ISSUED)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发人")
    issued_on = models.DateField("发出日期")
    due_on = models.DateField("答复截止日")
    acknowledged_on = models.DateField("签收日期", null=True)
    answer = models.CharField("答复", max_length=2000, blank=True, default="")
    answered_on = models.DateField("答复日期", null=True)
    answered_late = models.BooleanField("逾期答复", default=False)
    answered_by = models.CharField("答复人", max_length=64, blank=True, default="")
    closed_on = models.DateField("办结日期", null=True)
    conclusion = models.CharField("办结意见", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "督办"
        indexes = [
            models.Index(fields=["company", "state"], name="supervision_of_company"),
            models.Index(fields=["state", "due_on"], name="supervision_unanswered"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(body=None, company__isnull=False) | Q(body__isnull=False, company=None),
                name="supervision_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.number


class CallBack(models.Model):
    """One attempt to ask the complainant how it went (二(七))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="callbacks", verbose_name="案件")
    on = models.DateField("日期")
    by_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="回访人")
    contacted = models.BooleanField("是否联系上")
    applicable = models.BooleanField("有投诉人", default=True)
    solved = models.CharField("是否解决", max_length=16, blank=True, default="")
    satisfaction = models.CharField("满意度", max_length=24, blank=True, default="")
    comment = models.CharField("记录", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "回访"

    def __str__(self) -> str:
        return f"{self.on} {self.satisfaction}"


class TriageDecision(models.Model):
    """What a dispatcher decided against what was suggested; the model learns from it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name="案件")
    suggested = models.CharField("建议环节", max_length=16, blank=True, default="")
    certainty = models.FloatField("把握", default=0)
    decided = models.CharField("决定环节", max_length=16)
    decided_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "分件决定"

    def __str__(self) -> str:
        return f"{self.suggested} → {self.decided}"


class IdentityOpening(models.Model):
    """Leave, given to one person for a time and for a reason, to read one complainant's identity."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="openings", verbose_name="案件")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间", auto_now_add=True)
    reason = models.CharField("理由", max_length=500)
    own_case = models.BooleanField("本人经办")
    consented_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="同意人")
    refused = models.BooleanField("不同意", default=False)
    open_until = models.DateTimeField("有效至", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "身份查看"
        indexes = [models.Index(fields=["case", "asked_by"], name="opening_of_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(consented_by=None) | ~Q(consented_by=models.F("asked_by")),
                name="opening_four_eyes",
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"


class SavedFilter(models.Model):
    """A desk's filter a person keeps under a name."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="用户")
    name = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "常用筛选"
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="filter_name_once")]

    def __str__(self) -> str:
        return self.name
