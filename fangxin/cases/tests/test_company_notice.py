"""The sheet that is copied or faxed (二(五)): what the department approved, and nothing of who complained (五)."""

import json
import shutil
import subprocess
from uuid import uuid4

import pytest

from fangxin.cases.paper import company_notice, on_the_sheet
from fangxin.deadlines.clock import now
from fangxin.documents.printing import has_chinese_font

pytestmark = pytest.mark.django_db
WORDS = {"text": "我叫张敏，电话13800138000，住望京花园3号楼501。", "project_name": "望京花园3号楼501"}
SECRETS = ("张敏", "13800138000", "zhangmin", "501")


@pytest.fixture
def case(stage):
    return stage.accepted(
        stage.dispatched(**WORDS), project_name="望京花园", points=["定金为何不退？", "何时退还？"]
    )


def test_tvx_21_the_sheet_tells_nothing_of_who_complained(stage, case):
    given = on_the_sheet(case, stage.task(case).pk, now())
    said = json.dumps(given, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in said]
    assert given["points"] == ["定金为何不退？", "何时退还？"]
    assert "自告知之日起3日内逐条书面回复" in given["duties"][0]
    assert "15日内完成整改" in given["duties"][1]


def test_a_company_of_another_case_has_no_sheet_here(stage, case):
    assert company_notice(case, uuid4(), now()) is None
    assert company_notice(stage.accepted(), stage.task(case).pk, now()) is None


@pytest.mark.skipif(
    not has_chinese_font() or not shutil.which("pdftotext"), reason="without a Chinese font or pdftotext"
)
def test_tvx_21_neither_the_text_nor_the_properties_of_the_pdf_do(stage, case, tmp_path):
    printed = tmp_path / "sheet.pdf"
    printed.write_bytes(company_notice(case, stage.task(case).pk, now()) or b"")
    told = [
        subprocess.run(
            [*command, printed, *more], capture_output=True, check=True, timeout=60
        ).stdout.decode()
        for command, more in ((["pdftotext"], ["-"]), (["pdfinfo", "-meta"], []))
    ]
    assert "告知单" in told[0]
    assert not [secret for secret in SECRETS if any(secret in text for text in told)]
