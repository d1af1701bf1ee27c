"""`fangxin verify-journal`: is the journal as it was written?"""

import json
import sys
from pathlib import Path

import click


@click.command()
@click.option(
    "--anchors",
    type=click.Path(path_type=Path, file_okay=False),
    help="锚点所在文件夹，默认 $FANGXIN_HOME/anchors / the folder of the anchors",
)
@click.option(
    "--seal", "number", type=int, metavar="N", help="只显示第 N 号封存，供与外存锚点核对 / show one seal"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def command(anchors: Path | None, number: int | None, as_json: bool) -> None:
    """核验日志：被改动、删除、插入、截尾均会查出；完好退出码为 0，否则为 1。

    Compute every sealed entry afresh and compare it with its seal, the chain and the anchors.
    """
    from fangxin.config.cli import with_django

    with_django()
    from django.conf import settings

    from fangxin.journal.queries import seal_numbered
    from fangxin.journal.seal import verify
    from fangxin.organisations.audience import Audience, Speaker, speaking_as

    office = Speaker(Audience.OFFICE)
    if number is not None:
        with speaking_as(office):
            kept = seal_numbered(number)
        if kept is None:
            click.echo(f"没有第 {number} 号封存。", err=True)
            sys.exit(1)
        click.echo(json.dumps(kept, ensure_ascii=False) if as_json else kept["text"])
        return
    folder = anchors or Path(settings.HOME) / "anchors"
    with click.progressbar(length=1000, label="核验日志", file=sys.stderr, hidden=as_json) as bar:
        done = 0

        def advance(leaves: int, in_all: int) -> None:
            nonlocal done
            reached = 1000 * leaves // in_all
            bar.update(reached - done)
            done = reached

        with speaking_as(office):
            findings = verify(folder, advance)
    if as_json:
        click.echo(json.dumps(findings.as_dict(), ensure_ascii=False, indent=2))
    else:
        for finding in findings.found:
            click.echo(f"✗ {finding.sentence}")
        for remark in findings.remarks:
            click.echo(f"· {remark}")
        verdict = "日志完好" if findings.intact else f"日志不完好：发现 {len(findings.found)} 处问题"
        click.echo(
            f"{verdict}。封存 {findings.seals} 次，共 {findings.sealed} 条；"
            f"待封存 {findings.unsealed} 条；锚点 {findings.anchors} 个。"
        )
        if findings.head:
            click.echo(f"链首散列：{findings.head}")
    sys.exit(0 if findings.intact else 1)
