"""Good and bad records of agencies and their people, what was asked about them, and what the public reads of them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fangxin.agencies.columns import columns_of
from fangxin.agencies.models import Agency
from fangxin.credit.workflow import APPLICATION, BAD_RECORD, GOOD_RECORD, ROUND
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.process import NEW, Process


def _choices(process: Process) -> list[tuple[str, str]]:
    return [(state, title) for state, title in process.states.items() if state != NEW]


class OfAgency(models.Model):
    """Something on record about an agency; `turn` counts its steps."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="机构")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    jurisdiction = models.CharField("地区", max_length=16)
    # Each kind of matter gives it the states of its own process.
    state = models.CharField("状态", max_length=16)
    turn = models.PositiveIntegerField("版本", default=0)
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经手人")
    entered_on = models.DateField("录入日期")
    entered_at = models.DateTimeField("录入时间", auto_now_add=True)

    class Meta:
        abstract = True


@columns_of("J3")
class GoodRecord(OfAgency):
    """J3: an honour of the agency, or of one of its brokers (二（二）)."""

    state = models.CharField("状态", max_length=16, choices=_choices(GOOD_RECORD))
    # Where the honoured broker is on the register, their number; the name alone tells nobody apart.
    registration_no = models.CharField("受表彰人员注册号", max_length=40, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")
    decided_on = models.DateField("核实日期", null=True)
    opinion = models.TextField("核实意见", blank=True, default="")
    shown_until = models.DateField("公示至", null=True)
    revoked_on = models.DateField("撤销日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "良好行为记录"
        indexes = [
            models.Index(fields=["agency", "-awarded_on"], name="good_record_of_agency"),
            models.Index(fields=["state", "entered_at"], name="good_record_queue"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


@columns_of("J4")
class BadRecord(OfAgency):
    """J4: bad conduct of the agency, of one of its people or in one of its projects (二（二）, 四（四）)."""

    state = models.CharField("状态", max_length=16, choices=_choices(BAD_RECORD))
    source = models.CharField("来源", max_length=24)
    # The complaint, the case or the declaration it comes from, by its number.
    source_number = models.CharField("来源编号", max_length=40, blank=True, default="")
    record_class = models.CharField("类别", max_length=16)
    items = ArrayField(models.CharField(max_length=16), verbose_name="违法行为目录", default=list)
    person = models.CharField("经纪人员", max_length=50, blank=True, default="")
    registration_no = models.CharField("经纪人员注册号", max_length=40, blank=True, default="")
    project = models.CharField("项目", max_length=200, blank=True, default="")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="记入部门")
    shown_because = models.TextField("确有必要公示的理由", blank=True, default="")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="记入人")
    confirmed_on = models.DateField("记入日期", null=True)
    dropped_because = models.TextField("不予记入的理由", blank=True, default="")
    served_on = models.DateField("告知送达日期", null=True)
    served_how = models.CharField("告知方式", max_length=60, blank=True, default="")
    releasable_on = models.DateField("最早公示日期", null=True)
    statement = models.TextField("机构陈述", blank=True, default="")
    stated_on = models.DateField("陈述日期", null=True)
    statement_answer = models.TextField("对陈述的处理", blank=True, default="")
    published_on = models.DateField("公示日期", null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="放行人")
    shown_until = models.DateField("公示至", null=True)
    comment = models.TextField("机构说明", blank=True, default="")
    rectified_on = models.DateField("整改验收日期", null=True)
    rectification_result = models.TextField("整改结果", blank=True, default="")
    taken_down_on = models.DateField("停止公示日期", null=True)
    corrected_on = models.DateField("更正日期", null=True)
    archived_on = models.DateField("归档日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "不良行为记录"
        constraints = [
            # The law's gate, in the database itself: nothing is public that was not told, and told long enough ago.
            models.CheckConstraint(
                condition=Q(published_on__isnull=True)
                | Q(releasable_on__isnull=False, published_on__gte=models.F("releasable_on")),
                name="bad_record_told_before_published",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(confirmed_by=models.F("entered_by")),
                name="bad_record_by_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-decided_on"], name="bad_record_of_agency"),
            models.Index(fields=["body", "state", "entered_at"], name="bad_record_queue"),
            models.Index(fields=["shown_until"], name="bad_record_shown", condition=Q(state="published")),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Correction(models.Model):
    """An official error put right by two people (AMB-25); the words before it are kept here."""

    class Kind(models.TextChoices):
        AMENDED = "amended", "更正内容"
        ANNULLED = "annulled", "撤下"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(BadRecord, models.PROTECT, related_name="corrections", verbose_name="记录")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    kind = models.CharField("更正方式", max_length=16, choices=Kind.choices)
    reason = models.TextField("理由")
    before = models.JSONField("更正前", default=dict)
    after = models.JSONField("更正后", default=dict)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_on = models.DateField("提出日期")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    decided_on = models.DateField("批准日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "更正"
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(decided_on__isnull=True), name="correction_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Application(OfAgency):
    """What the unit asks for about a published record: assessment, withdrawal, repair, or that it be looked at again."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "考核验收"
        WITHDRAWAL = "withdrawal", "撤销公示"
        REPAIR = "repair", "信用修复"
        OBJECTION = "objection", "异议"

    record = models.ForeignKey(BadRecord, models.PROTECT, related_name="applications", verbose_name="记录")
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    state = models.CharField("状态", max_length=16, choices=_choices(APPLICATION))
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="处理部门")
    text = models.TextField("申请理由")
    commitment = models.BooleanField("信用承诺", default=False)
    due_on = models.DateField("处理截止日", null=True)
    assessed_on = models.DateField("验收日期", null=True)
    assessors = models.CharField("验收人员", max_length=200, blank=True, default="")
    opinion = models.TextField("处理意见", blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="处理人")
    decided_on = models.DateField("处理日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "申请"
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind"], condition=Q(state__in=["applied", "assessing"]),
                name="application_one_open",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["body", "state", "entered_at"], name="application_queue")]

    def __str__(self) -> str:
        return str(self.pk)


class PublishedRecord(models.Model):
    """A good or bad record as the public reads it now. What was taken down is not here any more."""

    class Kind(models.TextChoices):
        GOOD = "good", "良好行为"
        BAD = "bad", "不良行为"

    id = models.UUIDField(primary_key=True, editable=False)
    # Whose it is: a company's session may add its comment and its objection to its own, and nothing else.
    company_id = models.BigIntegerField("企业", db_index=True)
    jurisdiction = models.CharField("地区", max_length=16)
    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    agency_code = models.CharField("法人代码", max_length=18, db_index=True)
    agency_name = models.CharField("机构名称", max_length=100)
    city = models.CharField("所在城市", max_length=6)
    county = models.CharField("所在县（市、区）", max_length=6)
    record_class = models.CharField("不良行为类别", max_length=16, blank=True, default="")
    # What kind of source a bad record has, for whoever counts a score again; never which complaint or case (AMB-56).
    source = models.CharField("来源", max_length=24, blank=True, default="")
    # Shown fields of J3 or J4 by column, in the catalogue's plain form.
    values = models.JSONField("公示内容", default=dict)
    person = models.CharField("经纪人员", max_length=50, blank=True, default="")
    published_on = models.DateField("公示日期")
    shown_until = models.DateField("公示至", null=True)
    comment = models.TextField("机构说明", blank=True, default="")
    rectification_result = models.TextField("整改结果", blank=True, default="")
    rectified_on = models.DateField("整改验收日期", null=True)
    is_objected = models.BooleanField("有异议", default=False)
    corrected_on = models.DateField("更正日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "公示的记录"
        indexes = [
            models.Index(fields=["jurisdiction", "kind", "-published_on"], name="published_record_newest"),
            models.Index(fields=["jurisdiction", "city", "-published_on"], name="published_record_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.agency_name} {self.published_on}"


class Round(models.Model):
    """One evaluation of everybody on the register by one scheme (SM-14)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    jurisdiction = models.CharField("地区", max_length=16)
    # The book whose scheme it is: a province may try another's shape.
    book = models.CharField("规则册", max_length=16)
    scheme = models.CharField("评价方案", max_length=40)
    scheme_title = models.CharField("方案名称", max_length=120)
    rulebook_version = models.CharField("规则版本", max_length=16)
    # The scheme as it read when the round was opened: what comes after changes nothing of the round.
    scheme_text = models.TextField("方案全文", default="")
    state = models.CharField("状态", max_length=16, choices=_choices(ROUND))
    turn = models.PositiveIntegerField("版本", default=0)
    since = models.DateField("评价期起")
    until = models.DateField("评价期止")
    opened_on = models.DateField("开始日期")
    computed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="计算人")
    computed_on = models.DateField("计算日期", null=True)
    # How far the worker has come: the last agency that is counted, and how many there are.
    membership_id = models.BigIntegerField("计算人的任职", null=True)
    counted_to = models.BigIntegerField("已算至", default=0)
    counted = models.PositiveIntegerField("已算机构", default=0)
    expected = models.PositiveIntegerField("应算机构", default=0)
    touched_at = models.DateTimeField("最近进展", null=True)
    failure = models.CharField("中止原因", max_length=200, blank=True, default="")
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    announced_on = models.DateField("告知日期", null=True)
    objections_until = models.DateField("异议截止", null=True)
    final_on = models.DateField("定案日期", null=True)
    published_on = models.DateField("公布日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "评价"

    def __str__(self) -> str:
        return f"{self.scheme_title} {self.since}至{self.until}"


class Score(models.Model):
    """What one subject scored in a round. A recount is a new row; the one before it is superseded, never changed."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="scores", verbose_name="评价")
    kind = models.CharField("对象", max_length=8)  # agency or broker
    subject = models.CharField("代码或注册号", max_length=40)
    name = models.CharField("名称", max_length=100)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="机构")
    company_id = models.BigIntegerField("企业")
    points = models.DecimalField("得分", max_digits=7, decimal_places=2)
    grade = models.CharField("等级", max_length=8)
    because = models.CharField("等级的其他理由", max_length=200, blank=True, default="")
    # Each line: item, title, part, record, day, points, points cut by a cap, basis.
    lines = models.JSONField("得分明细", default=list)
    computed_at = models.DateTimeField("计算时间")
    superseded_at = models.DateTimeField("被替代时间", null=True)
    recounted_because = models.TextField("重算理由", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "评分"
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind", "subject", "agency"], condition=Q(superseded_at__isnull=True),
                name="score_one_in_force",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["agency", "kind"], name="score_of_agency"),
            models.Index(
                fields=["round", "kind", "grade", "subject"], condition=Q(superseded_at__isnull=True),
                name="score_by_grade",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} {self.points}"


class ScoreObjection(models.Model):
    """An agency does not agree with its score, or with that of one of its brokers (AMB-43)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="objections", verbose_name="评价")
    score = models.ForeignKey(Score, models.PROTECT, related_name="objections", verbose_name="评分")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    text = models.TextField("异议")
    objected_on = models.DateField("提出日期")
    answer = models.TextField("答复", blank=True, default="")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_on = models.DateField("答复日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "评分异议"
        constraints = [
            models.UniqueConstraint(
                fields=["score"], condition=Q(answered_on__isnull=True), name="score_objection_one_open"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PublishedScore(models.Model):
    """A score as the public reads it: only of a round that is final, by a scheme that is published (AMB-21)."""

    round_id = models.UUIDField("评价")
    jurisdiction = models.CharField("地区", max_length=16)
    kind = models.CharField("对象", max_length=8)
    subject = models.CharField("代码或注册号", max_length=40)
    name = models.CharField("名称", max_length=100)
    agency_code = models.CharField("法人代码", max_length=18, db_index=True)
    scheme = models.CharField("评价方案", max_length=40)
    scheme_title = models.CharField("方案名称", max_length=120)
    since = models.DateField("评价期起")
    until = models.DateField("评价期止")
    points = models.DecimalField("得分", max_digits=7, decimal_places=2)
    grade = models.CharField("等级", max_length=8)
    grade_title = models.CharField("等级名称", max_length=20)
    because = models.CharField("等级的其他理由", max_length=200, blank=True, default="")
    lines = models.JSONField("得分明细", default=list)
    published_on = models.DateField("公布日期")

    class Meta:
        verbose_name = verbose_name_plural = "公布的评分"
        constraints = [
            models.UniqueConstraint(
                fields=["round_id", "kind", "subject", "agency_code"], name="published_score_once"
            )
        ]
        indexes = [models.Index(fields=["round_id", "kind", "grade"], name="published_score_by_grade")]

    def __str__(self) -> str:
        return f"{self.name} {self.grade}"
