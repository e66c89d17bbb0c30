"""The commands that are compared. They run in the work directory, where the files have these names:
access.log, access.ndjson and access.parquet (made from it by weblog) and city.mmdb."""

from pathlib import Path

from measure import Command

LOOPS = Path(__file__).resolve().parent / "loops"
LOG, NDJSON, CITY = "access.log", "access.ndjson", "city.mmdb"
ASN = str(Path(__file__).resolve().parent.parent / "testdata/geo/asn.mmdb")
# Parquet that is asked in SQL, and a log whose lines are scattered over many hours: logs.py makes them.
PARQUET_FILE, SCATTERED = "access.parquet", "scattered.log"

AG_PARSE = (
    r'* | parse "* * * [*] \"* * *\" * * \"*\" \"*\"" as remote_addr, remote_logname, remote_user, time, '
    "method, target, protocol, status, bytes, referer, user_agent"
)
COMPILED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent"'
)
MILLER_COLUMNS = "1,4,6,7,8,9,10"

PARSE = [
    Command("weblog parse -j 1", ["weblog", "parse", "-j", "1", LOG]),
    Command(
        "weblog parse -j 2", ["weblog", "parse", "-j", "2", LOG],
        note="Two workers: compare the wall time. The CPU time tells what sharing the work costs."),
    Command(
        "weblog parse -F, compiled", ["weblog", "parse", "-j", "1", "-F", COMPILED, LOG],
        note="The same format given as nginx's format string: what a format of one's own costs."),
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
    Command(
        "weblog enrich -j 1",
        ["weblog", "enrich", "-q", "-j", "1", "--geo", CITY, "--geo", ASN, "--add", "place,network,software,bot,referer", NDJSON],
        note="City, network, software, bot and referer. The database of networks is a small one that is made for tests."),
    Command(
        "weblog enrich, country", ["weblog", "enrich", "-q", "-j", "1", "--add", "place,software,bot,referer", NDJSON],
        note="The same without databases: what the city's costs is the difference, the most of it for opening it."),
    Command(
        "weblog enrich, all of it", ["weblog", "enrich", "-q", "-j", "1", "--geo", CITY, "--geo", ASN, NDJSON],
        note="And campaign, route, kind of request and probe."),
    Command(
        "weblog enrich, all of it, private",
        ["weblog", "enrich", "-q", "-j", "1", "--geo", CITY, "--geo", ASN, "--anonymize", "truncate", "--redact", NDJSON],
        note="Addresses cut, and every text searched for secrets."),
    Command(
        "Python loop", ["python", f"{LOOPS}/enrich.py", CITY, NDJSON],
        note="json, maxminddb (with its C extension where the wheel has it) and ua-parser, addresses and "
        "agents remembered. The place is the same. What is said of the agent comes from uap-core: the "
        "device is a model and not a kind, and bots have no class."),
    Command(
        "jq -c .", ["jq", "-c", ".", NDJSON],
        note="Adds nothing: what reading and writing the NDJSON costs alone."),
]

# To Parquet, the ten columns that each of the peers can make as well.
TEN = "remote_addr,remote_user,time,method,path,protocol,status,bytes,referer,user_agent"
TO_TEN = ["weblog", "to-parquet", "-q", "-j", "1", "--no-enrich", "--fields", TEN]
RAW = "What stands for no value (-) stays as text, and the path is the target as logged. "

PARQUET = [
    Command("weblog to-parquet", [*TO_TEN, "-o", "ten.parquet", LOG], out="ten.parquet"),
    Command(
        "Polars", ["python", f"{LOOPS}/polars_parquet.py", LOG, "polars.parquet"],
        {"POLARS_MAX_THREADS": "1"}, out="polars.parquet",
        note="scan_csv with a separator that no line has, str.extract_groups, to_datetime, sink_parquet. "
        + RAW + "Lines that do not fit are rows of nulls; bytes that are not UTF-8 are lost. Python's start "
        "and the import are counted."),
    Command(
        "chDB", ["python", f"{LOOPS}/chdb_parquet.py", LOG, "chdb.parquet"], out="chdb.parquet",
        note="extractGroups over LineAsString, with ClickHouse's engine. " + RAW + "The time has whole "
        "seconds. Lines that do not fit are rows of empty text."),
    Command(
        "DuckDB", ["python", f"{LOOPS}/duckdb_parquet.py", LOG, "duckdb.parquet"], out="duckdb.parquet",
        note="regexp_extract into a struct. " + RAW + "Lines that do not fit are rows of empty text, "
        "lines that are not UTF-8 are dropped."),
    Command(
        "pyarrow", ["python", f"{LOOPS}/pyarrow_parquet.py", LOG, "pyarrow.parquet"], out="pyarrow.parquet",
        note="The way of tutorials: re, strptime, a list of rows, a table. Lines that do not fit are "
        "dropped. The path is the target as logged."),
]

# The same with every field, and with the place and the agent; and where the time goes, told from outside:
# a stream of Arrow into nothing has the columns and no Parquet.
STORE = [
    Command("ten columns", [*TO_TEN, "-o", "ten.parquet", LOG], out="ten.parquet"),
    Command(
        "ten columns, two threads",
        ["weblog", "to-parquet", "-q", "-j", "2", *TO_TEN[5:], "-o", "ten.parquet", LOG], out="ten.parquet",
        note="Compare the wall time."),
    Command(
        "ten columns, Arrow", [*TO_TEN, "-t", "arrow", "-o", "/dev/null", LOG],
        note="Records and columns without Parquet."),
    Command(
        "all fields", ["weblog", "to-parquet", "-q", "-j", "1", "--no-enrich", "-o", "all.parquet", LOG],
        out="all.parquet"),
    Command(
        "all fields, enriched, Arrow",
        ["weblog", "to-parquet", "-q", "-j", "1", "-t", "arrow", "-o", "/dev/null", LOG],
        note="The same work as the next one, without Parquet."),
    Command(
        "all fields, enriched", ["weblog", "to-parquet", "-q", "-j", "1", "-o", "all.parquet", LOG],
        out="all.parquet"),
    Command(
        "all fields, enriched, dataset by day", ["weblog", "to-parquet", "-q", "-j", "1", "days", LOG],
        out="days", note="With its commit log, and all of it on the disk (fsync)."),
    Command(
        "all fields, enriched, dataset by hour",
        ["weblog", "to-parquet", "-q", "-j", "1", "--by", "hour", "hours", LOG], out="hours"),
]

# A question that all of them answer.
BY_STATUS = "select status, count(*) from logs group by 1"
STATUS = [
    Command("weblog query -j 1", ["weblog", "query", "-q", "-j", "1", "-t", "csv", BY_STATUS, LOG]),
    Command(
        "weblog query", ["weblog", "query", "-q", "-t", "csv", BY_STATUS, LOG],
        note="One thread per core: compare the wall time."),
    Command(
        "weblog | sort | uniq -c",
        ["sh", "-c", f"weblog parse -q -j 1 --fields status -t tsv {LOG} | sort | uniq -c"],
        note="Parses every field of every line, and then sorts text."),
    Command(
        "rhit", ["rhit", "--no-name-check", "--color", "no", "--silent-load", LOG],
        note="Counts the lines that it can read, which can be fewer, and keeps what it needs of each. It "
        "ends, in silence, at the first byte that is not UTF-8."),
    Command(
        "GoAccess", ["goaccess", "--log-format=COMBINED", "--no-progress", "-o", "json", LOG],
        note="Makes its whole report, visitors and agents included; it cannot make less."),
    Command(
        "angle-grinder", ["agrind", "-f", LOG, r'* | parse "\" * " as status | count by status'],
        note="Takes what stands behind the first quote and space for the status."),
    Command(
        "gawk", ["gawk", "{n[$9]++} END {for (s in n) print n[s], s}", LOG], {"LC_ALL": "C"},
        note="Counts the ninth word, which is not the status where the target has spaces."),
]

# Lines of a log, as they came, by a field. grep must not see /dev/null, where it stops at the first match.
RAW_ONLY = ["weblog", "filter", "-j", "1", "--raw"]
FAILED = '" 5[0-9][0-9] ([0-9]+|-) "'
FILTER = [
    Command("status", [*RAW_ONLY, "status >= 500", LOG]),
    Command("status, inverted", [*RAW_ONLY, "-v", "status >= 500", LOG], note="Nearly all lines are written."),
    Command("status, as records", [*RAW_ONLY[:-1], "status >= 500", LOG], note="NDJSON."),
    Command("path", [*RAW_ONLY, 'path ~ "^/api/"', LOG], note="A record of every line, and a regular expression."),
    Command("network", [*RAW_ONLY, "remote_addr in 64.0.0.0/4", LOG]),
    Command("country", [*RAW_ONLY, "country == DE", LOG], note="Looked up for every line."),
    Command("status and country", [*RAW_ONLY, "status >= 500 and country == DE", LOG]),
    Command(
        "grep -E", ["sh", "-c", f"grep -aE '{FAILED}' {LOG} | cat"], {"LC_ALL": "C"},
        note="Statuses by what they look like; parses nothing, and finds the same text in an agent."),
    Command(
        "gawk", ["gawk", "$9 >= 500", LOG], {"LC_ALL": "C"},
        note="The ninth word, which is not the status where the target has spaces."),
    Command(
        "Miller", ["mlr", "--inidx", "--ifs", " ", "--onidx", "filter", "$9 >= 500", LOG],
        note="The ninth word. Runs of spaces come out as one. It uses several threads."),
    Command(
        "angle-grinder", ["agrind", "-f", LOG, r'* | parse "\" * " as status | where status >= 500'],
        note="Takes what stands behind the first quote and space for the status."),
]

# SQL over Parquet that weblog wrote.
IN_DUCKDB = f"select status, count(*) from '{PARQUET_FILE}' group by 1"
SQL = [
    Command("weblog query", ["weblog", "query", "-q", "-t", "csv", BY_STATUS, PARQUET_FILE]),
    Command(
        "DuckDB's CLI", ["duckdb", "-csv", "-c", IN_DUCKDB],
        note="Of the version told above, the newest that a registry has; weblog has DuckDB 2.0 in it, which "
        "takes longer to start."),
    Command(
        "DuckDB's engine", ["./duckdb-engine", IN_DUCKDB],
        note="A main function of C (bench/loops/duckdb_engine.c) linked with the very library that weblog is "
        "linked with: the version that weblog has, with nothing around it."),
    Command(
        "DuckDB in Python", ["python", "-c", f'import duckdb; print(duckdb.sql("{IN_DUCKDB}").fetchall())'],
        note="The engine that weblog has in it."),
    Command(
        "its import only", ["python", "-c", "import duckdb; duckdb.connect()"],
        note="Python's start, the import and a database: what to take off the row above."),
]

# The table function from outside: what one question more of the same log costs.
ASK = ["weblog", "query", "-q", "-j", "1", "-t", "csv"]
MAXIMA = "select " + ", ".join(f"max({name})" for name in TEN.split(",")) + " from logs"
TABLE = [
    Command("start", [*ASK, "select 1"], note="Nothing read: start, settings, the empty view."),
    Command(
        "count(*)", [*ASK, "select count(*) from logs", LOG],
        note="Lines become rows, and no column is kept."),
    Command("status", [*ASK, BY_STATUS, LOG]),
    Command(
        "text column", [*ASK, "select path, count(*) from logs group by 1 order by 2 desc limit 10", LOG]),
    Command(
        "text column, few lines", [*ASK, "select path, count(*) from logs where status >= 500 group by 1", LOG],
        note="The condition is asked at a glance: other lines do not become records."),
    Command(
        "time range", [*ASK, "select count(*) from logs where time < timestamp '2000-01-01'", LOG],
        note="Every line is read, none is counted."),
    Command("country", [*ASK, "select country, count(*) from logs group by 1", LOG], note="Enriched."),
    Command("ten columns", [*ASK, MAXIMA, LOG]),
    Command(
        "ten columns, two threads", ["weblog", "query", "-q", "-j", "2", "-t", "csv", MAXIMA, LOG],
        note="Compare the wall time."),
]

VERSION = Command("weblog --version", ["weblog", "--version"])


def store_memory(log, options=()):
    """The command whose memory is watched while it stores a log."""
    argv = ["weblog", "to-parquet", "-q", "-j", "2", *options, "stored", log]
    return Command("weblog to-parquet -j 2", argv, out="stored")


def memory(log, largest):
    """The commands whose memory is watched over a log. rhit is spared the largest: it keeps the log."""
    weblog = Command("weblog parse -j 2", ["weblog", "parse", "-j", "2", log])
    rhit = Command("rhit", ["rhit", "--no-name-check", "--color", "no", "--silent-load", log])
    return [weblog] if largest else [weblog, rhit]
