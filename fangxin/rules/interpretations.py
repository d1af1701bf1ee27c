"""Where a text is silent or contradicts itself: what was chosen, and why (AMB-…)."""

from functools import cache
from pathlib import Path

from fangxin.rules.reader import RulebookBroken, rulebook_folder


def interpretations() -> str:
    """The readings we chose, as their Markdown stands. Raises `RulebookBroken`."""
    return _read_interpretations(rulebook_folder() / "interpretations.md")


@cache
def _read_interpretations(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as missing:
        raise RulebookBroken(f"规则库 {path.name} 读不出来：{missing.strerror}") from missing
