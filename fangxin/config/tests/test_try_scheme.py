"""`fangxin try-scheme`: whoever may try a scheme on the page may do so for a register of any size."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fangxin.agencies.models import Agency
from fangxin.config.commands.try_scheme import command
from fangxin.journal.models import Entry
from fangxin.rules import book
from tests.fujian_cast import fujian_cast

pytestmark = pytest.mark.django_db
DAYS = ("--since", "2024-01-01", "--until", "2025-12-31")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    fujian_cast()
    Agency.objects.update(entered_on=date(2015, 1, 1))
    path = tmp_path / "scheme.yaml"
    path.write_text(book("fujian").scheme_texts["example"].replace("base: 60", "base: 70"), encoding="utf-8")
    return path


def tried(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_it_says_who_would_move_and_writes_the_list(file, tmp_path):
    listed = tmp_path / "list.csv"
    told = tried(str(file), "--as", "yelan", *DAYS, "--output", str(listed))
    assert told.exit_code == 0, told.output
    assert "机构　B → A　2" in told.output
    assert "起评分 60→70" in listed.read_text(encoding="utf-8-sig")
    assert Entry.objects.filter(kind="round:try_scheme").count() == 1


@pytest.mark.parametrize(("who", "said"), [("huangmin", "不能试算方案"), ("nobody", "不能试算方案")])
def test_others_may_not(file, who, said):
    told = tried(str(file), "--as", who, *DAYS)
    assert (told.exit_code, said in told.output) == (1, True)


def test_a_scheme_with_a_fault_is_told_by_line(file):
    file.write_text(file.read_text(encoding="utf-8").replace("base: 70", "base: many"), encoding="utf-8")
    told = tried(str(file), "--as", "yelan", *DAYS)
    assert told.exit_code == 1
    assert "第12行" in told.output or "应当是数" in told.output
