"""`fangxin write-workflow`: the process tables as docs/workflow.md."""

from pathlib import Path

import click

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "workflow.md"


@click.command()
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DOCUMENT,
    help="写到哪个文件，默认 docs/workflow.md / the file to write",
)
def command(path: Path) -> None:
    """从办理步骤表生成 docs/workflow.md。

    Write the process tables as Markdown, with their diagrams.
    """
    from fangxin.config.cli import with_django

    with_django()
    from fangxin.web.workflow_tables import as_markdown

    path.write_text(as_markdown(), encoding="utf-8")
    click.echo(f"已写入 {path}")
