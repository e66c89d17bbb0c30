"""What was measured, as Markdown."""

LATENCY_TEXT = """\
A writer appends a line to the file F every 10 ms for 5 s; the age of each when it arrives at the far end.
The first row has no weblog in it: it is the floor."""
MEMORY_TEXT = """\
Peak resident size over logs of several sizes. A given log is repeated to make the larger ones, a generated
one is generated at that length. rhit keeps what it needs of every line, to answer any question afterwards;
weblog streams."""
PARSE_TEXT = "What weblog writes is the whole record: times as instants, paths decoded, escapes resolved."
ENRICH_TEXT = "City database of full size (DB-IP City Lite, IPv4), which is loaded within the time."
STATUS_TEXT = """\
A question that all of them answer. The numbers say what it costs to ask it of each, not who does the same
work."""
RUNGS_TEXT = """\
One thread, the log in memory, chunks of 1 MiB; CPU time, median of 7 passes. GB/s counts the bytes of the
raw log, also where the step reads NDJSON."""
RUNGS = {
    "split": "find the line ends",
    "parse": "split, and make records",
    "encode": "parse, and write NDJSON: `weblog parse`",
    "decode": "split NDJSON, and make records",
    "recode": "decode, and write NDJSON again",
    "enrich": "decode, add agent and country (embedded table), write: `weblog enrich`",
    "enrich city": "the same with the city database: `weblog enrich --geo`",
}


def markdown(found):
    about = "Written by `bench/run`; do not edit. `bench/run --help` tells how to run it."
    parts = ["# What weblog costs", about, promises(found), where(found)]
    sections = {
        "rungs": rungs,
        "parse": lambda rows: comparison("Raw lines to NDJSON, all fields", PARSE_TEXT, rows),
        "enrich": lambda rows: comparison("NDJSON to NDJSON with place and agent", ENRICH_TEXT, rows),
        "latency": latency,
        "memory": memory,
        "version": version,
        "status": lambda rows: comparison("For reference: requests by status", STATUS_TEXT, rows),
    }
    parts += [write(found[name]) for name, write in sections.items() if name in found]
    return "\n\n".join(parts) + "\n"


def promises(found):
    """What the program promises, next to what was measured."""
    parse, enrich = found.get("parse"), found.get("enrich")
    rows = [
        ("raw lines to NDJSON, CPU time", "at most 1/12 of Miller's", share(parse, "Miller", 12)),
        ("enrichment, CPU time", "at most 1/6 of the Python loop's", share(enrich, "Python loop", 6)),
        ("age of a line at the end of a pipe, median", "at most 2 ms", age(found.get("latency"))),
        ("peak memory of `weblog parse -j 2`", "at most 48 MiB, flat within 10 %", peak(found.get("memory"))),
        ("`weblog --version`, CPU time", "at most 6 ms", start(found.get("version"))),
    ]
    lines = ["| | promised | measured | |", "|---|---|--:|---|"]
    for what, promise, result in rows:
        value, holds = result or ("not measured", None)
        verdict = {None: "", True: "holds", False: "**missed**"}[holds]
        lines.append(f"| {what} | {promise} | {value} | {verdict} |")
    return "\n".join(lines)


def share(rows, peer, times):
    cpu = {command.label: cost.cpu for command, cost in rows or []}
    if peer not in cpu:
        return None
    ratio = cpu[peer] / next(iter(cpu.values()))
    return f"1/{ratio:.1f}", ratio >= times


def age(rows):
    medians = [median for pipe, _, median, *_ in rows or [] if "weblog" in pipe and median is not None]
    return (f"{max(medians) * 1e3:.2f} ms", max(medians) <= 0.002) if medians else None


def peak(rows):
    peaks = [mib for _, command, mib in rows or [] if command.label.startswith("weblog") and mib]
    if not peaks:
        return None
    spread = max(peaks) / min(peaks) - 1
    sizes = "one size only" if len(peaks) == 1 else f"within {spread:.1%}"
    return f"{max(peaks):.1f} MiB, {sizes}", max(peaks) <= 48 and spread <= 0.1


def start(cpu):
    return cpu and (f"{cpu * 1e3:.2f} ms", cpu <= 0.006)


def where(found):
    log = found["log"]
    lines = ["## Where and how", ""]
    lines += [f"- {what}: {value}" for what, value in found["machine"].items()]
    size = f"{log['lines']:,} lines, {log['bytes'] / 1e6:.1f} MB"
    lines.append(f"- log: {log['origin']}, combined format, {size}")
    lines.append(
        f"- Medians of {found['runs']} runs after one warm-up, the commands taking turns, files in the page "
        "cache, output to /dev/null. CPU is user and system time of a command with all its threads and "
        "children. Memory is the peak resident size (VmHWM), read every 5 ms."
    )
    return "\n".join(lines)


def comparison(title, text, rows):
    lines = [f"## {title}", "", text, ""]
    lines += ["| | CPU s | wall s | peak MiB | CPU against weblog |", "|---|--:|--:|--:|--:|"]
    for command, cost in rows:
        # Of a shell's pipe only the shell is watched.
        memory = "" if command.argv[0] == "sh" else f"{cost.memory_mib:.0f}"
        ratio = cost.cpu / rows[0][1].cpu
        numbers = f"{cost.cpu:.2f} | {cost.wall:.2f} | {memory} | {ratio:.1f}"
        lines.append(f"| {cell(command.label)} | {numbers} |")
    lines.append("")
    for command, _ in rows:
        lines.append(f"- {command.label}: `{command.text()}`")
        lines += [f"  \n  {command.note}"] if command.note else []
    return "\n".join(lines).replace("\n  \n", "  \n")


def version(cpu):
    return f"## Start\n\n`weblog --version`: {cpu * 1e3:.2f} ms of CPU time, mean of 50 runs."


def rungs(rows):
    lines = ["## Steps of the hot path", "", RUNGS_TEXT, ""]
    lines += ["| step | what it does | ns per line | GB/s |", "|---|---|--:|--:|"]
    lines += [f"| {name} | {RUNGS.get(name, '')} | {ns} | {speed} |" for name, ns, speed in rows]
    return "\n".join(lines)


def latency(rows):
    lines = ["## Age of a line", "", LATENCY_TEXT, ""]
    lines += ["| pipe | lines | median ms | p99 ms | worst ms |", "|---|--:|--:|--:|--:|"]
    for pipe, count, *ages in rows:
        cells = [f"{value * 1e3:.2f}" for value in ages] if count else ["nothing came out", "", ""]
        lines.append(f"| `{cell(pipe)}` | {count or 0} | {' | '.join(cells)} |")
    return "\n".join(lines)


def memory(rows):
    lines = ["## Memory", "", MEMORY_TEXT, "", "| log MB | command | peak MiB |", "|--:|---|--:|"]
    for size, command, mib in rows:
        lines.append(f"| {size:,.0f} | `{command.text()}` | {'failed' if mib is None else f'{mib:.1f}'} |")
    return "\n".join(lines)


def cell(text):
    """Text in a cell of a table, where a bar would end it."""
    return text.replace("|", "\\|")
