"""`fangxin suggest-triage`: which link a text probably belongs to, and why. Needs no database."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from fangxin.cases.triage import Model, ModelBroken, Suggestion, current_model, load_model, suggest

PROJECT = Path(__file__).resolve().parents[3]
SHOWN_EVERY = 200


class LineWrong(Exception):
    """A line of the input cannot be read; the message says what is wrong, in Chinese."""


@click.command()
@click.option(
    "--model",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="用这个模型，不用现行的 / use this model instead of the adopted one",
)
@click.option("--words-only", is_flag=True, help="只用词表，不用训练的模型 / the word list alone")
def command(path: Path | None, words_only: bool) -> None:
    """为每条诉求建议环节，说明把握和依据。

    从标准输入读 JSON 行（title、text），逐行写出 JSON（link、certainty、reasons、violations）；有误的行写出
    error，其余照常，最后以状态 1 结束。

    Suggests a link for each JSON line with `title` and `text`; a wrong line becomes {"error": …} and the
    exit status 1.
    """
    if path and words_only:
        raise click.UsageError("--model 与 --words-only 只能选一个")
    try:
        model = load_model(path) if path else None if words_only else current_model(_home())
    except ModelBroken as broken:
        raise click.UsageError(str(broken)) from broken
    wrong = 0
    out = sys.stdout.buffer
    for answer in _with_progress(_answers(sys.stdin.buffer, model)):
        wrong += "error" in answer
        out.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    out.flush()
    sys.exit(1 if wrong else 0)


def _home() -> Path:
    return Path(os.environ.get("FANGXIN_HOME") or PROJECT / "var")


def _answers(lines: BinaryIO, model: Model | None) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip(b"\xef\xbb\xbf \t\r\n"):
            continue
        try:
            title, text = _read(line)
        except LineWrong as wrong:
            yield {"error": f"第{number}行：{wrong}"}
        else:
            yield _as_json(suggest(title, text, model=model))


def _read(line: bytes) -> tuple[str, str]:
    """Title and text of a line; one of them may be missing. Raises `LineWrong`."""
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise LineWrong("不是 UTF-8 编码；请另存为 UTF-8 后再试") from None
    except RecursionError:
        raise LineWrong('嵌套太深；应为 {"title": "…", "text": "…"}') from None
    except ValueError:
        raise LineWrong('不是合法的 JSON；应为 {"title": "…", "text": "…"}') from None
    if not isinstance(given, dict):
        raise LineWrong('应为一个 JSON 对象：{"title": "…", "text": "…"}')
    if "title" not in given and "text" not in given:
        raise LineWrong("缺少 title 和 text；至少要有一个")
    title, text = (given.get(key) or "" for key in ("title", "text"))
    for key, value in (("title", title), ("text", text)):
        if not isinstance(value, str):
            raise LineWrong(f"{key} 应为文字，不能是 {json.dumps(value, ensure_ascii=False)[:20]}")
    return title, text


def _as_json(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "link": suggestion.link,
        "certainty": round(suggestion.certainty, 4),
        "reasons": suggestion.reasons,
        "violations": [
            {"code": hint.code, "act": hint.act, "words": hint.words} for hint in suggestion.violations
        ],
        "model": suggestion.model,
    }


def _with_progress(answers: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same answers; a person who sends them to a file sees the count on the terminal."""
    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    count = 0
    for count, answer in enumerate(answers, start=1):
        if watched and count % SHOWN_EVERY == 0:
            click.echo(f"\r已建议 {count} 条", err=True, nl=False)
        yield answer
    if watched:
        click.echo(f"\r已建议 {count} 条", err=True)
