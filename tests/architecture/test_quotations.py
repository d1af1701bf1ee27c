"""The rulebook says what the documents say: quotations are in their sources, other values have a reason."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from fangxin.rules import book
from fangxin.rules.citation import Cited
from fangxin.rules.reader import Located, read_yaml, rulebook_folder
from fangxin.rules.sources import sources
from fangxin.rules.workdays import calendar

RULEBOOK = rulebook_folder()
FILES = sorted(RULEBOOK.rglob("*.yaml"))
BOOKS = ("beijing", "fujian", "national")
NO_EARLIER_THAN = date(2004, 1, 1)


def quotations(node, source=""):
    """Every `quote` at any depth, with the source that holds where it stands."""
    if isinstance(node, Located):
        source = node.get("source", source)
        if "quote" in node:
            yield node, source
        for value in node.values():
            yield from quotations(value, source)
    elif isinstance(node, list):
        for value in node:
            yield from quotations(value, source)


def entries(thing):
    """Every cited entry within a book, whatever it lies in."""
    if isinstance(thing, Cited):
        yield thing
    if dataclasses.is_dataclass(thing):
        thing = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    if isinstance(thing, dict):
        thing = thing.values()
    if isinstance(thing, list | tuple | type({}.values())):
        for part in thing:
            yield from entries(part)


def cited_entries():
    """Every cited entry of every book, with the book's name."""
    return [
        (name, entry)
        for name in BOOKS
        for chapter in book(name).chapters.values()
        for entry in entries(chapter.sections)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(RULEBOOK)))
def test_every_quotation_stands_word_for_word_in_its_source(path):
    known = sources()
    missing = [
        f"第{node.lines['quote']}行：{node['quote']}"
        for node, source in quotations(read_yaml(path))
        if source not in known or not known[source].says(node["quote"])
    ]
    assert missing == []


def test_every_label_of_a_printed_form_stands_in_its_source():
    forms = book("beijing").forms
    assert [(form.key, len(form.cells)) for form in forms] == [("F1", 26), ("F2", 25)]
    for form in forms:
        assert [cell.code for cell in form.cells] == [
            f"{form.key}-{n:02}" for n in range(1, len(form.cells) + 1)
        ]
        assert [cell.label for cell in form.cells if not sources()[form.source].says(cell.quotation)] == []


def test_every_value_of_our_own_says_why():
    ours = [entry.ours for _, entry in cited_entries() if entry.ours]
    assert len(ours) > 20
    assert [reason for reason in ours if len(reason) < 10] == []


def test_every_value_says_when_it_was_checked():
    checked = [entry.checked_on for _, entry in cited_entries()]
    checked += [year.checked_on for year in calendar().years.values()]
    checked += [source.checked_on for source in sources().values()]
    checked += [read_yaml(RULEBOOK / "national" / "violations.yaml")["checked_on"]]
    assert all(on > NO_EARLIER_THAN for on in checked)


def test_every_reading_referred_to_is_explained():
    explained = Path(RULEBOOK, "interpretations.md").read_text(encoding="utf-8")
    referred = {entry.settled_in for _, entry in cited_entries() if getattr(entry, "settled_in", "")}
    assert {reading for reading in referred if reading not in explained} == set()


def test_the_sources_are_the_files_that_were_checked():
    for source in sources().values():
        assert len(source.text) > 1000
    assert {path.name for path in (RULEBOOK / "sources").glob("*.txt")} == {
        source.file for source in sources().values()
    }
