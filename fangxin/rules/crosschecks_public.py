"""Marked values within words that everybody may read."""

from collections.abc import Iterator, Sequence
from typing import Any

from fangxin.rules.crosscheck_base import Declaration, Hit, Path, Row, check
from fangxin.rules.declarations import CrossCheck
from fangxin.rules.indicator_texts import folded


@check("secret_numbers_in_public")
def _secret_numbers_in_public(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _secrets_in_public(asked, row.codes)


@check("secret_words_in_public")
def _secret_words_in_public(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _secrets_in_public(asked, row.codes)


def _public_texts(asked: Declaration) -> Iterator[tuple[str, Path, Row, str, str]]:
    """Every text the public would read: code, path, its row, the words folded, and the digits in them."""
    for table in ("J1", "J6", "J8"):
        shown = [one for one in asked.catalogue.public_fields(table) if one.type in ("text", "long_text")]
        for _, path, each in asked.numbered(table):
            for one in shown:
                if text := each.get(one.column):
                    words = folded(text)
                    yield one.code, (*path, one.column), each, words, "".join(filter(str.isdigit, words))


def _secrets_in_public(asked: Declaration, codes: Sequence[str]) -> Iterator[Hit]:
    fields = [asked.catalogue.field(code) for code in codes]
    own = [(one, each) for one in fields for _, _, each in asked.numbered(one.table) if one.table != "J6"]
    clients = [one for one in fields if one.table == "J6"]
    everybodys = [(one, each) for one in clients for each in asked.rows("J6")]
    numbers_of_its_own = {asked.one("J1").get(column) for column in ("telephone", "fax")}
    for code, path, row, words, digits in _public_texts(asked):
        # A project names its own client, if any; only the agency's own words are searched for all of them.
        among = own + ([(one, row) for one in clients] if path[0] == "J6" else everybodys)
        for one, each in among:
            secret = each.get(one.column)
            # An agency that gives its own number for a client's has told nothing about the client.
            if one.table == "J6" and secret in numbers_of_its_own:
                continue
            if _occurs(secret, words, digits, numeric=one.type in ("phone", "person_id")):
                yield Hit(path, {"code": one.code}, (code, one.code))


def _occurs(secret: Any, words: str, digits: str, *, numeric: bool) -> bool:
    for part in str(secret or "").split("；"):
        wanted = folded(part)
        if numeric and sum(map(str.isdigit, wanted)) > 6:
            # 138 1234 5678 and 0591-8765 4321 are the same numbers, however they are grouped.
            if "".join(filter(str.isdigit, wanted)) in digits:
                return True
        elif len(wanted) > 1 and wanted in words:
            return True
    return False
