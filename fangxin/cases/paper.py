"""The sheet that is copied or faxed to a company the platform cannot reach (二(五)): what the department approved."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fangxin.cases.models import Case, CompanyTask
from fangxin.cases.terms import LINKS
from fangxin.documents.printing import print_pdf
from fangxin.rules import book

TEMPLATE = Path(__file__).parent / "sheets" / "company_notice.typ"


def company_notice(case: Case, task_id: UUID, at: datetime) -> bytes | None:
    """The PDF for one company of the case, None when it is no company of this case. Raises ActRefused."""
    given = on_the_sheet(case, task_id, at)
    return print_pdf(TEMPLATE, given, at=at) if given is not None else None


def on_the_sheet(case: Case, task_id: UUID, at: datetime) -> dict[str, Any] | None:
    """What stands on it, taken from the task alone: the approved summary, project and points, and what is owed.

    Who complained is in none of them (五, AMB-12).
    """
    task = CompanyTask.objects.select_related("handling_body").filter(pk=task_id, case_id=case.pk).first()
    if task is None:
        return None
    rules = book(case.jurisdiction)
    reply, plan = (
        rules.limit("offline_reply", on=at.date()),
        rules.limit("offline_rectification", on=at.date()),
    )
    return {
        "title": "房地产市场违法违规案件告知单", "issuer": task.handling_body.name, "number": task.number,
        "facts": [
            ("被投诉企业", task.company_name), ("案件编号", task.number), ("环节", LINKS.get(task.link, "")),
            ("项目名称", task.project_name or "—"), ("经办部门", task.handling_body.name),
        ],
        "summary": task.summary, "points": task.points,
        "duties": [
            f"自告知之日起{reply.within}内逐条书面回复经办部门，加盖公章，写明答复人和联系电话（{reply.clause}）。",
            f"存在违法违规行为的，一并提交整改方案，并于告知之日起{plan.within}内完成整改（{plan.clause}）。",
            "入驻监管平台后，可以在网上回复。",
        ],
        "warning": "投诉举报人的信息依法保密，请勿查找、联系或猜测投诉举报人。", "printed": f"{at:%Y-%m-%d}",
    }  # fmt: skip
