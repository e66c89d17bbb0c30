"""Raw combined lines to ten columns in Parquet with Polars: one regular expression, streamed, on one thread.

    POLARS_MAX_THREADS=1 python polars_parquet.py LOG FILE
"""

import sys

import polars as pl

LINE = (
    r'^(?<remote_addr>\S+) \S+ (?<remote_user>\S+) \[(?<time>[^\]]+)\] '
    r'"(?<method>[^ "]+) (?<path>[^ "]+) (?<protocol>[^"]+)" (?<status>\d{3}) (?<bytes>\S+)'
    r'(?: "(?<referer>(?:[^"\\]|\\.)*)" "(?<user_agent>(?:[^"\\]|\\.)*)")?'
)

lines = pl.scan_csv(
    sys.argv[1],
    has_header=False,
    new_columns=["line"],
    separator="\x01",
    quote_char=None,
    encoding="utf8-lossy",
)
fields = lines.select(pl.col("line").str.extract_groups(LINE)).unnest("line")
records = fields.with_columns(
    pl.col("time").str.to_datetime("%d/%b/%Y:%H:%M:%S %z", strict=False),
    pl.col("status", "bytes").cast(pl.Int64, strict=False),
)
records.sink_parquet(sys.argv[2], compression="zstd")
