"""The step tables as rows, as a chart and as Markdown: one description for the page and for docs/workflow.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fangxin.agencies import workflow as agencies
from fangxin.agencies.quarters import DUTY_STEPS, DUTY_TITLES
from fangxin.cases.workflow import STAGES, STATUS_TITLES, STEPS, Place, Step
from fangxin.credit.workflow import APPLICATION, BAD_RECORD, GOOD_RECORD, ROUND
from fangxin.disclosure.workflow import PROCESS as QUERY
from fangxin.investigations.workflow import INQUIRY, ORDER_STEPS, ORDER_TITLES, OrderStep
from fangxin.organisations.process import NEW, Process
from fangxin.redress.workflow import COMPLAINT, LATENESS, PROPOSAL
from fangxin.rules import Limit, book

PLACES: Mapping[Place, str] = {
    Place.SORTING: "案件所在的分件部门",
    Place.HANDLING: "经办部门",
    Place.OFFICER: "本案经办人本人",
    Place.CENTRE: "城研中心",
    Place.DIVISION: "案件上报的市级主管部门",
}
ASKED: Mapping[str, str] = {
    "link": "环节", "district": "区县", "officer": "经办人", "summary": "转办摘要", "points": "须答复的问题",
    "respondents": "被投诉企业", "reason": "说明", "reason_code": "理由", "opinion": "意见", "outcome": "处理结论",
    "findings": "调查了解的情况", "legal_basis": "法律依据", "text": "正文", "companies": "企业",
    "whom": "督办谁", "order": "督办", "addressee": "对象", "urging": "哪一次催办",
    "company": "企业", "channel": "方式", "number": "号码", "time": "时间", "answers": "逐条答复", "plan": "整改方案",
    "received_on": "收到日期", "scan": "扫描件", "done_on": "完成日期",
    "requirements": "整改要求", "served_on": "送达日期", "result": "验收结论", "told_how": "告知方式",
    "truth": "真实性声明", "reasons": "逐项指标的理由", "evidence": "证明材料", "into": "并入机构", "head_office": "总机构",
    "identity": "申请人和证件", "purpose": "查询目的", "basis": "依据", "agency": "被查询机构", "codes": "栏目",
    "days": "天数", "papers": "申请材料", "contacted": "是否联系上", "solved": "诉求是否解决", "satisfaction": "是否满意", "comment": "记录",
    "answer": "答复", "assessed_on": "验收日期", "assessors": "验收人", "class": "等次", "commitment": "信用承诺", "count": "是否计入",
    "digest": "转办摘要", "finding": "核查结论", "forged": "是否伪造", "kind": "种类", "material": "材料", "place": "地区", "proof": "送达证明",
    "asked_body": "协查单位", "cells": "表上各栏", "names_complainant": "是否印出投诉人", "answered_on": "答复日期",
    "publish": "是否公示", "recount": "是否重新计算", "reply": "给投诉人的答复", "scheme": "评价方案", "served_how": "送达方式", "since": "起",
    "source": "来源", "statement": "陈述", "statement_read": "已阅陈述", "T1": "附件1 T1 各项指标", "until": "止", "verdict": "是否有正当理由", "way": "办理方式",
}  # fmt: skip
BARRED: Mapping[str, str] = {
    "drafter": "起草人",
    "proposer": "提出人",
    "recorder": "经手人",
    "computer": "计算人",
}
# The processes that share one shape: heading, the paper's own number for it, the table.
PROCESSES: tuple[tuple[str, str, Process], ...] = (
    ("协查", "SM-03", INQUIRY),
    ("授权查询", "SM-10", QUERY),
    ("机构投诉", "SM-02", COMPLAINT),
    ("逾期未反馈", "SM-05c", LATENESS),
    ("不良行为的提示", "四（四）", PROPOSAL),
    ("不良行为记录", "SM-08", BAD_RECORD),
    ("良好行为记录", "SM-07", GOOD_RECORD),
    ("整改、异议和修复", "SM-08", APPLICATION),
    ("信用评价", "SM-09", ROUND),
)


@dataclass(frozen=True)
class Row:
    """One row of a step table in words. `not_by`: who may not take it, having taken another. `ways` are (choice, status that follows), the choice "" when there is none."""

    verb: str
    title: str
    before: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    who: str
    where: str
    clause: str
    asks: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    not_by: str = ""

    @property
    def after(self) -> tuple[str, ...]:
        """The statuses it may lead to, each once."""
        return tuple(dict.fromkeys(status for _, status in self.ways))


def case_rows() -> tuple[Row, ...]:
    """The life of a case, in the order of its table."""
    return tuple(_of_case(step) for step in STEPS)


def order_rows() -> tuple[Row, ...]:
    """The life of an order to rectify, in the order of its table."""
    return tuple(_of_order(step) for step in ORDER_STEPS)


def declaration_rows() -> tuple[Row, ...]:
    """The life of an agency's declaration, in the order of its table."""
    return tuple(_of_declaration(step) for step in agencies.STEPS)


def agency_rows() -> tuple[Row, ...]:
    """What is recorded of an agency itself, in the order of its table."""
    return tuple(_of_agency(step) for step in agencies.AGENCY_STEPS)


def _of_declaration(step: agencies.Step) -> Row:
    titles = agencies.STATE_TITLES
    return Row(
        verb=step.verb, title=step.title, before=tuple(titles[state] for state in titles if state in step.before),
        ways=tuple((_SECOND_STEP if choice == "city" else "", titles[state]) for choice, state in step.to.items()),
        who="、".join(sorted(role.title for role in step.roles)), where=agencies.PLACE_TITLES[step.place],
        clause=step.clause, asks=tuple(ASKED[name] for name in step.asks),
    )  # fmt: skip


_SECOND_STEP = "设置市级复核的"


def _of_agency(step: agencies.AgencyStep) -> Row:
    titles = agencies.AGENCY_TITLES
    return Row(
        verb=step.verb, title=step.title, before=tuple(titles[one] for one in titles if one in step.before),
        ways=(("", titles[step.after]),), who="、".join(sorted(role.title for role in step.roles)),
        where=agencies.PLACE_TITLES[step.place], clause=step.clause, asks=tuple(ASKED[name] for name in step.asks),
    )  # fmt: skip


def duty_rows() -> tuple[Row, ...]:
    """What an agency owes after a quarter, in the order of its table."""
    return tuple(
        Row(
            verb=step.verb, title=step.title, clause=step.clause, who=step.who, where="",
            before=tuple(title for state, title in DUTY_TITLES.items() if state in step.before),
            ways=(("", DUTY_TITLES[step.after]),),
        )
        for step in DUTY_STEPS
    )  # fmt: skip


def process_rows(process: Process) -> tuple[Row, ...]:
    """A process of that shape, in the order of its table."""
    titles = _states(process)
    return tuple(
        Row(
            verb=step.verb, title=step.title, before=tuple(titles[one] for one in titles if one in step.before),
            ways=tuple((step.choices.get(choice, ""), titles[after]) for choice, after in step.to.items()),
            who="、".join(sorted(role.title for role in step.roles)), where=process.places[step.place],
            clause=step.clause, asks=tuple(ASKED[name] for name in step.asks), not_by=BARRED.get(step.barred, ""),
        )
        for step in process.steps
    )  # fmt: skip


def process_chart(process: Process) -> SafeString:
    """The chart of its life."""
    return chart(process_rows(process), list(_states(process).values()), {})


def _states(process: Process) -> dict[str, str]:
    return {NEW: "尚无", **process.states}


def _of_case(step: Step) -> Row:
    before = tuple(title for status, title in STATUS_TITLES.items() if status in step.before)
    return Row(
        verb=step.verb, title=step.title, before=before,
        ways=tuple((_choice(step, choice), STATUS_TITLES[status]) for choice, status in step.to.items()),
        who="、".join(sorted(role.title for role in step.roles)), where=PLACES[step.place], clause=step.clause,
        asks=tuple(ASKED[name] for name in step.asks), starts=_limits(step.starts), meets=_limits(step.meets),
        not_by="提出人" if step.not_by_the_proposer else "",
    )  # fmt: skip


def _choice(step: Step, choice: str) -> str:
    return step.choices.get(choice, "")


def _of_order(step: OrderStep) -> Row:
    before = tuple(title for state, title in ORDER_TITLES.items() if state in step.before)
    return Row(
        verb=step.verb, title=step.title, before=before, ways=(("", ORDER_TITLES[step.after]),), who=step.who,
        where="责令整改所及的企业" if step.who == "企业" else PLACES[Place.OFFICER], clause=step.clause,
    )  # fmt: skip


def _limits(keys: Iterable[str]) -> tuple[str, ...]:
    # The last value of each: the table names the term, the chapter tells its whole history.
    limits: dict[str, Limit] = {
        one.key: one for one in book("beijing").chapters["deadlines"].sections["limits"]
    }
    return tuple(f"{limits[key].title}（{limits[key].within}）" for key in keys)


# The chart: statuses are lines, steps are columns; a ring where a step may be taken, an arrow where it leads.
LINE, COLUMN, LEFT, TOP, LETTER = 34, 46, 132, 176, 15


def chart(rows: Sequence[Row], statuses: Sequence[str], groups: Mapping[str, str]) -> SafeString:
    """The rows as SVG, drawn from the table alone; `groups` names the stage before the first status of each."""
    width, height = LEFT + COLUMN * len(rows) + 12, TOP + LINE * len(statuses) + 10
    at = {status: TOP + LINE * number + LINE // 2 for number, status in enumerate(statuses)}
    lines = format_html_join(
        "\n", '<line class="chart-line{}" x1="0" x2="{}" y1="{}" y2="{}"/><text x="8" y="{}">{}</text>',
        ((" chart-stage" if status in groups else "", width, at[status] - LINE // 2, at[status] - LINE // 2,
          at[status] + 5, status) for status in statuses),
    )  # fmt: skip
    columns = format_html_join(
        "\n",
        "{}",
        ((_column(row, LEFT + COLUMN * number + COLUMN // 2, at),) for number, row in enumerate(rows)),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}" '
        'xmlns="http://www.w3.org/2000/svg">{3}{4}</svg>',
        width, height, "步骤与状态图：圆圈表示可以从该状态办理，箭头表示办理后的状态；下表有同样的内容。", lines, columns,
    )  # fmt: skip


def _column(row: Row, x: int, at: Mapping[str, int]) -> SafeString:
    starts, ends = [at[status] for status in row.before], [at[status] for status in row.after]
    letters = format_html_join(
        "", '<tspan x="{}" y="{}">{}</tspan>',
        ((x, TOP - 12 - LETTER * (len(row.title) - 1 - n), letter) for n, letter in enumerate(row.title)),
    )  # fmt: skip
    rings = format_html_join(
        "", '<circle class="chart-ring" cx="{}" cy="{}" r="5"/>', ((x - 8, y) for y in starts)
    )
    arrows = format_html_join("", '<path class="chart-arrow" d="{}"/>', ((_arrow(x + 8, y),) for y in ends))
    top, bottom = min(starts + ends), max(starts + ends)
    spine = (
        f"M{x} {top}V{bottom}"
        + "".join(f"M{x - 3} {y}H{x}" for y in starts)
        + "".join(f"M{x} {y}H{x + 6}" for y in ends)
    )
    return format_html(
        '<g><title>{}：{} → {}</title><text class="chart-step" text-anchor="middle">{}</text>'
        '<path class="chart-spine" d="{}"/>{}{}</g>',
        row.title, "、".join(row.before), "、".join(row.after), letters, spine, rings, arrows,
    )  # fmt: skip


def _arrow(x: int, y: int) -> str:
    return f"M{x - 4} {y - 6}L{x + 6} {y}L{x - 4} {y + 6}Z"


def case_chart() -> SafeString:
    """The chart of a case's life."""
    first = {}
    for stage, members in STAGES:
        first[next(title for status, title in STATUS_TITLES.items() if status in members)] = stage
    ordered = [title for _, members in STAGES for status, title in STATUS_TITLES.items() if status in members]
    return chart(case_rows(), ordered, first)


def order_chart() -> SafeString:
    """The chart of an order's life."""
    return chart(order_rows(), list(ORDER_TITLES.values()), {})


def declaration_chart() -> SafeString:
    """The chart of a declaration's life."""
    return chart(declaration_rows(), list(agencies.STATE_TITLES.values()), {})


def agency_chart() -> SafeString:
    """The chart of an agency's standing."""
    return chart(agency_rows(), list(agencies.AGENCY_TITLES.values()), {})


def duty_chart() -> SafeString:
    """The chart of what is owed after a quarter."""
    return chart(duty_rows(), list(DUTY_TITLES.values()), {})


# The document.

HEAD = """\
# 案件怎样办理 · The step tables

本文由 `fangxin write-workflow` 从 `fangxin/cases/workflow.py`、`fangxin/investigations/workflow.py`、
`fangxin/agencies/workflow.py`、`fangxin/agencies/quarters.py`、`fangxin/disclosure/workflow.py`、`fangxin/redress/workflow.py` 和
`fangxin/credit/workflow.py` 生成，请勿手改；改了表而没有重新生成，
`tests/architecture/test_documents_are_true.py` 会不通过。前两张表的条款是北京操作流程的，其余的是福建信用系统建设方案的；AMB-… 是 `rulebook/interpretations.md` 的条目。

*Written by `fangxin write-workflow` from the step tables; a test fails when the tables and this page differ.*
"""


def as_markdown() -> str:
    """The whole of docs/workflow.md."""
    return "\n".join(
        [
            HEAD,
            "## 案件（SM-01）\n",
            _mermaid(case_rows()),
            _markdown_table(case_rows()),
            "## 责令整改（SM-05a）\n",
            _mermaid(order_rows()),
            _markdown_table(order_rows()),
            "## 机构申报（SM-06）\n",
            _mermaid(declaration_rows()),
            _markdown_table(declaration_rows()),
            "## 机构（四（二））\n",
            _mermaid(agency_rows()),
            _markdown_table(agency_rows()),
            "## 季度更新（SM-13）\n",
            _mermaid(duty_rows()),
            _markdown_table(duty_rows()),
            *(
                part
                for title, number, process in PROCESSES
                for part in (
                    f"## {title}（{number}）\n",
                    _mermaid(process_rows(process)),
                    _markdown_table(process_rows(process)),
                )
            ),
        ]
    )


def _mermaid(rows: Iterable[Row]) -> str:
    names: dict[str, str] = {}
    for row in rows:
        for title in (*row.before, *row.after):
            names.setdefault(title, f"s{len(names) + 1}")
    states = [f'    state "{title}" as {name}' for title, name in names.items()]
    moves = [
        f"    {names[before]} --> {names[after]}: {row.title}"
        for row in rows
        for before in row.before
        for after in _after(row, before)
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *states, *moves, "```\n"])


def _after(row: Row, before: str) -> tuple[str, ...]:
    # A step that changes something else than the status leads from each status back to itself.
    return (before,) if set(row.after) == set(row.before) and len(row.before) > 1 else row.after


def _markdown_table(rows: Iterable[Row]) -> str:
    head = "| 步骤 | 从 | 到 | 谁 | 在哪里 | 条款 | 填写 | 期限 |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    return "\n".join([head, *(_markdown_row(row) for row in rows), ""])


def _markdown_row(row: Row) -> str:
    ways = "；".join(f"{choice}：{status}" if choice else status for choice, status in row.ways)
    who = f"{row.who}（不是{row.not_by}）" if row.not_by else row.who
    limits = "；".join([*(f"起：{title}" for title in row.starts), *(f"止：{title}" for title in row.meets)])
    cells = (
        f"{row.title} `{row.verb}`", "、".join(row.before), ways, who, row.where, row.clause, "、".join(row.asks), limits
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"
