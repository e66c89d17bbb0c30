"""How long a line takes from the writer to the far end of a pipe.

A writer appends a line to a file every 10 ms for 5 s. Each line carries the time at which it was
written in its target, /probe/NANOSECONDS of the monotonic clock, so that whoever reads it at the end
of the pipe knows its age.
"""

import os
import re
import statistics
import subprocess
import tempfile
import threading
import time

SECONDS, STEP = 5, 0.010
PIPES = [
    "tail -f F",
    "tail -f F | weblog parse | weblog enrich",
    "weblog tail -f F | weblog parse | weblog enrich",
]
PROBE = re.compile(rb"/probe/(\d+)")
LINE = (
    '192.0.2.7 - - [21/Jan/2025:10:00:00 +0000] "GET /probe/{} HTTP/1.1" 200 512 "-" '
    '"Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0"\n'
)


def measure(pipe):
    """The ages of the lines at the end of a pipe, sorted, in seconds; none if nothing comes out."""
    with tempfile.TemporaryDirectory() as directory:
        path = f"{directory}/access.log"
        log = open(path, "wb", buffering=0)
        write = lambda: log.write(LINE.format(time.monotonic_ns()).encode())
        write()
        command = pipe.replace(" F", f" '{path}'")
        process = subprocess.Popen(
            ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        ages = []
        reader = threading.Thread(target=collect, args=(process.stdout, ages))
        reader.start()
        # The first line tells that all of the pipe stands.
        end = time.monotonic() + 3
        while not ages and time.monotonic() < end:
            time.sleep(0.01)
        if ages:
            time.sleep(0.5)
            ages.clear()
            append(write)
            time.sleep(0.5)
        os.killpg(process.pid, 15)
        process.wait()
        reader.join()
        return sorted(ages)


def append(write):
    """Writes at a steady pace, without letting the delays of single steps add up."""
    start = time.monotonic()
    for step in range(int(SECONDS / STEP)):
        time.sleep(max(0, start + step * STEP - time.monotonic()))
        write()


def collect(pipe, ages):
    rest = b""
    while block := os.read(pipe.fileno(), 1 << 16):
        now = time.monotonic_ns()
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if found := PROBE.search(line):
                ages.append((now - int(found[1])) / 1e9)


def rows():
    """(pipe, lines that came, median, p99, worst) in seconds for each pipe; None for the last four if
    nothing came out of it."""
    out = []
    for pipe in PIPES:
        ages = measure(pipe)
        if not ages:
            out.append((pipe, None, None, None, None))
            continue
        p99 = ages[min(len(ages) - 1, int(len(ages) * 0.99))]
        out.append((pipe, len(ages), statistics.median(ages), p99, ages[-1]))
    return out
