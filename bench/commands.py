"""The commands that are compared. They run in the work directory, where the files have these names:
access.log, access.ndjson (made from it by weblog parse) and city.mmdb."""

from pathlib import Path

from measure import Command

LOOPS = Path(__file__).resolve().parent / "loops"
LOG, NDJSON, CITY = "access.log", "access.ndjson", "city.mmdb"

AG_PARSE = (
    r'* | parse "* * * [*] \"* * *\" * * \"*\" \"*\"" as remote_addr, remote_logname, remote_user, time, '
    "method, target, protocol, status, bytes, referer, user_agent"
)
MILLER_COLUMNS = "1,4,6,7,8,9,10"

PARSE = [
    Command("weblog parse -j 1", ["weblog", "parse", "-j", "1", LOG]),
    Command(
        "weblog parse -j 2", ["weblog", "parse", "-j", "2", LOG],
        note="Two workers: compare the wall time. The CPU time tells what sharing the work costs."),
    Command(
        "Miller", ["mlr", "--inidx", "--ifs", " ", "--ojsonl", "cut", "-f", MILLER_COLUMNS, LOG],
        note="Cuts seven columns at spaces; it parses nothing. Quotes and brackets stay in the values, "
        "and referer, agent, escapes and the time as an instant are not there. It uses several threads."),
    Command(
        "Python loop", ["python", f"{LOOPS}/parse.py", LOG],
        note="re and json; the same fields in the same form, and the same bytes for nearly all lines. "
        "Lines that the expression does not fit are dropped; weblog makes records of them or rejects."),
    Command(
        "gawk", ["gawk", "-f", f"{LOOPS}/parse.gawk", LOG], {"LC_ALL": "C"},
        note="One regular expression. Time, path and bytes that are not UTF-8 stay as logged; lines that "
        "do not fit are dropped."),
    Command(
        "angle-grinder", ["agrind", "-o", "json", "-f", LOG, AG_PARSE],
        note="A wildcard pattern that ends a value at the next quote, escaped or not. Time and path stay as "
        "logged, and keys are sorted. It uses several threads."),
    Command(
        "Polars", ["python", f"{LOOPS}/polars_parse.py", LOG], {"POLARS_MAX_THREADS": "1"},
        note="One regular expression and a time conversion; no path, no query, no decoding. Python's "
        "start and the import are counted. Bytes that are not UTF-8 are lost."),
    Command("DuckDB", ["python", f"{LOOPS}/duckdb_parse.py", LOG], note="As Polars, with DuckDB."),
    Command("chDB", ["python", f"{LOOPS}/chdb_parse.py", LOG], note="As Polars, with ClickHouse's engine."),
]

ENRICH = [
    Command("weblog enrich -j 1", ["weblog", "enrich", "-j", "1", "--geo", CITY, NDJSON]),
    Command(
        "Python loop", ["python", f"{LOOPS}/enrich.py", CITY, NDJSON],
        note="json, maxminddb (with its C extension where the wheel has it) and ua-parser, addresses and "
        "agents remembered. The place is the same. What is said of the agent comes from uap-core: the "
        "device is a model and not a kind, and bots have no class."),
    Command(
        "jq -c .", ["jq", "-c", ".", NDJSON],
        note="Adds nothing: what reading and writing the NDJSON costs alone."),
]

# For reference: a question that all of them can answer. weblog has no command of its own for it, so its
# row is a pipe that any shell can make.
STATUS = [
    Command(
        "weblog | sort | uniq -c",
        ["sh", "-c", f"weblog parse -q -j 1 --fields status -t tsv {LOG} | sort | uniq -c"],
        note="Parses every field of every line, and then sorts text."),
    Command(
        "rhit", ["rhit", "--no-name-check", "--color", "no", "--silent-load", "-f", "status", LOG],
        note="Counts the lines that it can read, which can be fewer, and keeps what it needs of each. It "
        "ends, in silence, at the first byte that is not UTF-8."),
    Command(
        "GoAccess", ["goaccess", "--log-format=COMBINED", "--no-progress", "-o", "csv", LOG],
        note="Makes its whole report, visitors and agents included; it cannot make less."),
    Command(
        "angle-grinder", ["agrind", "-f", LOG, r'* | parse "\" * " as status | count by status'],
        note="Takes what stands behind the first quote and space for the status."),
    Command(
        "gawk", ["gawk", "{n[$9]++} END {for (s in n) print n[s], s}", LOG], {"LC_ALL": "C"},
        note="Counts the ninth word, which is not the status where the target has spaces."),
]

VERSION = Command("weblog --version", ["weblog", "--version"])


def memory(log, largest):
    """The commands whose memory is watched over a log. rhit is spared the largest: it keeps the log."""
    weblog = Command("weblog parse -j 2", ["weblog", "parse", "-j", "2", log])
    rhit = Command("rhit", ["rhit", "--no-name-check", "--color", "no", "--silent-load", log])
    return [weblog] if largest else [weblog, rhit]
