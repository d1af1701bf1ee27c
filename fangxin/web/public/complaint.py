"""A citizen complains, and takes a receipt home."""

from contextlib import nullcontext

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from fangxin.cases.actions import receive_web_complaint
from fangxin.complaints.actions import identity_from
from fangxin.documents.actions import add_attachments
from fangxin.journal.actors import Actor
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.web.access import intake, public
from fangxin.web.public import DEFAULT
from fangxin.web.public.allowance import Allowance
from fangxin.web.public.forms import ComplaintForm
from fangxin.web.public.handing_in import Receipt, hand_in
from fangxin.web.public.home import confidential, promises

RECEIPT = Receipt("complaint_received", "public/received.html", "receipt", "fangxin.web.public.receipt")
TOO_MANY = "这个网络地址一小时内提交的投诉过多，本次没有提交。填写的内容仍在下面，请稍后再提交一次。"
EXPIRED = "页面已过期，投诉还没有提交。填写的内容仍在下面，请再提交一次；浏览器须允许本站使用 Cookie。"


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponseBase:
    """The form; a complaint that was taken in leads to its receipt."""
    if request.method != "POST":
        return _page(request, ComplaintForm())
    form = ComplaintForm(request.POST, request.FILES)
    return hand_in(
        request, form, lambda: _handed_in(form), again=lambda status: _page(request, form, status), receipt=RECEIPT,
        allowance=complaints_allowance(), too_many=TOO_MANY,
    )  # fmt: skip


def complain_again(request: HttpRequest) -> HttpResponse:
    """403: the page lay open too long; what was typed is still there and needs only to be sent again."""
    form = ComplaintForm(request.POST, request.FILES)
    form.add_error(None, EXPIRED)
    return _page(request, form, 403)


complain.when_expired = complain_again  # type: ignore[attr-defined]


@public
@never_cache
@require_safe
def complaint_received(request: HttpRequest) -> HttpResponse:
    """Number and secret, shown once to the browser that handed the complaint in."""
    return RECEIPT.shown(request)


def complaints_allowance() -> Allowance:
    """How many complaints one address may hand in per hour."""
    return Allowance("complaints", settings.COMPLAINTS_PER_HOUR, 3600)


def _handed_in(form: ComplaintForm) -> str:
    given = form.cleaned_data
    # A transaction within the request's: a file refused at the end takes the complaint with it.
    with speaking_as(Speaker(Audience.INTAKE)) if given["files"] else nullcontext():
        receipt = receive_web_complaint(
            form.grievance, identity_from(given), jurisdiction=DEFAULT, act_key=given["act_key"]
        )
        if given["files"]:
            add_attachments(
                "complaint", receipt.complaint_id, given["files"], purpose="complaint_evidence", by=Actor.citizen(),
                jurisdiction=DEFAULT,
            )  # fmt: skip
    return receipt.number


def _page(request: HttpRequest, form: ComplaintForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form.with_a_usable_key() if form.is_bound else form,
        "confidential": confidential(),
        "reply": next(promises(), None),
        "had_files": bool(request.FILES) if request.method == "POST" else False,
    }
    return render(request, "public/complain.html", context, status=status)
