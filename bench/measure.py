"""Run commands and see what they cost: CPU seconds, wall seconds, peak memory."""

import os
import statistics
import sys
import time
from dataclasses import dataclass, field


@dataclass
class Command:
    """One command of a comparison. The first of a table is weblog's, the measure of the others."""

    label: str
    argv: list
    env: dict = field(default_factory=dict)
    #: What the reader must know to compare it with weblog's: what it does not do, or does as well.
    note: str = ""

    def text(self):
        """The command as one would type it, with paths relative to the repository and the logs."""
        repository = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/"
        words = [f"{key}={value}" for key, value in self.env.items()]
        words += [quoted(word.replace(repository, "")) for word in self.argv]
        return " ".join(words)


def quoted(word):
    import shlex

    return word if word.startswith("-") and " " not in word else shlex.quote(word)


@dataclass
class Cost:
    """What one run cost. CPU is user and system time of the process and all its children."""

    cpu: float
    wall: float
    memory_mib: float
    code: int


def once(command, watch=False):
    """Run a command with no input and no output. With `watch`, read its peak memory every 5 ms from
    /proc, since the peak that wait4 reports is never below that of the process which started it."""
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    start = time.perf_counter()
    child = os.posix_spawnp(command.argv[0], command.argv, {**os.environ, **command.env}, file_actions=null)
    peak = 0
    while watch and not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        peak = max(peak, high_water_mark(child))
        time.sleep(0.005)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    memory = peak if watch else usage.ru_maxrss
    return Cost(usage.ru_utime + usage.ru_stime, wall, memory / 1024, os.waitstatus_to_exitcode(status))


def high_water_mark(pid):
    """VmHWM in KiB; 0 when the process has just gone."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def table(commands, runs):
    """Medians for each command: after one warm-up, which also gives the memory, `runs` timed runs,
    in which the commands take turns. A command that fails is left out, with a word on stderr."""
    costs = {}
    for command in commands:
        print(f"bench: {command.label}", file=sys.stderr)
        try:
            warm = once(command, watch=True)
        except FileNotFoundError:
            warm = None
        if warm is None or warm.code != 0:
            print(f"bench: left out, it failed: {command.text()}", file=sys.stderr)
        else:
            costs[command.label] = (command, warm.memory_mib, [])
    for _ in range(runs):
        for command, _, timed in costs.values():
            timed.append(once(command))
    rows = []
    for command, memory, timed in costs.values():
        median = lambda values: statistics.median(list(values))
        cpu, wall = median(cost.cpu for cost in timed), median(cost.wall for cost in timed)
        rows.append((command, Cost(cpu, wall, memory, 0)))
    return rows
