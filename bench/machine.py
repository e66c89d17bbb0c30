"""The machine, and the versions of everything that was measured on it."""

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

PROGRAMS = ["mlr", "goaccess", "gawk", "jq", "rhit", "agrind", "duckdb", "python"]
PACKAGES = ["polars", "duckdb", "chdb", "pyarrow", "maxminddb", "ua-parser", "ua-parser-builtins"]


def describe(bench):
    """What must be known to judge the numbers, in words."""
    model = kernel_says("/proc/cpuinfo", "model name")
    memory = int(kernel_says("/proc/meminfo", "MemTotal").split()[0])
    commit = first_line(["git", "-C", bench.parent, "describe", "--always", "--dirty"])
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{model}, {os.cpu_count()} cores, {memory / 2**20:.0f} GiB, Linux {platform.release()}, "
        f"load {os.getloadavg()[0]:.1f} at the start",
        "compiler": first_line(["rustc", "--version"]),
        "weblog": f"{first_line(['weblog', '--version'])}, repository at {commit}",
        "peers": ", ".join(filter(None, [*programs(), *packages(), city()])),
    }


def kernel_says(path, name):
    return next(line.split(":")[1].strip() for line in open(path) if line.startswith(name))


def programs():
    names = {"duckdb": "duckdb CLI"}
    for program in PROGRAMS:
        line = first_line([program, "--version"])
        # DuckDB's shell names the release and the commit after its version.
        words = line and line.split(" (")[0].split(",")[0].rstrip(".").split("-")[-1].split()
        yield words and f"{names.get(program, program)} {words[-1]}"


def packages():
    ask = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
    for name in PACKAGES:
        version = first_line(["python", "-c", ask, name])
        yield version and f"{name} {version}"


def city():
    package = Path("city-package.json")
    return package.exists() and f"dbip-city-mmdb {json.loads(package.read_text())['version']}"


def first_line(command):
    """The first line that a command prints; nothing if it cannot be run."""
    try:
        out = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return out.stdout.strip().split("\n")[0] if out.returncode == 0 else None
