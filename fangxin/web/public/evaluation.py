"""What the public reads of evaluation: the rounds with their scheme, and an agency's scores with their lines."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from fangxin.credit.evaluations import (
    announced_round,
    announced_rounds,
    published_grade_counts,
    published_scores,
    round_texts,
)
from fangxin.rules.evaluation import SUBJECTS
from fangxin.rules.schemes import read_scheme
from fangxin.web.access import public
from fangxin.web.charts import bars
from fangxin.web.evaluation import distribution, line_rows, scheme_words
from fangxin.web.public import REGISTER

FEW = 50


@public
@require_safe
def evaluations(request: HttpRequest) -> HttpResponse:
    """The rounds that agencies were told of, and those whose scores are published."""
    return render(
        request, "public/evaluations.html", {"heading": "信用评价", "rounds": announced_rounds(REGISTER)}
    )


@public
@require_safe
def evaluation(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One round: its scheme as it reads, and how the grades fall once they are published."""
    found = announced_round(REGISTER, round_id)
    if found is None:
        raise Http404
    scheme = read_scheme(found["scheme_text"])
    spread = distribution(scheme, published_grade_counts(round_id)) if found["published_on"] else []
    chart = bars("各等级的数量", list(SUBJECTS.values()), [
        (one["grade"], [count["many"] for count in one["counts"]]) for one in spread
    ]) if spread else ""  # fmt: skip
    context = {
        "heading": found["scheme_title"], "round": found, "scheme": scheme_words(scheme, found["book"]), "spread": spread,
        "subjects": list(SUBJECTS.values()), "chart": chart, "crumbs": [("信用评价", reverse("evaluations"))],
    }  # fmt: skip
    return render(request, "public/evaluation.html", context)


def scores_of_agency(code: str) -> list[dict[str, Any]]:
    """The published scores of the agency and its brokers in the latest round that has any, for its profile."""
    rows = published_scores(code)
    latest = [row for row in rows if row.round_id == rows[0].round_id][:FEW]
    if not latest:
        return []
    base = read_scheme(round_texts([latest[0].round_id])[latest[0].round_id]).base
    return [
        {
            "kind": SUBJECTS[row.kind], "name": row.name, "points": row.points, "base": base, "because": row.because,
            "grade": row.grade if row.grade == row.grade_title else f"{row.grade} {row.grade_title}",
            "lines": line_rows(row.lines, lambda _, number: f"#record-{number}"), "scheme_title": row.scheme_title, "since": row.since, "until": row.until,
            "published_on": row.published_on, "url": reverse("evaluation_round", args=[row.round_id]),
            "is_agency": row.kind == "agency",
        }
        for row in latest
    ]  # fmt: skip
