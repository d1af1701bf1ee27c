"""Small rulebooks for the tests of the reader: sound ones, and ones broken on purpose."""

from textwrap import dedent

HEAD = "source: beijing-procedure\nchecked_on: 2026-11-22\n"
LIMIT = """\
limits:
  company_reply:
    title: 企业网上回复
    starts: 案件转送企业
    owed_by: 被投诉企业
    dated:
      - from: undated
        within: 3个工作日
        clause: 二(四)
        quote: 3个工作日内进行网上回复
"""


def write(folder, name, text):
    """A file of the rulebook with this text; returns its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path
