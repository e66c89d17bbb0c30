"""Run commands and see what they cost: CPU seconds, wall seconds, peak memory."""

import os
import shlex
import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Command:
    """One command of a comparison. The first of a table is weblog's, the measure of the others."""

    label: str
    argv: list
    env: dict = field(default_factory=dict)
    #: What the reader must know to compare it with weblog's: what it does not do, or does as well.
    note: str = ""
    #: The file or directory that it makes, which is removed before each run.
    out: str = ""

    def text(self):
        """The command as one would type it, with paths relative to the repository and the logs."""
        repository = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/"
        words = [f"{key}={value}" for key, value in self.env.items()]
        words += [quoted(word.replace(repository, "")) for word in self.argv]
        return " ".join(words)


def quoted(word):
    if word.startswith("-") and " " not in word:
        return word
    # A statement of SQL reads better in double quotes, where nothing in it means something to the shell.
    return f'"{word}"' if "'" in word and not set(word) & set('"\\$`!') else shlex.quote(word)


@dataclass
class Cost:
    """What one run cost. CPU is user and system time of the process and all its children."""

    cpu: float
    wall: float
    memory_mib: float
    code: int
    #: Bytes of what the command made, if it names it.
    size: int = 0


def once(command, watch=False):
    """Run a command with no input and no output. With `watch`, read its peak memory every 5 ms from
    /proc, since the peak that wait4 reports is never below that of the process which started it."""
    clear(command.out)
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
    cpu, code = usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status)
    return Cost(cpu, wall, memory / 1024, code, size(command.out))


def clear(path):
    """Removes what an earlier run made: a dataset takes only what is new, which is nothing."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif path:
        Path(path).unlink(missing_ok=True)


def size(path):
    """Bytes of a file, or of all files of a directory; 0 of nothing."""
    if os.path.isdir(path):
        return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())
    return os.path.getsize(path) if path and os.path.exists(path) else 0


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
            costs[command.label] = (command, warm, [])
    for _ in range(runs):
        for command, _, timed in costs.values():
            timed.append(once(command))
    rows = []
    for command, warm, timed in costs.values():
        median = lambda values: statistics.median(list(values))
        cpu, wall = median(cost.cpu for cost in timed), median(cost.wall for cost in timed)
        rows.append((command, Cost(cpu, wall, warm.memory_mib, 0, warm.size)))
        clear(command.out)
    return rows
