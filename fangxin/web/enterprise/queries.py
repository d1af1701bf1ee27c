"""Who was granted a look at what the agency does not publish; the agency is told (AMB-23)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from fangxin.deadlines.clock import today
from fangxin.disclosure.queries import told_to
from fangxin.disclosure.workflow import STATE_TITLES, State
from fangxin.rules import book
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.public.query_forms import REGISTER, titled


@enterprise
def queries(request: ActingRequest) -> HttpResponse:
    """The grants the agency was told of, the latest first."""
    rows = [_row(one) for one in told_to(request.acting.company_id or 0)]
    return render(request, "enterprise/queries.html", {"heading": "授权查询", "rows": rows})


def _row(one: dict[str, Any]) -> dict[str, Any]:
    over = one["state"] == State.GRANTED and one["until_on"] < today()
    state = State.EXPIRED if over else State(one["state"])
    return {
        **one, "title": STATE_TITLES[state], "tone": "good" if state is State.GRANTED else "",
        "ground": book(REGISTER).query_ground(one["ground"]).title, "fields": "、".join(titled(one["granted_codes"])),
    }  # fmt: skip
