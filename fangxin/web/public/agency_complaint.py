"""Which place a complaint is about; the form for an agency of Fujian (T1); what was decided to be public (二（三）)."""

from contextlib import nullcontext
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from fangxin.deadlines.clock import today
from fangxin.documents.actions import add_attachments
from fangxin.documents.inspection import ACCEPTED, BATCH_LIMIT, FILE_LIMIT, FILES_LIMIT, MEGABYTE, check_batch
from fangxin.journal.actors import Actor
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.refusals import ActRefused
from fangxin.redress.actions import receive_agency_complaint
from fangxin.redress.queries import published_complaints
from fangxin.rules import book
from fangxin.rules.indicators import catalogue
from fangxin.rules.limits import Limit
from fangxin.web.access import intake, public
from fangxin.web.fields import ActForm, Choice, Line, Lines
from fangxin.web.files import Files
from fangxin.web.public import REGISTER, places
from fangxin.web.public.complaint import EXPIRED, RECEIPT, TOO_MANY, complaints_allowance
from fangxin.web.public.forms import OneOfTwo
from fangxin.web.public.handing_in import hand_in
from fangxin.web.public.home import quoted

ONLINE = "accept_complaints"


class AgencyComplaintForm(ActForm):
    """T1, as far as a complainant fills it in: whom, what, and how to answer (附件2)."""

    respondent_kind = Choice("被投诉对象分类", widget=forms.RadioSelect)
    respondent = Line(
        "被投诉对象", 200, help_text="机构请照合同或公章写全称；经纪人写姓名和所在门店，项目写项目名称。"
    )
    place = Choice("被投诉对象在哪里", help_text="由那里的主管部门办理；只知道在哪个市的，选“全市”。")
    text = Lines(
        "投诉内容", 5000, rows=10,
        help_text="写明时间、地点、经过和您的要求。请不要在这里写自己的姓名、电话、证件号码和住址。",
    )  # fmt: skip
    files = Files(  # type: ignore[assignment]
        "附件",
        help_text=f"合同、票据、聊天记录、照片、录音等，最多 {FILES_LIMIT} 个，每个不超过 {FILE_LIMIT // MEGABYTE} MB，"
        f"合计不超过 {BATCH_LIMIT // MEGABYTE} MB。可用格式：{ACCEPTED}。",
    )
    name = Line("您的姓名", 50, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    telephone = OneOfTwo(
        "联系电话", 32, help_text="电话和电子信箱至少填一项。",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    email = OneOfTwo(
        "电子信箱", 120, help_text="填写后，有答复时给您发信，信中只有编号，没有内容。",
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )  # fmt: skip
    id_kind = Choice("证件名称", required=False, help_text="可以不填。")
    id_number = Line(
        "证件号码", 30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="可以不填。",
    )  # fmt: skip
    province = Choice("您所在的省", required=False)
    city = Line("您所在的城市", 30, required=False, help_text="只用于统计，不公开。")
    address = Line(
        "通讯地址", 200, required=False, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    postcode = Line(
        "邮政编码", 6, required=False, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    turn = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        t1 = catalogue(REGISTER)
        kinds = t1.field("T1-11").options
        choices: dict[str, Any] = {
            "respondent_kind": [*kinds.items()],
            "place": [("", "请选择"), *places.choices()[1:]],
            "id_kind": [("", "不填"), *t1.field("T1-04").options.items()],
            "province": [("", "不填"), *t1.field("T1-06").options.items()],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean_files(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["files"]
        try:
            check_batch([file.size or 0 for file in files])
        except ActRefused as refused:
            raise ValidationError(str(refused)) from refused
        return files

    @property
    def given(self) -> dict[str, Any]:
        """The columns of T1."""
        beside = {"place", "files", "act_key", "turn"}
        return {name: value for name, value in self.cleaned_data.items() if name not in beside}

    def with_a_usable_key(self) -> "AgencyComplaintForm":
        """The form as typed; a damaged act key gives way to a fresh one, so that it can be sent again."""
        if "act_key" in self.errors:
            data = self.data.copy()  # type: ignore[attr-defined]
            data["act_key"] = str(uuid4())
            self.data = data
        return self


@public
@require_safe
def where(request: HttpRequest) -> HttpResponse:
    """Beijing takes complaints about the whole market, Fujian about estate agencies: one asks which it is."""
    return render(request, "public/complain_where.html", {"feedback": _feedback(), "law": _law()})


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponseBase:
    """The form T1; a complaint that was taken in leads to its receipt."""
    if request.method != "POST":
        respondent = request.GET.get("respondent", "")[:200]
        return _page(request, AgencyComplaintForm(initial={"respondent": respondent}))
    form = AgencyComplaintForm(request.POST, request.FILES)
    return hand_in(
        request, form, lambda: _handed_in(form), again=lambda status: _page(request, form, status),
        receipt=RECEIPT, allowance=complaints_allowance(), too_many=TOO_MANY,
        told={"of_an_agency": True},
    )  # fmt: skip


def complain_again(request: HttpRequest) -> HttpResponse:
    """403: the page lay open too long; what was typed is still there and needs only to be sent again."""
    form = AgencyComplaintForm(request.POST, request.FILES)
    form.add_error(None, EXPIRED)
    return _page(request, form, 403)


complain.when_expired = complain_again  # type: ignore[attr-defined]


@public
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Complaints and their results, as far as it was decided that the public reads them."""
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 5 else 1
    found = published_complaints(REGISTER, page=page)
    context = {
        "rows": [{**row, "place": places.named(row["city"])} for row in found["rows"]],
        "previous_url": f"?page={page - 1}" if page > 1 else "",
        "next_url": f"?page={page + 1}" if found["more"] else "", "page": page,
    }  # fmt: skip
    return render(request, "public/complaints.html", context)


def _handed_in(form: AgencyComplaintForm) -> str:
    given = form.cleaned_data
    city, county = places.as_city_and_county(given["place"])
    # A transaction within the request's: a file refused at the end takes the complaint and its number with it.
    with speaking_as(Speaker(Audience.INTAKE)) if given["files"] else nullcontext():
        receipt = receive_agency_complaint(
            form.given, city=city or places.city_of(county), county=county, jurisdiction=REGISTER,
            act_key=given["act_key"],
        )  # fmt: skip
        if given["files"]:
            add_attachments(
                "complaint", receipt.complaint_id, given["files"], purpose="complaint_evidence",
                by=Actor.citizen(), jurisdiction=REGISTER,
            )  # fmt: skip
    return receipt.number


def _feedback() -> Limit:
    return book(REGISTER).limit("complaint_feedback", on=today())


def _law() -> dict[str, Any] | None:
    return next((quoted(rule) for rule in book(REGISTER).provisions if rule.key == ONLINE), None)


def _page(request: HttpRequest, form: AgencyComplaintForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form.with_a_usable_key() if form.is_bound else form,
        "feedback": _feedback(),
        "law": _law(),
        "had_files": bool(request.FILES) if request.method == "POST" else False,
    }
    return render(request, "public/complain_agency.html", context, status=status)
