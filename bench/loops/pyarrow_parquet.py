"""Raw combined lines to ten columns in Parquet as tutorials show it: a regular expression and pyarrow.

    python pyarrow_parquet.py LOG FILE

The whole log is a table in memory before it is written. Lines that do not fit are left out.
"""

import re
import sys
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

LINE = re.compile(
    r'(\S+) \S+ (\S+) \[([^\]]+)\] "([^ "]+) ([^ "]+) ([^"]+)" (\d{3}) (\S+)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?'
)
SCHEMA = pa.schema(
    {
        "remote_addr": pa.string(),
        "remote_user": pa.string(),
        "time": pa.timestamp("us", tz="UTC"),
        "method": pa.string(),
        "path": pa.string(),
        "protocol": pa.string(),
        "status": pa.int64(),
        "bytes": pa.int64(),
        "referer": pa.string(),
        "user_agent": pa.string(),
    }
)


def present(text):
    return None if text == "-" else text


rows = []
with open(sys.argv[1], encoding="utf-8", errors="backslashreplace") as log:
    for line in log:
        match = LINE.match(line)
        if match is None:
            continue
        addr, user, time, method, path, protocol, status, size, referer, agent = match.groups()
        rows.append(
            {
                "remote_addr": addr,
                "remote_user": present(user),
                "time": datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z"),
                "method": method,
                "path": path,
                "protocol": protocol,
                "status": int(status),
                "bytes": None if size == "-" else int(size),
                "referer": present(referer),
                "user_agent": present(agent),
            }
        )
pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), sys.argv[2], compression="zstd")
