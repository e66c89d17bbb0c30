"""Raw combined lines to NDJSON, as one would write it in an afternoon: a regular expression and json.

    python parse.py LOG

The fields and their form are those of `weblog parse`, and well-formed lines give the same bytes. What
is repeated in a log (times, offsets) is remembered. Lines that do not fit are left out.
"""

import json
import re
import sys
from datetime import datetime, timezone
from functools import lru_cache
from urllib.parse import unquote

LINE = re.compile(
    r'(\S+) (\S+) (\S+) \[(\d+/\w+/[\d:]+ [+-]\d{4})\] "([^ "]+) ([^ "]+) (HTTP/[\d.]+)" (\d{3}) (\d+|-)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?$'
)
dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@lru_cache(maxsize=4096)
def instant(text):
    time = datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z")
    offset = time.utcoffset().total_seconds() // 60
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), int(offset)


def main():
    out = sys.stdout
    with open(sys.argv[1], encoding="utf-8", errors="backslashreplace") as log:
        for line in log:
            match = LINE.match(line)
            if match is None:
                continue
            addr, logname, user, time, method, target, protocol, status, size, referer, agent = match.groups()
            time, offset = instant(time)
            path, mark, query = target.partition("?")
            record = {
                "time": time,
                "utc_offset": offset,
                "remote_addr": addr,
                "remote_logname": logname,
                "remote_user": user,
                "method": method,
                "target": target,
                "path": unquote(path),
                "query": query if mark else None,
                "protocol": protocol,
                "status": int(status),
                "bytes": None if size == "-" else int(size),
                "referer": referer,
                "user_agent": agent,
            }
            out.write(dump({key: value for key, value in record.items() if value not in (None, "-")}))
            out.write("\n")


main()
