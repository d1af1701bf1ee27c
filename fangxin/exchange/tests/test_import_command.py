"""`fangxin import-workorders`, as somebody runs it, and as somebody kills it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from django.db import connection

from fangxin.cases.models import Case
from fangxin.complaints.models import Complaint
from fangxin.config.commands.import_workorders import command
from fangxin.exchange.models import ImportedRow, ImportRun
from fangxin.exchange.tests.files import as_csv, as_xlsx, line, lines
from fangxin.journal.models import Entry
from tests.cast import beijing_cast


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return tmp_path


@pytest.fixture
def cast(db):
    return beijing_cast()


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def told(*words: object) -> dict:
    return json.loads(run(*words, "--json").stdout)


def kept(home: Path, content: bytes, name: str = "工单.csv") -> Path:
    path = home / name
    path.write_bytes(content)
    return path


def test_it_says_in_chinese_what_came_in_and_where_the_report_lies(home, cast):
    path = kept(home, as_csv([*lines(60), line(61, 创建时间="2026/2/30")]))
    ended = run(path)
    assert ended.exit_code == 1
    assert "读到 61 行：新增 60，已存在 0，拒绝 1。" in ended.stdout
    assert "第 62 行 拒绝：创建时间“2026/2/30”没有这样的日期" in ended.stdout
    (report,) = (home / "imports").glob("工单-*.report.csv")
    assert str(report) in ended.stdout
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 62
    assert report.stat().st_mode & 0o077 == 0


def test_a_second_run_brings_nothing_new_and_ends_well(home, cast):
    path = kept(home, as_xlsx(lines(60)), "工单.xlsx")
    assert run(path).exit_code == 0
    again = run(path)
    assert again.exit_code == 0
    assert "新增 0，已存在 60，拒绝 0" in again.stdout


def test_json_has_the_counts_and_the_rows_that_speak(home, cast):
    path = kept(home, as_csv([line(1), line(2, 被反映区="鼓楼区"), line(3, 标题="", 主要内容="")]))
    found = told(path)
    assert [found[name] for name in ("read", "added", "known", "refused", "noted")] == [3, 2, 0, 1, 1]
    assert [(row["row"], row["result"]) for row in found["rows"]] == [(3, "added"), (4, "refused")]
    assert found["columns"]["主要内容"] == "text"


def test_a_dry_run_writes_nothing_anywhere(home, cast):
    path = kept(home, as_csv(lines(60)))
    before = Entry.objects.count()
    ended = run(path, "--dry-run")
    assert ended.exit_code == 0
    assert "将新增 60" in ended.stdout
    assert not Complaint.objects.exists()
    assert not ImportRun.objects.exists()
    assert Entry.objects.count() == before
    assert list(home.iterdir()) == [path]


def test_a_column_can_be_named_and_is_remembered(home, cast):
    rows = [[f"X{n}", f"第{n}件", f"第{n}件的经过"] for n in range(1, 4)]
    path = kept(home, as_csv(rows, ("单号", "事", "经过")))
    assert run(path).exit_code == 2
    assert told(path, "--map", "事=标题", "--map", "经过=text")["added"] == 3
    assert told(kept(home, as_csv([["X9", "第9件", "经过"]], ("单号", "事", "经过")), "b.csv"))["added"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--map", "标题"), "列名=字段"), (("--map", "标题=颜色"), "列名=字段"), (("--map", "没有这列=标题"), "没有名为“没有这列”的列"),
        (("--as", "wangfang"), "不由贵部门录入"), (("--as", "nobody"), "没有账号"), (("--source", "moon"), "没有名为“moon”的来源"),
        (("--source", "web"), "自动转入"),
    ],
)  # fmt: skip
def test_wrong_use_is_refused_with_status_2(home, cast, words, said):
    ended = run(kept(home, as_csv(lines(2))), "--as", "liqiang", *words)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert not Complaint.objects.exists()


def test_a_file_that_is_not_there_is_refused_with_status_2(tmp_path):
    ended = run(tmp_path / "没有.csv")
    assert ended.exit_code == 2
    assert "不能读取文件" in ended.stderr
    assert run(tmp_path).exit_code == 2


def test_without_anybody_to_act_it_says_whom_to_appoint(home, db):
    ended = run(kept(home, as_csv(lines(2))))
    assert ended.exit_code == 2
    assert "fangxin create-account" in ended.stderr


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_and_loses_and_doubles_nothing(tmp_path):
    beijing_cast()
    how_many = 1_500
    path = tmp_path / "工单.csv"
    path.write_bytes(as_csv([*lines(how_many), line(how_many + 1, 创建时间="?")]))
    words = [
        sys.executable,
        "-c",
        "from fangxin.config.cli import main; main()",
        "import-workorders",
        str(path),
        "--json",
    ]
    environment = os.environ | {
        "DATABASE_URL": url_of_test_database(), "FANGXIN_HOME": str(tmp_path / "home"), "FANGXIN_DEMO": "1",
    }  # fmt: skip
    killed = 0
    for at_least in (1, 400, 900):
        process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while (
            process.poll() is None
            and (ImportRun.objects.values_list("read", flat=True).first() or 0) < at_least
        ):
            time.sleep(0.005)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.communicate()
    assert killed, "the import was too quick to be killed"
    run = ImportRun.objects.get()
    assert run.state == "running"
    assert run.read == ImportedRow.objects.count() == Case.objects.count() < how_many
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    found = json.loads(ended.stdout)
    assert found["resumed"]
    assert [found[name] for name in ("read", "added", "known", "refused")] == [how_many + 1, how_many, 0, 1]
    assert Case.objects.count() == Complaint.objects.count() == how_many
    assert Complaint.objects.values("external_number").distinct().count() == how_many
    assert ImportedRow.objects.count() == how_many + 1


def url_of_test_database() -> str:
    """How another process reaches the database this test works in."""
    given = connection.settings_dict
    secret = quote(given["PASSWORD"], safe="")
    where = f"?host={quote(given['HOST'], safe='/')}&port={given['PORT']}"
    return f"postgresql://{given['USER']}:{secret}@/{given['NAME']}{where}"
