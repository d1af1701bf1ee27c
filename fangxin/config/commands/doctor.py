"""`fangxin doctor`: whether this installation is in order, point by point."""

import json
import sys
from dataclasses import asdict

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(as_json: bool) -> None:
    """逐项检查本机与本安装：程序、依赖、文件夹、密钥、数据库、角色、规则库。

    Check this machine and this installation, point by point. Exit status 1 when something is not in order.
    """
    from fangxin.config.launch.examination import examine

    findings = list(examine())
    for finding in [] if as_json else findings:
        mark = click.style("正常", fg="green") if finding.in_order else click.style("问题", fg="red")
        click.echo(f"{mark}  {finding.point}：{finding.said}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    sys.exit(int(not all(finding.in_order for finding in findings)))
