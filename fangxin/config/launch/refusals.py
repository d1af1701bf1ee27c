"""Why a start was refused: one sentence in Chinese, one in English, and nothing left behind."""

from typing import IO, Any

import click


class Refused(click.ClickException):
    """The start cannot go on; says what is wrong and what to do, in both languages. Exit status 2."""

    exit_code = 2

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese)
        self.chinese = chinese
        self.english = english

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"错误：{self.chinese}\nError: {self.english}", file=file, err=file is None)


class Stopped(Exception):
    """A signal asked for the end; raised in the main thread wherever it is, so that everything unwinds."""
