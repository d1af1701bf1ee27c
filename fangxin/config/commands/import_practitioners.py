"""`fangxin import-practitioners`: the register of brokers and assistants is taken in as it is told."""

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as", "username", required=True, help="以谁的名义导入 / user name in whose name it is taken in"
)
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / say what would happen, write nothing")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--jurisdiction", default="fujian", show_default=True, help="规则库 / rulebook")
def command(file: Path, username: str, dry_run: bool, as_json: bool, jurisdiction: str) -> None:
    """从 CSV 或 xlsx 文件导入从业人员登记册（二（二））；同一文件再次导入不会改变什么。

    Take in the register of brokers and assistants from CSV or XLSX; the same file twice changes nothing. Ends with 1 when rows were refused, with 2 when the
    whole file is.
    """
    from fangxin.config.register_import import take_in

    take_in("practitioners", file, username, jurisdiction, dry_run=dry_run, as_json=as_json)
