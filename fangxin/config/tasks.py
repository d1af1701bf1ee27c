"""What the worker does by itself, and when."""

from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app

from fangxin.agencies.actions import run_quarters
from fangxin.agencies.actions.publishing import count_coverage
from fangxin.agencies.queries import mailbox_of_company
from fangxin.cases.actions import raise_unanswered, take_over_online
from fangxin.cases.actions.identity import address_of_complainant
from fangxin.credit.actions import end_displays, end_honours
from fangxin.deadlines.actions import run_clock
from fangxin.deadlines.clock import today
from fangxin.disclosure.actions import expire_queries
from fangxin.journal.seal import anchor, seal
from fangxin.notices.actions import deliver_notices
from fangxin.organisations.audience import Audience, working_as
from fangxin.redress.actions import end_complaint_displays, find_late_feedback, propose_confirmed_violations


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="clock", pass_context=False)
def look_at_deadlines(timestamp: int) -> None:
    """Opens quarters, reminds before, marks as missed after, ends grants and displays, finds what is late or confirmed.

    A day begins with the first run after midnight.
    """
    with working_as(Audience.OFFICE):
        run_clock()
        take_over_online()
        raise_unanswered()
        run_quarters()
        expire_queries()
        end_displays()
        end_honours()
        end_complaint_displays()
        find_late_feedback()
        propose_confirmed_violations()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mail", pass_context=False)
def send_mail(timestamp: int) -> None:
    """Empties the outbox."""
    with working_as(Audience.OFFICE):
        deliver_notices(address_of_complainant, mailbox_of_company)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="seal", pass_context=False)
def seal_the_journal(timestamp: int) -> None:
    """Seals what was committed and anchors the head outside the database."""
    seal()
    # Also when nothing was sealed now: an earlier anchor may have failed, and an unmoved head writes nothing.
    anchor(Path(settings.HOME) / "anchors")


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="coverage", pass_context=False)
def count_the_register(timestamp: int) -> None:
    """Once a night: how many agencies of each county are known and public (DOC-46)."""
    with working_as(Audience.OFFICE):
        count_coverage("fujian", on=today())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="rescue", pass_context=False)
async def rescue_stalled_jobs(timestamp: int) -> None:
    """A job whose worker was killed is given to another."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
