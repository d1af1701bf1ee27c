"""The initials by which a name is found: 福州诚信 as fzcx. Plain Python."""

from functools import lru_cache

from fangxin.organisations.names import name_key


def initials_of(name: str) -> str:
    """The first letter of each character's reading, letters and digits as they are, in small letters."""
    # Fifty megabytes of readings: no worker that only shows pages needs to hold them.
    from pypinyin.seg import mmseg

    return "".join(map(_letters, mmseg.seg.cut(name_key(name))))[:200]


@lru_cache(20_000)
def _letters(word: str) -> str:
    """Of a word as the readings are found by it: 重庆 is cq. A province's names are made of the same words."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(word, style=Style.FIRST_LETTER)).lower()
