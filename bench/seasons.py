"""What bench/rotations does to a log: each way of rotation, with what a writer does meanwhile."""

import collections
import re
import signal
import sys
import time
from pathlib import Path

from following import Following
from rotated import FLEETING, KEEP, Ledger, Log, Writer


# What --verbose tells of and is no warning.
TOLD = re.compile(r": (rotated(, reading.*)?|appeared|disappeared, .*|not there yet, .*|going on at byte .*)$")


class Season:
    """One directory with one log, followed from its first line."""

    def __init__(self, mode, place, command, dice, args):
        self.mode, self.command, self.dice, self.args = mode, command, dice, args
        self.deeds, self.warnings = [], collections.Counter()
        self.ends = collections.Counter()
        self.ledger, self.rotations = Ledger(), 0
        self.patience = max(2.0, (args.poll or 200) / 100)
        # Half a line in a rotated file is ended after five looks.
        self.halves = (args.poll or 200) >= 100
        self.state = Path(f"{place}/state")
        Path(f"{place}/logs").mkdir()
        self.log = Log(f"{place}/logs", dice, dice.random() < 0.4, self.pause, self.trace)
        self.writer = self.log.writer
        self.compresses, self.delay = False, dice.choice([0, 1])
        self.start()

    def run(self, rotations):
        # What was rotated before it began is not asked for.
        self.writer.write(7, halves=False)
        self.passed(0)
        while self.rotations < rotations:
            self.mode(self)
            self.throttle()
        self.write()
        self.writer.close()
        ledger, wanted = self.ledger, sum(kind != FLEETING for kind in self.log.kinds)
        self.following.wait(lambda: len(ledger.counts) >= wanted and not ledger.lost(self.log), self.patience)
        self.end()
        self.lost = ledger.lost(self.log)

    def start(self):
        self.ledger.given.clear()
        self.following = Following(self.command, self.take, self.hear)

    def end(self, how=signal.SIGTERM):
        self.trace(f"end with {how.name}")
        code = self.following.hang_up() if how == signal.SIGPIPE else self.following.end(how)
        self.ledger.end(torn=how != signal.SIGTERM)
        # GNU tail dies of the signal.
        if code not in (0, -how):
            sys.exit(f"rotations: exit {code} of {' '.join(self.command)}: {self.deeds[-1:]}")

    def trace(self, deed):
        self.deeds.append((time.monotonic(), deed))

    def take(self, data):
        self.ledger.feed(data)
        if self.args.trace:
            numbers = [int(n) for n in re.findall(rb"/(\d+) HTTP", data)]
            self.trace(f"    {len(data)} bytes came: lines {ranges(numbers)}")

    def hear(self, message):
        self.trace(f"    {message}")
        if not TOLD.search(message):
            kind = re.sub(r"\d+", "N", re.sub(r"\S*/access\.log\S*?(?=[:,' ]|$)", "LOG", message))
            self.warnings[kind] += 1

    def pause(self, longest):
        """Often none at all."""
        if not self.following.open:
            return
        if self.dice.random() < 0.3:
            self.following.pause(self.dice.random() * longest)
        else:
            self.following.drain()

    def write(self, **how):
        many = self.log.some()
        parts = self.dice.choice([1, 1, 2, 3]) if many > 3 else 1
        for _ in range(parts):
            self.writer.write(many // parts, **how)
            self.pause(0.001)

    def rotate(self):
        self.writer.finish()
        self.log.rename(create=self.dice.random() < 0.8)
        self.rotations += 1

    def passed(self, generation):
        """Waits until a line that is at least as late as the last whole one of a generation has come."""
        if generation < 0:
            return
        last = self.log.ends[generation] - 1
        last -= bool(self.writer.rest) and self.writer.generation == generation
        while last >= 0 and self.log.kinds[last] == FLEETING:
            last -= 1
        self.following.wait(lambda: self.ledger.top >= last, self.patience)

    def throttle(self):
        """No file is deleted that was not read."""
        self.following.drain()
        self.passed(self.log.generation - KEEP + 9)

    # The modes: each does some rotations.

    def rename(self):
        self.write()
        self.passed(self.log.generation - 1)
        self.pause(0.003)
        self.rotate()
        self.pause(0.001)
        self.writer.reopen()

    def rotations_at_once(self, least, most, each):
        frozen = self.dice.random() < 0.7
        if frozen:
            self.following.freeze()
        for _ in range(self.dice.randint(least, most)):
            self.write()
            each()
        self.write()
        if frozen:
            self.following.thaw()
        if self.dice.random() < 0.5:
            self.passed(self.log.generation)

    def burst(self):
        self.rotations_at_once(2, 6, self.rotate_and_reopen)

    def rotate_and_reopen(self):
        self.rotate()
        self.writer.reopen()

    def late(self):
        self.write()
        if self.dice.random() < 0.5:
            self.passed(self.log.generation - 1)
        self.rotate()
        held = 2.0 if self.dice.random() < 0.001 else 0.05 * self.dice.random() ** 3
        end = time.monotonic() + held
        other = Writer(self.log) if self.dice.random() < 0.2 else None
        while (left := end - time.monotonic()) > 0:
            self.writer.write(self.dice.randint(0, 20), halves=self.halves)
            if other:
                other.write(self.dice.randint(0, 20), halves=self.halves)
                if self.dice.random() < 0.05:
                    other.finish()
                    self.rotate()
                    other.reopen()
            self.following.pause(min(left, self.dice.random() * 0.01))
        if other:
            other.close()
        # Some of it comes in the very last moment.
        self.writer.write(self.dice.choice([0, 3]))
        self.writer.reopen()

    def rotate_and_compress(self):
        if self.delay and self.log.rotated:
            self.log.compress(0)
        self.rotate_and_reopen()
        if not self.delay:
            self.pause(0.002)
            self.log.compress(0)

    def gzip(self):
        if self.dice.random() < 0.4:
            self.rotations_at_once(1, 6, self.rotate_and_compress)
            return
        self.write()
        self.passed(self.log.generation - 1)
        self.rotate_and_compress()

    def stopped(self):
        self.write()
        if self.dice.random() < 0.3:
            self.rotate_and_compress()
            self.write()
        if self.dice.random() < 0.5:
            self.passed(self.log.generation)
        how = self.dice.choice([signal.SIGTERM] * 6 + [signal.SIGKILL, signal.SIGPIPE])
        if how == signal.SIGPIPE:
            # Whoever dies has taken some of it, and some is on its way.
            self.following.drain()
            self.writer.write(self.dice.randint(0, 200))
            time.sleep(self.dice.random() * 0.005)
        # Who never saved anything begins anew.
        end = time.monotonic() + self.patience
        while not (self.state.exists() and self.state.stat().st_size) and time.monotonic() < end:
            self.following.pause(0.005)
        self.end(how)
        for _ in range(self.dice.randint(1, 6)):
            self.write()
            self.rotate_and_compress()
        self.write()
        if how != signal.SIGTERM:
            self.ledger.killed(how)
        self.start()
        self.passed(self.log.generation)
        self.ends[how] += 1

    def copy(self):
        if self.dice.random() < 0.2:
            self.rotations_at_once(1, 3, self.copy_truncate)
            return
        self.write(halves=False)
        self.passed(self.log.generation - 1)
        self.copy_truncate()

    def copy_truncate(self):
        # Half a line before a truncation and half after it would be a line that no file has.
        self.writer.finish()
        if self.compresses and self.delay and self.log.rotated:
            self.log.compress(0)
        self.log.copy_truncate(self.between)
        if self.compresses and not self.delay:
            self.log.compress(0)
        self.rotations += 1

    def copygzip(self):
        self.compresses = True
        self.copy()

    def between(self):
        self.pause(0.001)
        if self.dice.random() < 0.3:
            self.writer.write(self.dice.randint(1, 20), kind=FLEETING, halves=False)
            self.pause(0.002)


def ranges(numbers):
    out = []
    for n in numbers:
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ", ".join(f"{a}-{b}" for a, b in out)


MODES = {
    "rename": Season.rename,
    "burst": Season.burst,
    "late": Season.late,
    "gzip": Season.gzip,
    "stopped": Season.stopped,
    "copy": Season.copy,
}
# Tried when it is asked for.
MORE = {"copygzip": Season.copygzip}
