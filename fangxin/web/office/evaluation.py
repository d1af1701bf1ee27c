"""信用评价: the schemes as they read, rounds from opening to publication, and each score with its lines (三（三）)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from fangxin.credit import actions
from fangxin.credit.evaluations import (
    STATE_TITLES,
    expect_may,
    grade_counts,
    may_answer,
    may_evaluate,
    objection_for,
    objections_of,
    round_for,
    rounds_of,
    scheme_of,
    score_for,
    scores_before,
    scores_of,
    steps_on,
)
from fangxin.credit.workflow import ROUND
from fangxin.deadlines.clock import today
from fangxin.organisations.roles import Role
from fangxin.rules.evaluation import SUBJECTS, SchemeStatus
from fangxin.web.access import ActingRequest, office
from fangxin.web.charts import bars
from fangxin.web.evaluation import (
    BOOKS,
    STATUS_TONES,
    all_schemes,
    distribution,
    grade_title,
    line_rows,
    scheme_of_book,
    scheme_words,
)
from fangxin.web.fields import attempt, sent_before
from fangxin.web.office.evaluation_forms import AnswerForm, OpenRoundForm, ScoresFilter, StepForm

PAGE = 50
STALLED = 120  # seconds without progress
WHO = (Role.REVIEWER,)
TONES = {
    "open": "info",
    "computing": "info",
    "computed": "waiting",
    "reviewed": "waiting",
    "announced": "info",
    "final": "good",
}
RUN: Mapping[str, Callable[..., Any]] = {
    "compute_round": actions.compute_round,
    "resume_computing": actions.resume_computing,
    "review_round": actions.review_round,
    "announce_round": actions.announce_round,
    "finish_round": actions.finish_round,
    "publish_scores": actions.publish_scores,
}
HINTS = {
    "compute_round": "由后台计算，可以离开页面。算过的再算，原评分保留，注明被替代。",
    "review_round": "请先抽看各等级的评分明细。计算和复核须由两个人经手。",
    "announce_round": "每家机构会收到消息，看得到自己和本机构经纪人员的评分，可以在异议期内提出异议。",
    "finish_round": "异议期届满、每份异议都已答复，才能定案。",
    "publish_scores": "评分、明细和方案全文向社会公布。",
    "resume_computing": "已算的不再算，接着往下算。",
}
CRUMB = "信用评价"


@office(*WHO)
def evaluation(request: ActingRequest) -> HttpResponse:
    """The rounds, and the schemes there are."""
    acting = request.acting
    schemes = [
        {
            "title": one.title, "book": BOOKS[name], "url": reverse("evaluation_scheme", args=[name, one.key]),
            "status": str(one.status), "tone": STATUS_TONES[str(one.status)], "items": len(one.items),
            "grades": "、".join(one.grades), "range": f"{one.lowest:g}至{one.highest:g}，起评{one.base:g}",
        }
        for name, one in all_schemes()
    ]  # fmt: skip
    rounds = [_round_row(row) for row in rounds_of(acting.jurisdiction)]
    context = {
        "heading": CRUMB, "rounds": rounds, "schemes": schemes, "may_open": may_evaluate("open_round", acting),
        "may_try": may_evaluate("try_scheme", acting),
    }  # fmt: skip
    return render(request, "office/evaluation.html", context)


@office(*WHO)
def scheme(request: ActingRequest, of_book: str, key: str) -> HttpResponse:
    """A scheme as law beside words."""
    found = scheme_of_book(of_book, key)
    if found is None:
        raise Http404
    context = {
        "heading": found.title, "scheme": scheme_words(found, of_book), "crumbs": _crumbs(),
        "may_try": may_evaluate("try_scheme", request.acting), "try_url": f"{reverse('what_if')}?scheme={of_book}/{key}",
    }  # fmt: skip
    return render(request, "office/evaluation_scheme.html", context)


@office(*WHO)
def open_round(request: ActingRequest) -> HttpResponse:
    """A new round."""
    if request.method != "POST":
        expect_may("open_round", request.acting)
    choices = [
        (f"{name}/{one.key}", f"{one.title}（{BOOKS[name]}，{one.status}）") for name, one in all_schemes()
    ]
    form = OpenRoundForm(request.POST or None, schemes=choices)
    if request.method == "POST":
        if form.is_valid():
            given = form.cleaned_data
            of_book, _, key = given["scheme"].partition("/")
            done, made = attempt(
                form,
                lambda: actions.open_round(
                    request.acting.jurisdiction, key, since=given["since"], until=given["until"], of_book=of_book,
                    by=request.acting, act_key=given["act_key"],
                ),
            )  # fmt: skip
            if done:
                return redirect("round", round_id=made.pk) if made else redirect("evaluation")
        elif sent_before(request.POST):
            return redirect("evaluation")
    context = {"heading": "开始一轮评价", "form": form, "crumbs": _crumbs(), "badge": "三（三）"}
    return render(
        request, "office/evaluation_open.html", context, status=422 if request.method == "POST" else 200
    )


@office(*WHO)
def round_page(request: ActingRequest, round_id: UUID) -> HttpResponse:
    """One round: where it stands, what may be done, how the grades fall, every score, the objections."""
    found = round_for(request.acting, round_id)
    if found is None:
        raise Http404
    if request.headers.get("HX-Request"):
        if found.state == "computing":
            return render(request, "office/evaluation_progress.html", _progress(found))
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _page(request, found)


@office(*WHO)
def round_step(request: ActingRequest, round_id: UUID, verb: str) -> HttpResponse:
    """One step on one round; the table decides whether it is there."""
    found = round_for(request.acting, round_id)
    if found is None or verb not in RUN:
        raise Http404
    if request.method != "POST":
        return redirect("round", round_id=round_id)
    form = StepForm(request.POST, auto_id=f"{verb}_%s")
    if form.is_valid():
        done, _ = attempt(form, lambda: RUN[verb](round_id, by=request.acting, **form.act))
        if done:
            messages.success(request, f"{ROUND.step(verb).title}，已记录。")
            return redirect("round", round_id=round_id)
    elif sent_before(request.POST):
        return redirect("round", round_id=round_id)
    return _page(request, round_for(request.acting, round_id), verb, form)


@office(*WHO)
def score(request: ActingRequest, score_id: int) -> HttpResponse:
    """One score: each line with item, record, points and basis; and what it was before."""
    found = score_for(request.acting, score_id)
    if found is None:
        raise Http404
    scheme = scheme_of(found.round)
    history = [
        {**one, "url": reverse("score", args=[one["id"]]), "grade": grade_title(scheme, one["grade"])}
        for one in scores_before(found)
    ]
    context = {
        "heading": found.name, "score": found, "grade": grade_title(scheme, found.grade), "scheme": scheme,
        "kind": SUBJECTS[found.kind], "lines": line_rows(found.lines, _record_url), "history": history if len(history) > 1 else [],
        "crumbs": [*_crumbs(), (_title(found.round), reverse("round", args=[found.round_id]))],
        "lead": f"{SUBJECTS[found.kind]} {found.subject}"
        + ("" if found.kind == "agency" else f" · {found.agency.company.name}"),
        "agency_url": reverse("register_agency", args=[found.agency_id]),
    }  # fmt: skip
    return render(request, "office/evaluation_score.html", context)


@office(*WHO)
def answer(request: ActingRequest, objection_id: UUID) -> HttpResponse:
    """One objection with the score it is about, and its answer."""
    found = objection_for(request.acting, objection_id)
    if found is None:
        raise Http404
    may = may_answer(found.round, request.acting) and found.answered_on is None
    form = AnswerForm(request.POST or None) if may or request.method == "POST" else None
    if form is not None and request.method == "POST":
        if form.is_valid():
            given = form.cleaned_data
            done, _ = attempt(
                form,
                lambda: actions.answer_objection(
                    found.pk, answer=given["answer"], recount=given["recount"] == "yes", by=request.acting,
                    act_key=given["act_key"],
                ),
            )  # fmt: skip
            if done:
                messages.success(request, "已答复。")
                return redirect("round", round_id=found.round_id)
        elif sent_before(request.POST):
            return redirect("round", round_id=found.round_id)
    scheme = scheme_of(found.round)
    context = {
        "heading": "评分异议", "objection": found, "form": form, "score": found.score, "badge": "AMB-43",
        "grade": grade_title(scheme, found.score.grade), "base": scheme.base, "lines": line_rows(found.score.lines, _record_url),
        "kind": SUBJECTS[found.score.kind], "score_url": reverse("score", args=[found.score_id]),
        "crumbs": [*_crumbs(), (_title(found.round), reverse("round", args=[found.round_id]))],
    }  # fmt: skip
    return render(
        request, "office/evaluation_objection.html", context, status=422 if request.method == "POST" else 200
    )


def _page(request: ActingRequest, found: Any, verb: str = "", form: Any = None) -> HttpResponse:
    scheme = scheme_of(found)
    counts = grade_counts(found.pk)
    chosen = ScoresFilter(
        request.GET, grades=[(grade, grade_title(scheme, grade)) for grade in scheme.grades]
    )
    given = chosen.cleaned_data if chosen.is_valid() else {}
    kind = given.get("kind") or "agency"
    rows = scores_of(found.pk, kind=kind, grade=given.get("grade", ""), text=given.get("q", ""))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    objections = objections_of(found.pk) if found.announced_on else []
    spread = distribution(scheme, counts)
    context = {
        **_progress(found), "heading": _title(found), "badge": STATE_TITLES[found.state],
        "badge_tone": TONES.get(found.state, ""), "crumbs": _crumbs(), "lead": f"{found.since}至{found.until}",
        "status": str(scheme.status), "status_tone": STATUS_TONES[str(scheme.status)],
        "trial": scheme.status is not SchemeStatus.PUBLISHED, "facts": _facts(found),
        "actions": _actions(request, found, verb, form), "form": form, "page": page, "filter": chosen, "kind": kind,
        "rows": [{**row, "url": reverse("score", args=[row["id"]]), "grade": grade_title(scheme, row["grade"])} for row in page],
        "spread": spread, "subjects": list(SUBJECTS.values()),
        "chart": _chart(spread) if any(counts.values()) else "",
        "objections": [
            {
                **one, "url": reverse("score_objection", args=[one["id"]]), "kind": SUBJECTS[one["score__kind"]],
                "grade": grade_title(scheme, one["score__grade"]),
            }
            for one in objections
        ],
        "scheme": scheme_words(scheme, found.book),
    }  # fmt: skip
    return render(
        request, "office/evaluation_round.html", context, status=422 if request.method == "POST" else 200
    )


def _chart(spread: list[dict[str, Any]]) -> str:
    rows = [(one["grade"], [count["many"] for count in one["counts"]]) for one in spread]
    return bars("各等级的数量", list(SUBJECTS.values()), rows)


def _progress(found: Any) -> dict[str, Any]:
    quiet = found.touched_at and (timezone.now() - found.touched_at).total_seconds() > STALLED
    return {"round": found, "stalled": found.state == "computing" and (bool(found.failure) or quiet)}


def _actions(request: ActingRequest, found: Any, verb: str, form: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": step.title, "clause": step.clause, "url": reverse("round_step", args=[found.pk, step.verb]),
            "hint": HINTS[step.verb], "primary": at == 0, "open": at == 0,
            "form": form
            if step.verb == verb
            else StepForm(initial={"turn": found.turn}, auto_id=f"{step.verb}_%s"),
        }
        for at, step in enumerate(steps_on(found, request.acting))
    ]  # fmt: skip


def _facts(found: Any) -> list[tuple[str, Any]]:
    def by(user: Any, day: Any) -> str:
        return f"{day or ''} {user.full_name}" if user else ""

    return [
        ("开始", found.opened_on), ("计算", by(found.computed_by, found.computed_on)),
        ("复核", found.reviewed_by.full_name if found.reviewed_by else ""), ("告知", found.announced_on or ""),
        ("异议期至", found.objections_until or ""), ("定案", found.final_on or ""), ("公布", found.published_on or ""),
        ("规则版本", found.rulebook_version),
    ]  # fmt: skip


def _round_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row, "url": reverse("round", args=[row["id"]]), "state_title": STATE_TITLES[row["state"]],
        "tone": TONES.get(row["state"], ""), "over": row["objections_until"] and row["objections_until"] < today(),
    }  # fmt: skip


def _record_url(kind: str, number: str) -> str:
    return reverse(f"{kind}_record", args=[number])


def _title(found: Any) -> str:
    return str(found.scheme_title)


def _crumbs() -> list[tuple[str, str]]:
    return [(CRUMB, reverse("evaluation"))]
