"""NDJSON to NDJSON with place and agent, with the libraries that one takes for it in Python.

    python enrich.py CITY.mmdb NDJSON

The fields are those of `weblog enrich --geo CITY.mmdb`. The place of an address and what an agent says
are each remembered, since a log repeats them. maxminddb reads with its C extension if that is there.
"""

import json
import sys
from functools import lru_cache

import maxminddb
import ua_parser

CACHE = 1 << 16
city = maxminddb.open_database(sys.argv[1])
dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@lru_cache(CACHE)
def place(address):
    try:
        found = city.get(address) or {}
    except ValueError:
        return {}
    fields = {
        "country": found.get("country_code"),
        "region": found.get("state1"),
        "city": found.get("city"),
        "latitude": found.get("latitude"),
        "longitude": found.get("longitude"),
        "timezone": found.get("timezone"),
    }
    return {key: value for key, value in fields.items() if value not in (None, "")}


def version(part):
    return ".".join(text for text in (part.major, part.minor, part.patch) if text) or None


@lru_cache(CACHE)
def agent(text):
    found = ua_parser.parse(text)
    browser, system, device = found.user_agent, found.os, found.device
    fields = {
        "browser": browser and browser.family,
        "browser_version": browser and version(browser),
        "os": system and system.family,
        "os_version": system and version(system),
        "device": device and device.family,
        "bot": browser.family if browser and device and device.family == "Spider" else None,
    }
    return {key: value for key, value in fields.items() if value}


def main():
    out = sys.stdout
    with open(sys.argv[2], encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            address, sent = record.get("remote_addr"), record.get("user_agent")
            if address:
                record.update(place(address))
            if sent:
                record.update(agent(sent))
            out.write(dump(record))
            out.write("\n")


main()
