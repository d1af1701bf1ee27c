"""`fangxin work`: the worker and the clock."""

import click


@click.command()
@click.option("--concurrency", default=1, show_default=True, help="同时处理几项任务。Jobs at once.")
def command(concurrency: int) -> None:
    """运行后台任务：期限时钟、邮件、日志封存、导入。按 Ctrl-C 停止，未完成的任务会重新执行。

    Run the worker: the clock of deadlines, mail, journal seals, imports. A killed worker's job is taken up again.
    """
    from fangxin.config.cli import with_django

    with_django()
    from django.core.management import call_command

    call_command("procrastinate", "worker", concurrency=concurrency)
