//! A map of the world's countries, shaded by a number.

use super::{answer::Answer, canvas::Canvas};
use crate::output::look::{Look, ink};
use std::{collections::HashMap, sync::LazyLock};
use weblog_wire::table::{fit, width};

/// Countries, and the one of each degree. Made by `data/make-world.py`, which says what of: Natural Earth,
/// public domain.
const TABLE: &str = include_str!("../../../data/world.txt");
/// Degrees from west to east.
const DEGREES: usize = 360;
/// Blues from dark to bright, of a terminal's 256 colours.
const INKS: [u8; 6] = [24, 31, 38, 45, 51, 195];
/// Land that has no number.
const LAND: u8 = 239;
/// Without colours: land, and the shades of numbers.
const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];
const ASCII: [char; 5] = ['.', ':', '+', '*', '#'];
/// The room for the list beside the map.
const LIST: usize = 34;
const GAP: usize = 3;

struct World {
    /// Letters and name.
    countries: Vec<(&'static str, &'static str)>,
    /// From north to south: the country of each degree.
    rows: Vec<Vec<Option<usize>>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let (names, rows) = TABLE.split_once("\n\n").unwrap_or_default();
    let run = |run: &str| {
        let (length, country) = run.split_once(':').map_or((run, None), |(a, b)| (a, Some(b)));
        let country = country.and_then(|country| country.parse().ok());
        std::iter::repeat_n(country, length.parse().unwrap_or(0))
    };
    World {
        countries: names.lines().filter_map(|line| line.split_once('\t')).collect(),
        rows: rows.lines().map(|line| line.split(' ').flat_map(run).collect()).collect(),
    }
});

/// Whether a column's values are countries: its name says so or all of them are letters of one.
pub(super) fn is_country(answer: &Answer, column: usize) -> bool {
    let name = answer.columns[column].name.to_ascii_lowercase();
    let is_letters = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    let mut values = 0;
    for row in answer.rows() {
        let label = row.label(&[column]);
        if label == "-" {
            continue;
        }
        if !is_letters(&label) {
            return false;
        }
        values += 1;
    }
    let says_so = name == "cc" || name.split('_').any(|word| word == "country");
    values > 0 && (says_so || values > 4 && answer.rows().all(|row| known(&row.label(&[column])).is_some()))
}

fn known(letters: &str) -> Option<usize> {
    WORLD.countries.iter().position(|(known, _)| *known == letters)
}

/// Draws the map and, beside or below it, the countries with the greatest numbers.
pub(super) fn draw(answer: &Answer, country: usize, value: usize, look: Look, limit: usize) -> String {
    let mut sums: HashMap<String, f64> = HashMap::new();
    for row in answer.rows() {
        if let Some(number) = row.number(value) {
            *sums.entry(row.label(&[country])).or_default() += number;
        }
    }
    let mut top: Vec<(String, f64)> = sums.into_iter().collect();
    top.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let beside = limit >= 72;
    let room = if beside { limit - LIST - GAP } else { limit };
    // A cell is twice as high as it is wide, and a map of 141 degrees is not to fill more than the screen.
    let tall = look.height.map_or(40, |height| height.saturating_sub(4).max(5));
    let columns = room.min(DEGREES / 2).min(tall * 2 * DEGREES / WORLD.rows.len());
    let numbers: HashMap<usize, f64> =
        top.iter().filter_map(|(letters, number)| Some((known(letters)?, *number))).collect();
    let canvas = map(&numbers, columns, look);
    let height = canvas.rows.len();
    let list = list(&top, answer, value, look, if beside { height } else { 10 }, limit.min(LIST));
    let mut out = String::new();
    if beside {
        for row in 0..height {
            let entry = list.get(row).map_or("", String::as_str);
            out.push_str(&format!("{}{}{entry}\n", canvas.padded(row, look), " ".repeat(GAP)));
        }
    } else {
        (0..height).for_each(|row| out.push_str(&(canvas.line(row, look) + "\n")));
        list.iter().for_each(|entry| out.push_str(&format!("{entry}\n")));
    }
    out
}

/// The countries with the greatest numbers, under a header, and how many there are besides.
fn list(
    top: &[(String, f64)],
    answer: &Answer,
    value: usize,
    look: Look,
    most: usize,
    room: usize,
) -> Vec<String> {
    let unit = answer.columns[value].unit;
    let shown = if top.len() + 1 > most { most.saturating_sub(2).max(1) } else { top.len() };
    let entries = top.iter().take(shown);
    let entries = entries.map(|(letters, number)| {
        let name = match known(letters) {
            Some(at) => WORLD.countries[at].1,
            None if letters == "-" => "unknown",
            None => "",
        };
        (letters, name, look.spell(&unit.show(*number)))
    });
    let entries: Vec<_> = entries.collect();
    let name = &answer.columns[value].name;
    let wide = entries.iter().map(|(_, _, number)| width(number)).max().unwrap_or(0).max(width(name).min(14));
    let line = |letters: &str, country: &str, number: &str| {
        let mut line = String::new();
        fit(letters, 2, false, &mut line);
        line.push(' ');
        fit(country, room.saturating_sub(4 + wide), false, &mut line);
        line.push(' ');
        fit(number, wide, true, &mut line);
        line
    };
    let mut lines = vec![look.paint(ink::BOLD, &line("", "", name))];
    lines.extend(entries.iter().map(|(letters, country, number)| {
        let country = if look.unicode { (*country).to_owned() } else { plain(country) };
        line(letters, &country, number)
    }));
    if top.len() > shown {
        lines.push(look.note(&format!("… and {} more", top.len() - shown)).trim_end().to_owned());
    }
    lines
}

/// A name of ours in ASCII.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

/// The map in so many columns.
fn map(numbers: &HashMap<usize, f64>, columns: usize, look: Look) -> Canvas {
    let fine = look.colour && look.unicode;
    let rows = (columns * WORLD.rows.len()).div_ceil(DEGREES * 2).max(1);
    let mut canvas = Canvas::new(columns, rows);
    let most = numbers.values().copied().fold(0.0, f64::max);
    // Countries differ by powers of ten.
    let share = |number: f64| match (number > 0.0, most > 1.0) {
        (false, _) => 0.0,
        (true, false) => number / most,
        (true, true) => (1.0 + number).ln() / (1.0 + most).ln(),
    };
    let level =
        |number: f64, levels: usize| ((share(number) * levels as f64).ceil() as usize).clamp(1, levels) - 1;
    for row in 0..rows {
        for column in 0..columns {
            let Some(country) = chief(row, column, rows, columns, numbers) else { continue };
            let number = numbers.get(&country).copied();
            let ink = number.map_or(LAND, |number| INKS[level(number, INKS.len())]);
            if fine {
                dots(row, column, rows, columns, ink, &mut canvas);
                continue;
            }
            let shades = if look.unicode { SHADES } else { ASCII };
            let shown = number.map_or(shades[0], |number| shades[1 + level(number, 4)]);
            canvas.put(column, row, shown, Some(ink));
        }
    }
    canvas
}

/// The degrees under a part of the map that is one of so many.
fn degrees(at: usize, parts: usize, total: usize) -> std::ops::Range<usize> {
    let start = at * total / parts;
    start..((at + 1) * total / parts).max(start + 1).min(total)
}

/// The country that has most of a cell; one with a number comes before one without.
fn chief(
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
    numbers: &HashMap<usize, f64>,
) -> Option<usize> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    let mut size = 0;
    for y in degrees(row, rows, WORLD.rows.len()) {
        for x in degrees(column, columns, DEGREES) {
            size += 1;
            if let Some(country) = WORLD.rows[y].get(x).copied().flatten() {
                *counts.entry(country).or_default() += 1;
            }
        }
    }
    // A cell that is nearly all water is water, unless its country has a number.
    let land: usize = counts.values().sum();
    let enough = land * 4 >= size;
    let candidates = counts.iter().filter(|(country, _)| enough || numbers.contains_key(country));
    candidates
        .max_by_key(|(country, count)| (numbers.contains_key(country), **count, std::cmp::Reverse(**country)))
        .map(|(country, _)| *country)
}

/// The dots of a cell that are land.
fn dots(row: usize, column: usize, rows: usize, columns: usize, ink: u8, canvas: &mut Canvas) {
    let mut any = false;
    for y in 0..4 {
        for x in 0..2 {
            let degrees_y = degrees(row * 4 + y, rows * 4, WORLD.rows.len());
            let degrees_x = degrees(column * 2 + x, columns * 2, DEGREES);
            let is_land = degrees_y
                .flat_map(|y| degrees_x.clone().map(move |x| (x, y)))
                .any(|(x, y)| WORLD.rows[y].get(x).is_some_and(Option::is_some));
            if is_land {
                canvas.dot(column * 2 + x, row * 4 + y, Some(ink));
                any = true;
            }
        }
    }
    debug_assert!(any, "a cell with a country has land");
}
