"""Programs started by the launcher: each in a group of its own, none outliving the launcher."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from fangxin.config.launch.signals import held

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
LIVING: list["Child"] = []


def tied(to_parent: int, orphaned: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: die with its parent, and take signals again."""

    def tie() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(orphaned), 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if os.getppid() != to_parent:  # the parent died before the tie was made
            os._exit(1)

    return tie


class Child:
    """One running program and whatever it started itself."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        ending: signal.Signals = signal.SIGTERM,
        orphaned: signal.Signals | None = None,
        patience: float = 15,
        output: IO[bytes] | None = None,
        descriptors: Sequence[int] = (),
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.ending = ending  # how it is asked to end; `orphaned` is what it gets when the launcher is killed
        self.patience = patience  # seconds a polite request may take before the group is killed
        with held():  # no signal may fall between the start and the note of it
            self.running = subprocess.Popen(
                [str(part) for part in command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=tuple(descriptors),
                start_new_session=True,  # Ctrl-C reaches the launcher alone, which ends the children in order
                preexec_fn=tied(os.getpid(), orphaned or ending),  # noqa: PLW1509 - the launcher has one thread
                cwd=folder,
            )
            LIVING.append(self)

    @property
    def pid(self) -> int:
        return self.running.pid

    def ended(self) -> int | None:
        """The exit status, or None while it runs."""
        return self.running.poll()

    def ask_to_end(self) -> None:
        """The program has been asked; it may take its time."""
        if self.running.poll() is None:
            self.running.send_signal(self.ending)

    def stop(self) -> None:
        """The program and everything in its group have ended."""
        self.ask_to_end()
        try:
            self.running.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.kill_group()
            self.running.wait()
        self.kill_group()
        if self in LIVING:
            LIVING.remove(self)

    def kill_group(self) -> None:
        try:
            os.killpg(self.running.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def end_all() -> None:
    """Everything started has ended: what serves others, which was started first, last."""
    for child in reversed(LIVING[1:]):
        child.ask_to_end()
    while LIVING:
        LIVING[-1].stop()


def run_in_front(command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
    """Runs an interactive program to its end; its exit status. Ctrl-C is that program's alone."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.call(
            [str(part) for part in command],
            env=dict(environment),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    finally:
        signal.signal(signal.SIGINT, before)
