"""The initials by which a name is found: 福州诚信 as fzcx. Plain Python."""

from fangxin.organisations.names import name_key


def initials_of(name: str) -> str:
    """The first letter of each character's reading, letters and digits as they are, in small letters."""
    # Fifty megabytes of readings: no worker that only shows pages needs to hold them.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name_key(name), style=Style.FIRST_LETTER)).lower()[:200]
