"""Documents that repeat what the program says are generated from it, and stay so."""

import re
from pathlib import Path

from fangxin.agencies import workflow as agencies
from fangxin.cases.workflow import STEPS
from fangxin.web.workflow_tables import as_markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_document_of_the_process_is_the_process():
    written = (DOCS / "workflow.md").read_text(encoding="utf-8")
    assert written == as_markdown(), "docs/workflow.md 与步骤表不一致：请运行 fangxin write-workflow"


def test_every_step_stands_in_the_document_with_its_clause():
    lines = [line for line in as_markdown().splitlines() if line.startswith("| ")]
    for step in (*STEPS, *agencies.STEPS, *agencies.AGENCY_STEPS):
        assert any(f"`{step.verb}`" in line and f"| {step.clause} |" in line for line in lines), step.verb


def test_every_move_of_the_diagram_is_in_the_table():
    diagram = as_markdown().split("```mermaid")[1].split("```")[0]
    drawn = set(re.findall(r"--> s\d+: (.+)$", diagram, re.MULTILINE))
    assert drawn == {step.title for step in STEPS}
