#!/usr/bin/env python3
"""Makes the small address databases that the tests use: made-up places at documentation addresses, and once more
at public ones, since the program does not look the former up.

    make-mmdb.py DIRECTORY

Written after the MaxMind DB file format specification, version 2.0; standard library only.
"""

import ipaddress
import pathlib
import struct
import sys

BUILT = 4102444800  # 2100-01-01: no test ever finds it old
LONG_AGO = 1577836800  # 2020-01-01


class Float(float):
    """A number of four bytes."""


class Short(int):
    """A number of at most two bytes, as the metadata have them."""


class Long(int):
    """A number of at most eight bytes."""


def header(kind, size):
    extra = b""
    if size >= 285:
        size, extra = 30, (size - 285).to_bytes(2, "big")
    elif size >= 29:
        size, extra = 29, bytes([size - 29])
    if kind > 7:
        return bytes([size, kind - 7]) + extra
    return bytes([kind << 5 | size]) + extra


def encode(value):
    if isinstance(value, dict):
        return header(7, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())
    if isinstance(value, list):
        return header(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        return header(2, len(value.encode())) + value.encode()
    if isinstance(value, bool):
        return header(14, int(value))
    if isinstance(value, Float):
        return header(15, 4) + struct.pack(">f", value)
    if isinstance(value, float):
        return header(3, 8) + struct.pack(">d", value)
    if isinstance(value, bytes):
        return value
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    kind = 5 if isinstance(value, Short) else 9 if isinstance(value, Long) else 6
    return header(kind, len(raw)) + raw


TWINS = {"192.0.2.": "11.0.2.", "198.51.100.": "11.51.100.", "203.0.113.": "11.0.113.", "2001:db8:": "2600:db8:"}


def twins(records):
    """The same records at public addresses."""
    for network, record in records:
        for documentation, public in TWINS.items():
            if network.startswith(documentation):
                yield network.replace(documentation, public, 1), record


def database(kind, records, ip_version=6, record_size=24, languages=(), built=BUILT):
    """A database of (network, record) pairs; IPv4 lies at ::/96 where IPv6 is there too."""
    nodes, data = [[None, None]], b""
    for network, record in [*records, *twins(records)]:
        network = ipaddress.ip_network(network)
        bits, number = network.prefixlen, int(network.network_address)
        width = network.max_prefixlen
        if ip_version == 6 and network.version == 4:
            bits, width = bits + 96, 128
        at = 0
        for depth in range(bits):
            side = number >> (width - 1 - depth) & 1
            if depth == bits - 1:
                nodes[at][side] = ("data", len(data))
            else:
                if nodes[at][side] is None:
                    nodes.append([None, None])
                    nodes[at][side] = ("node", len(nodes) - 1)
                at = nodes[at][side][1]
        data += encode(record)
    tree = b""
    for pair in nodes:
        numbers = []
        for entry in pair:
            if entry is None:
                numbers.append(len(nodes))
            else:
                numbers.append(entry[1] if entry[0] == "node" else len(nodes) + 16 + entry[1])
        if record_size == 28:
            left, right = numbers
            middle = bytes([left >> 24 << 4 | right >> 24])
            tree += (left & 0xFFFFFF).to_bytes(3, "big") + middle + (right & 0xFFFFFF).to_bytes(3, "big")
        else:
            tree += b"".join(number.to_bytes(record_size // 8, "big") for number in numbers)
    metadata = {
        "binary_format_major_version": Short(2),
        "binary_format_minor_version": Short(0),
        "build_epoch": Long(built),
        "database_type": kind,
        "description": {"en": "Made-up places for the tests of weblog"},
        "ip_version": Short(ip_version),
        "languages": list(languages),
        "node_count": len(nodes),
        "record_size": Short(record_size),
    }
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(metadata)


GERMANY = {"iso_code": "DE", "names": {"de": "Deutschland", "en": "Germany"}}
FRANCE = {"iso_code": "FR", "names": {"de": "Frankreich", "en": "France"}}
UNITED_STATES = {"iso_code": "US", "names": {"en": "United States"}}
JAPAN = {"iso_code": "JP", "names": {"de": "Japan", "en": "Japan"}}

CITY = [
    (
        "192.0.2.0/25",
        {
            "city": {"geoname_id": 1, "names": {"de": "Musterstadt", "en": "Sampletown"}},
            "continent": {"code": "EU", "names": {"en": "Europe"}},
            "country": GERMANY,
            "location": {"accuracy_radius": 10, "latitude": 52.25, "longitude": 13.5, "time_zone": "Europe/Berlin"},
            "postal": {"code": "00000"},
            "registered_country": FRANCE,
            "represented_country": {**UNITED_STATES, "type": "military"},
            "subdivisions": [
                {"iso_code": "XX", "names": {"de": "Musterland", "en": "Sampleland"}},
                {"iso_code": "YY", "names": {"en": "Samplecounty"}},
            ],
        },
    ),
    ("192.0.2.128/25", {"country": FRANCE, "registered_country": GERMANY}),
    (
        "198.51.100.0/24",
        {
            "city": {"names": {"en": "Springfield Test"}},
            "country": UNITED_STATES,
            "location": {"latitude": -0.5, "longitude": -122.75, "time_zone": "America/Los_Angeles"},
            "subdivisions": [{"names": {"en": "Exampleshire"}}],
        },
    ),
    # Nothing but where the network is registered, which is not where its users are.
    ("203.0.113.0/25", {"registered_country": GERMANY}),
    ("2001:db8:1::/48", {"city": {"names": {"en": "Tōkyō-Sample"}}, "country": JAPAN}),
]

ASN = [
    ("192.0.2.0/24", {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Net"}),
    ("198.51.100.0/24", {"autonomous_system_number": 64497, "autonomous_system_organization": 'Example "Transit", Inc.'}),
    ("203.0.113.0/24", {"autonomous_system_number": 64498}),
    ("2001:db8::/32", {"autonomous_system_number": 4200000001, "autonomous_system_organization": "Example Six"}),
]

FLAT = [
    (
        "192.0.2.0/24",
        {
            "city": "Flattown",
            "country_code": "DE",
            "latitude": Float(52.52),
            "longitude": Float(13.405),
            "postcode": "",
            "state1": "Flatland",
            "state2": "",
            "timezone": "Europe/Berlin",
        },
    ),
    ("198.51.100.0/24", {"country_code": "ZZ", "city": "", "state1": "-"}),
    (
        "203.0.113.0/24",
        {
            "country_code": "FR",
            "autonomous_system_number": 64511,
            "autonomous_system_organization": "Example Plat",
        },
    ),
]

IPINFO = [
    (
        "192.0.2.0/24",
        {
            "as_domain": "net.example",
            "as_name": "Example Net",
            "asn": "AS64496",
            "continent": "Europe",
            "continent_code": "EU",
            "country": "Germany",
            "country_code": "DE",
        },
    ),
    ("198.51.100.0/24", {"as_name": "Example Transit", "asn": "AS64497", "country": "US", "country_name": "United States"}),
    (
        "203.0.113.0/24",
        {"city": "Villeneuve-Test", "country": "FR", "lat": "48.5", "lng": "2.25", "region": "Test-de-France", "timezone": "Europe/Paris"},
    ),
    ("2001:db8::/32", {"city": "Sample", "country": "JP", "loc": "35.5,139.75", "region": "Kanto Test"}),
]


# The other kinds of databases that vendors publish, in their documented layouts.
ISP = [
    (
        "192.0.2.0/24",
        {
            "autonomous_system_number": 64496,
            "autonomous_system_organization": "Example Net",
            "isp": "Example Cable",
            "organization": "Example Customer",
        },
    ),
    ("198.51.100.0/24", {"autonomous_system_number": 64497, "isp": "-"}),
    ("2001:db8::/32", {"isp": "Example Six", "organization": "Example Six"}),
]

CONNECTION_TYPE = [
    ("192.0.2.0/25", {"connection_type": "Cable/DSL"}),
    ("192.0.2.128/25", {"connection_type": "Cellular"}),
    ("198.51.100.0/25", {"connection_type": "Corporate"}),
    ("198.51.100.128/25", {"connection_type": "Satellite"}),
    ("203.0.113.0/25", {"connection_type": "Dialup"}),
    ("203.0.113.128/25", {"connection_type": "Carrier pigeon"}),
]

# A flag that is not set is left out.
ANONYMOUS = [
    ("192.0.2.0/26", {"is_anonymous": True}),
    ("192.0.2.64/26", {"is_anonymous": True, "is_hosting_provider": True}),
    ("192.0.2.128/26", {"is_anonymous": True, "is_public_proxy": True, "is_hosting_provider": True}),
    ("192.0.2.192/26", {"is_anonymous": True, "is_residential_proxy": True}),
    ("198.51.100.0/24", {"is_anonymous": True, "is_anonymous_vpn": True, "is_public_proxy": True, "is_hosting_provider": True}),
    (
        "203.0.113.0/24",
        {
            "anonymizer_confidence": 99,
            "is_anonymous": True,
            "is_anonymous_vpn": True,
            "is_tor_exit_node": True,
            "network_last_seen": "2025-12-31",
            "provider_name": "Example Onions",
        },
    ),
]

DOMAIN = [("192.0.2.0/24", {"domain": "net.example"})]

ENTERPRISE = [
    (
        "192.0.2.0/24",
        {
            "city": {"confidence": 11, "names": {"en": "Sampletown", "pt-BR": "Amostra", "zh-CN": "样本"}},
            "country": {"confidence": 99, "iso_code": "BR", "names": {"en": "Brazil", "es": "Brasil (es)", "pt-BR": "Brasil"}},
            "location": {"latitude": -15.5, "longitude": -47.75, "time_zone": "America/Sao_Paulo"},
            "traits": {
                "autonomous_system_number": 64496,
                "autonomous_system_organization": "Example Net",
                "connection_type": "Corporate",
                "domain": "net.example",
                "is_anonymous": True,
                "is_legitimate_proxy": True,
                "is_public_proxy": True,
                "isp": "Example Cable",
                "organization": "Example Customer",
                "user_type": "business",
            },
        },
    ),
    # Some names are in one language only.
    ("198.51.100.0/24", {"city": {"names": {"ru": "Пример"}}, "country": {"iso_code": "RU", "names": {"ru": "Россия"}}}),
]

# IPinfo writes each flag, as a text.
PRIVACY = [
    ("192.0.2.0/24", {"hosting": "true", "proxy": "", "relay": "", "service": "", "tor": "", "vpn": "true"}),
    ("198.51.100.0/24", {"hosting": "false", "proxy": "false", "relay": "true", "tor": "false", "vpn": "false"}),
    ("203.0.113.0/24", {"hosting": "", "proxy": "", "relay": "", "service": "", "tor": "", "vpn": ""}),
]

IPINFO_ASN = [
    ("192.0.2.0/24", {"asn": "AS64496", "domain": "net.example", "name": "Example Net", "route": "192.0.2.0/24", "type": "isp"}),
    ("198.51.100.0/24", {"as_domain": "t.example", "as_name": "Example Transit", "asn": "AS64497", "name": "Example Customer"}),
    ("203.0.113.0/24", {"domain": "customer.example", "name": "Example Customer", "type": "business"}),
]

STANDARD_LOCATION = [
    (
        "192.0.2.0/24",
        {
            "city": "Villeneuve-Test",
            "country": "FR",
            "geoname_id": "1",
            "lat": "48.5",
            "lng": "2.25",
            "postal_code": "00000",
            "region": "Test-de-France",
            "region_code": "TDF",
            "timezone": "Europe/Paris",
        },
    ),
]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make-mmdb.py DIRECTORY")
    directory = pathlib.Path(sys.argv[1])
    city = database("Test-City", CITY, languages=("de", "en"), record_size=28)
    # The first network's record stays whole; in the last one a number has a size that none can have.
    broken_record = [CITY[0], ("198.51.100.0/24", {"location": {"latitude": header(3, 4) + bytes(4)}})]
    files = {
        "city": city,
        "asn": database("Test-ASN", ASN),
        "old": database("Test-ASN", ASN, built=LONG_AGO),
        "flat": database("Test-Flat", FLAT, ip_version=4, record_size=32),
        "ipinfo": database("Test IPinfo", IPINFO),
        "isp": database("Test-ISP", ISP),
        "connection-type": database("Test-Connection-Type", CONNECTION_TYPE),
        "anonymous": database("Test-Anonymous-Plus", ANONYMOUS),
        "domain": database("Test-Domain", DOMAIN),
        # A kind of database that flags what is rare.
        "shield": database("Test-Country-Shield", [("192.0.2.0/24", {"country": GERMANY})]),
        # The metadata name only some of the languages, as happens.
        "enterprise": database("Test-Enterprise", ENTERPRISE, languages=("en", "zh"), record_size=28),
        "privacy": database("ipinfo privacy.mmdb", PRIVACY),
        "ipinfo-asn": database("ipinfo asn.mmdb", IPINFO_ASN),
        "ipinfo-location": database("ipinfo standard_location.mmdb", STANDARD_LOCATION, record_size=32),
        # The node count promises a tree that is larger than the file.
        "corrupt": city.replace(b"node_count\xc1", b"node_count\xc3\xff\xff", 1).replace(b"node_count\xc2", b"node_count\xc2\xff", 1),
        "corrupt-record": database("Test-City", broken_record),
        "neither": database("Test-Other", [("192.0.2.0/24", {"is_listed": True, "score": 7})]),
    }
    if files["corrupt"] == city:
        sys.exit("the node count was not found")
    for name, content in files.items():
        (directory / f"{name}.mmdb").write_bytes(content)


main()
