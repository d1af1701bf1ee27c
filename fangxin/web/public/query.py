"""Authorised queries: somebody applies, follows how it goes, and while it is granted sees what was granted (四（三）)."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from axes.helpers import get_client_ip_address as client_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fangxin.deadlines.clock import now, today
from fangxin.disclosure.actions import apply_for_query, read_record
from fangxin.disclosure.queries import Held, follow_query, held_grant
from fangxin.disclosure.sheet import facts, parts, result_pdf, watermark
from fangxin.disclosure.workflow import STATE_TITLES, State
from fangxin.journal.actors import Actor
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.refusals import ActRefused
from fangxin.rules import book
from fangxin.web.access import grantee, intake, public
from fangxin.web.public.allowance import Allowance
from fangxin.web.public.handing_in import Receipt, hand_in
from fangxin.web.public.home import quoted
from fangxin.web.public.query_forms import REGISTER, ApplicationForm, PresentForm, titled

RECEIPT = Receipt(
    "query_received", "public/query_received.html", "query_receipt", "fangxin.web.public.query_receipt"
)
WRONG = ("没有查到", "申请编号或查询码不正确，或者授权不在有效期内。请照回执核对后重新填写，两项须同时相符。")
TOO_MANY = ("请稍后再查", "这个网络地址短时间内查询失败过多，请十分钟后再试。")
TOO_MANY_APPLICATIONS = (
    "这个网络地址一小时内提交的申请过多，本次没有提交。填写的内容仍在下面，请稍后再提交一次。"
)
EXPIRED = "页面已过期，申请还没有提交。填写的内容仍在下面，请再提交一次；浏览器须允许本站使用 Cookie。"
TONES = {State.GRANTED: "good", State.REFUSED: "bad", State.REVOKED: "bad", State.APPLIED: "info"}


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponseBase:
    """The form; an application that was taken in leads to its receipt."""
    if request.method != "POST":
        return _form(request, ApplicationForm(initial={"agency_code": request.GET.get("agency", "")[:40]}))
    form = ApplicationForm(request.POST, request.FILES)
    return hand_in(
        request, form, lambda: _handed_in(form), again=lambda status: _form(request, form, status), receipt=RECEIPT,
        allowance=applications_allowance(), too_many=TOO_MANY_APPLICATIONS,
    )  # fmt: skip


def apply_again(request: HttpRequest) -> HttpResponse:
    """403: the page lay open too long; what was typed is still there and needs only to be sent again."""
    form = ApplicationForm(request.POST, request.FILES)
    form.add_error(None, EXPIRED)
    return _form(request, form, 403)


apply.when_expired = apply_again  # type: ignore[attr-defined]


@public
@never_cache
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """Number and secret, shown once to the browser that applied."""
    return RECEIPT.shown(request)


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponseBase:
    """Number and secret in, how the application stands out. A wrong number and a wrong secret get the same answer."""
    if request.method != "POST":
        return _present(request, PresentForm())

    return _presented(request, lambda number, secret: _standing(request, number, secret))


@grantee
@never_cache
@sensitive_post_parameters()
@require_POST
def result(request: HttpRequest) -> HttpResponseBase:
    """What was granted, under a watermark; the look is written down."""

    def looked(number: str, secret: str) -> HttpResponseBase | None:
        held = held_grant(number, secret)
        if held is None:
            return _not_open(request, number, secret)
        at, seen = now(), _seen(held, "page")
        context = {
            "held": held.query, "facts": facts(held, at), "parts": parts(held, seen), "mark": watermark(held, at),
            "number": number, "secret": secret,
        }  # fmt: skip
        return render(request, "public/query_result.html", context)

    return _presented(request, looked)


@grantee
@never_cache
@sensitive_post_parameters()
@require_POST
def sheet(request: HttpRequest) -> HttpResponseBase:
    """The same as a PDF; this look too is written down."""

    def printed(number: str, secret: str) -> HttpResponseBase | None:
        held = held_grant(number, secret)
        if held is None:
            return _not_open(request, number, secret)
        at, seen = now(), _seen(held, "pdf")
        return HttpResponse(
            result_pdf(held, seen, at), content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{held.query.number}.pdf"'},
        )  # fmt: skip

    try:
        with speaking_as(Speaker(Audience.GRANTEE)):
            return _presented(request, printed)
    except ActRefused as refused:
        return render(request, "409.html", {"message": str(refused)}, status=409)


def applications_allowance() -> Allowance:
    """How many applications one address may hand in per hour."""
    return Allowance("query_applications", settings.COMPLAINTS_PER_HOUR, 3600)


def presented_allowance() -> Allowance:
    """How many wrong pairs of number and secret one address may try in ten minutes."""
    return Allowance("queries", settings.WRONG_FOLLOWS_PER_TEN_MINUTES, 600)


def _presented(
    request: HttpRequest, answer: Callable[[str, str], HttpResponseBase | None]
) -> HttpResponseBase:
    """The answer for number and secret; one and the same refusal for whatever is wrong with them."""
    allowance, address = presented_allowance(), client_address(request)
    if allowance.used_up(address):
        page = _present(request, PresentForm(), 429, TOO_MANY)
        page["Retry-After"] = str(allowance.wait)
        return page
    form = PresentForm(request.POST)
    if not form.is_valid():
        return _present(request, form, 422)
    found = answer(form.cleaned_data["number"], form.cleaned_data["secret"])
    if found is None:
        allowance.count(address)
        return _present(request, PresentForm(), 422, WRONG)
    return found


def _standing(request: HttpRequest, number: str, secret: str, status: int = 200) -> HttpResponseBase | None:
    found = follow_query(number, secret)
    if found is None:
        return None
    context = {"query": found, "number": number, "secret": secret, **_words(found)}
    return render(request, "public/query_followed.html", context, status=status)


def _not_open(request: HttpRequest, number: str, secret: str) -> HttpResponseBase | None:
    """How the query stands, for a right pair that opens nothing now: that is no wrong try."""
    with speaking_as(Speaker(Audience.INTAKE)):
        return _standing(request, number, secret, 409)


def _seen(held: Held, way: str) -> dict[str, Any]:
    return (
        read_record(
            held.agency, "grantee", by=Actor.applicant(held.query.number), grant=held.granted,
            grant_id=held.query.pk, way=way,
        )
        or {}
    )  # fmt: skip


def _words(found: dict[str, Any]) -> dict[str, Any]:
    state = State(found["state"])
    return {
        "state": STATE_TITLES[state], "tone": TONES.get(state, ""), "runs": state is State.GRANTED and found["from_on"] <= today(),
        "ground": book(REGISTER).query_ground(found["ground"]).title, "asked": titled(found["asked_codes"]),
        "granted": titled(found["granted_codes"]),
    }  # fmt: skip


def _handed_in(form: ApplicationForm) -> str:
    given = form.cleaned_data
    # A transaction within the request's: a file refused at the end takes the application with it.
    with speaking_as(Speaker(Audience.INTAKE)) if given["papers"] else nullcontext():
        receipt = apply_for_query(
            form.application, given["papers"], jurisdiction=REGISTER, act_key=given["act_key"]
        )
    return receipt.number


def _form(request: HttpRequest, form: ApplicationForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form.with_a_usable_key() if form.is_bound else form,
        "had_files": bool(request.FILES) if request.method == "POST" else False,
        "law": quoted(book(REGISTER).reader("grantee")),
    }
    return render(request, "public/query_apply.html", context, status=status)


def _present(
    request: HttpRequest, form: PresentForm, status: int = 200, problem: tuple[str, str] | None = None
) -> HttpResponse:
    # A wrong pair comes back without what was typed: its answer must not tell the number from the secret.
    return render(request, "public/query.html", {"form": form, "problem": problem}, status=status)
