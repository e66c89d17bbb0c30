#!/usr/bin/env python3
"""Makes the world of the text map out of Natural Earth's countries.

    make-world.py countries-50m.json OUTPUT

The table in this repository, world.txt, was made from countries-50m.json of the npm package
world-atlas 2.0.2, which is Natural Earth 4.1.0 (naturalearthdata.com, public domain) as TopoJSON.
The numbers of ISO 3166-1 in it become letters by the Python package pycountry; nothing else is needed.

OUTPUT is text. A line for each country, `CC<tab>Name`, the places of the lines being the numbers of the
countries; an empty line; then a line for each degree of latitude, from 84 N to 57 S: runs of degrees
of longitude from 180 W on, separated by spaces. A run is a length, and the number of a country behind
a colon unless it is water. Countries that no degree belongs to have the one that their middle is in.
"""

import json
import sys

import pycountry

NORTH, SOUTH = 84, -57
# Countries that Natural Earth has without a number.
OTHERS = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY", "Siachen Glacier": "IN"}
# Names that a list beside a map has no room for.
SHORT = {"United States of America": "United States"}


def rings(topology, geometry):
    """The rings of a geometry, in degrees."""
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]

    def arc(number):
        x = y = 0
        points = []
        for dx, dy in topology["arcs"][~number if number < 0 else number]:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + move[0], y * scale[1] + move[1]))
        return points[::-1] if number < 0 else points

    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for ring in polygon:
            yield unrolled([point for number in ring for point in arc(number)])


def unrolled(ring):
    """The ring without jumps from one edge of the map to the other: it goes on beyond the edge."""
    turns, out, last = 0, [], None
    for x, y in ring:
        if last is not None and abs(x - last) > 180:
            turns += 1 if x < last else -1
        last = x
        out.append((x + 360 * turns, y))
    return out


def spans(lines, latitude):
    """Where a parallel is inside of rings: pairs of longitudes, by the even-odd rule."""
    crossings = []
    for ring in lines:
        for (x0, y0), (x1, y1) in zip(ring, ring[1:]):
            if (y0 <= latitude) != (y1 <= latitude):
                crossings.append(x0 + (latitude - y0) * (x1 - x0) / (y1 - y0))
    crossings.sort()
    return list(zip(crossings[::2], crossings[1::2]))


def main(source, target):
    with open(source) as file:
        topology = json.load(file)
    countries = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        known = pycountry.countries.get(numeric=geometry.get("id") or "")
        code = known.alpha_2 if known else OTHERS.get(name)
        if code is None:
            print("left out:", name, file=sys.stderr)
            continue
        lines = list(rings(topology, geometry))
        held = countries.setdefault(code, [name, []])
        if known and not geometry["properties"]["name"].startswith("Ashmore"):
            held[0] = SHORT.get(name, name)
        held[1].extend(lines)
    codes = sorted(countries)
    rows = [[None] * 360 for _ in range(NORTH - SOUTH)]
    for number, code in enumerate(codes):
        lines = countries[code][1]
        for row in range(len(rows)):
            for west, east in spans(lines, NORTH - row - 0.5):
                for column in range(360):
                    if west <= column - 179.5 <= east:
                        rows[row][column] = number
    for number, code in enumerate(codes):
        if any(number in row for row in rows):
            continue
        widest = max(countries[code][1], key=len)
        x = sum(point[0] for point in widest) / len(widest)
        y = sum(point[1] for point in widest) / len(widest)
        row, column = int(NORTH - y), int(x + 180) % 360
        if 0 <= row < len(rows):
            rows[row][column] = number
    with open(target, "w") as file:
        for code in codes:
            file.write(f"{code}\t{countries[code][0]}\n")
        file.write("\n")
        for row in rows:
            runs = []
            for value in row:
                if runs and runs[-1][1] == value:
                    runs[-1][0] += 1
                else:
                    runs.append([1, value])
            file.write(" ".join(f"{n}" if v is None else f"{n}:{v}" for n, v in runs) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
