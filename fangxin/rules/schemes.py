"""A scheme of evaluation from its text: the rulebook's own, the one a round keeps, or one that somebody would try."""

from functools import lru_cache
from pathlib import Path

import yaml

from fangxin.rules.evaluation import Scheme
from fangxin.rules.reader import LOADER, RulebookBroken, broken, heading, into, read_text

LONGEST = 100_000  # characters
DEEPEST = 8
GIVEN = Path("方案")


@lru_cache(maxsize=32)
def read_scheme(text: str, path: Path = GIVEN) -> Scheme:
    """The scheme a text holds. Raises `RulebookBroken`, whose `where` names the line and what is wrong."""
    if len(text) > LONGEST:
        raise broken(path, 1, f"方案不得超过{LONGEST}字")
    _plain(text, path)
    try:
        root = read_text(text, path)
        return into(Scheme, root, heading(root))
    except RulebookBroken:
        raise
    except (ValueError, ArithmeticError) as error:
        raise broken(path, 1, "有的数太大，无法识别") from error


def _plain(text: str, path: Path) -> None:
    """Nothing that grows when it is read: a stranger's few lines of references could fill the memory."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise broken(path, line, "方案里不能用引用（*）")
            opens = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
            depth += opens - isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
            if depth > DEEPEST:
                raise broken(path, line, f"层次不得超过{DEEPEST}层")
    except yaml.YAMLError:
        # `read_text` says what is wrong.
        return
