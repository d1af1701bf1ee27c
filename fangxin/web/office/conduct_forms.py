"""Forms of good and bad records: a draft, a notice with its proof, a release, an answer, a correction, an honour."""

from collections.abc import Mapping
from typing import Any

from django import forms

from fangxin.credit.queries import BINS
from fangxin.rules import book
from fangxin.rules.conduct import RecordClass
from fangxin.web.conduct_forms import PAPERS, HonourForm, Papers, beside_column, day_field
from fangxin.web.fields import ActForm, Choice, Line, Lines
from fangxin.web.office.review_forms import cities_of, counties_of

__all__ = ["beside_column"]
LONGEST = 2000

# The link of the catalogue of violations that an agency's conduct belongs to.
OURS = "brokerage"
# The fields of J4 that a person fills in, by column.
J4 = ("matter", "decided_on", "reason", "result", "decided_by")


def class_words(kept: RecordClass) -> str:
    """一般：最短公示3个月，最长12个月，自处理时间起算."""
    if not kept.shown:
        return f"{kept.title}：原则上不公示；确有必要的，最长公示{kept.most_months}个月"
    return f"{kept.title}：最短公示{kept.least_months}个月，最长{kept.most_months}个月"


def classes() -> dict[str, RecordClass]:
    """The classes of bad records."""
    return dict(book("national").record_classes)


class ConductForm(ActForm):
    """What J4 asks for, from where it is known, and how grave it is."""

    agency_code = Line("机构的法人代码", 18, help_text="登记册里的机构；也可以填曾用代码。")
    source = Choice("来源", widget=forms.RadioSelect)
    record_class = Choice("类别", widget=forms.RadioSelect)
    matter = Line("事项", 200, help_text="J4-03，不良行为的名称。")
    item = Choice(
        "违法行为目录", required=False, help_text="目录里有的选一项，便于统计和跨部门核对；没有的不选。"
    )
    decided_on = day_field("处理时间", help_text="J4-04，认定文书的日期；公示期从这一天起算。")
    reason = Lines("处理原因", LONGEST, rows=4, help_text="J4-05。不得写出投诉人。")
    result = Lines("处理结果", LONGEST, rows=3, help_text="J4-06。")
    decided_by = Line("处理单位", 100, help_text="J4-07。")
    person = Line(
        "违规的经纪人员", 50, required=False, help_text="不良行为属于某名经纪人员的，填其姓名和注册号。"
    )
    registration_no = Line("注册号", 40, required=False)
    project = Line("涉及的项目", 200, required=False)
    shown_because = Lines(
        "确有必要公示的理由",
        LONGEST,
        rows=2,
        required=False,
        help_text="只有类别为“轻微”而仍要公示的才填写。",
    )
    evidence = Papers("认定材料", required=True, help_text=PAPERS)

    def __init__(self, *args: Any, sources: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acts = [
            (one.code, f"{one.code} {one.act}") for one in book("national").violations if one.link == OURS
        ]
        self.fields["item"].choices = [("", "不选"), *acts]  # type: ignore[attr-defined]
        self.fields["source"].choices = [*sources.items()]  # type: ignore[attr-defined]
        self.fields["record_class"].choices = [(key, class_words(one)) for key, one in classes().items()]  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """The values of J4 by column."""
        return {name: self.cleaned_data[name] for name in J4}


class ConductReasonForm(ActForm):
    """Why."""

    reason = Lines("理由", LONGEST, rows=4)


class ConfirmForm(ActForm):
    """Nothing but the act itself."""


class NoticeForm(ActForm):
    """When and how the unit was told, and what proves it."""

    served_on = day_field("告知送达日期", help_text="送达当日不计；告知期满的次日起才可以公示。")
    served_how = Line("告知方式", 60, help_text="如：直接送达、挂号信、电子邮件并获回复。")
    proof = Papers("送达凭证", required=True, help_text=f"回执、挂号单、邮件回复等。{PAPERS}")


class ReleaseForm(ActForm):
    """What becomes of the statement, and why something light is shown all the same."""

    statement_answer = Lines("对陈述的处理", LONGEST, rows=4, help_text="写明采纳与否及理由；机构能看到。")
    shown_because = Lines("确有必要公示的理由", LONGEST, rows=3, required=False)

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if record.stated_on is None:
            del self.fields["statement_answer"]
        if classes()[record.record_class].shown:
            del self.fields["shown_because"]
        else:
            self.initial.setdefault("shown_because", record.shown_because)


class CorrectionForm(ActForm):
    """What the record should have said, or that it should not be."""

    kind = Choice("怎样更正", [("amended", "更正内容"), ("annulled", "整条撤下")], widget=forms.RadioSelect)
    reason = Lines("更正的理由", LONGEST, rows=3, help_text="原来的内容留存；公示处注明已更正（AMB-25）。")
    matter = Line("事项", 200, required=False)
    decided_on = day_field("处理时间", required=False)
    reason_shown = Lines("处理原因", LONGEST, rows=3, required=False)
    result = Lines("处理结果", LONGEST, rows=3, required=False)
    decided_by = Line("处理单位", 100, required=False)

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in J4:
            self.initial.setdefault(self._field(name), getattr(record, name))

    @property
    def values(self) -> dict[str, Any]:
        """The values of J4 by column, as they should be; none for a record that goes as a whole."""
        if self.cleaned_data["kind"] == "annulled":
            return {}
        return {name: self.cleaned_data[self._field(name)] for name in J4}

    @staticmethod
    def _field(name: str) -> str:
        return "reason_shown" if name == "reason" else name


class AssessmentForm(ActForm):
    """Who looks, and on which day."""

    assessed_on = day_field("验收日期")
    assessors = Line("验收人员", 200)


class ConclusionForm(ActForm):
    """Whether it is mended, and what is published about it."""

    passed = Choice(
        "验收结论", [("yes", "通过，公布整改结果"), ("no", "未通过，继续整改")], widget=forms.RadioSelect
    )
    result = Lines("整改结果", LONGEST, rows=4, help_text="通过的，这段话在公示的记录旁边公布（四（四））。")


class ConsentForm(ActForm):
    """Yes, with what there is to say."""

    opinion = Lines("意见", LONGEST, rows=3, required=False, help_text="机构能看到。")


class ObjectionDecisionForm(ActForm):
    """Upheld or not, and why."""

    upheld = Choice("处理", [("yes", "异议成立，转更正"), ("no", "异议不成立")], widget=forms.RadioSelect)
    reason = Lines("处理理由", LONGEST, rows=4, help_text="机构能看到。")


class OfficeHonourForm(HonourForm):
    """The same, for an agency that the officer names."""

    agency_code = Line("机构的法人代码", 18, help_text="登记册里的机构；也可以填曾用代码。")
    field_order = ("agency_code",)


class VerifyForm(ActForm):
    """What there is to say to an honour that is verified."""

    opinion = Lines("核实意见", 1000, rows=3, required=False)


class RevokeForm(ActForm):
    """Why the honour goes, and whether it was forged."""

    reason = Lines("撤销的理由", 1000, rows=3)
    forged = forms.BooleanField(
        label="属于伪造", required=False, help_text="勾选后平台起草一条不良行为记录，记入与否仍由人决定。"
    )


class ConductSieveForm(forms.Form):
    """The filter bar above the lists of conduct; places only for whoever has several."""

    q = Line("机构名称、代码", 100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    city = Choice("城市", required=False)
    county = Choice("县（市、区）", required=False)
    state = Choice("状态", required=False)
    record_class = Choice("类别", required=False)
    bin = Choice("范围", [*BINS.items()], required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        jurisdiction: str,
        states: Mapping[str, str],
        city: str = "",
        county: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        counties = {
            code: title
            for code, title in counties_of(jurisdiction).items()
            if not city or code[:4] == city[:4]
        }
        titles = {key: one.title for key, one in classes().items()}
        lists = {"city": cities_of(jurisdiction), "county": counties, "state": states, "record_class": titles}
        for name, listed in lists.items():
            self.fields[name].choices = [("", "全部"), *listed.items()]  # type: ignore[attr-defined]
        if city:
            del self.fields["city"]
        if county:
            del self.fields["county"]
