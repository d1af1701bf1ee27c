"""Forms of public complaints about agencies: sorting, findings, judgements, decisions, proposals."""

from collections.abc import Sequence
from typing import Any

from django import forms

from fangxin.credit.actions import Conduct
from fangxin.redress.workflow import FINDINGS, LATENESS, WAYS
from fangxin.rules import book
from fangxin.web.fields import ActForm, Choice, Line, Lines
from fangxin.web.files import Files

YES_NO = (("yes", "是"), ("no", "否"))


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(
            label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"required": f"请填写{label}。", "invalid": "日期应为真实的日期，如 2026-02-25。"}, **options,
        )  # fmt: skip


class SuggestForm(ActForm):
    """The committee's first sorting."""

    way = Choice("建议", WAYS.items(), widget=forms.RadioSelect)


class ReferForm(ActForm):
    """Whose place it is, and why."""

    place = Choice("被投诉对象在哪里")
    reason = Lines("转办的理由", 1000, rows=3)

    def __init__(self, *args: Any, places: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", "请选择"), *places]  # type: ignore[attr-defined]


class TransferForm(ActForm):
    """Which agency reads which words; the search stands in the same form, so that nothing typed is lost."""

    search = Line(
        "在登记册中查找机构", 100, required=False, help_text="名称或代码；投诉项目、经纪人的，找其所属机构。"
    )
    agency = Choice("被投诉的机构")
    digest = Lines(
        "转办摘要", 5000, rows=8,
        help_text="机构只看到这段文字。已按规则遮去姓名、电话等，请逐句核对，改掉还能看出投诉人的地方。",
    )  # fmt: skip

    def __init__(self, *args: Any, agencies: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(pk), title) for pk, title in agencies]
        self.fields["agency"].choices = [("", "请选择"), *offered]  # type: ignore[attr-defined]


class SortForm(TransferForm):
    """Which way, and what a transfer needs."""

    way = Choice("怎样办理", WAYS.items(), widget=forms.RadioSelect)
    field_order = ("way", "search", "agency", "digest")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What is verified alone is passed on to nobody; the act asks for both where it is.
        self.fields["agency"].required = self.fields["digest"].required = False
        self.fields["agency"].help_text = "转给企业的必须选定。"


class FindingForm(ActForm):
    """What verification found."""

    finding = Choice("核查结论", FINDINGS.items(), widget=forms.RadioSelect)
    opinion = Lines("处理意见", 5000, rows=6, help_text="记入T2；不得写出投诉人。")


class JudgeForm(ActForm):
    """Whether there was a good reason for the lateness."""

    verdict = Choice("判断", LATENESS.step("judge_lateness").choices.items(), widget=forms.RadioSelect)
    reason = Lines("判断的理由", 1000, rows=4)


class DecideForm(ActForm):
    """Two decisions, each with its reasons, and what the complainant is told."""

    publish = Choice("是否公示", YES_NO, widget=forms.RadioSelect)
    publish_because = Lines("公示与否的理由", 2000, rows=2)
    public_summary = Lines(
        "公开摘要", 2000, rows=3, required=False, help_text="公示的写：有人投诉什么。不是投诉原文。"
    )
    public_result = Lines(
        "公开的处理结果", 2000, rows=3, required=False, help_text="公示的写：查得怎样，怎样处理。"
    )
    count = Choice(
        "是否计入机构的信用", YES_NO, widget=forms.RadioSelect, help_text="只有核查属实的可以计入。"
    )
    count_because = Lines("计入与否的理由", 2000, rows=2)
    reply = Lines("答复投诉人", 2000, rows=4, help_text="投诉人凭编号和查询码看到。")


class ServeForm(ActForm):
    """That the unit was told, when, how, and the proof."""

    served_on = DayField("告知送达日期")
    served_how = Line("告知方式", 60, help_text="例如挂号信、电子邮件并有回执。")
    proof = Files("送达凭证", required=True)


class ReasonForm(ActForm):
    """Why."""

    reason = Lines("理由", 1000, rows=4)


class ConfirmForm(ActForm):
    """Nothing to fill in."""


class AcceptForm(ActForm):
    """The draft of a bad record (J4)."""

    matter = Line("事项", 200, help_text="不良行为的名称（J4-03）。")
    record_class = Choice("类别", widget=forms.RadioSelect)
    decided_on = DayField("处理时间")
    reason = Lines("处理原因", 2000, rows=4, help_text="会公示，不得写出投诉人（J4-05）。")
    result = Lines("处理结果", 2000, rows=3)
    decided_by = Line("处理单位", 100)
    evidence = Files("认定材料", help_text="来自投诉的必须上传；图片、PDF、Word、Excel，每个不超过10MB。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [(one.key, one.title) for one in book("national").record_classes.values()]
        self.fields["record_class"].choices = classes  # type: ignore[attr-defined]

    @property
    def conduct(self) -> Conduct:
        """The record as the action takes it; source and number are the proposal's."""
        given = self.cleaned_data
        values = {name: given[name] for name in ("matter", "reason", "result", "decided_by")}
        return Conduct(
            values={**values, "decided_on": given["decided_on"].isoformat()}, source="",
            record_class=given["record_class"], evidence=given["evidence"],
        )  # fmt: skip
