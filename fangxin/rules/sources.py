"""The documents the rulebook quotes, word for word."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from fangxin.rules.reader import RulebookBroken, into, read_yaml, rulebook_folder


@dataclass(frozen=True, kw_only=True)
class Source:
    """A document: what it is called, who issued it and when (None: it bears no date), and its checksum."""

    key: str
    title: str
    issuer: str
    issued_on: date | None
    file: str
    sha256: str
    checked_on: date
    note: str = ""

    @cached_property
    def text(self) -> str:
        """The document word for word. Raises `RulebookBroken` when it is not the file that was checked."""
        content = (rulebook_folder() / "sources" / self.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise RulebookBroken(
                f"规则库 sources/{self.file} 与 sources.yaml 登记的 sha256 不符：原文不得改动"
            )
        return content.decode("utf-8")

    def says(self, quote: str) -> bool:
        """Whether the words stand in the document, white space aside."""
        return squeezed(quote) in self._squeezed

    def place_of(self, quote: str) -> tuple[int, int] | None:
        """Where the words first stand in `text`, as (start, end), white space aside; None when they do not."""
        wanted = squeezed(quote)
        at = self._squeezed.find(wanted) if wanted else -1
        return (self._places[at], self._places[at + len(wanted) - 1] + 1) if at >= 0 else None

    @cached_property
    def _squeezed(self) -> str:
        return squeezed(self.text)

    @cached_property
    def _places(self) -> list[int]:
        """For each character of the squeezed text, its place in the text."""
        return [place for place, character in enumerate(self.text) if not character.isspace()]


def squeezed(text: str) -> str:
    """The text without white space: the documents are laid out with it, and mean nothing by it."""
    return re.sub(r"\s+", "", text)


def sources() -> dict[str, Source]:
    """Every document by its key. Raises `RulebookBroken`."""
    return _read_sources(rulebook_folder() / "sources" / "sources.yaml")


@cache
def _read_sources(path: Path) -> dict[str, Source]:
    listed = read_yaml(path)["sources"]
    return {key: into(Source, node.with_outer({"key": key})) for key, node in listed.items()}
