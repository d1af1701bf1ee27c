"""What the worker does for this room."""

from uuid import UUID

from procrastinate.contrib.django import app


@app.task(name="credit.compute", queue="imports")
def compute(round_id: str) -> None:
    """The round waiting under this number has been counted, or says why not. May be run again at any time."""
    from fangxin.credit.actions.counting import compute_in_background

    compute_in_background(UUID(round_id))
