"""A log of numbered lines that is written to and rotated in the ways in use, and what of it a follower gave."""

import array
import collections
import datetime
import gzip
import os
import subprocess


NAME = "access.log"
KEEP = 20  # Rotated files; older ones are deleted.
LINE = '192.0.2.%d - - [%02d/Jan/2025:%02d:%02d:%02d +0000] "GET /%d/%d HTTP/1.1" 200 7 "-" "rotations/1.0"\n'
# What is known of a line: it was written while its file had the name; after that file was rotated;
# between the copy and the truncation of it, so that it may be in no file any more.
IN_TIME, LATE, FLEETING = range(3)


def text(generation, n):
    """The line with a number; there are 20 a second."""
    s = n // 20
    line = LINE % (n % 250, 1 + s // 86400, s // 3600 % 24, s // 60 % 60, s % 60, generation, n)
    return line.encode()


class Log:
    """The log and its rotated files, in a directory of its own."""

    def __init__(self, directory, dice, dated=False, pause=lambda longest: None, trace=lambda deed: None):
        self.directory, self.dice, self.dated, self.pause, self.trace = directory, dice, dated, pause, trace
        self.path = os.path.join(directory, NAME)
        self.kinds = bytearray()  # Of each line.
        self.ends = array.array("Q", [0])  # The number after the last line of each generation.
        self.rotated = []  # The names, newest first: a stem that ends in a date or nothing, and "" or ".gz".
        self.day = datetime.date(2025, 1, 1)
        self.writer = Writer(self)

    @property
    def generation(self):
        """Of the file that has the name; the first is 0."""
        return len(self.ends) - 1

    def some(self):
        """How many lines to write: mostly few, sometimes none, now and then a megabyte."""
        if self.dice.random() < 1 / 400:
            return 10000
        few, some, more = (self.dice.randint(*bounds) for bounds in ((2, 20), (2, 60), (10, 200)))
        return self.dice.choice([0, 1, few, some, more])

    def name(self, at):
        stem, ending = self.rotated[at]
        return f"{self.path}{stem or f'.{at + 1}'}{ending}"

    def shift(self):
        """Makes room for one more rotated file, and gives its name."""
        if len(self.rotated) == KEEP:
            os.unlink(self.name(KEEP - 1))
            self.rotated.pop()
        olds = [self.name(at) for at in range(len(self.rotated))]
        self.day += datetime.timedelta(days=1)
        self.rotated.insert(0, (f"-{self.day:%Y%m%d}" if self.dated else "", ""))
        for at, old in reversed(list(enumerate(olds))):
            if old != (new := self.name(at + 1)):
                os.rename(old, new)
        return self.name(0)

    def rename(self, create=True):
        """Rotates by renaming. The writer goes on in the old file until it reopens."""
        self.trace(f"rename generation {self.generation}, {'' if create else 'no '}new file")
        os.rename(self.path, self.shift())
        self.ends.append(len(self.kinds))
        if create:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))

    def copy_truncate(self, between):
        """Rotates by copying and truncating; `between` happens between the two."""
        new = self.shift()
        self.trace(f"copy generation {self.generation}")
        with open(self.path, "rb") as log, open(new, "xb", buffering=0) as copy:
            # Now and then someone looks at a copy that is not whole yet.
            if self.dice.random() < 0.3:
                copy.write(log.read(self.dice.randint(1, 5000)))
                self.pause(0.001)
            while block := log.read(1 << 20):
                copy.write(block)
        between()
        self.trace(f"truncate generation {self.generation}")
        os.truncate(self.path, 0)
        self.ends.append(len(self.kinds))
        self.writer.generation = self.generation

    def compress(self, at):
        """Compresses a rotated file: beside it, under its final name, and then it is unlinked."""
        stem, ending = self.rotated[at]
        if ending:
            return
        plain = self.name(at)
        self.trace(f"compress {os.path.basename(plain)}")
        if self.dice.random() < 0.02:
            subprocess.run(["gzip", "-1", plain], check=True)
        else:
            whole = os.stat(plain)
            with open(plain, "rb") as file:
                packed = gzip.compress(file.read(), 1)
            with open(f"{plain}.gz", "xb", buffering=0) as file:
                if self.dice.random() < 0.5:
                    cut = self.dice.randint(0, len(packed))
                    file.write(packed[:cut])
                    packed = packed[cut:]
                    self.pause(0.002)
                file.write(packed)
            os.utime(f"{plain}.gz", ns=(whole.st_atime_ns, whole.st_mtime_ns))
            self.pause(0.001)
            os.unlink(plain)
        self.rotated[at] = (stem, ".gz")


class Writer:
    """Has the log open for appending."""

    def __init__(self, log):
        self.log, self.fd, self.rest = log, None, b""
        self.reopen()

    def reopen(self):
        self.close()
        self.fd = os.open(self.log.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.generation = self.log.generation

    def close(self):
        self.finish()
        if self.fd is not None:
            os.close(self.fd)
            self.log.trace(f"close generation {self.generation}")

    def write(self, count, kind=None, halves=True):
        """Appends lines. The last one may stay unfinished until the next time."""
        log = self.log
        if kind is None:
            kind = IN_TIME if self.generation == log.generation else LATE
        first = len(log.kinds)
        log.kinds.extend(bytes([kind]) * count)
        data = self.rest + b"".join(text(self.generation, n) for n in range(first, first + count))
        log.ends[self.generation] = first + count
        cut = len(data) - (log.dice.choice([0, 0, 0, 1, 30]) if halves and count else 0)
        log.trace(f"write {count} lines from {first}, {cut} bytes, to generation {self.generation}")
        self.put(data[:cut])
        self.rest = data[cut:]

    def finish(self):
        self.put(self.rest)
        self.rest = b""

    def put(self, data):
        while data:
            data = data[os.write(self.fd, data) :]


class Ledger:
    """Counts the lines that come."""

    def __init__(self):
        self.counts, self.top = collections.Counter(), -1
        self.last = collections.defaultdict(lambda: -1)
        self.broken = []
        self.disordered = self.late = 0  # After a later line of the same file; of any file.
        self.doubled = []
        # What the running program has given, and what may come once more since one was killed that had given it.
        self.given, self.owed, self.again = [], {}, collections.Counter()
        self.rest = b""

    def feed(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            try:
                generation, n = map(int, line.split(b" ", 7)[6][1:].split(b"/"))
            except (IndexError, ValueError):
                generation = n = -1
            if line + b"\n" != text(generation, n):
                self.broken.append(line)
                continue
            self.counts[n] += 1
            self.given.append(n)
            if self.counts[n] > 1:
                if how := self.owed.pop(n, None):
                    self.again[how] += 1
                else:
                    self.doubled.append((n, generation))
                continue
            self.disordered += n < self.last[generation]
            self.late += n < self.top
            self.last[generation] = max(self.last[generation], n)
            self.top = max(self.top, n)

    def end(self, torn=False):
        """The output has ended, perhaps in the middle of a line."""
        if self.rest and not torn:
            self.broken.append(self.rest)
        self.rest = b""

    def killed(self, how):
        """The program could not know what was taken of its last lines."""
        self.owed.update(dict.fromkeys(self.given, how))

    def lost(self, log):
        return [n for n, kind in enumerate(log.kinds) if kind != FLEETING and n not in self.counts]
