"""Raw combined lines to NDJSON with DuckDB: one regular expression, on one thread.

    python duckdb_parse.py LOG
"""

import sys

import duckdb

QUERY = r"""
copy (
  with matched as (
    select regexp_extract(
      line,
      '^(\S+) (\S+) (\S+) \[([^\]]+)\] "([^ "]+) ([^ "]+) ([^"]+)" (\d{3}) (\S+)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?',
      ['remote_addr', 'remote_logname', 'remote_user', 'time', 'method', 'target', 'protocol', 'status',
       'bytes', 'referer', 'user_agent']
    ) as field
    from read_csv(?, columns = {'line': 'varchar'}, auto_detect = false, header = false,
                  delim = '', quote = '', escape = '', strict_mode = false, ignore_errors = true)
  )
  select
    field.remote_addr, field.remote_logname, field.remote_user,
    try_strptime(field.time, '%d/%b/%Y:%H:%M:%S %z') as time,
    field.method, field.target, field.protocol,
    try_cast(field.status as integer) as status,
    try_cast(field.bytes as bigint) as bytes,
    field.referer, field.user_agent
  from matched
) to '/dev/stdout' (format json)
"""

duckdb.execute("set threads = 1")
duckdb.execute(QUERY, [sys.argv[1]])
