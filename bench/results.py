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
FILTER_TEXT = """\
Lines of the raw log as they came, those with a status from 500 on where nothing else is said; one thread."""
PARQUET_TEXT = """\
The same ten columns in all of them, Parquet with zstd, one thread. In weblog's file paths are decoded and
have no query, escapes are resolved, and a value that is not there is null."""
STORE_TEXT = """\
The same log, from ten columns to a dataset with place and agent. Where no Parquet is written, a stream of
Arrow goes to /dev/null: the difference is what Parquet costs."""
STATUS_TEXT = """\
A question that all of them answer: requests by status, of the raw log. The numbers say what it costs to ask
it of each, not who does the same work."""
TABLE_TEXT = """\
What it costs to ask the raw log in SQL, by the columns that the question needs; one thread."""
SQL_TEXT = """\
Requests by status of one Parquet file that weblog wrote (all fields, enriched); start included. CPU time of
these short commands is that of all their threads."""
STORING_TEXT = """\
Peak resident size of `weblog to-parquet` into a new dataset: by day over logs of several sizes, and by hour
over a log whose lines come in no order, so that every partition is open all the time."""
RUNGS_TEXT = """\
One thread, the log in memory, chunks of 1 MiB; CPU time, median of 7 passes. GB/s counts the bytes of the
raw log, also where the step reads NDJSON."""
RUNGS = {
    "split": "find the line ends",
    "parse": "split, and make records",
    "encode": "parse, and write NDJSON: `weblog parse`",
    "decode": "split NDJSON, and make records",
    "recode": "decode, and write NDJSON again",
    "enrich": "decode, put all that can be told behind the line, with the embedded table: `weblog enrich`",
    "enrich city": "the same with the city database: `weblog enrich --geo`",
}


def markdown(found):
    about = "Written by `bench/run`; do not edit. `bench/run --help` tells how to run it."
    parts = ["# What weblog costs", about, promises(found), where(found)]
    sections = {
        "rungs": rungs,
        "parse": lambda rows: comparison("Raw lines to NDJSON, all fields", PARSE_TEXT, rows),
        "enrich": lambda rows: comparison("NDJSON to NDJSON with place and agent", ENRICH_TEXT, rows),
        "filter": lambda rows: comparison("Raw lines by an expression", FILTER_TEXT, rows),
        "parquet": lambda rows: comparison("Raw lines to Parquet, ten columns", PARQUET_TEXT, rows),
        "store": lambda rows: comparison("Steps to Parquet, and to a dataset", STORE_TEXT, rows),
        "status": lambda rows: comparison("Requests by status, from the raw log", STATUS_TEXT, rows),
        "table": lambda rows: comparison("Steps of SQL over the raw log", TABLE_TEXT, rows),
        "sql": lambda rows: comparison("SQL over Parquet", SQL_TEXT, rows, digits=3),
        "latency": latency,
        "memory": memory,
        "storing": storing,
        "version": version,
    }
    parts += [write(found[name]) for name, write in sections.items() if name in found]
    return "\n\n".join(parts) + "\n"


def promises(found):
    """What the program promises, next to what was measured."""
    parse, enrich, parquet = found.get("parse"), found.get("enrich"), found.get("parquet")
    status, sql = found.get("status"), found.get("sql")
    ask = lambda peer: times(sql, "weblog query", peer, 1.1)
    rows = [
        ("raw lines to NDJSON, CPU time", "at most 1/12 of Miller's", share(parse, "Miller", 12)),
        ("enrichment, CPU time", "at most 1/10 of the Python loop's", share(enrich, "Python loop", 10)),
        ("enrichment, of one core, NDJSON", "at least 300 MB/s", rate(enrich, found["log"]["ndjson"], 300)),
        ("raw lines by status, of one core", "at least 700 MB/s", rate(found.get("filter"), found["log"]["bytes"], 700)),
        ("raw lines to Parquet, ten columns", "at most 1/3 of Polars's", share(parquet, "Polars", 3)),
        ("size of that file", "at most that of Polars", smaller(parquet, "Polars")),
        (
            "raw lines to Parquet, all fields, enriched",
            "at most 1.6 times all fields as they are",
            times(found.get("store"), "all fields, enriched", "all fields", 1.6),
        ),
        ("requests by status of the raw log, CPU time", "at most rhit's", share(status, "rhit", 1)),
        ("SQL over Parquet, CPU time", "at most 1.1 times DuckDB's CLI", ask("DuckDB's CLI")),
        ("SQL over Parquet, CPU time", "at most 1.1 times its engine, 2.0", ask("DuckDB's engine")),
        ("age of a line at the end of a pipe, median", "at most 2 ms", age(found.get("latency"))),
        ("peak memory of `weblog parse -j 2`", "at most 48 MiB, flat within 10 %", peak(found.get("memory"))),
        (
            "peak memory of `weblog to-parquet -j 2`",
            "at most 256 MiB, flat within 10 %",
            storing_peak(found.get("storing")),
        ),
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


def rate(rows, size, least):
    """Megabytes of an input of that size in a second of CPU time, of the first row."""
    if not rows:
        return None
    megabytes = size / 1e6 / rows[0][1].cpu
    return f"{megabytes:.0f} MB/s", megabytes >= least


def costs(rows):
    return {command.label: cost for command, cost in rows or []}


def smaller(rows, peer):
    """The size of what the first row made, against a peer's."""
    found = costs(rows)
    if peer not in found:
        return None
    ours = next(iter(found.values())).size
    return f"{ours / 1e6:.1f} MB, {ours / found[peer].size:.2f} times", ours <= found[peer].size


def times(rows, label, of, most):
    found = costs(rows)
    if label not in found or of not in found:
        return None
    ratio = found[label].cpu / found[of].cpu
    return f"{ratio:.2f} times", ratio <= most


def storing_peak(rows):
    """The peak over all logs, and how flat the logs of several sizes have it."""
    if not rows or any(cost.code for *_, cost in rows):
        return rows and ("a run failed", False)
    peaks = [cost.memory_mib for *_, cost in rows]
    grown = [cost.memory_mib for _, _, command, cost in rows if "--by" not in command.argv]
    spread = max(grown) / min(grown) - 1
    sizes = "one size only" if len(grown) == 1 else f"within {spread:.1%}"
    return f"{max(peaks):.0f} MiB, by size {sizes}", max(peaks) <= 256 and spread <= 0.1


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


def comparison(title, text, rows, digits=2):
    """A table of commands; with the size of what they make, if one of them makes a file."""
    lines = [f"## {title}", "", text, ""]
    if not rows:
        return "\n".join([*lines, "Nothing could be measured."])
    sized = any(cost.size for _, cost in rows)
    against = "CPU against weblog" if rows[0][0].label.startswith("weblog") else "CPU against the first"
    lines.append("| | CPU s | wall s | peak MiB |" + " MB |" * sized + f" {against} |")
    lines.append("|---|--:|--:|--:|" + "--:|" * sized + "--:|")
    for command, cost in rows:
        # Of a shell's pipe only the shell is watched.
        memory = "" if command.argv[0] == "sh" else f"{cost.memory_mib:.0f}"
        ratio = cost.cpu / rows[0][1].cpu
        size = f" | {cost.size / 1e6:.2f}" if cost.size else " | " * sized
        numbers = f"{cost.cpu:.{digits}f} | {cost.wall:.{digits}f} | {memory}{size} | {ratio:.1f}"
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


def storing(rows):
    lines = ["## Memory of storing", "", STORING_TEXT, ""]
    lines += ["| log MB | partitions | command | peak MiB | CPU s | wall s |", "|--:|--:|---|--:|--:|--:|"]
    for size, partitions, command, cost in rows:
        peak = f"failed ({cost.code})" if cost.code else f"{cost.memory_mib:.1f}"
        numbers = f"{peak} | {cost.cpu:.1f} | {cost.wall:.1f}"
        lines.append(f"| {size:,.0f} | {partitions:,} | `{command.text()}` | {numbers} |")
    return "\n".join(lines)


def cell(text):
    """Text in a cell of a table, where a bar would end it."""
    return text.replace("|", "\\|")
