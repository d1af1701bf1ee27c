"""A company's desk: the cases sent to it, its answers, its rectification (二(四), 二(六)3)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.cases.actions import answer_own_supervision, open_own_supervision, open_task, reply_to_task
from fangxin.cases.queries import enterprise_desk, supervision_of_company, task_for
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import deadlines_of_subject
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_for_company, subject_of
from fangxin.investigations.actions import hand_in_rectification
from fangxin.investigations.queries import orders_for_company
from fangxin.notices.actions import mark_read
from fangxin.notices.queries import notices_for
from fangxin.organisations.roles import Acting
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.enterprise.forms import KINDS, RectificationForm, ReplyForm, SupervisionAnswerForm
from fangxin.web.fields import attempt


def _company(acting: Acting) -> int:
    assert acting.company_id is not None  # noqa: S101 - @enterprise lets nobody else in
    return acting.company_id


@enterprise
def desk(request: ActingRequest) -> HttpResponse:
    """What the company must answer, soonest due first, and what it answered."""
    company_id = _company(request.acting)
    orders = orders_for_company(company_id)
    context = {
        "heading": "本企业案件",
        "tasks": enterprise_desk(company_id),
        "done": enterprise_desk(company_id, done=True),
        "orders": [order for order in orders if order["state"] != "verified"],
        "supervision": [one for one in supervision_of_company(company_id) if one["state"] != "closed"],
        "on": today(),
    }
    return render(request, "enterprise/desk.html", context)


@enterprise
def task(request: ActingRequest, task_id: UUID) -> HttpResponse:
    """One case as this company may know it, and the form to answer; opening it is recorded."""
    acting = request.acting
    company_id = _company(acting)
    if task_for(company_id, task_id) is None:
        raise Http404
    open_task(task_id, by=acting)
    shown = task_for(company_id, task_id)
    assert shown is not None  # noqa: S101 - it was there a moment ago, in this transaction
    form = ReplyForm(request.POST or None, request.FILES or None, points=shown["points"])
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done, _ = attempt(form, lambda: _reply(task_id, form, acting))
            if done:
                messages.success(request, "回复已提交。")
                return redirect("enterprise_task", task_id=task_id)
    context = {
        "task": shown, "heading": f"案件 {shown['number']}", "form": form, "on": today(),
        "crumbs": [("本企业案件", reverse("enterprise_desk"))],
        "deadlines": deadlines_of_subject(task_id),
        "replies": [{**one, "files": _files(company_id, "reply", one["id"])} for one in shown["replies"]],
        "files": _files(company_id, "task", task_id),
    }  # fmt: skip
    return render(request, "enterprise/task.html", context, status=status)


@enterprise
def order(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """One order to rectify, what was handed in, and the form for the next."""
    acting = request.acting
    company_id = _company(acting)
    found = orders_for_company(company_id, order_id=order_id)
    if not found:
        raise Http404
    shown = found[0]
    awaited = "plan" if shown["state"] == "ordered" else "result"
    sent = request.POST.get("kind", "")
    kind = sent if sent in KINDS else awaited
    form = RectificationForm(request.POST or None, request.FILES or None, kind=kind)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done, _ = attempt(form, lambda: _hand_in(order_id, form, acting))
            if done:
                messages.success(request, "已提交。")
                return redirect("enterprise_order", order_id=order_id)
    context = {
        "order": shown, "heading": f"责令整改 {shown['number']}", "form": form, "on": today(), "kind": kind,
        "crumbs": [("本企业案件", reverse("enterprise_desk"))],
        "deadlines": deadlines_of_subject(order_id),
        "reports": [{**one, "files": _files(company_id, "report", one["id"])} for one in shown["reports"]],
        "open": shown["state"] != "verified",
    }  # fmt: skip
    return render(request, "enterprise/order.html", context, status=status)


@enterprise
def supervision(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """One order of 城研中心; opening it acknowledges it, and the form answers it (二(七))."""
    acting = request.acting
    company_id = _company(acting)
    if not supervision_of_company(company_id, order_id):
        raise Http404
    open_own_supervision(order_id, by=acting)
    form = SupervisionAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(form, lambda: answer_own_supervision(
            order_id, answer=given["answer"], by=acting, act_key=given["act_key"]
        ))  # fmt: skip
        if done:
            messages.success(request, "答复已提交。")
            return redirect("enterprise_supervision", order_id=order_id)
    shown = supervision_of_company(company_id, order_id)[0]
    context = {
        "order": shown, "heading": f"督办 {shown['number']}", "form": form, "on": today(),
        "crumbs": [("本企业案件", reverse("enterprise_desk"))], "deadlines": deadlines_of_subject(order_id),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "enterprise/supervision.html", context, status=status)


@enterprise
def notices(request: ActingRequest) -> HttpResponse:
    """The latest messages; opening the page reads them."""
    acting = request.acting
    found = notices_for(acting.user_id, None, acting.company_id)
    mark_read(user_id=acting.user_id, body_id=None, company_id=acting.company_id)
    return render(
        request, "office/notices.html", {"notices": found, "heading": "消息", "frame": "enterprise/base.html"}
    )


@enterprise
def attachment(request: ActingRequest, attachment_id: UUID) -> HttpResponse:
    """A file of the company's own, or a copy released to it."""
    subject = subject_of(attachment_id)
    if subject is None:
        raise Http404
    opened = open_attachment(
        attachment_id, subject_kind=subject[0], subject_id=subject[1], by=request.acting.actor
    )
    return HttpResponse(opened.content, headers=opened.headers)


def _reply(task_id: UUID, form: ReplyForm, acting: Acting) -> Any:
    given = form.cleaned_data
    return reply_to_task(
        task_id, answers=form.answers, by=acting, plan=given["plan"], admits_violation=given["admits_violation"],
        contact=given["contact"], files=given["files"], act_key=given["act_key"],
    )  # fmt: skip


def _hand_in(order_id: UUID, form: RectificationForm, acting: Acting) -> Any:
    given = form.cleaned_data
    return hand_in_rectification(
        order_id,
        kind=given["kind"],
        text=given["text"],
        by=acting,
        files=given["files"],
        act_key=given["act_key"],
    )


def _files(company_id: int, subject_kind: str, subject_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
            "url": reverse("enterprise_attachment", args=[row["id"]]),
        }
        for row in attachments_for_company(company_id, subject_kind, subject_id)
    ]  # fmt: skip
