"""自动分派: a task on a company's own desk, with its term (二(四))."""

from fangxin.cases.models import Case, CompanyTask
from fangxin.deadlines.actions import Owner, start_deadline
from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice


def send_to_company(case: Case, task: CompanyTask, company_id: int) -> None:
    """The company has the task on its desk from today, and 3个工作日 to answer it online (二(四))."""
    reply = start_deadline(
        "company_reply", jurisdiction=case.jurisdiction, subject_kind="task", subject_id=task.pk,
        matter_id=case.pk, owner=Owner(company_id=company_id),
    )  # fmt: skip
    task.due_on = reply.due_on
    task.save(update_fields=["due_on"])
    record(
        Kind.CASE_SEND_TO_COMPANY, "case", str(case.pk), by=Actor.system("平台"),
        summary=f"自动分派至{task.company_name}，{reply.due_on}前网上回复",
        details={"company": company_id, "task": task.pk, "due_on": reply.due_on.isoformat()}, clause="二(四)",
        rule_key="company_reply", jurisdiction=case.jurisdiction,
    )  # fmt: skip
    send_notice(
        title=f"案件 {case.number} 请于{reply.due_on}前网上回复", matter_id=task.pk, to_company_id=company_id
    )
