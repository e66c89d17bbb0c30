"""The logs that are measured on: access.log, larger ones, and NDJSON of it, in the work directory."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

LINES = 410_000


def make(given):
    """Makes access.log and access.ndjson; tells in words what the log is."""
    log = Path("access.log")
    if given == log.absolute():
        sys.exit(f"bench: {given} is the benchmark's own file: give it another name")
    log.unlink(missing_ok=True)
    if given:
        log.symlink_to(given)
        origin = "a given log (--log)"
    else:
        generate(log, LINES)
        origin = f"`weblog generate --lines {LINES} --malformed 0`"
    with open("access.ndjson", "wb") as out:
        subprocess.run(["weblog", "parse", "--quiet", log], stdout=out, check=True)
    with open(log, "rb") as lines:
        count = sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))
    return {"origin": origin, "bytes": os.stat(log).st_size, "lines": count}


@contextmanager
def larger(factor):
    """A log `factor` times as large, for as long as it is needed: a given log repeated, or one generated
    at that length."""
    if factor == 1:
        yield "access.log"
        return
    big = Path(f"access-x{factor}.log")
    print(f"bench: making {big}", file=sys.stderr)
    try:
        if Path("access.log").is_symlink():
            with open(big, "wb") as out:
                for _ in range(factor):
                    subprocess.run(["cat", "access.log"], stdout=out, check=True)
        else:
            generate(big, LINES * factor)
        yield str(big)
    finally:
        big.unlink(missing_ok=True)


def generate(path, lines):
    """Without malformed lines: rhit, for one, ends at the first byte that is not UTF-8."""
    command = ["weblog", "generate", "--lines", str(lines), "--malformed", "0"]
    with open(path, "wb") as out:
        subprocess.run(command, stdout=out, check=True)
