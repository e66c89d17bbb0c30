"""Raw combined lines to ten columns in Parquet with chDB (ClickHouse): one regular expression, on one thread.

    python chdb_parquet.py LOG FILE
"""

import sys

import chdb

LINE = (
    r'^(\S+) \S+ (\S+) \[([^\]]+)\] "([^ "]+) ([^ "]+) ([^"]+)" (\d{3}) (\S+)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?'
).replace("\\", "\\\\")
QUERY = f"""
select m[1] as remote_addr, m[2] as remote_user,
       parseDateTimeOrNull(m[3], '%d/%b/%Y:%H:%i:%S %z', 'UTC') as time,
       m[4] as method, m[5] as path, m[6] as protocol, toInt64OrNull(m[7]) as status,
       toInt64OrNull(m[8]) as bytes, m[9] as referer, m[10] as user_agent
from (select extractGroups(line, '{LINE}') as m from file('{sys.argv[1]}', LineAsString, 'line String'))
into outfile '{sys.argv[2]}' truncate format Parquet
settings max_threads = 1, output_format_parquet_compression_method = 'zstd'
"""
chdb.query(QUERY)
