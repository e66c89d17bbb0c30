//! Shades for two small dimensions, as hour by weekday.

use super::answer::{Answer, Holds};
use crate::output::look::{Look, ink};
use std::collections::HashMap;
use weblog_wire::table::{fit, width};

/// Fields across, at most.
pub(super) const ACROSS: usize = 62;
/// Fields down, at most.
pub(super) const DOWN: usize = 40;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Greens from dark to bright, of a terminal's 256 colours.
const INKS: [u8; 7] = [236, 22, 28, 34, 40, 82, 190];
const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];
const ASCII: [char; 5] = ['.', ':', '+', '*', '#'];

/// Whether values of a column have an order of their own: small numbers, days of the week.
pub(super) fn is_ordinal(answer: &Answer, column: usize) -> bool {
    let info = &answer.columns[column];
    let place = answer.rows().map(|row| day(&row.label(&[column])));
    info.holds == Holds::Number || names_days(&info.name) || place.into_iter().all(|day| day.is_some())
}

fn names_days(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["weekday", "dayofweek", "isodow", "dow"].iter().any(|word| {
        name.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
            || name.starts_with(&format!("{word}("))
    })
}

/// The place of a day in the week that its name begins.
fn day(text: &str) -> Option<usize> {
    let begin = text.get(..3)?;
    DAYS.iter()
        .position(|day| day.eq_ignore_ascii_case(begin))
        .filter(|_| text.ends_with("day") || text.len() == 3)
}

/// The values of a dimension: their order, and their texts.
struct Dimension {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Dimension {
    fn of(answer: &Answer, column: usize) -> Dimension {
        let mut seen: Vec<(f64, String)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let is_number = answer.columns[column].holds == Holds::Number;
        let days = names_days(&answer.columns[column].name);
        for (at, row) in answer.rows().enumerate() {
            let label = row.label(&[column]);
            let order = match (row.number(column).or_else(|| label.parse().ok()), day(&label)) {
                // Sunday is 0 for some and 7 for others, and Monday 1 for all.
                (Some(number), _) if days && number == 0.0 => 7.0,
                (Some(number), _) => number,
                (None, Some(day)) => day as f64,
                (None, None) if is_number => f64::INFINITY,
                (None, None) => at as f64,
            };
            known.entry(label.clone()).or_insert_with(|| {
                seen.push((order, label));
                0
            });
        }
        seen.sort_by(|a, b| a.0.total_cmp(&b.0));
        let place = |(at, (_, label)): (usize, &(f64, String))| (label.clone(), at);
        let places = seen.iter().enumerate().map(place).collect();
        let text = |(order, label): (f64, String)| match order {
            1.0..=7.0 if days && order.fract() == 0.0 => DAYS[order as usize - 1].to_owned(),
            _ => label,
        };
        Dimension { texts: seen.into_iter().map(text).collect(), places }
    }
}

/// Draws a field for each pair of values.
pub(super) fn draw(
    answer: &Answer,
    across: usize,
    down: usize,
    value: usize,
    look: Look,
    limit: usize,
) -> String {
    let (columns, rows) = (Dimension::of(answer, across), Dimension::of(answer, down));
    let mut fields: HashMap<(usize, usize), f64> = HashMap::new();
    for row in answer.rows() {
        let place = |dimension: &Dimension, at: usize| dimension.places.get(&row.label(&[at])).copied();
        let (x, y) = (place(&columns, across), place(&rows, down));
        if let (Some(x), Some(y), Some(number)) = (x, y, row.number(value)) {
            *fields.entry((x, y)).or_default() += number;
        }
    }
    let most = fields.values().copied().fold(0.0, f64::max);
    let margin = rows.texts.iter().map(|text| width(text)).max().unwrap_or(0).min(limit / 4);
    let room = limit.saturating_sub(margin + 1);
    let widest = columns.texts.iter().map(|text| width(text)).max().unwrap_or(1);
    let field = (room / columns.texts.len().max(1)).clamp(1, (widest + 1).clamp(2, 6));
    let shown = columns.texts.len().min(room / field);
    let name = |at: usize| answer.columns[at].name.as_str();
    let mut out = format!("{} by {} and {}", name(value), name(down), name(across));
    out = look.paint(ink::BOLD, &out) + "\n";
    out.push_str(&(look.paint(ink::DIM, &header(&columns.texts[..shown], margin + 1, field)) + "\n"));
    for (y, text) in rows.texts.iter().enumerate() {
        let mut label = String::new();
        fit(text, margin, true, &mut label);
        let mut line = label + " ";
        for x in 0..shown {
            line.push_str(&shade(fields.get(&(x, y)).copied(), most, field, look));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if shown < columns.texts.len() {
        let more = columns.texts.len() - shown;
        out.push_str(&look.note(&format!("… and {more} more")));
    }
    out + &scale(most, answer, value, look, if margin + 24 > limit { 0 } else { margin + 1 })
}

/// The texts over the fields: as many as have room.
fn header(texts: &[String], margin: usize, field: usize) -> String {
    let mut line = " ".repeat(margin);
    for (at, text) in texts.iter().enumerate() {
        let start = margin + at * field;
        let used = width(&line);
        let fits = start + width(text) <= margin + texts.len() * field;
        if fits && used <= start && (used == margin || used < start || width(text) < field) {
            line.push_str(&" ".repeat(start - used));
            line.push_str(text);
        }
    }
    line
}

/// A field: nothing where there is no value, the faintest shade for nought.
fn shade(number: Option<f64>, most: f64, field: usize, look: Look) -> String {
    let Some(number) = number else { return " ".repeat(field) };
    let share = if most > 0.0 { (number / most).clamp(0.0, 1.0) } else { 0.0 };
    let level = |levels: usize| match share {
        share if share > 0.0 => ((share * (levels - 1) as f64).ceil() as usize).min(levels - 1),
        _ => 0,
    };
    if look.colour {
        let ink = INKS[level(INKS.len())];
        return format!("\x1b[48;5;{ink}m{}\x1b[0m", " ".repeat(field));
    }
    let shades = if look.unicode { SHADES } else { ASCII };
    // Neighbours stay apart where there is room.
    let drawn = if field > 2 { field - 1 } else { field };
    shades[level(shades.len())].to_string().repeat(drawn) + &" ".repeat(field - drawn)
}

/// What the shades mean.
fn scale(most: f64, answer: &Answer, value: usize, look: Look, margin: usize) -> String {
    let levels = if look.colour { INKS.len() } else { SHADES.len() };
    let unit = answer.columns[value].unit;
    let shades: String = (0..levels).map(|at| shade(Some(at as f64), (levels - 1) as f64, 2, look)).collect();
    let most = look.spell(&unit.show(most));
    format!("{}{} {shades} {}\n", " ".repeat(margin), look.spell(&unit.show(0.0)), most)
}
