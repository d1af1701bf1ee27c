"""试算: when a term would end, and why; for the rulebook page and the API."""

from typing import Any

from django import forms

from fangxin.rules import CalendarMissing, DueDay, Unit, calendar
from fangxin.rules.terms import LONGEST
from fangxin.web.fields import Choice


class DueDayForm(forms.Form):
    """A start, a number and a unit; `due_day` is the last day once the form is valid."""

    start = forms.DateField(
        label="起算日", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text="当日不计。",
        error_messages={"required": "请填写起算日。", "invalid": "起算日应为真实的日期，如 2026-02-13。"},
    )  # fmt: skip
    n = forms.IntegerField(
        label="期限", min_value=1, max_value=LONGEST,
        error_messages={
            "required": "请填写期限的天数。", "invalid": "期限应为整数。",
            "min_value": "期限至少为1。", "max_value": f"期限不得超过{LONGEST}。",
        },
    )  # fmt: skip
    unit = Choice("单位", [(unit.value, unit.value) for unit in Unit])

    due_day: DueDay | None = None

    def clean(self) -> dict[str, Any]:
        """Counts; a year without a calendar file is told beside the start."""
        given = super().clean() or {}
        if not self.errors:
            try:
                self.due_day = calendar().due_day(given["start"], given["n"], Unit(given["unit"]))
            except CalendarMissing as missing:
                self.add_error("start", f"{missing.year}年还没有放假安排：{missing}")
        return given
