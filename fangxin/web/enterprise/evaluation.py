"""An agency's own scores and its brokers', each with its lines, and the objection while there is time (AMB-43)."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.credit import actions
from fangxin.credit.evaluations import own_objections, own_scores, scheme_of
from fangxin.deadlines.clock import today
from fangxin.rules.evaluation import SUBJECTS
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.evaluation import grade_title, line_rows
from fangxin.web.fields import ActForm, Lines, attempt, sent_before


class ObjectionForm(ActForm):
    """What is wrong with the score."""

    text = Lines("异议", 2000, rows=4, help_text="请写明哪一项、哪条记录、为什么；公布评价办法的部门会答复。")


@enterprise
def evaluation(request: ActingRequest) -> HttpResponse:
    """The rounds one was told of, the latest first."""
    return _page(request)


@enterprise
def objection(request: ActingRequest, score_id: int) -> HttpResponse:
    """An objection to one of the agency's own scores."""
    if all(score.pk != score_id for score in own_scores(request.acting.company_id or 0)):
        raise Http404
    if request.method != "POST":
        return redirect("enterprise_evaluation")
    form = ObjectionForm(request.POST, auto_id=f"objection_{score_id}_%s")
    if form.is_valid():
        done, _ = attempt(
            form,
            lambda: actions.object_to_score(
                score_id, text=form.cleaned_data["text"], by=request.acting, act_key=form.cleaned_data["act_key"]
            ),
        )  # fmt: skip
        if done:
            messages.success(request, "异议已提交，答复后会通知您。")
            return redirect("enterprise_evaluation")
    elif sent_before(request.POST):
        return redirect("enterprise_evaluation")
    return _page(request, score_id, form)


def _page(request: ActingRequest, sent_to: int = 0, form: Any = None) -> HttpResponse:
    company_id = request.acting.company_id or 0
    said = own_objections(company_id)
    scores = own_scores(company_id)
    rounds = [
        _round(
            [
                _score(
                    one,
                    said.get((one.round_id, one.kind, one.subject, one.agency_id), []),
                    form if one.pk == sent_to else None,
                )
                for one in of_round
            ]
        )
        for _, of_round in groupby(scores, key=lambda one: one.round_id)
    ]
    context = {"heading": "信用评价", "rounds": rounds, "form": form, "on": today()}
    return render(request, "enterprise/evaluation.html", context, status=422 if form else 200)


def _round(scores: list[dict[str, Any]]) -> dict[str, Any]:
    return {"round": scores[0]["round"], "scheme": scores[0]["scheme"], "scores": scores}


def _score(one: Any, said: list[dict[str, Any]], form: Any) -> dict[str, Any]:
    scheme = scheme_of(one.round)
    waiting = any(row["answered_on"] is None for row in said)
    until = one.round.objections_until
    open_now = one.round.state == "announced" and until is not None and today() <= until and not waiting
    return {
        "score": one, "round": one.round, "scheme": scheme, "kind": SUBJECTS[one.kind],
        "grade": grade_title(scheme, one.grade), "lines": line_rows(one.lines, _record_url), "said": said,
        "form": form or (ObjectionForm(auto_id=f"objection_{one.pk}_%s") if open_now else None),
        "url": reverse("enterprise_objection", args=[one.pk]), "open": one.kind == "agency" or form is not None,
    }  # fmt: skip


def _record_url(kind: str, number: str) -> str:
    return reverse(f"own_{kind}_record", args=[number])
