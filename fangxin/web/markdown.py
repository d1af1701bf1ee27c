"""The little Markdown our own texts use, as HTML: headings, paragraphs, lists, tables, bold, code, links.

Everything is escaped first; no HTML passes through, and a link leads within the site or to https.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

HEADING = re.compile(r"(#{1,6}) +(.*)")
BULLET = re.compile(r"[*-] +(.*)")
NUMBERED = re.compile(r"\d+\. +(.*)")
RULE = re.compile(r"-{3,}|\*{3,}")
TABLE_RULE = re.compile(r"\|[ |:-]+\|")
CODE_NAME = re.compile(r"^[A-Z]{2,4}-\d+")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*\s][^*]*)\*|\[(?P<words>[^\]]+)\]\((?P<url>[^()\s]*)\)"
)
_SAFE_URL = re.compile(r"#|/(?!/)|https://")
# A wrapped line of Chinese continues without a space.
_CHINESE = re.compile(r"(?<=[\u2e80-\uffef])\n(?=[\u2e80-\uffef“*`\[])|\n(?=[\u2e80-\uffef])")


def slug(title: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def render(text: str, *, lowered_by: int = 0) -> SafeString:
    """The text as HTML. Headings carry their slug as id, and the code they begin with (AMB-01) as another.

    `lowered_by` makes a `#` an `<h2>` for a page that has its own `<h1>`.
    """
    return mark_safe("\n".join(_blocks(text, lowered_by)))  # noqa: S308 - every part is escaped in _inline


def _blocks(text: str, lowered_by: int) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        for kind, lines in groupby(_joined(block.split("\n")), key=_kind):
            yield from _KINDS[kind](list(lines), lowered_by)


def _joined(lines: list[str]) -> Iterator[str]:
    """Each item with its continuation lines; a heading, a rule and a table row stand alone."""
    held: list[str] = []
    for line in lines:
        continues = held and _kind(line) == "paragraph" and _kind(held[0]) not in {"heading", "rule", "table"}
        if held and not continues:
            yield "\n".join(held)
            held = []
        held.append(line.strip())
    if held:
        yield "\n".join(held)


def _kind(line: str) -> str:
    line = line.strip()
    if HEADING.match(line):
        return "heading"
    if RULE.fullmatch(line):
        return "rule"
    if line.startswith("|"):
        return "table"
    if BULLET.match(line):
        return "bullets"
    return "numbers" if NUMBERED.match(line) else "paragraph"


def _headings(lines: list[str], lowered_by: int) -> Iterator[str]:
    for line in lines:
        found = HEADING.match(line)
        assert found is not None  # noqa: S101 - _kind has seen to it
        level, title = min(len(found[1]) + lowered_by, 6), found[2]
        code = CODE_NAME.match(title)
        anchor = format_html('<span id="{}"></span>', code[0]) if code else ""
        yield f'<h{level} id="{escape(slug(title))}">{anchor}{_inline(title)}</h{level}>'


def _rules(lines: list[str], lowered_by: int) -> Iterator[str]:
    yield "<hr>"


def _paragraphs(lines: list[str], lowered_by: int) -> Iterator[str]:
    yield f"<p>{_inline(chr(10).join(lines))}</p>"


def _bullets(lines: list[str], lowered_by: int) -> Iterator[str]:
    yield f"<ul>{_items(lines, BULLET)}</ul>"


def _numbers(lines: list[str], lowered_by: int) -> Iterator[str]:
    yield f"<ol>{_items(lines, NUMBERED)}</ol>"


def _items(lines: list[str], mark: re.Pattern[str]) -> str:
    starts = (found.start(1) if (found := mark.match(line)) else 0 for line in lines)
    return "".join(f"<li>{_inline(line[start:])}</li>" for line, start in zip(lines, starts, strict=True))


def _tables(lines: list[str], lowered_by: int) -> Iterator[str]:
    rows = [line.strip().strip("|").split("|") for line in lines if not TABLE_RULE.fullmatch(line.strip())]
    has_head = len(lines) > 1 and TABLE_RULE.fullmatch(lines[1].strip())
    head = _row(rows.pop(0), 'th scope="col"') if has_head else ""
    body = "".join(_row(row, "td") for row in rows)
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="表"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _row(cells: list[str], tag: str) -> str:
    name = tag.split(maxsplit=1)[0]
    return "<tr>" + "".join(f"<{tag}>{_inline(cell.strip())}</{name}>" for cell in cells) + "</tr>"


def _inline(text: str) -> str:
    text, parts, at = _CHINESE.sub("", text), [], 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[at : found.start()]), _span(found)]
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def _span(found: re.Match[str]) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["bold"]:
        return f"<strong>{_inline(found['bold'])}</strong>"
    if found["italic"]:
        return f"<em>{_inline(found['italic'])}</em>"
    if not _SAFE_URL.match(found["url"]):
        return _inline(found["words"])
    return f'<a href="{escape(found["url"])}">{_inline(found["words"])}</a>'


_KINDS = {
    "heading": _headings, "rule": _rules, "table": _tables, "bullets": _bullets, "numbers": _numbers,
    "paragraph": _paragraphs,
}  # fmt: skip
