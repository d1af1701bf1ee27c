"""Bars as SVG, drawn by ourselves: figures are beside their bars, and the page has them in a table as well."""

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

WIDTH, LEFT, RIGHT, BAR, GAP = 400, 110, 56, 14, 12


def bars(title: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> SafeString:
    """For each row one bar a series, the first of them pale; drawn at its natural size and never wider than its room."""
    most = max((number for _, numbers in rows for number in numbers), default=0) or 1
    each = BAR * len(series) + GAP
    height = each * len(rows) + 24
    drawn = "".join(
        _row(label, numbers, number * each + 24, most) for number, (label, numbers) in enumerate(rows)
    )
    legend = "".join(
        f'<rect x="{LEFT + at * 110}" y="3" width="12" height="12" fill="currentColor" fill-opacity="{_shade(at, len(series))}"/>'
        f'<text x="{LEFT + at * 110 + 18}" y="14" font-size="13" fill="currentColor">{escape(name)}</text>'
        for at, name in enumerate(series)
    )
    return mark_safe(  # noqa: S308 - escaped here
        f'<svg viewBox="0 0 {WIDTH} {height}" width="100%" height="{height}" preserveAspectRatio="xMinYMid meet" '
        f'role="img" aria-label="{escape(title)}">{legend}{drawn}</svg>'
    )


def _row(label: str, numbers: Sequence[int], top: int, most: int) -> str:
    middle = top + BAR * len(numbers) / 2 + 5
    said = f'<text x="{LEFT - 8}" y="{middle:g}" font-size="13" text-anchor="end" fill="currentColor">{escape(label)}</text>'
    for at, number in enumerate(numbers):
        long = (WIDTH - LEFT - RIGHT) * number / most
        y = top + at * BAR
        said += (
            f'<rect x="{LEFT}" y="{y + 1}" width="{long:.1f}" height="{BAR - 2}" fill="currentColor" '
            f'fill-opacity="{_shade(at, len(numbers))}"/>'
            f'<text x="{LEFT + long + 6:.1f}" y="{y + 12}" font-size="12" fill="currentColor">{number}</text>'
        )
    return said


def _shade(at: int, many: int) -> float:
    return 1 if at == many - 1 else 0.35
