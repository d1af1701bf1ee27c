"""What the public may ask of the register."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fangxin.deadlines.clock import today
from fangxin.web.fields import Choice, Line
from fangxin.web.public.places import choices

LONGEST = 100


class AgencySearch(forms.Form):
    """One line for everything by which an agency is known, and a place."""

    q = Line("机构名称、代码或经纪人", LONGEST, required=False)
    place = Choice("所在地", choices, required=False, widget=forms.Select)

    def clean_q(self) -> str:
        """Blanks alone are nothing."""
        return str(self.cleaned_data["q"]).strip()


class PersonSearch(forms.Form):
    """A name or its beginning, or a whole registration number."""

    q = Line("姓名或注册号", LONGEST, required=False)

    clean_q = AgencySearch.clean_q


class AsOf(forms.Form):
    """A day in the past, today when none is given."""

    on = forms.CharField(
        label="查看某日的登记", required=False, widget=forms.TextInput(attrs={"type": "date"}),
    )  # fmt: skip

    def clean_on(self) -> date:
        """The day; ValidationError when there is no such day or it has not come."""
        written = str(self.cleaned_data["on"]).strip()
        if not written:
            return today()
        try:
            day = date.fromisoformat(written)
        except ValueError:
            raise ValidationError("没有这一天，请按“2026-03-02”的样式填写一个存在的日期。") from None
        if day > today():
            raise ValidationError(f"{day}还没有到，最晚可以查看今天（{today()}）的登记。")
        return day


def page_number(given: Any) -> int:
    """The page asked for; the first for anything that is no number."""
    text = str(given or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
