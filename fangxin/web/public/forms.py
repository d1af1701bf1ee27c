"""What a citizen fills in."""

import unicodedata
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from fangxin.cases.terms import district_titles
from fangxin.complaints.actions import Grievance
from fangxin.documents.inspection import ACCEPTED, BATCH_LIMIT, FILE_LIMIT, FILES_LIMIT, MEGABYTE, check_batch
from fangxin.organisations.refusals import ActRefused
from fangxin.rules.identifiers import check_email, check_telephone
from fangxin.web.fields import ActForm, Choice, Line, Lines, checked
from fangxin.web.files import Files
from fangxin.web.public import DEFAULT

_BLANK_CATEGORIES = frozenset("CZ")


class OneOfTwo(Line):
    """One of two lines of which at least one must be filled in; the form looks whether."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.widget.is_required = False

    def validate(self, value: Any) -> None:
        """Empty is right as long as the other is not."""


class ComplaintForm(ActForm):
    """A complaint, whom it is about, and how to reach its author (二（一）2)."""

    title = Line("标题", 200, help_text="一句话说明投诉什么，例如：中介收取定金后不退。")
    text = Lines(
        "投诉内容", 10000, rows=10,
        help_text="写明时间、地点、经过和您的要求。请不要在这里写自己的姓名、电话、证件号码、住址和微信号。",
    )  # fmt: skip
    respondent_name = Line("被投诉企业", 200, required=False, help_text="请尽量照合同或公章写全称。")
    respondent_person = Line("被投诉人员", 64, required=False, help_text="例如经纪人、销售人员的姓名。")
    project_name = Line("项目或小区名称", 200, required=False)
    district = Choice("所在区", required=False)
    files = Files(  # type: ignore[assignment]
        "附件",
        help_text=f"合同、票据、聊天记录、照片、录音等，最多 {FILES_LIMIT} 个，"
        f"每个不超过 {FILE_LIMIT // MEGABYTE} MB，"
        f"合计不超过 {BATCH_LIMIT // MEGABYTE} MB。可用格式：{ACCEPTED}。",
    )
    name = Line("您的姓名", 64, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    telephone = OneOfTwo(
        "联系电话", 32, help_text="用于核实情况和回访。电话和电子信箱至少填一项。",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    email = OneOfTwo(
        "电子信箱", 120, help_text="填写后，有进展时给您发信，信中只有编号，没有内容。",
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )  # fmt: skip
    address = Line(
        "通讯地址", 300, required=False, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    turn = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [("", "不清楚"), *district_titles(DEFAULT).items()]  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        return _written(self.cleaned_data["title"], "标题")

    def clean_text(self) -> str:
        return _written(self.cleaned_data["text"], "投诉内容")

    def clean_name(self) -> str:
        return _written(self.cleaned_data["name"], "您的姓名")

    def clean_files(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["files"]
        try:
            check_batch([file.size or 0 for file in files])
        except ActRefused as refused:
            raise ValidationError(str(refused)) from refused
        return files

    def clean_telephone(self) -> str:
        return checked(check_telephone, self.cleaned_data["telephone"])

    def clean_email(self) -> str:
        return checked(check_email, self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors.keys() & {"telephone", "email"} and not (
            given.get("telephone") or given.get("email")
        ):
            self.add_error("telephone", "请填写联系电话或者电子信箱，至少一项，以便核实情况和回访。")
        return given

    @property
    def grievance(self) -> Grievance:
        """The words, apart from who said them."""
        words = ("title", "text", "respondent_name", "respondent_person", "project_name", "district")
        return Grievance(**{name: self.cleaned_data[name] for name in words})

    def with_a_usable_key(self) -> "ComplaintForm":
        """The form as typed; a damaged act key gives way to a fresh one, so that it can be sent again."""
        if "act_key" in self.errors:
            self.data = {**self.data.dict(), "act_key": str(uuid4())}  # type: ignore[attr-defined]
        return self


class FollowForm(forms.Form):
    """The two lines of a receipt."""

    number = Line(
        "投诉编号", 32, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="例如 BJ-2026-000123、JG000123。",
    )  # fmt: skip
    secret = Line(
        "查询码", 64, help_text="回执上的 18 位字母和数字，大小写、短横线不影响查询。",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )  # fmt: skip


def _written(text: str, label: str) -> str:
    """The text, if there is anything in it to read."""
    if all(unicodedata.category(character)[0] in _BLANK_CATEGORIES for character in text):
        raise ValidationError(f"请填写{label}。", code="required")
    return text
