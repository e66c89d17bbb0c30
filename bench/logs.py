"""The logs that are measured on: access.log, larger ones, and NDJSON of it, in the work directory."""

import os
import subprocess
import sys
from pathlib import Path

LINES = 410_000


def make(given):
    """Makes access.log and access.ndjson; tells in words what the log is."""
    log = Path("access.log")
    log.unlink(missing_ok=True)
    if given:
        log.symlink_to(given)
        origin = "a given log (--log)"
    else:
        generate(log, LINES)
        origin = f"`weblog generate --lines {LINES}`"
    for old in Path(".").glob("access-x*.log"):
        # A larger log that was made from another one.
        if not given or old.stat().st_mtime < os.stat(given).st_mtime or old.stat().st_size % os.stat(given).st_size:
            old.unlink()
    with open("access.ndjson", "wb") as out:
        subprocess.run(["weblog", "parse", "--quiet", log], stdout=out, check=True)
    with open(log, "rb") as lines:
        count = sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))
    return {"origin": origin, "given": bool(given), "bytes": os.stat(log).st_size, "lines": count}


def larger(factor):
    """The name of a log `factor` times as large: a given log repeated, or one generated at that length.
    Under its name it stays for the next time."""
    log = Path("access.log")
    if factor == 1:
        return str(log)
    big = Path(f"access-x{factor}.log")
    if not big.exists():
        print(f"bench: making {big}", file=sys.stderr)
        if log.is_symlink():
            with open("partial.log", "wb") as out:
                for _ in range(factor):
                    subprocess.run(["cat", log], stdout=out, check=True)
        else:
            generate("partial.log", LINES * factor)
        os.rename("partial.log", big)
    return str(big)


def generate(path, lines):
    with open(path, "wb") as out:
        subprocess.run(["weblog", "generate", "--lines", str(lines)], stdout=out, check=True)
