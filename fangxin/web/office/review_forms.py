"""Forms of the register's review: the queue's filters, an opinion, a return with its reasons by indicator."""

from collections.abc import Sequence
from typing import Any

from django import forms

from fangxin.agencies.actions import LONGEST_OPINION
from fangxin.agencies.review import BINS, STANDINGS
from fangxin.agencies.workflow import STATE_TITLES, UNDER_REVIEW, State
from fangxin.rules.indicators import Field, catalogue
from fangxin.web.fields import ActForm, Choice, Line, Lines, Several

WAITING = (("", "不限"), ("7", "7日以上"), ("15", "15日以上"), ("30", "30日以上"))
CHANNELS = (("", "全部"), ("declared", "机构申报"), ("collected", "部门采集"))


def cities_of(jurisdiction: str) -> dict[str, str]:
    """The cities an agency may be of, by code."""
    return dict(catalogue(jurisdiction).field("J1-03").options)


def counties_of(jurisdiction: str) -> dict[str, str]:
    """The counties an agency may be of, by code."""
    return dict(catalogue(jurisdiction).field("J1+01").options)


def place_words(jurisdiction: str, city: str, county: str) -> str:
    """福州市鼓楼区; the city alone where the county is its own."""
    named = cities_of(jurisdiction).get(city, city)
    return named if county == city else f"{named}{counties_of(jurisdiction).get(county, county)}"


class QueueForm(forms.Form):
    """The filter bar above the queue; places only for whoever has several."""

    q = Line("机构名称、曾用名、代码", 100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    city = Choice("城市", required=False)
    county = Choice("县（市、区）", required=False)
    state = Choice("状态", required=False)
    channel = Choice("来源", CHANNELS, required=False)
    waiting = Choice("已等候", WAITING, required=False)
    warned = Choice("核对提示", (("", "不限"), ("yes", "有提示"), ("no", "没有提示")), required=False)
    bin = Choice("范围", [*BINS.items()], required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, jurisdiction: str, city: str = "", county: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        counties = counties_of(jurisdiction)
        states = [(state.value, title) for state, title in STATE_TITLES.items() if state in _HANDED_IN]
        inside = {code: title for code, title in counties.items() if not city or code[:4] == city[:4]}
        lists = {"city": cities_of(jurisdiction), "county": inside, "state": dict(states)}
        for name, titles in lists.items():
            self.fields[name].choices = [("", "全部"), *titles.items()]  # type: ignore[attr-defined]
        if city:
            del self.fields["city"]
        if county:
            del self.fields["county"]


_HANDED_IN = UNDER_REVIEW | {State.RETURNED, State.APPROVED}


class OpinionForm(ActForm):
    """A decision with what there is to say about it."""

    opinion = Lines("审核意见", LONGEST_OPINION, rows=3, required=False)


class PrecheckForm(ActForm):
    """The committee's opinion."""

    opinion = Lines("预审意见", LONGEST_OPINION, rows=3)


class ReturnForm(ActForm):
    """Which indicators are to be mended, and for each of them why; a reason without a tick counts as ticked."""

    pick = Several("要补正的指标", required=False)
    opinion = Lines("其他说明", LONGEST_OPINION, rows=3, required=False)

    def __init__(self, *args: Any, fields: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = {field.code: field for field in fields}
        self.fields["pick"].choices = [(code, code) for code in self.indicators]  # type: ignore[attr-defined]
        for code, field in self.indicators.items():
            self.fields[f"why_{code}"] = Lines(
                f"{code}{field.title}的退回理由", LONGEST_OPINION, rows=2, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Every indicator that is ticked says why."""
        given = super().clean()
        for code in given.get("pick", ()):
            if f"why_{code}" in given and not given[f"why_{code}"]:
                why = self.fields[f"why_{code}"].label
                self.add_error(f"why_{code}", f"{why}：已经勾选，请写明须如何补正。")
        return given

    @property
    def reasons(self) -> dict[str, str]:
        """By indicator, as written."""
        found = {code: self.cleaned_data.get(f"why_{code}", "") for code in self.indicators}
        return {code: reason for code, reason in found.items() if reason}

    def tick(self, code: str) -> dict[str, Any] | None:
        """What stands beside the indicator: its box and the room for its reason."""
        if code not in self.indicators:
            return None
        why = self[f"why_{code}"]
        chosen = code in (self["pick"].value() or ()) or bool(why.value())
        return {"code": code, "title": self.indicators[code].title, "chosen": chosen, "why": why}


class AgencySearchForm(forms.Form):
    """Agencies of the register."""

    q = Line("机构名称、曾用名、代码", 100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    city = Choice("城市", required=False)
    county = Choice("县（市、区）", required=False)
    standing = Choice("状态", [("", "全部"), *STANDINGS.items()], required=False)

    def __init__(self, *args: Any, jurisdiction: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, titles in (("city", cities_of(jurisdiction)), ("county", counties_of(jurisdiction))):
            self.fields[name].choices = [("", "全部"), *titles.items()]  # type: ignore[attr-defined]


class AsOfForm(forms.Form):
    """The day as of which a record is read."""

    on = forms.DateField(
        label="截至哪一天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期。", "invalid": "日期应为真实的日期，如 2026-02-25。"},
    )  # fmt: skip
