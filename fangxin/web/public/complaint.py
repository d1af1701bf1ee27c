"""A citizen complains, and takes a receipt home."""

from contextlib import nullcontext
from uuid import UUID

from axes.helpers import get_client_ip_address as client_address
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from fangxin.cases.actions import receive_web_complaint
from fangxin.complaints.actions import identity_from
from fangxin.documents.actions import add_attachments
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.actors import Actor
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.receipts import secret_for
from fangxin.organisations.refusals import ActRefused
from fangxin.web.access import intake, public
from fangxin.web.public import DEFAULT, REGISTER
from fangxin.web.public.allowance import Allowance
from fangxin.web.public.forms import ComplaintForm
from fangxin.web.public.home import confidential, promises

RECEIPT_COOKIE = "receipt"
RECEIPT_AGE = 600  # seconds in which the receipt can be fetched
SALT = "fangxin.web.public.receipt"
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
    if not form.is_valid():
        return _page(request, form, 422)
    allowance, address = complaints_allowance(), client_address(request)
    if allowance.used_up(address):
        form.add_error(None, TOO_MANY)
        page = _page(request, form, 429)
        page["Retry-After"] = str(allowance.wait)
        return page
    number = _handed_in(form)
    if number is None:
        return _page(request, form, 422)
    allowance.count(address)
    return to_receipt(number, form.cleaned_data["act_key"])


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
    """Number and secret, shown once to the browser that handed the complaint in.

    The cookie names the act, from which the secret is derived; it is taken back with the page that shows
    it, so that a page lost on a poor line can be fetched again.
    """
    try:
        kept = signing.loads(request.COOKIES.get(RECEIPT_COOKIE, ""), salt=SALT, max_age=RECEIPT_AGE)
    except signing.BadSignature:
        return render(request, "public/received.html", status=404)
    context = {
        "number": kept["number"], "secret": in_groups(secret_for(UUID(kept["act"]))),
        "of_an_agency": kept.get("place") == REGISTER,
    }  # fmt: skip
    page = render(request, "public/received.html", context)
    page.delete_cookie(RECEIPT_COOKIE, path=reverse("complaint_received"), samesite="Strict")
    return page


def complaints_allowance() -> Allowance:
    """How many complaints one address may hand in per hour."""
    return Allowance("complaints", settings.COMPLAINTS_PER_HOUR, 3600)


def in_groups(secret: str, size: int = 6) -> str:
    """The secret as it is read aloud and copied by hand."""
    return "-".join(secret[at : at + size] for at in range(0, len(secret), size))


def _handed_in(form: ComplaintForm) -> str | None:
    """The number of the complaint, also for the same form sent twice; None and the refusal on the form."""
    given = form.cleaned_data
    try:
        # A transaction within the request's: a file refused at the end takes the complaint with it.
        with speaking_as(Speaker(Audience.INTAKE)) if given["files"] else nullcontext():
            receipt = receive_web_complaint(
                form.grievance, identity_from(given), jurisdiction=DEFAULT, act_key=given["act_key"]
            )
            if given["files"]:
                add_attachments(
                    "complaint", receipt.complaint_id, given["files"], purpose="complaint_evidence",
                    by=Actor.citizen(), jurisdiction=DEFAULT,
                )  # fmt: skip
    except AlreadyDone as done:
        return done.subject_id
    except ActRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None
    return receipt.number


def to_receipt(number: str, act_key: UUID, *, place: str = DEFAULT) -> HttpResponse:
    """To the page of the receipt, which this browser may fetch for a while; `place` is whose complaint it is."""
    answer = redirect("complaint_received")
    answer.status_code = 303
    answer.set_cookie(
        RECEIPT_COOKIE,
        signing.dumps({"number": number, "act": str(act_key), "place": place}, salt=SALT),
        max_age=RECEIPT_AGE,
        path=reverse("complaint_received"),
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


def _page(request: HttpRequest, form: ComplaintForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form.with_a_usable_key() if form.is_bound else form,
        "confidential": confidential(),
        "reply": next(promises(), None),
        "had_files": bool(request.FILES) if request.method == "POST" else False,
    }
    return render(request, "public/complain.html", context, status=status)
