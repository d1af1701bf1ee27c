"""What an agency owes after each quarter, and the confirmation that nothing changed (四（二）, AMB-22)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from fangxin.agencies.actions import confirm_no_change
from fangxin.agencies.duties import quarters_of_company
from fangxin.deadlines.clock import today
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.fields import ActForm, Several, attempt


class NoChangeForm(ActForm):
    """A tick for each declared table, and one for the truth."""

    tables = Several(
        "没有变化的表", error_messages={"required": "请逐表确认没有变化；有变化的，请提交申报。"}
    )
    truth = forms.BooleanField(
        required=True,
        error_messages={"required": "请勾选声明：信息提供者须保证所提供信息的准确性、合法性（二（二））。"},
    )

    def __init__(self, *args: Any, tables: list[tuple[str, str]], truth: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tables"].choices = tables  # type: ignore[attr-defined]
        self.fields["truth"].label = truth


@enterprise
def quarter(request: ActingRequest) -> HttpResponse:
    """The quarter's two duties apart, why the day is that day, and the form that confirms that nothing changed."""
    own = quarters_of_company(request.acting.company_id or 0)
    if own is None:
        raise Http404
    current = own["current"]
    form = None
    if (current and current["owed"] and own["active"]) or request.method == "POST":
        form = NoChangeForm(request.POST or None, tables=own["tables"], truth=own["truth"])
    if request.method == "POST" and form is not None and form.is_valid() and current:
        done, _ = attempt(form, lambda: _confirmed(current["id"], form, request))
        if done:
            messages.success(request, f"已确认{current['quarter']}没有变化。")
            return redirect("enterprise_quarter")
    context = {"heading": "季度更新", "own": own, "form": form, "on": today()}
    status = 422 if request.method == "POST" else 200
    return render(request, "enterprise/quarter.html", context, status=status)


def _confirmed(duty_id: UUID, form: NoChangeForm, request: ActingRequest) -> Any:
    given = form.cleaned_data
    return confirm_no_change(
        duty_id, tables=given["tables"], truth=given["truth"], by=request.acting, act_key=given["act_key"]
    )
