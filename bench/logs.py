"""The logs that are measured on: access.log, larger ones, and NDJSON of it, in the work directory."""

import os
import random
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
    ndjson = os.stat("access.ndjson").st_size
    return {"origin": origin, "bytes": os.stat(log).st_size, "ndjson": ndjson, "lines": count}


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


@contextmanager
def scattered(path, hours):
    """A log of LINES lines in no order, over so many hours, for as long as it is needed."""
    print(f"bench: making {path}", file=sys.stderr)
    try:
        generate(path, LINES, "--span", f"{hours}h")
        lines = Path(path).read_bytes().splitlines(keepends=True)
        random.Random(1).shuffle(lines)
        Path(path).write_bytes(b"".join(lines))
        yield path
    finally:
        Path(path).unlink(missing_ok=True)


def parquet(path):
    """access.log as one Parquet file, with all fields."""
    subprocess.run(["weblog", "to-parquet", "--quiet", "-o", path, "access.log"], check=True)


def generate(path, lines, *options):
    """Without malformed lines: rhit, for one, ends at the first byte that is not UTF-8."""
    command = ["weblog", "generate", "--lines", str(lines), "--malformed", "0", *options]
    with open(path, "wb") as out:
        subprocess.run(command, stdout=out, check=True)
