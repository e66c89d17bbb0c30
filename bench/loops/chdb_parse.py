"""Raw combined lines to NDJSON with chDB (ClickHouse): one regular expression, on one thread.

    python chdb_parse.py LOG
"""

import sys

import chdb

LINE = (
    r'^(\S+) (\S+) (\S+) \[([^\]]+)\] "([^ "]+) ([^ "]+) ([^"]+)" (\d{3}) (\S+)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?'
).replace("\\", "\\\\")
QUERY = f"""
select m[1] as remote_addr, m[2] as remote_logname, m[3] as remote_user,
       parseDateTimeOrNull(m[4], '%d/%b/%Y:%H:%i:%S %z') as time,
       m[5] as method, m[6] as target, m[7] as protocol, toInt32OrNull(m[8]) as status,
       toInt64OrNull(m[9]) as bytes, m[10] as referer, m[11] as user_agent
from (select extractGroups(line, '{LINE}') as m from file('{sys.argv[1]}', LineAsString, 'line String'))
into outfile '/dev/null' truncate format JSONEachRow
settings max_threads = 1
"""
chdb.query(QUERY)
