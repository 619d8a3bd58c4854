"""A process that has a model loaded and runs it when asked."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Unable(Exception):
    """The contestant cannot run on this machine."""


@dataclass
class Contestant:
    """One process, and what it was measured to do."""

    name: str
    process: subprocess.Popen
    output: Path
    ready: dict
    # Milliseconds by round.
    rounds: list[list[float]] = field(default_factory=list)
    # What it consumed, and how long it had, while others ran: both in seconds.
    idle_cpu: float = 0.0
    idle: float = 0.0
    peak_memory: int | None = None
    _asleep_since: tuple[float, float] | None = None

    @classmethod
    def start(cls, name: str, command: list[str | Path], output: Path) -> Contestant:
        """Start a process and wait until its model has run."""
        process = subprocess.Popen(
            [*map(str, command), "--output", str(output)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        contestant = cls(name, process, output, {})
        contestant.ready = contestant._read()
        if reason := contestant.ready.get("unable"):
            process.wait()
            raise Unable(f"{name}: {reason}")
        return contestant

    def play(self, runs: int, pause: float) -> None:
        """One round; the pause lets threads that wait for more work fall asleep."""
        self._count_idle()
        self._write(f"{runs}\n")
        self.rounds.append(self._read()["times_ms"])
        time.sleep(pause)
        self._asleep_since = time.monotonic(), self._cpu()

    def finish(self) -> None:
        """Let it end by itself and take its peak memory."""
        self._count_idle()
        self.process.stdin.close()
        self.peak_memory = self._read()["peak_memory_bytes"]
        self.process.wait()

    def stop(self) -> None:
        """End it at once, after a failure elsewhere."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def times(self) -> list[float]:
        return [time for one in self.rounds for time in one]

    @property
    def medians(self) -> np.ndarray:
        """The median of each round."""
        return np.median(self.rounds, axis=1)

    @property
    def busy_while_idle(self) -> float:
        """Cores it kept busy while others ran."""
        return self.idle_cpu / self.idle if self.idle else 0.0

    def _count_idle(self) -> None:
        if self._asleep_since is None:
            return
        since, cpu = self._asleep_since
        self.idle += time.monotonic() - since
        self.idle_cpu += self._cpu() - cpu
        self._asleep_since = None

    def _cpu(self) -> float:
        """Seconds of all its threads so far; zero where the system does not tell."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return 0.0
        # After the name, which may hold anything, user and system ticks are 12th and 13th.
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def _write(self, line: str) -> None:
        try:
            self.process.stdin.write(line)
        except BrokenPipeError:
            pass  # The read that follows says what happened.

    def _read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench-infer: {self.name} ended with {self.process.wait()}")
        return json.loads(line)
