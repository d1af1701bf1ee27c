"""What an agency owes after each quarter (四（二）, SM-13)."""

from django.db import transaction

from fangxin.agencies.models import Agency, Declaration, QuarterDuty
from fangxin.deadlines.clock import today

OWED = (QuarterDuty.State.OPEN, QuarterDuty.State.LATE)


@transaction.atomic(savepoint=False)
def meet_duty(agency: Agency, declaration: Declaration) -> QuarterDuty | None:
    """The agency's running duty is met by the declaration just submitted; late after its due day, for ever."""
    duty = (
        QuarterDuty.objects.select_for_update()
        .filter(agency=agency, state__in=OWED)
        .order_by("-year", "-quarter")
        .first()
    )
    if duty is None:
        return None
    duty.state, duty.submitted_on, duty.declaration = QuarterDuty.State.UPDATED, today(), declaration
    duty.was_late = duty.submitted_on > duty.due_on
    duty.save(update_fields=["state", "submitted_on", "declaration", "was_late"])
    return duty
