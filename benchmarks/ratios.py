"""The platform's acts beside the floor's, in alternating runs."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import load
from benchmarks.load import Ran, Visitor
from benchmarks.servers import Server, Used
from benchmarks.table import Line

WARMING = 1.0  # seconds


@dataclass
class Act:
    """Something measured: the visitors who do it, at which server."""

    name: str
    server: Server
    visitors: Sequence[Visitor]
    runs: list[tuple[Ran, Used]]

    def run(self, seconds: float) -> None:
        """One run more; RuntimeError when an answer was not the right one."""
        before = self.server.used()
        ran = load.drive(self.server.port, self.visitors, seconds)
        self.runs.append((ran, self.server.used().since(before)))
        if ran.wrong:
            raise RuntimeError(
                f"{self.name}: {ran.wrong} of {ran.answers} answers were wrong: {ran.samples[0]}"
            )

    def warm(self) -> None:
        """Templates, pools and caches are filled; nothing of it counts."""
        self.run(WARMING)
        self.runs.clear()

    @property
    def rates(self) -> list[float]:
        return [ran.rate for ran, _ in self.runs]

    @property
    def web_ms(self) -> list[float]:
        """Milliseconds of the web server's processor time for each answer, run by run."""
        return [used.web / ran.answers * 1000 for ran, used in self.runs]

    @property
    def database_ms(self) -> list[float]:
        return [used.database / ran.answers * 1000 for ran, used in self.runs]

    def figures(self) -> dict[str, float]:
        """Medians, JSON-able."""
        median = statistics.median
        return {
            "answers per second": round(median(self.rates), 1),
            "web ms": round(median(self.web_ms), 3),
            "database ms": round(median(self.database_ms), 3),
            "p95 ms": round(median(ran.p95() * 1000 for ran, _ in self.runs), 1),
            "answers": sum(ran.answers for ran, _ in self.runs),
        }


def alternate(floor: Act, acts: Sequence[Act], rounds: int, seconds: float) -> None:
    """Floor and acts take turns, so that whatever else the machine does falls on all of them."""
    for one in (floor, *acts):
        one.warm()
    for _ in range(rounds):
        for one in (floor, *acts):
            one.run(seconds)


def line(act: Act, floor: Act, goal: float | None) -> Line:
    """How many times the floor: processor time of web server and database for each answer, median of the rounds."""
    by_time = _times(_sums(act), _sums(floor))
    by_rate = _times(floor.rates, act.rates)
    ours, bare = act.figures(), floor.figures()
    note = (
        f"{ours['web ms']:.2f}+{ours['database ms']:.2f} / {bare['web ms']:.2f}+{bare['database ms']:.2f} ms web+db, "
        f"{ours['answers per second']:.0f} / {bare['answers per second']:.0f} a second = {by_rate:.2f} ×"
    )
    return Line(f"{act.name} / {floor.name}", round(by_time, 2), "×", goal, note)


def _sums(act: Act) -> list[float]:
    return [web + database for web, database in zip(act.web_ms, act.database_ms, strict=True)]


def _times(above: Sequence[float], below: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(above, below, strict=True))
