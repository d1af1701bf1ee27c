"""Forms of what the authority records of an agency itself: changed indicators, an opinion, a merger, a head office."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from fangxin.agencies.actions import LONGEST_OPINION
from fangxin.rules.indicators import Field
from fangxin.web.fields import ActForm, Choice, Line, Lines, ListBox, Several
from fangxin.web.files import Files

EVIDENCE = "证明材料的图片、PDF等，最多10个，每个不超过10MB（四（二））。"


class Evidence(Files):
    """At least one file."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files; ValidationError when there is none."""
        if found := super().clean(data, initial):
            return found
        raise forms.ValidationError("请上传证明材料（四（二））。")


class ChangeForm(ActForm):
    """Which indicators change and into what; the old values stand beside them."""

    pick = Several("变动的指标", required=False)
    reason = Lines("变动事由", LONGEST_OPINION, rows=3)
    evidence = Evidence("证明材料", required=True, help_text=EVIDENCE)

    def __init__(
        self,
        *args: Any,
        fields: Sequence[Field],
        old: Mapping[str, str],
        chosen: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = {field.code: field for field in fields}
        self.old = old
        self.fields["pick"].choices = [(code, code) for code in self.indicators]  # type: ignore[attr-defined]
        self.initial.setdefault("pick", list(chosen))
        for code, field in self.indicators.items():
            self.fields[f"new_{code}"] = _control(field)

    def clean(self) -> dict[str, Any]:
        """At least one indicator changes."""
        given = super().clean()
        if not given.get("pick"):
            self.add_error("pick", "请勾选至少一项变动的指标，并填写变动后的内容。")
        return given

    @property
    def changes(self) -> dict[str, Any]:
        """By indicator, what it is from now on; nothing where it has no value any more."""
        return {code: self.cleaned_data.get(f"new_{code}") or None for code in self.cleaned_data["pick"]}

    @property
    def tables(self) -> list[dict[str, Any]]:
        """The indicators by table, each with its box, its old value and the control for the new one."""
        tables: dict[str, list[dict[str, Any]]] = {}
        picked = self["pick"].value() or ()
        for code, field in self.indicators.items():
            new = self[f"new_{code}"]
            tables.setdefault(field.table, []).append(
                {
                    "code": code, "title": field.title, "secret": field.mark, "old": self.old.get(code, ""), "new": new,
                    "hint": field.note if field.options else field.help, "chosen": code in picked,
                }
            )  # fmt: skip
        return [{"code": code, "rows": rows} for code, rows in tables.items()]


def _control(field: Field) -> forms.Field:
    """A control fit for the field; whether the value is sound, the catalogue says when the change is made."""
    # A finding begins with the code; what the control is called aloud is more.
    label, named = field.code, {"aria-label": f"{field.code} {field.title}：变动后"}
    shown: dict[str, Any] = {"required": False}
    if field.type == "choices":
        return Several(label, [*field.options.items()], **shown)
    if field.options and field.type in {"code", "choice"}:
        return Choice(label, [("", "（没有）"), *field.options.items()], widget=ListBox(attrs=named), **shown)
    if field.type == "long_text":
        area = forms.Textarea(attrs={"rows": 4, **named})
        return Lines(label, max(field.longest, 1), widget=area, **shown)
    return Line(label, max(field.longest, 200), widget=forms.TextInput(attrs=named), **shown)


class FilingOpinionForm(ActForm):
    """What the department of the city says to the filing (J8-04)."""

    opinion = Lines("主管部门意见", LONGEST_OPINION, rows=4)


class MergerForm(ActForm):
    """Into which agency it went."""

    into = Line("并入机构的法人代码", 18, help_text="登记册里在业的另一家机构；也可以填它的曾用代码。")
    reason = Lines("合并事由", LONGEST_OPINION, rows=3)
    evidence = Evidence("证明材料", required=True, help_text=EVIDENCE)


class HeadOfficeForm(ActForm):
    """Whose branch it is."""

    head_office = Line("总机构的法人代码", 18, required=False, help_text="不再是分支机构的，留空。")
    reason = Lines("事由", LONGEST_OPINION, rows=3)
