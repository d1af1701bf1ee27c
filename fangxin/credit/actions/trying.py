"""A scheme is tried on the whole register before anybody hears of it (AMB-43); only the journal knows afterwards."""

import hashlib
from datetime import date

from django.db import transaction

from fangxin.credit.standing import round_standing
from fangxin.credit.whatif import WhatIf, what_if
from fangxin.credit.workflow import ROUND
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.organisations.process import NEW
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules.evaluation import Scheme
from fangxin.rules.reader import RulebookBroken
from fangxin.rules.schemes import read_scheme


@transaction.atomic
def try_scheme(
    jurisdiction: str, before: Scheme, text: str, *, since: date, until: date, by: Acting, form: str = "page"
) -> WhatIf:
    """Who would move from which grade to which under the scheme of the text; nothing is written but that it was tried.

    ActRefused for anybody but the body that publishes the scheme, and for a text that is no sound scheme.
    """
    step, _ = ROUND.find_step("try_scheme", round_standing(jurisdiction, NEW, by))
    if until < since:
        raise ActRefused(f"评价期止{until}早于评价期起{since}，请核对。", "until")
    try:
        after = read_scheme(text)
    except RulebookBroken as wrong:
        raise ActRefused(f"方案有误，{wrong.where}。", "text") from wrong
    found = what_if(jurisdiction, before, after, since=since, until=until)
    record(
        Kind.ROUND_TRY_SCHEME, ROUND.name, f"{jurisdiction} {before.key}", by=by.actor, summary=step.title,
        details={
            "scheme": before.key, "since": since.isoformat(), "until": until.isoformat(), "form": form,
            "sha256": hashlib.sha256(text.encode()).hexdigest(), "subjects": found.subjects,
            "moved": len(found.movers),
        },
        clause=step.clause, jurisdiction=jurisdiction,
    )  # fmt: skip
    return found
