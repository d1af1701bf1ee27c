"""Ctrl-C, TERM and HUP: each asks for the same orderly end."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from fangxin.config.launch.refusals import Stopped

ASKING_FOR_THE_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def asked_to_stop() -> Iterator[None]:
    """Within, the first of the signals raises Stopped; later ones are ignored while things are put away."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise Stopped(signal.Signals(number).name)

    before = {number: signal.signal(number, ask) for number in ASKING_FOR_THE_END}
    try:
        yield
    finally:
        asked = True
        for number, action in before.items():
            signal.signal(number, action)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Signals wait while a program is started, so that none is started and then forgotten."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASKING_FOR_THE_END)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
