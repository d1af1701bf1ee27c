"""Agencies as they declare themselves, as the authority has accepted them, and as the public may read them.

Three kinds of table, each apart: what is claimed (`Declaration`), what is accepted, from a day until a day
(`Version` and its rows), and what is published (`Published…`), the only ones a public page may read.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from fangxin.agencies.columns import columns_of
from fangxin.agencies.quarters import DUTY_TITLES, OWED, DutyState
from fangxin.agencies.workflow import OPEN, STATE_TITLES, State
from fangxin.documents.key_rotation import declare_sealed
from fangxin.organisations.models import Body, Company, User

STATE_CHOICES = [(state.value, title) for state, title in STATE_TITLES.items() if state is not State.NEW]
DUTY_CHOICES = [(state.value, title) for state, title in DUTY_TITLES.items() if state is not DutyState.NONE]


class Agency(models.Model):
    """A brokerage agency of a province, or a branch of one; who reviews it follows its place."""

    class Standing(models.TextChoices):
        ACTIVE = "active", "在业"
        CANCELLED = "cancelled", "已注销"
        MERGED = "merged", "已合并"

    company = models.OneToOneField(Company, models.PROTECT, related_name="agency", verbose_name="企业")
    jurisdiction = models.CharField("地区", max_length=16)
    # As in J1-02: the unified code, or the organisation code of one that has none yet.
    code = models.CharField("法人代码", max_length=18)
    # Those it had before its licence was renewed (换照); which one when, its versions say.
    former_codes = ArrayField(
        models.CharField(max_length=18), verbose_name="曾用代码", default=list, blank=True
    )
    city = models.CharField("所在城市", max_length=6)
    county = models.CharField("所在县（市、区）", max_length=6)
    reviewing_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="审核部门")
    city_body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name="市级部门")
    standing = models.CharField("状态", max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    standing_since = models.DateField("状态起始", null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="并入")
    head_office = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="branches", verbose_name="总机构"
    )
    entered_on = models.DateField("入册日期")

    class Meta:
        verbose_name = verbose_name_plural = "经纪机构"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="agency_code_once"),
            models.CheckConstraint(
                condition=(Q(standing="merged", merged_into__isnull=False))
                | (~Q(standing="merged") & Q(merged_into__isnull=True)),
                name="agency_merged_into_one",
            ),
        ]
        indexes = [
            models.Index(fields=["reviewing_body", "standing"], name="agency_of_reviewer"),
            models.Index(fields=["jurisdiction", "city", "county"], name="agency_by_place"),
            GinIndex(fields=["former_codes"], name="agency_former_codes"),
        ]

    def __str__(self) -> str:
        return self.code


class Declaration(models.Model):
    """One document of indicator values on its way through SM-06; `values` by table and column, as the catalogue reads.

    While the agency writes, a value is what was typed; from submission on it is in its normal form. Numbers of
    identity documents are not among `values` but in `sealed_values`.
    """

    class Channel(models.TextChoices):
        DECLARED = "declared", "机构申报"
        COLLECTED = "collected", "部门采集"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="declarations", verbose_name="机构")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    jurisdiction = models.CharField("地区", max_length=16)
    channel = models.CharField("来源", max_length=16, choices=Channel.choices, default=Channel.DECLARED)
    state = models.CharField("状态", max_length=16, choices=STATE_CHOICES, default=State.DRAFT)
    turn = models.PositiveIntegerField("版本", default=0)
    values = models.JSONField("填报内容", default=dict)
    sealed_values = models.BinaryField("填报内容（封存）", null=True)
    findings = models.JSONField("核对结果", default=list)
    catalogue_version = models.CharField("目录版本", max_length=16, blank=True, default="")
    reviewing_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="审核部门")
    # The accepted version it was begun from, which the reviewer sees the differences against.
    base = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+", verbose_name="填报基础")
    reason = models.TextField("变动事由", blank=True, default="")
    begun_on = models.DateField("开始日期")
    saved_at = models.DateTimeField("保存时间", auto_now=True)
    submitted_on = models.DateField("提交日期", null=True)
    # A declaration taken back and handed in again was handed in on the first day (AMB-39).
    first_submitted_on = models.DateField("首次提交日期", null=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提交人")
    truth_statement = models.TextField("真实性声明", blank=True, default="")
    precheck_opinion = models.TextField("预审意见", blank=True, default="")
    prechecked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="预审人"
    )
    prechecked_at = models.DateTimeField("预审时间", null=True)
    opinion = models.TextField("审核意见", blank=True, default="")
    # Of a returned one, by indicator: what is to be mended.
    return_reasons = models.JSONField("退回理由", default=dict)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    decided_on = models.DateField("审核日期", null=True)
    decided_at = models.DateTimeField("审核时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "申报"
        constraints = [
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(channel="declared", state__in=sorted(OPEN)),
                name="declaration_one_open",
                violation_error_message="本机构已有一份没有审核完的申报。",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reviewing_body", "submitted_at"], name="declaration_queue",
                condition=Q(state__in=["submitted", "pre_checked", "awaiting_city"]),
            ),
            models.Index(fields=["agency", "-saved_at"], name="declaration_of_agency"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.agency_id} {self.begun_on}"


class Version(models.Model):
    """The record of an agency as it was accepted, in force from `from_on` until before `until_on`."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="versions", verbose_name="机构")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    number = models.PositiveSmallIntegerField("版次")
    from_on = models.DateField("起始日期")
    until_on = models.DateField("截止日期", null=True)
    declaration = models.OneToOneField(
        Declaration, models.PROTECT, related_name="version", verbose_name="依据的申报"
    )
    channel = models.CharField("来源", max_length=16, choices=Declaration.Channel.choices)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    approved_at = models.DateTimeField("审核时间")
    catalogue_version = models.CharField("目录版本", max_length=16)

    class Meta:
        verbose_name = verbose_name_plural = "登记版次"
        constraints = [
            models.UniqueConstraint(fields=["agency", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(until_on__isnull=True), name="version_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="version_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} · {self.number}"


class OfVersion(models.Model):
    """A row of an accepted version: never changed, never removed."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="+", verbose_name="版次")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    ordinal = models.PositiveIntegerField("序号", default=0)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["version", "ordinal"], name="%(class)s_row_once")]

    def __str__(self) -> str:
        return f"{self.version_id} · {self.ordinal}"


@columns_of("J1")
class BasicRecord(OfVersion):
    """J1, accepted."""

    class Meta(OfVersion.Meta):
        verbose_name = verbose_name_plural = "机构基本情况"


@columns_of("J2")
class RepresentativeRecord(OfVersion):
    """J2, accepted; the number of the identity document is sealed."""

    class Meta(OfVersion.Meta):
        verbose_name = verbose_name_plural = "法定代表人基本情况"


@columns_of("J5")
class ShareholderRecord(OfVersion):
    """J5, accepted: a row for each other shareholder or partner."""

    class Meta(OfVersion.Meta):
        verbose_name = verbose_name_plural = "其他股东（合伙人）情况"


@columns_of("J6")
class ProjectRecord(OfVersion):
    """J6, accepted: a row for each project."""

    class Meta(OfVersion.Meta):
        verbose_name = verbose_name_plural = "经纪服务项目基本情况"


@columns_of("J7")
class ProjectPersonRecord(OfVersion):
    """J7, accepted: a row for each person of each project."""

    class Meta(OfVersion.Meta):
        verbose_name = verbose_name_plural = "经纪项目人员情况"


@columns_of("J8")
class FilingRecord(OfVersion):
    """J8, accepted."""

    class Meta(OfVersion.Meta):
        verbose_name = verbose_name_plural = "机构备案信息情况"


# The accepted rows by the table of the annex.
RECORDS: dict[str, type[OfVersion]] = {
    "J1": BasicRecord,
    "J2": RepresentativeRecord,
    "J5": ShareholderRecord,
    "J6": ProjectRecord,
    "J7": ProjectPersonRecord,
    "J8": FilingRecord,
}


class FiledAgency(models.Model):
    """What the filing office (企业备案) has of an agency, as last imported (二（二）)."""

    jurisdiction = models.CharField("地区", max_length=16)
    code = models.CharField("法人代码", max_length=18)
    # Whose it is, once the agency is in the register; an agency compares itself with its own filing only.
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", verbose_name="企业")
    # By table and column, in the catalogue's plain form; what the filing office does not have is not there.
    values = models.JSONField("备案内容", default=dict)
    imported_at = models.DateTimeField("导入时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "备案资料"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="filed_agency_once")]

    def __str__(self) -> str:
        return self.code


class Practitioner(models.Model):
    """A broker or assistant as practitioner management (从业管理) has them, as last imported (二（二）)."""

    class Kind(models.TextChoices):
        BROKER = "broker", "房地产经纪人"
        ASSISTANT = "assistant", "房地产经纪人协理"

    jurisdiction = models.CharField("地区", max_length=16)
    registration_no = models.CharField("注册号", max_length=40)
    name = models.CharField("姓名", max_length=50)
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    agency_code = models.CharField("注册机构", max_length=18, db_index=True)
    full_time = models.BooleanField("专职", null=True)
    valid_until = models.DateField("有效期至", null=True)
    imported_at = models.DateTimeField("导入时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "从业人员"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "registration_no"], name="practitioner_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.registration_no


class QuarterDuty(models.Model):
    """What an agency owes for a quarter (四（二）, SM-13): data within 15日 of its end, and one update within it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="duties", verbose_name="机构")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="企业")
    reviewing_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="审核部门")
    year = models.PositiveSmallIntegerField("年")
    quarter = models.PositiveSmallIntegerField("季度")
    opens_on = models.DateField("开放日期")
    due_on = models.DateField("截止日")
    provisional = models.BooleanField("暂定", default=False)
    state = models.CharField("状态", max_length=16, choices=DUTY_CHOICES, default=DutyState.OPEN)
    next_look_on = models.DateField("下次检视日", null=True)
    submitted_on = models.DateField("提交日期", null=True)
    was_late = models.BooleanField("逾期提交", default=False)
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, null=True, related_name="+", verbose_name="提交的申报"
    )
    no_change_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="确认无变化"
    )
    # Table by table, each ticked by the agency.
    unchanged_tables = ArrayField(models.CharField(max_length=8), verbose_name="无变化的表", default=list)
    truth_statement = models.TextField("真实性声明", blank=True, default="")
    # The other duty of the sentence: at least one update in the quarter itself.
    updated_within = models.BooleanField("季度内已更新", default=False)
    reviewed_on = models.DateField("审核日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "季度更新"
        constraints = [
            models.UniqueConstraint(fields=["agency", "year", "quarter"], name="duty_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="duty_quarter_of_year"),
        ]
        indexes = [
            models.Index(fields=["reviewing_body", "year", "quarter", "state"], name="duty_of_reviewer"),
            models.Index(
                fields=["next_look_on"],
                name="duty_to_look_at",
                condition=Q(state__in=[state.value for state in sorted(OWED)]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.year}年第{self.quarter}季度"


class AccountClaim(models.Model):
    """Somebody asks to act on the platform for an agency; its department decides."""

    class State(models.TextChoices):
        APPLIED = "applied", "待审核"
        APPROVED = "approved", "已开通"
        REFUSED = "refused", "未通过"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("申领编号", max_length=32, unique=True)
    jurisdiction = models.CharField("地区", max_length=16)
    code = models.CharField("法人代码", max_length=18)
    agency_name = models.CharField("机构名称", max_length=100)
    city = models.CharField("所在城市", max_length=6)
    county = models.CharField("所在县（市、区）", max_length=6)
    reviewing_body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="审核部门")
    applicant_name = models.CharField("申请人", max_length=64)
    telephone = models.CharField("联系电话", max_length=32)
    email = models.EmailField("电子信箱")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.APPLIED)
    applied_on = models.DateField("申请日期")
    applied_at = models.DateTimeField("申请时间", auto_now_add=True)
    secret_hash = models.BinaryField("查询码摘要")
    opinion = models.TextField("审核意见", blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    decided_on = models.DateField("审核日期", null=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="开通的账号")

    class Meta:
        verbose_name = verbose_name_plural = "账号申领"
        indexes = [
            models.Index(
                fields=["reviewing_body", "applied_at"], name="claim_queue", condition=Q(state="applied")
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_name} {self.applied_on}"


class PublishedAgency(models.Model):
    """An agency as the public finds it: one row, of its latest published version."""

    agency = models.OneToOneField(
        Agency, models.PROTECT, primary_key=True, related_name="published", verbose_name="机构"
    )
    jurisdiction = models.CharField("地区", max_length=16)
    code = models.CharField("法人代码", max_length=18)
    name = models.CharField("机构名称", max_length=100)
    city = models.CharField("所在城市", max_length=6)
    county = models.CharField("所在县（市、区）", max_length=6)
    standing = models.CharField("状态", max_length=16, choices=Agency.Standing.choices)
    merged_into_code = models.CharField("并入", max_length=18, blank=True, default="")
    head_office_code = models.CharField("总机构", max_length=18, blank=True, default="")
    brokers = models.PositiveIntegerField("经纪人数", default=0)
    first_on = models.DateField("首次公示")
    updated_on = models.DateField("最近更新")
    # By what it is found; see search_keys. Ordered by code point, whatever the database's own order.
    name_key = models.TextField("检索键", default="", db_collation="C")
    name_lines = models.TextField("各名称的检索键", default="")
    initial_lines = models.TextField("各名称的拼音首字母", default="")
    grams = ArrayField(models.TextField(), verbose_name="检索片段", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "公示的机构"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="published_code_once")]
        indexes = [
            models.Index(fields=["jurisdiction", "name_key", "agency"], name="published_by_name"),
            models.Index(fields=["jurisdiction", "city", "name_key", "agency"], name="published_by_city"),
            models.Index(fields=["jurisdiction", "county", "name_key", "agency"], name="published_by_county"),
            models.Index(
                fields=["head_office_code"], name="published_branches", condition=~Q(head_office_code="")
            ),
            # Without a pending list: what waits there is read by every search.
            GinIndex(fields=["grams"], name="published_grams", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.name


class PublishedName(models.Model):
    """A name that the agency bears or bore, or that a branch of it bears."""

    class Kind(models.TextChoices):
        PRESENT = "present", "现名"
        FORMER = "former", "曾用名"
        BRANCH = "branch", "分支机构"

    agency = models.ForeignKey(PublishedAgency, models.CASCADE, related_name="names", verbose_name="机构")
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    name = models.CharField("名称", max_length=100)
    name_key = models.TextField("检索键", db_collation="C")
    until_on = models.DateField("使用至", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "公示的名称"
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "name"], name="published_name_once")]
        indexes = [models.Index(fields=["name_key"], name="published_name_key")]

    def __str__(self) -> str:
        return self.name


class PublishedCode(models.Model):
    """A number by which the public finds an agency: its code, one it had before, its licence number."""

    agency = models.ForeignKey(PublishedAgency, models.CASCADE, related_name="codes", verbose_name="机构")
    code = models.CharField("代码", max_length=18, db_collation="C")

    class Meta:
        verbose_name = verbose_name_plural = "公示的代码"
        constraints = [
            models.UniqueConstraint(fields=["code", "agency"], name="published_code_of_agency_once")
        ]

    def __str__(self) -> str:
        return self.code


class PublishedCoverage(models.Model):
    """How many agencies of a county are known, and how many the public can read (DOC-46); counted every day."""

    jurisdiction = models.CharField("地区", max_length=16)
    city = models.CharField("城市", max_length=6)
    county = models.CharField("县（市、区）", max_length=6)
    known = models.PositiveIntegerField("已知机构")
    published = models.PositiveIntegerField("已公示机构")
    counted_on = models.DateField("统计日期")

    class Meta:
        verbose_name = verbose_name_plural = "覆盖情况"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "city", "county"], name="coverage_once_a_county")
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.published}/{self.known}"


class PublishedProfile(models.Model):
    """What the public may read of an accepted version: shown fields by table and column, and nothing else."""

    agency = models.ForeignKey(PublishedAgency, models.CASCADE, related_name="profiles", verbose_name="机构")
    number = models.PositiveSmallIntegerField("版次")
    from_on = models.DateField("起始日期")
    until_on = models.DateField("截止日期", null=True)
    values = models.JSONField("公示内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "公示的登记内容"
        constraints = [models.UniqueConstraint(fields=["agency", "number"], name="profile_number_once")]
        indexes = [models.Index(fields=["agency", "-from_on", "-number"], name="profile_as_of")]

    def __str__(self) -> str:
        return f"{self.agency_id} · {self.number}"


class PublishedPerson(models.Model):
    """A broker or assistant of an agency: the roster and the persons of J7 in one list, without their projects."""

    agency = models.ForeignKey(PublishedAgency, models.CASCADE, related_name="people", verbose_name="机构")
    kind = models.CharField("类别", max_length=16, choices=Practitioner.Kind.choices)
    name = models.CharField("姓名", max_length=50, db_collation="C")
    registration_no = models.CharField("注册号", max_length=40, db_collation="C")
    full_time = models.BooleanField("专职", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "公示的人员"
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "registration_no", "name"], name="published_person_once"
            )
        ]
        indexes = [
            models.Index(fields=["name", "registration_no", "id"], name="published_person_name"),
            models.Index(fields=["registration_no"], name="published_person_number"),
        ]

    def __str__(self) -> str:
        return self.name


class PublishedPicture(models.Model):
    """The cleaned copy of a picture of a published version (J1-25, J2-06); its number is the attachment's."""

    id = models.UUIDField(primary_key=True, editable=False)
    agency = models.ForeignKey(PublishedAgency, models.CASCADE, related_name="pictures", verbose_name="机构")
    media_type = models.CharField("类型", max_length=100)
    content = models.BinaryField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "公示的照片"

    def __str__(self) -> str:
        return str(self.pk)


# Key rotation finds the sealed values here; each is sealed for its row.
declare_sealed("agencies_declaration", "id", ("sealed_values",), "declaration.{column}:{key}")
declare_sealed(
    "agencies_representativerecord", "version_id", ("id_number",), "representativerecord.{column}:{key}"
)
