"""`fangxin anchor-journal`: write down the journal's head where the database cannot reach it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.option(
    "--anchors",
    type=click.Path(path_type=Path, file_okay=False),
    help="锚点所在文件夹，默认 $FANGXIN_HOME/anchors / the folder of the anchors",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def command(anchors: Path | None, as_json: bool) -> None:
    """把日志链首记入库外的锚点文件，并打印一份供邮寄或存档的文字。

    Append the head of the chain to the anchor file and print it as a text to be mailed or filed.
    """
    from fangxin.config.cli import with_django

    with_django()
    from django.conf import settings

    from fangxin.journal.seal import anchor

    kept = anchor(anchors or Path(settings.HOME) / "anchors")
    if kept is None:
        click.echo("日志尚未封存过：先运行 fangxin seal-journal。", err=True)
        sys.exit(2)
    click.echo(json.dumps(asdict(kept), ensure_ascii=False) if as_json else kept.letter(), nl=as_json)
