"""Raw combined lines to ten columns in Parquet with DuckDB: one regular expression, on one thread.

    python duckdb_parquet.py LOG FILE
"""

import sys

import duckdb

QUERY = r"""
copy (
  with matched as (
    select regexp_extract(
      line,
      '^(\S+) \S+ (\S+) \[([^\]]+)\] "([^ "]+) ([^ "]+) ([^"]+)" (\d{3}) (\S+)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?',
      ['remote_addr', 'remote_user', 'time', 'method', 'path', 'protocol', 'status', 'bytes', 'referer',
       'user_agent']
    ) as field
    from read_csv($log, columns = {'line': 'varchar'}, auto_detect = false, header = false,
                  delim = '', quote = '', escape = '', strict_mode = false, ignore_errors = true)
  )
  select
    field.remote_addr, field.remote_user,
    try_strptime(field.time, '%d/%b/%Y:%H:%M:%S %z') as time,
    field.method, field.path, field.protocol,
    try_cast(field.status as bigint) as status,
    try_cast(field.bytes as bigint) as bytes,
    field.referer, field.user_agent
  from matched
) to 'OUT' (format parquet, compression zstd)
"""

duckdb.execute("set threads = 1")
duckdb.execute(QUERY.replace("OUT", sys.argv[2]), {"log": sys.argv[1]})
