"""Somebody claims the account of an agency, and follows what became of it."""

from typing import Any
from uuid import uuid4

from axes.helpers import get_client_ip_address as client_address
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from fangxin.agencies.actions import Application, claim_account
from fangxin.agencies.claims import follow_claim
from fangxin.documents.inspection import FILE_LIMIT, MEGABYTE
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.rules.identifiers import check_email, check_telephone
from fangxin.rules.indicators import IndicatorWrong, catalogue
from fangxin.web.access import intake, public
from fangxin.web.fields import ActForm, Choice, Line, checked
from fangxin.web.files import Files
from fangxin.web.public import REGISTER
from fangxin.web.public.allowance import Allowance
from fangxin.web.public.follow import follows_allowance
from fangxin.web.public.handing_in import Receipt, hand_in
from fangxin.web.public.places import cities, named

RECEIPT = Receipt("claim_received", "public/claim_received.html", "claim_receipt", "fangxin.web.public.claim")
TOO_MANY = "这个网络地址一小时内提交的申领过多，本次没有提交。填写的内容仍在下面，请稍后再提交一次。"
EXPIRED = "页面已过期，申领还没有提交。填写的内容仍在下面，请再提交一次；浏览器须允许本站使用 Cookie。"
WRONG = "申领编号或查询码不正确。请照回执核对后重新填写，两项须同时相符。"
TOO_MANY_TRIES = "这个网络地址短时间内查询失败过多，请十分钟后再试。"


class ClaimForm(ActForm):
    """The agency, by its code and place; who asks, and how to reach them; the licence."""

    code = Line(
        "法人代码", 40, help_text="18位统一社会信用代码，校验码会核对；没有换照的填9位组织机构代码。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    agency_name = Line(
        "机构名称",
        100,
        help_text="与营业执照一致。",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    county = Choice("所在城市和县（市、区）", help_text="由所在地的主管部门审核。")
    licence = Files(
        "营业执照", required=True, help_text=f"扫描件或者照片：图片或PDF，每个不超过 {FILE_LIMIT // MEGABYTE} MB。",
        error_messages={"required": "请上传营业执照的扫描件或者照片。"},
    )  # fmt: skip
    applicant_name = Line("申请人姓名", 64, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    telephone = Line("联系电话", 32, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
    email = Line(
        "电子信箱", 64, help_text="就是以后登录的用户名；设置密码的链接发到这里。",
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )  # fmt: skip
    turn = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counties = [
            (city.name, [(one.code, named("", one.code)) for one in city.counties if one.offered])
            for city in cities()
        ]
        self.fields["county"].choices = [("", "请选择"), *counties]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        try:
            return str(catalogue(REGISTER).field("J1-02").check(self.cleaned_data["code"]))
        except IndicatorWrong as wrong:
            # The indicator's code says nothing to somebody who has not declared yet.
            raise forms.ValidationError(wrong.message.partition("：")[2]) from wrong

    def clean_telephone(self) -> str:
        return checked(check_telephone, self.cleaned_data["telephone"])

    def clean_email(self) -> str:
        return checked(check_email, self.cleaned_data["email"]).lower()

    @property
    def application(self) -> Application:
        """What was written; the city is the county's, or the place that counts as a city itself (平潭)."""
        given = self.cleaned_data
        county: str = given["county"]
        of = {one.code: city.code for city in cities() for one in city.counties}
        words = ("code", "agency_name", "applicant_name", "telephone", "email")
        return Application(
            city=of[county],
            county=county,
            **{name: given[name] for name in words},
        )


class FollowClaimForm(forms.Form):
    """The two lines of the receipt."""

    number = Line(
        "申领编号",
        32,
        help_text="例如 SL-20260302-AB2C3D。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    secret = Line(
        "查询码",
        64,
        help_text="回执上的 18 位字母和数字。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponseBase:
    """The form; a claim that was taken in leads to its receipt."""
    if request.method != "POST":
        return _page(request, ClaimForm())
    form = ClaimForm(request.POST, request.FILES)
    return hand_in(
        request, form, lambda: _handed_in(form), again=lambda status: _page(request, form, status), receipt=RECEIPT,
        allowance=Allowance("claims", settings.CLAIMS_PER_HOUR, 3600), too_many=TOO_MANY, beside="licence",
    )  # fmt: skip


def claim_again(request: HttpRequest) -> HttpResponse:
    """403: the page lay open too long; what was typed is still there and needs only to be sent again."""
    form = ClaimForm(request.POST, request.FILES)
    form.add_error(None, EXPIRED)
    return _page(request, form, 403)


claim.when_expired = claim_again  # type: ignore[attr-defined]


@public
@never_cache
@require_safe
def claim_received(request: HttpRequest) -> HttpResponse:
    """Number and secret, shown once to the browser that handed the claim in."""
    return RECEIPT.shown(request)


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def claim_followed(request: HttpRequest) -> HttpResponseBase:
    """Number and secret in, how the claim stands out. A wrong number and a wrong secret get the same answer."""
    if request.method != "POST":
        return _follow_page(request, FollowClaimForm())
    allowance, address = follows_allowance(), client_address(request)
    if allowance.used_up(address):
        page = _follow_page(request, FollowClaimForm(), 429, TOO_MANY_TRIES)
        page["Retry-After"] = str(allowance.wait)
        return page
    form = FollowClaimForm(request.POST)
    if not form.is_valid():
        return _follow_page(request, form, 422)
    found = follow_claim(form.cleaned_data["number"], form.cleaned_data["secret"])
    if found is None:
        allowance.count(address)
        return _follow_page(request, FollowClaimForm(), 422, WRONG)
    return render(request, "public/claim_followed.html", {"claim": found})


def _handed_in(form: ClaimForm) -> str:
    given = form.cleaned_data
    # A transaction within the request's: a file refused at the end takes the claim with it.
    with speaking_as(Speaker(Audience.INTAKE)):
        return claim_account(
            form.application, given["licence"], jurisdiction=REGISTER, act_key=given["act_key"]
        ).number


def _page(request: HttpRequest, form: ClaimForm, status: int = 200) -> HttpResponse:
    if form.is_bound and "act_key" in form.errors:
        # A damaged key gives way to a fresh one, so that the form can be sent again.
        form.data = {**form.data.dict(), "act_key": str(uuid4())}  # type: ignore[attr-defined]
    return render(
        request, "public/claim.html", {"form": form, "had_files": bool(request.FILES)}, status=status
    )


def _follow_page(
    request: HttpRequest, form: FollowClaimForm, status: int = 200, problem: str = ""
) -> HttpResponse:
    return render(request, "public/claim_follow.html", {"form": form, "problem": problem}, status=status)
