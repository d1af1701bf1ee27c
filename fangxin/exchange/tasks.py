"""What the worker does for this room."""

from uuid import UUID

from procrastinate.contrib.django import app


@app.task(name="exchange.run_import", queue="imports")
def run_import(run_id: str) -> None:
    """The import waiting under this number has been done, or says why not. May be run again at any time."""
    from fangxin.exchange.actions import run_in_background

    run_in_background(UUID(run_id))
