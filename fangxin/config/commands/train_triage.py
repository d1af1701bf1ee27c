"""`fangxin train-triage`: learn the sorting from labelled messages, measure, keep, adopt if better."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from fangxin.cases.triage import LINKS, ModelBroken
from fangxin.cases.triage_examples import Example, FileRefused, corrected, labelled
from fangxin.cases.triage_training import TooFewExamples, Trained, adopt, incumbent_of, keep, train
from fangxin.rules import RulebookBroken, book

PROJECT = Path(__file__).resolve().parents[3]
MOST_WRONG_SHOWN = 10
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TITLES = {
    "trading": "交易",
    "brokerage": "经纪",
    "development": "开发",
    "appraisal": "评估",
    "property": "物业",
    "surveying": "测绘",
    "none": "不属于本平台",
}


@click.command()
@click.option("--messages", type=FILE, help="消息（CSV：编号、标题、内容）/ the messages")
@click.option("--labels", type=FILE, help="标注（CSV：id、link、confidence）/ the labels")
@click.option(
    "--corrections", type=FILE, help="分拣人的更正（CSV：title、text、link）/ dispatchers' corrections"
)
@click.option(
    "--from-cases",
    is_flag=True,
    help="并用本库中已分拣的案件 / also learn from the cases sorted in the database",
)
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="交叉验证的份数")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="随机种子")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def command(
    messages: Path | None,
    labels: Path | None,
    corrections: Path | None,
    from_cases: bool,
    folds: int,
    seed: int,
    as_json: bool,
) -> None:
    """用已标注的消息训练分拣建议；测得比现用的好才启用。

    Trains the suggestions on labelled messages and prints what cross-validation measured. The model is
    kept under FANGXIN_HOME/triage/models and adopted only if it measures better than the present one; the
    journal of the installation says so.
    """
    if (messages is None) != (labels is None):
        raise click.UsageError("--messages 与 --labels 须一并给出")
    if not (messages or corrections or from_cases):
        raise click.UsageError("没有可学的例子：请给出 --messages 与 --labels、--corrections 或 --from-cases")
    home = Path(os.environ.get("FANGXIN_HOME") or PROJECT / "var")
    journalled = from_cases or bool(os.environ.get("DATABASE_URL")) or (home / "data").exists()
    if journalled:
        from fangxin.config.cli import with_django

        with_django()
    try:
        examples, wrong = [], []
        if messages and labels:
            reading = labelled(messages, labels)
            examples, wrong = reading.examples, reading.wrong
        if corrections:
            more = corrected(corrections)
            examples, wrong = examples + more.examples, wrong + more.wrong
        if from_cases:
            examples = examples + _sorted_cases()
        for line in wrong[:MOST_WRONG_SHOWN]:
            click.echo(line, err=True)
        if len(wrong) > MOST_WRONG_SHOWN:
            click.echo(f"……共 {len(wrong)} 行没有用上", err=True)
        trained = train(
            examples,
            threshold=_threshold(),
            folds=folds,
            seed=seed,
            incumbent=_incumbent(home),
            note=_note,
        )
        path = _keep(trained, home, journalled)
    except (FileRefused, TooFewExamples, RulebookBroken) as refused:
        raise click.UsageError(str(refused)) from refused
    except OSError as error:
        raise click.UsageError(
            f"不能写入 {home / 'triage'}（{error.strerror}）；请检查权限和磁盘空间"
        ) from error
    report = {
        "model": trained.name,
        "file": str(path),
        "adopted": trained.better,
        "decision": _decision(trained),
        "incumbent": {"model": trained.incumbent, "macro_f1": trained.incumbent_macro_f1},
        "rows_not_used": len(wrong),
        "journalled": journalled,
        "figures": trained.figures,
    }
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else _table(report))
    sys.exit(1 if wrong else 0)


def _threshold() -> float:
    """The certainty above which a suggestion is filled in for the dispatcher."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    return float(str(book("beijing").value("triage.apply_certainty", on=today).value))


def _incumbent(home: Path) -> Any:
    try:
        return incumbent_of(home)
    except ModelBroken as broken:
        click.echo(f"{broken}；这次与词表比较", err=True)
        return None


def _sorted_cases() -> list[Example]:
    from django.db import DatabaseError

    from fangxin.cases.queries import triage_corrections
    from fangxin.organisations.audience import Audience, working_as

    try:
        with working_as(Audience.OFFICE):
            return [Example(*row) for row in triage_corrections() if row[2] in LINKS]
    except DatabaseError as error:
        first = str(error).partition("\n")[0]
        raise click.UsageError(
            f"读不到库中的案件（{first}）；请检查 DATABASE_URL，或去掉 --from-cases"
        ) from error


def _keep(trained: Trained, home: Path, journalled: bool) -> Path:
    """Kept, and adopted if better; an installation that has no database yet has no journal either."""
    if not journalled:
        path = keep(trained, home)
        if trained.better:
            adopt(trained, home)
        return path
    from django.db import DatabaseError

    from fangxin.cases.actions import keep_training
    from fangxin.journal.actors import Actor
    from fangxin.organisations.audience import Audience, working_as

    try:
        with working_as(Audience.OFFICE):
            return keep_training(trained, home, by=Actor.system("命令行"))
    except DatabaseError as error:
        first = str(error).partition("\n")[0]
        raise click.UsageError(f"模型没有启用：写不进日志（{first}）；请检查 DATABASE_URL 后重试") from error


def _note(step: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"{step} ……", err=True)


def _decision(trained: Trained) -> str:
    measured, before = trained.macro_f1, trained.incumbent_macro_f1
    if trained.better:
        return f"已启用：macro-F1 {measured:.4f}，高于现用 {trained.incumbent} 的 {before:.4f}"
    if trained.name == trained.incumbent:
        return "没有变化：与现用的模型逐字节相同"
    return f"已保存、未启用：macro-F1 {measured:.4f}，不高于现用 {trained.incumbent} 的 {before:.4f}"


def _table(report: dict[str, Any]) -> str:
    figures = report["figures"]
    lines = [
        f"{figures['messages']} 条消息（其中有把握的 {figures['sure']} 条），"
        f"{figures['folds']} 份交叉验证，种子 {figures['seed']}"
    ]
    for key, title in (("all", "全部"), ("sure_ones", "标注人有把握的")):
        scored = figures[key]
        lines += [
            "",
            f"{title}：准确率 {scored['accuracy']:.4f}  macro-F1 {scored['macro_f1']:.4f}",
            "  精确率  召回率  F1      条数  环节",
        ]
        lines += [
            f"  {one['precision']:.4f}  {one['recall']:.4f}  {one['f1']:.4f}  {one['messages']:>4}  "
            f"{TITLES[link]} {link}"
            for link, one in scored["links"].items()
        ]
    lines += [
        "",
        f"把握达到 {figures['threshold']}（规则库）的占 {figures['decided_share']:.1%}，"
        f"其中说对 {figures['decided_accuracy']:.1%}；把握与实际平均相差 {figures['calibration_error']:.1%}",
        f"模型 {report['model']} 存于 {report['file']}",
        report["decision"] + ("" if report["journalled"] else "（尚无数据库，没有记入日志）"),
    ]
    return "\n".join(lines)
