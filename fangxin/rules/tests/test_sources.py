"""The documents are kept as they were checked."""

import shutil

import pytest

from fangxin.rules import RulebookBroken
from fangxin.rules.reader import rulebook_folder
from fangxin.rules.sources import sources, squeezed


def test_white_space_is_nothing():
    assert squeezed(" 协　查\n\t部门 ") == "协查部门"


def test_words_are_found_across_the_lines_of_a_form():
    assert sources()["beijing-procedure"].says("移送协查部门名称")
    assert not sources()["beijing-procedure"].says("5个工作日")


def test_a_document_that_was_touched_is_refused(tmp_path, monkeypatch):
    shutil.copytree(rulebook_folder() / "sources", tmp_path / "sources")
    with (tmp_path / "sources" / "beijing-procedure.txt").open("a") as file:
        file.write("。")
    monkeypatch.setenv("FANGXIN_RULEBOOK", str(tmp_path))
    with pytest.raises(RulebookBroken, match="sha256 不符"):
        sources()["beijing-procedure"].says("3日")


def test_the_place_of_words_is_where_they_stand_in_the_document():
    procedure = sources()["beijing-procedure"]
    start, end = procedure.place_of("移送协查部门名称")
    assert procedure.text[start:end] == "移送协查\n\n部门名称"
    assert procedure.place_of("5个工作日") is None
    assert procedure.place_of(" ") is None
