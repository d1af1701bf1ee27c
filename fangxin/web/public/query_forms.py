"""What somebody fills in who applies to see more of an agency than is public."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from fangxin.deadlines.clock import today
from fangxin.disclosure.actions import Application
from fangxin.documents.inspection import ACCEPTED, BATCH_LIMIT, FILE_LIMIT, FILES_LIMIT, MEGABYTE, check_batch
from fangxin.organisations.refusals import ActRefused
from fangxin.rules import book
from fangxin.rules.disclosure import QueryGround
from fangxin.rules.indicators import catalogue
from fangxin.web.fields import ActForm, Choice, Line, Lines, Several
from fangxin.web.files import Files

# The register of agencies that this site's pages of authorised queries belong to.
REGISTER = "fujian"


class ApplicationForm(ActForm):
    """An application for an authorised query (四（三）)."""

    agency_code = Line(
        "机构的法人代码", 40, help_text="统一社会信用代码或者组织机构代码；一次只申请一家机构。"
    )
    ground = Choice("凭什么理由查询", widget=forms.RadioSelect)
    codes = Several("要查询的栏目", help_text="只选需要的；凭机构同意的，查不到委托人的栏目。")
    from_on = forms.DateField(
        label="自哪一天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写起始日期。", "invalid": "起始日期应为真实的日期，如 2026-02-25。"},
    )  # fmt: skip
    days = Choice("需要几日", widget=forms.RadioSelect, help_text="到最后一日24时为止；到期须重新申请。")
    purpose = Lines(
        "查询目的", 1000, rows=4, help_text="办理什么事项、为什么需要这些栏目。会印在查询结果的水印上。"
    )
    basis = Lines("依据", 1000, rows=3, help_text="法律条文、公函或者调查令的文号。")
    papers = Files(
        "申请材料",
        required=True,
        help_text=f"照所选理由后面列出的材料，每份一个文件；最多 {FILES_LIMIT} 个，每个不超过 {FILE_LIMIT // MEGABYTE} MB，"
        f"合计不超过 {BATCH_LIMIT // MEGABYTE} MB。可用格式：{ACCEPTED}。",
    )
    asks_secrecy = forms.BooleanField(
        label="调查令写明保密，请不要告知被查询机构", required=False,
        help_text="只适用于人民法院调查令；其他理由批准后都会告知机构。",
    )  # fmt: skip
    applicant_name = Line("您的姓名", 64, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    id_kind = Choice("证件类型")
    id_number = Line(
        "证件号码", 40, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="加密保存，只有审批的人能看到。",
    )  # fmt: skip
    organisation = Line("单位", 100, help_text="律师填写律师事务所；个人填写“个人”。")
    telephone = Line("联系电话", 32, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
    email = Line(
        "电子信箱",
        120,
        required=False,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )
    turn = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"from_on": today(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        rules = book(REGISTER)
        days = rules.value("disclosure.grant_days_offered", on=today()).value
        assert isinstance(days, list | tuple)  # noqa: S101 - numbers of days in the rulebook
        choices: dict[str, Any] = {
            "ground": [(one.key, _ground_words(one)) for one in rules.query_grounds],
            "codes": grouped_codes(field.code for field in catalogue(REGISTER).grantable_fields()),
            "days": [(str(one), f"{one}日") for one in days],
            "id_kind": [("", "请选择"), *rules.code_lists["id_kinds"].options.items()],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_papers(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["papers"]
        try:
            check_batch([file.size or 0 for file in files])
        except ActRefused as refused:
            raise ValidationError(str(refused)) from refused
        return files

    @property
    def application(self) -> Application:
        """What is applied for, as the action takes it."""
        given = {
            key: value for key, value in self.cleaned_data.items() if key not in {"papers", "act_key", "turn"}
        }
        from_on: date = given.pop("from_on")
        return Application(**{**given, "days": int(given["days"])}, from_on=from_on)

    def with_a_usable_key(self) -> "ApplicationForm":
        """The form as typed; a damaged act key gives way to a fresh one, so that it can be sent again."""
        if "act_key" in self.errors:
            data = self.data.copy()  # type: ignore[attr-defined]
            data["act_key"] = str(uuid4())
            self.data = data
        return self


class PresentForm(forms.Form):
    """Number and secret of an application."""

    number = Line(
        "申请编号", 32, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="例如 CX-2026-000123。",
    )  # fmt: skip
    secret = Line(
        "查询码", 64, help_text="回执上的 18 位字母和数字，大小写、短横线不影响查询。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


def grouped_codes(codes: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields to be ticked, under the titles of their tables."""
    fields, groups = catalogue(REGISTER), {}  # type: ignore[var-annotated]
    for code in codes:
        field = fields.field(code)
        title = f"{field.table} {fields.table(field.table).title}"
        groups.setdefault(title, []).append((code, f"{code} {field.title}"))
    return list(groups.items())


def titled(codes: Any) -> list[str]:
    """The fields in words: J1-04 办公地址."""
    return [f"{code} {catalogue(REGISTER).field(code).title}" for code in codes]


def _ground_words(ground: QueryGround) -> str:
    return f"{ground.title}（{'、'.join(ground.applicants)}；须交{'、'.join(ground.papers)}）"
