"""Visitors who ask one thing after another on kept connections, all at once, from one thread."""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

PATIENCE = 30  # seconds without any answer
MOST_KEPT = 3


class Visitor(Protocol):
    """Somebody with requests to send; says whether an answer was the right one."""

    def ask(self) -> bytes: ...

    def answered(self, status: int, body: bytes) -> bool: ...


@dataclass
class Ran:
    """What a run saw; `waits` in seconds, one per answer."""

    answers: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    wrong: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def p95(self) -> float:
        """The wait that 95 of 100 answers kept below, in seconds."""
        return sorted(self.waits)[int(len(self.waits) * 0.95)] if self.waits else 0.0


class _Line:
    """One connection and the visitor who talks on it."""

    def __init__(self, port: int, visitor: Visitor) -> None:
        self.port, self.visitor = port, visitor
        self.socket = self._connected()
        self.came = b""
        self.asked_at = 0.0

    def _connected(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self) -> None:
        self.came, self.asked_at = b"", time.perf_counter()
        self.socket.sendall(self.visitor.ask())

    def read(self) -> tuple[int, bytes, bytes] | None:
        """Status, head and body once the answer is whole; ConnectionError when the server hung up in it."""
        more = self.socket.recv(262144)
        if not more:
            raise ConnectionError
        self.came += more
        head, found, body = self.came.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            whole = body.endswith(b"0\r\n\r\n")
        else:
            at = lower.find(b"content-length:")
            length = (
                int(lower[at + 15 : lower.find(b"\r\n", at) if b"\r\n" in lower[at:] else None])
                if at >= 0
                else 0
            )
            whole = len(body) >= length
        return (int(head[9:12]), lower, body) if whole else None


def drive(port: int, visitors: Sequence[Visitor], seconds: float) -> Ran:
    """Every visitor asks until the time is over; then each answer under way is waited for."""
    ran = Ran()
    chooser = selectors.DefaultSelector()
    lines = [_Line(port, visitor) for visitor in visitors]
    begun = time.perf_counter()
    for line in lines:
        chooser.register(line.socket, selectors.EVENT_READ, line)
        line.ask()
    waiting = len(lines)
    while waiting:
        ready = chooser.select(PATIENCE)
        if not ready:
            raise TimeoutError(f"no answer within {PATIENCE} s")
        for key, _ in ready:
            line: _Line = key.data
            try:
                answer = line.read()
            except ConnectionError:
                chooser.unregister(line.socket)
                line.socket.close()
                line.socket = line._connected()
                chooser.register(line.socket, selectors.EVENT_READ, line)
                line.ask()
                continue
            if answer is None:
                continue
            status, head, body = answer
            now = time.perf_counter()
            ran.answers += 1
            ran.waits.append(now - line.asked_at)
            if not line.visitor.answered(status, body):
                ran.wrong += 1
                if len(ran.samples) < MOST_KEPT:
                    ran.samples.append(
                        f"{status} {head[:200].decode()} {body[:600].decode(errors='replace')}"
                    )
            if now - begun < seconds:
                line.ask()
            else:
                waiting -= 1
    ran.seconds = time.perf_counter() - begun
    for line in lines:
        line.socket.close()
    return ran
