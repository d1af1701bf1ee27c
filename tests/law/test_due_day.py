"""`fangxin due-day`: the same count at the command line."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from fangxin.config.commands.due_day import command


def run(*arguments, given=None):
    return CliRunner().invoke(command, arguments, input=given)


@pytest.mark.parametrize("within", ["3 工作日", "3工作日", "3个工作日"])
def test_it_prints_the_day_and_why(within):
    told = run("--from", "2026-02-13", "--within", within)
    assert told.exit_code == 0
    assert told.output.splitlines()[1] == "2026-02-14 星期六 调休上班，计第1个工作日"
    assert told.output.splitlines()[-1] == "期限3个工作日，2026-02-25 星期三 届满"


def test_it_prints_json_for_machines():
    told = json.loads(run("--from", "2026-03-06", "--within", "15日", "--json").output)
    assert (told["due_on"], told["rolled_from"], told["provisional"]) == ("2026-03-23", "2026-03-21", False)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "请写明 --from 和 --within"),
        (("--from", "2026-02-13"), "请写明 --from 和 --within"),
        (("--from", "2026-02-30", "--within", "3日"), "起算日“2026-02-30”不是存在的日期"),
        (("--from", "20260213", "--within", "3日"), "应写作 2026-02-13"),
        (("--from", "2026-02-13", "--within", "3天"), "期限“3天”看不懂"),
        (("--from", "2031-02-13", "--within", "3日"), "rulebook/calendar/2031.yaml 还没有"),
    ],
)
def test_what_it_cannot_count_is_refused(arguments, why):
    told = run(*arguments)
    assert told.exit_code == 2
    assert why in told.stderr


def test_it_adds_the_due_day_to_a_csv():
    told = run("--stdin", given="\ufeffstart,n,unit,备注\n2026-02-13,3,工作日,甲\n2026-03-06,15,日,乙\n")
    assert told.exit_code == 0
    assert (
        told.stdout
        == "start,n,unit,备注,due_on\n2026-02-13,3,工作日,甲,2026-02-25\n2026-03-06,15,日,乙,2026-03-23\n"
    )


def test_a_bad_row_is_named_and_does_not_stop_the_others():
    told = run(
        "--stdin",
        given="start,n,unit\n2026-02-30,3,日\n2026-02-13,3,天\n2026-02-13\n2026-03-06,15,日\n1,2,3,4\n",
    )
    assert told.exit_code == 1
    assert told.stdout.splitlines()[1:] == [
        "2026-02-30,3,日,",
        "2026-02-13,3,天,",
        "2026-02-13,,,",
        "2026-03-06,15,日,2026-03-23",
        "1,2,3,",
    ]
    assert [line.split("：")[0] for line in told.stderr.splitlines()] == ["第2行", "第3行", "第4行", "第6行"]


@pytest.mark.parametrize("given", ["", "start,days\n2026-02-13,3\n", b"\xc6\xda\xcf\xde,n,unit\n"])
def test_a_csv_of_another_shape_is_refused(given):
    told = run("--stdin", given=given)
    assert told.exit_code == 2
    assert "CSV" in told.stderr


def test_it_never_loads_django():
    code = (
        "import sys; from fangxin.config.commands.due_day import command; "
        "command(['--from', '2026-02-13', '--within', '3日'], standalone_mode=False); "
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
