"""What was measured, as Markdown."""

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

#: What the program promises: (what, promise, the function that finds the measured value and whether it holds).
PROMISES = [
    ("raw lines to NDJSON, CPU time", "at most 1/12 of Miller's", lambda found: share(found, "parse", "Miller", 12)),
    ("enrichment, CPU time", "at most 1/6 of the Python loop's", lambda found: share(found, "enrich", "Python loop", 6)),
    ("age of a line behind `tail -f`, median", "at most 2 ms", lambda found: age(found)),
    ("peak memory of `weblog parse -j 2`", "at most 48 MiB, flat within 10 %", lambda found: flat(found)),
    ("`weblog --version`, CPU time", "at most 6 ms", lambda found: version(found)),
]


def share(found, section, peer, times):
    cpu = {command.label: cost.cpu for command, cost in found.get(section, [])}
    if peer not in cpu:
        return None
    ratio = cpu[peer] / next(iter(cpu.values()))
    return f"1/{ratio:.1f}", ratio >= times


def age(found):
    medians = [row[2] for row in found.get("latency", []) if "weblog" in row[0] and row[2] is not None]
    return (f"{max(medians) * 1e3:.2f} ms", max(medians) <= 0.002) if medians else None


def flat(found):
    peaks = [peak for _, command, peak in found.get("memory", []) if command.label.startswith("weblog") and peak]
    if not peaks:
        return None
    spread = max(peaks) / min(peaks) - 1
    return f"{max(peaks):.1f} MiB, within {spread:.0%}", max(peaks) <= 48 and spread <= 0.1


def version(found):
    cpu = found.get("version")
    return (f"{cpu * 1e3:.2f} ms", cpu <= 0.006) if cpu is not None else None


def markdown(found):
    parts = [head(found)]
    parts += [write(found[section]) for section, write in SECTIONS.items() if section in found]
    return "\n\n".join(parts) + "\n"


def head(found):
    log, machine = found["log"], found["machine"]
    origin = log["origin"]
    lines = [
        "# What weblog costs",
        "",
        "Written by `bench/run`; do not edit. `bench/run --help` tells how to run it.",
        "",
        "| | promised | measured | |",
        "|---|---|--:|---|",
    ]
    for what, promise, find in PROMISES:
        value, holds = find(found) or ("not measured", None)
        lines.append(f"| {what} | {promise} | {value} | {'' if holds is None else 'holds' if holds else '**missed**'} |")
    lines += ["", "## Where", ""]
    lines += [f"- {what}: {value}" for what, value in machine.items()]
    lines.append(f"- log: {origin}, combined format, {log['lines']:,} lines, {log['bytes'] / 1e6:.1f} MB")
    lines.append(
        f"- Medians of {found['runs']} runs after one warm-up, the commands taking turns, files in the page cache, "
        "output to /dev/null. CPU is user and system time of a command with all its threads and children. Memory is "
        "the peak resident size (VmHWM), read every 5 ms."
    )
    return "\n".join(lines)


def comparison(title, text):
    def write(rows):
        lines = [f"## {title}", "", text, "", "| | CPU s | wall s | peak MiB | CPU against weblog |", "|---|--:|--:|--:|--:|"]
        for command, cost in rows:
            memory = f"{cost.memory_mib:.0f}" if command.argv[0] != "sh" else ""
            lines.append(f"| {command.label} | {cost.cpu:.2f} | {cost.wall:.2f} | {memory} | {cost.cpu / rows[0][1].cpu:.1f} |")
        lines.append("")
        for command, _ in rows:
            lines.append(f"- {command.label}: `{command.text()}`" + (f"  \n  {command.note}" if command.note else ""))
        return "\n".join(lines)

    return write


def rungs(rows):
    meaning = {
        "split": "find the line ends",
        "parse": "split, and make records",
        "encode": "parse, and write NDJSON: `weblog parse`",
        "decode": "split NDJSON, and make records",
        "recode": "decode, and write NDJSON again",
        "enrich": "decode, add agent and country (embedded table), write: `weblog enrich`",
        "enrich city": "the same with the city database: `weblog enrich --geo`",
    }
    lines = ["## Steps of the hot path", "", "One thread, the log in memory, chunks of 1 MiB; CPU time, median of 7 passes."]
    lines += ["GB/s counts the bytes of the raw log, also where the step reads NDJSON.", ""]
    lines += ["| step | what it does | ns per line | GB/s |", "|---|---|--:|--:|"]
    lines += [f"| {name} | {meaning.get(name, '')} | {ns} | {speed} |" for name, ns, speed in rows]
    return "\n".join(lines)


def latency(rows):
    lines = ["## Age of a line", "", "A writer appends a line to the file F every 10 ms for 5 s; the age of each when it arrives at the far end."]
    lines += ["The first row has no weblog in it: it is the floor.", "", "| pipe | lines | median ms | p99 ms | worst ms |", "|---|--:|--:|--:|--:|"]
    for pipe, count, *ages in rows:
        cells = [f"{value * 1e3:.2f}" for value in ages] if count else ["nothing came out", "", ""]
        lines.append(f"| `{pipe}` | {count or 0} | {' | '.join(cells)} |")
    return "\n".join(lines)


def memory(rows):
    lines = ["## Memory", "", "Peak resident size over logs of several sizes. A given log is repeated to make the larger ones, a generated one is", "generated at that length."]
    lines += ["", "| log MB | | peak MiB |", "|--:|---|--:|"]
    for size, command, peak in rows:
        lines.append(f"| {size:,.0f} | `{command.text()}` | {'failed' if peak is None else f'{peak:.1f}'} |")
    lines += ["", "rhit keeps what it needs of every line in memory, to answer any question afterwards; weblog streams."]
    return "\n".join(lines)


def start(cpu):
    return f"## Start\n\n`weblog --version`: {cpu * 1e3:.2f} ms of CPU time, mean of 50 runs."


SECTIONS = {
    "rungs": rungs,
    "parse": comparison("Raw lines to NDJSON, all fields", "What weblog writes is the whole record, times as instants, paths decoded, escapes resolved."),
    "enrich": comparison("NDJSON to NDJSON with place and agent", "City database of full size (DB-IP City Lite, IPv4), loaded within the time."),
    "latency": latency,
    "memory": memory,
    "version": start,
    "status": comparison("For reference: requests by status, from the raw log", "A question that all of them answer. The numbers say what it costs to ask it of each, not who does the same work."),
}


def machine(bench):
    """The machine and the versions of everything, in words."""
    model = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    commit = first_line(["git", "-C", bench.parent, "describe", "--always", "--dirty"])
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{model}, {os.cpu_count()} cores, {memory / 2**20:.0f} GiB, Linux {platform.release()}, "
        f"load {os.getloadavg()[0]:.1f} at the start",
        "compiler": first_line(["rustc", "--version"]),
        "weblog": f"{first_line(['weblog', '--version'])}, repository at {commit}",
        "peers": ", ".join(filter(None, [*programs(), *packages(), city()])),
    }


def programs():
    for program in ["mlr", "goaccess", "gawk", "jq", "rhit", "agrind", "python"]:
        line = first_line([program, "--version"])
        yield line and line.split(",")[0].rstrip(".").replace("mlr", "Miller").replace("version ", "")


def packages():
    names = ["polars", "duckdb", "chdb", "maxminddb", "ua-parser", "ua-parser-builtins"]
    ask = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
    for name in names:
        found = first_line(["python", "-c", ask, name])
        yield found and f"{name} {found}"


def city():
    package = Path("city-package.json")
    return package.exists() and f"dbip-city-mmdb {json.loads(package.read_text())['version']}"


def first_line(command):
    try:
        out = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return out.stdout.strip().split("\n")[0] if out.returncode == 0 else None
