"""Forms of evaluation: a round, an answer, and a scheme with other values."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml
from django import forms

from fangxin.rules.evaluation import SUBJECTS, Scheme
from fangxin.rules.schemes import LONGEST
from fangxin.web.fields import ActForm, Choice, Line, Lines

FILE_LIMIT = 200 * 1024  # octets


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"请填写{label}。", "invalid": f"{label}应为真实的日期，如 2026-02-13。"},
    )  # fmt: skip


class OpenRoundForm(ActForm):
    """By which scheme, over which days."""

    scheme = Choice("评价方案", help_text="状态不是“公布”的只能试算，不能告知、不能公布（AMB-21）。")
    since = _day("评价期起")
    until = _day("评价期止")

    def __init__(self, *args: Any, schemes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].choices = schemes  # type: ignore[attr-defined]


class StepForm(ActForm):
    """A step that asks for nothing."""


class AnswerForm(ActForm):
    """The answer to an objection; upheld, the agency is counted anew."""

    answer = Lines("答复", 2000, rows=4, help_text="机构能看到。")
    recount = Choice(
        "处理", [("", "请选择"), ("no", "异议不成立，评分不变"), ("yes", "异议成立，按现在的记录重算这家机构")],
        help_text="重算包括它的经纪人员；原评分保留，注明被替代。",
    )  # fmt: skip


class ScoresFilter(forms.Form):
    """Whose scores, of which grade."""

    kind = Choice("对象", list(SUBJECTS.items()), required=False)
    grade = Choice("等级", required=False)
    q = Line("名称、代码或注册号", 100, required=False, widget=forms.TextInput(attrs={"type": "search"}))

    def __init__(self, data: Any, *, grades: list[tuple[str, str]]) -> None:
        super().__init__({"kind": "agency", **data.dict()} if data else {"kind": "agency"})
        self.fields["grade"].choices = [("", "全部"), *grades]  # type: ignore[attr-defined]


def _number(label: str, *, required: bool) -> forms.DecimalField:
    wrong = f"{label}：请填写数，至多两位小数。"
    return forms.DecimalField(
        label=label, required=required, max_digits=6, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": "6", "aria-label": label}),
        error_messages={
            "required": f"请填写{label}。", "invalid": wrong, "max_digits": wrong, "max_decimal_places": wrong,
            "max_whole_digits": wrong,
        },
    )  # fmt: skip


class WhatIfForm(forms.Form):
    """The days, and the scheme with other values; or a whole scheme in its place, as a file or as text."""

    since = _day("评价期起")
    until = _day("评价期止")
    file = forms.FileField(
        label="上传方案文件", required=False, widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.txt"}),
        help_text="YAML，格式与规则库的方案相同，UTF-8，不超过200 KB。上传了文件，就不看上面的数值。",
        error_messages={
            "empty": "文件是空的（0 字节），请检查后重新选择。", "invalid": "没有收到文件，请重新选择。",
            "missing": "没有收到文件，请重新选择。",
        },
    )  # fmt: skip
    text = forms.CharField(
        label="方案全文", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text="填了全文，就不看上面的数值；要改数值请清空这里。",
    )  # fmt: skip

    def __init__(self, *args: Any, scheme: Scheme, source: str, **kwargs: Any) -> None:
        self.scheme, self.source = scheme, source
        begun: dict[str, Any] = {"base": f"{scheme.base:f}"}
        begun |= {f"points_{one.code}": f"{one.points:f}" for one in scheme.items}
        begun |= {f"cap_{one.code}": f"{one.cap:f}" for one in scheme.items if one.cap is not None}
        begun |= {f"from_{at}": f"{band.begins:f}" for at, band in enumerate(scheme.bands)}
        kwargs["initial"] = begun | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["base"] = _number("起评分", required=True)
        for one in scheme.items:
            self.fields[f"points_{one.code}"] = _number(f"{one.title}的分值", required=True)
            self.fields[f"cap_{one.code}"] = _number(f"{one.title}的上限", required=False)
        for at, band in enumerate(scheme.bands):
            self.fields[f"from_{at}"] = _number(f"{band.grade}的界限", required=True)

    def clean_file(self) -> str:
        """The text of the file."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > FILE_LIMIT:
            raise forms.ValidationError("方案文件不得超过200 KB。")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError("文件不是 UTF-8 编码，请另存为 UTF-8 后重新选择。") from None

    def clean_text(self) -> str:
        """Lines as typed."""
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        if len(text) > LONGEST:
            raise forms.ValidationError(f"方案不得超过{LONGEST}字，现有{len(text)}字。")
        return text if text.strip() else ""

    def clean(self) -> dict[str, Any]:
        """Numbers that nobody looks at cannot be wrong."""
        given = super().clean() or self.cleaned_data
        if given.get("file") or given.get("text"):
            for name in [one for one in self.errors if one not in {"since", "until", "file", "text"}]:
                del self.errors[name]
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", f"评价期止{given['until']}早于评价期起{given['since']}，请核对。")
        return given

    @property
    def changed_text(self) -> str:
        """The scheme to be tried, as text."""
        given = self.cleaned_data
        return given["file"] or given["text"] or self._with_numbers(given)

    def _with_numbers(self, given: dict[str, Any]) -> str:
        written = yaml.safe_load(self.source)
        written["base"] = _plain(given["base"])
        for one in written["items"]:
            one["points"] = _plain(given[f"points_{one['code']}"])
            one.pop("cap", None)
            if (cap := given[f"cap_{one['code']}"]) is not None:
                one["cap"] = _plain(cap)
        for at, band in enumerate(written["bands"]):
            band["from"] = _plain(given[f"from_{at}"])
        return str(yaml.safe_dump(written, allow_unicode=True, sort_keys=False))

    @property
    def item_rows(self) -> Iterator[dict[str, Any]]:
        """Each item with its two fields."""
        for one in self.scheme.items:
            yield {
                "code": one.code, "title": one.title, "subject": SUBJECTS[one.subject],
                "points": self[f"points_{one.code}"], "cap": self[f"cap_{one.code}"],
            }  # fmt: skip

    @property
    def band_rows(self) -> Iterator[dict[str, Any]]:
        """Each grade with its field."""
        for at, band in enumerate(self.scheme.bands):
            yield {"grade": band.grade, "title": band.title, "field": self[f"from_{at}"]}


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)
