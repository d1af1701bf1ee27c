"""What the forms of good and bad records have in common, in the office and with the agency."""

from collections.abc import Callable
from typing import Any

from django import forms

from fangxin.organisations.refusals import ActRefused
from fangxin.rules import book
from fangxin.rules.indicators import catalogue
from fangxin.web.fields import ActForm, Choice, Line, Lines
from fangxin.web.files import Files

PAPERS = "图片、PDF等，最多10个，每个不超过10MB。"
J3 = (
    "award",
    "content",
    "awarded_on",
    "certificate_no",
    "awarded_by",
    "level",
    "body_kind",
    "subject",
    "person",
)


class Papers(Files):
    """At least one file."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files; ValidationError when there is none."""
        if found := super().clean(data, initial):
            return found
        raise forms.ValidationError(f"请上传{self.label}。")


def beside_column(table: str, jurisdiction: str, act: Callable[[], Any]) -> Any:
    """Does the act; what is refused of an indicator is refused of the field of the form that has its column."""
    try:
        return act()
    except ActRefused as refused:
        by_code = {one.code: one.column for one in catalogue(jurisdiction).table(table).all_fields}
        if refused.field not in by_code:
            raise
        raise ActRefused(str(refused), by_code[refused.field]) from refused


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"请填写{label}。", "invalid": f"{label}应为真实的日期，如 2026-02-25。"}, **options,
    )  # fmt: skip


class HonourForm(ActForm):
    """What J3 asks for, with its material."""

    columns = J3
    award = Line("获奖名称", 100)
    content = Lines("获奖内容", 1000, rows=3, required=False)
    awarded_on = day_field("获奖时间")
    certificate_no = Line("获奖证书编号", 50, required=False)
    awarded_by = Line("颁奖单位", 100)
    level = Choice("表彰层级", widget=forms.RadioSelect)
    body_kind = Choice("颁奖单位类别", widget=forms.RadioSelect)
    subject = Choice("受表彰对象", widget=forms.RadioSelect)
    person = Line("受表彰人员", 50, required=False, help_text="受表彰的是经纪人员的，填其姓名和注册号。")
    registration_no = Line("注册号", 40, required=False)
    material = Papers("证书、文件", required=True, help_text=PAPERS)

    def __init__(self, *args: Any, jurisdiction: str, material_there: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("level", "body_kind", "subject"):
            field = catalogue(jurisdiction).table("J3").by_column[name]
            self.fields[name].choices = [*field.options.items()]  # type: ignore[attr-defined]
        law = book(jurisdiction).code_lists["award_levels"]
        told = f"“{law.quote}”的才可以作为良好行为载入，县级的不能（{law.clause}）。"
        self.fields["level"].help_text = self.fields["level"].error_messages["invalid_choice"] = told
        if material_there:
            self.fields["material"] = Files("证书、文件", help_text=f"已有的仍在；只在要补充时上传。{PAPERS}")

    @property
    def values(self) -> dict[str, Any]:
        """The values of J3 by column."""
        return {name: self.cleaned_data[name] for name in J3}
