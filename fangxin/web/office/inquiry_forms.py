"""Forms of a joint investigation: whom to ask, what the sheet says, how it is signed and answered."""

from typing import Any

from django import forms

from fangxin.investigations.actions.inquiries import LONGEST_NAME, LONGEST_OPINION, LONGEST_REASON
from fangxin.investigations.actions.inquiry_answers import LONGEST_ANSWER, LONGEST_CONTACT
from fangxin.investigations.sheets import MAJOR, ORDINARY, REQUIRED, longest, written_cells
from fangxin.organisations.queries import bodies
from fangxin.rules.casework import CellKind
from fangxin.web.fields import ActForm, Choice, Line, Lines
from fangxin.web.files import Files
from fangxin.web.office.complaint_forms import ConfirmForm, DayField, ReasonForm

__all__ = ["ConfirmForm", "ReasonForm"]
LEVEL = "level"


class WhomForm(forms.Form):
    """Which body is asked: one of the platform, or one outside it by its name."""

    asked_code = Choice("平台上的部门", required=False)
    asked_name = Line(
        "平台以外的单位", LONGEST_NAME, required=False, help_text="写全称，例如“北京市市场监督管理局”。"
    )

    def __init__(self, *args: Any, jurisdiction: str, besides: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(body.code, body.name) for body in bodies(jurisdiction) if body.pk != besides]
        self.fields["asked_code"].choices = [("", "请选择"), *offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = super().clean() or self.cleaned_data
        if bool(given.get("asked_code")) == bool(given.get("asked_name")):
            raise forms.ValidationError("请选择平台上的部门，或填写平台以外的单位，两者择一。")
        return given


class CellsForm(ActForm):
    """The cells the officer writes, in the order and with the words of the printed form."""

    def __init__(self, *args: Any, form: str, jurisdiction: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = []
        for name, cell in written_cells(form, jurisdiction):
            self.codes.append(cell.code)
            label, required = cell.label.rstrip("："), name in REQUIRED
            field: forms.Field
            if name == LEVEL:
                field = Choice(label, [(one, one) for one in (ORDINARY, MAJOR)], widget=forms.RadioSelect)
            elif cell.kind is CellKind.LONG_TEXT:
                field = Lines(label, longest(cell), rows=7, required=required, help_text=cell.note)
            else:
                field = Line(label, longest(cell), required=required, help_text=cell.note)
            self.fields[cell.code] = field

    @property
    def cells(self) -> dict[str, str]:
        """What was written, by the code of the cell."""
        return {code: self.cleaned_data[code] for code in self.codes}


class SignForm(ActForm):
    """The office's opinion, and whether the complainant's two cells are printed."""

    opinion = Lines("处室意见", LONGEST_OPINION, rows=4)
    names_complainant = forms.BooleanField(
        label="印出投诉人姓名、电话", required=False,
        help_text="不勾选，这两栏空着。确需协查单位联系投诉人的才勾选，理由记入日志（五）。",
    )  # fmt: skip
    names_because = Lines("印出投诉人的理由", LONGEST_REASON, rows=2, required=False)


class AnswerForm(ActForm):
    """The opinion of the body asked, whom to reach there, and its papers."""

    text = Lines("处理意见或处理结果", LONGEST_ANSWER, rows=8)
    contact = Line("联系人", LONGEST_CONTACT, required=False)
    telephone = Line("联系电话", LONGEST_CONTACT, required=False)
    fax = Line("传真", LONGEST_CONTACT, required=False)
    papers = Files("附件")


class PaperAnswerForm(AnswerForm):
    """The same from paper: as of which day, with the scan."""

    answered_on = DayField("答复日期")
    papers = Files("来文扫描件", required=True)
    field_order = ("answered_on", "text", "contact", "telephone", "fax", "papers")


class PaperDeclineForm(ActForm):
    """That it declined, on paper."""

    answered_on = DayField("答复日期")
    reason = Lines("不予协查的理由", 1000, rows=4)
    papers = Files("来文扫描件", required=True)


class DispatchForm(ActForm):
    """How and when the letter reached its reader."""

    served_on = DayField("送达日期")
    served_how = Line("送达方式", 60, help_text="例如机要交换、专人送达、挂号信、传真。")
