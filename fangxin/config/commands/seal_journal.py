"""`fangxin seal-journal`: put what has been committed under a seal."""

import json
from pathlib import Path

import click


@click.command()
@click.option("--no-anchor", is_flag=True, help="只封存，不写锚点 / do not write an anchor")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def command(no_anchor: bool, as_json: bool) -> None:
    """封存已提交的日志，并在库外写下锚点。后台任务每分钟做同样的事。

    Seal the committed entries and anchor the head outside the database, as the worker does every minute.
    """
    from fangxin.config.cli import with_django

    with_django()
    from django.conf import settings

    from fangxin.journal.seal import anchor, seal

    sealed = seal()
    kept = None if no_anchor else anchor(Path(settings.HOME) / "anchors")
    if as_json:
        click.echo(json.dumps({"sealed": sealed, "head": kept.number if kept else None}))
        return
    click.echo(f"本次封存 {sealed} 条。" + (f"锚点：第 {kept.number} 号。" if kept else ""))
