"""When two ways of writing a company's name are the same name. Plain Python."""

import unicodedata

BRACKETS_AND_MARKS = "()[]{}〔〕【】《》·•.,，。、-—_'\"“”‘’"


def name_key(name: str) -> str:
    """The name without widths, spaces, brackets and case: 北京 诚信（朝阳） agrees with 北京诚信(朝阳)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if not c.isspace() and c not in BRACKETS_AND_MARKS)[:200]
