//! Numbers over time: columns for one series, lines for several.

use super::{
    answer::Answer,
    axis::{Range, marks, moment, range},
    canvas::Canvas,
};
use crate::output::look::{Look, ink};
use std::collections::{BTreeMap, HashMap};
use weblog_wire::table::{fit, width};

/// Series that can be told apart.
const MOST: usize = 8;
const INKS: [u8; MOST] = [39, 208, 76, 205, 226, 99, 51, 160];
const SIGNS: [char; MOST] = ['*', '+', 'o', 'x', '#', '@', '%', '='];
/// The colour of a single series.
const SINGLE: u8 = 37;

/// Numbers at their times.
struct Series {
    name: String,
    points: BTreeMap<i64, f64>,
}

/// Where times and numbers are on the sheet.
struct Frame {
    from: i64,
    to: i64,
    /// From one time to the next, usually.
    step: i64,
    range: Range,
    columns: usize,
    rows: usize,
}

/// Draws the values of all columns, or those of one for each name in `series`.
pub(super) fn draw(
    answer: &Answer,
    time: usize,
    series: &[usize],
    values: &[usize],
    look: Look,
    limit: usize,
) -> String {
    let unit = answer.columns[values[0]].unit;
    let (all, others) = collect(answer, time, series, values);
    let mut times: Vec<i64> = all.iter().flat_map(|series| series.points.keys().copied()).collect();
    times.sort_unstable();
    times.dedup();
    let (Some(from), Some(last)) = (times.first().copied(), times.last().copied()) else {
        return look.note("all values are null");
    };
    let step = usual_step(&times);
    let numbers = || all.iter().flat_map(|series| series.points.values().copied());
    let rows = look.height.map_or(14, |height| height.saturating_sub(7).clamp(4, 20));
    let range = range(numbers().fold(0.0, f64::min), numbers().fold(0.0, f64::max), (rows / 3).clamp(2, 5));
    let ticks = ticks(&range, rows);
    let show = |number: f64| look.spell(&unit.show(number));
    let margin = ticks.iter().map(|(_, number)| width(&show(*number))).max().unwrap_or(0);
    let columns = limit.saturating_sub(margin + 2).max(8);
    let frame = Frame { from, to: last.saturating_add(step), step, range, columns, rows };
    let mut canvas = Canvas::new(columns, rows);
    let names: Vec<String> = values.iter().map(|at| answer.columns[*at].name.clone()).collect();
    let mut notes = String::new();
    let mut head = String::new();
    let title = title(&names, answer, time, series, from, last, look);
    fit(&title, width(&title).min(limit), false, &mut head);
    let mut out = look.paint(ink::BOLD, &head) + "\n";
    if let ([single], true) = (&all[..], range.low == 0.0) {
        let most = frame.fill(single, look, &mut canvas);
        if most > 1 {
            notes = look.note(&format!("the highest of up to {most} a column"));
        }
    } else {
        let (mut most, mut used) = (1, 0);
        for (at, series) in all.iter().enumerate() {
            most = frame.line(series, at, look, &mut canvas).max(most);
            let sign = if look.colour && look.unicode { '━' } else { SIGNS[at] };
            let name: String = series.name.chars().take(24).collect();
            let entry = format!("{sign} {name}");
            // The legend has as many lines as it needs.
            let gap = match used {
                0 => "",
                used if used + 3 + width(&entry) > limit => "\n",
                _ => "   ",
            };
            used = if gap == "\n" { width(&entry) } else { used + gap.len() + width(&entry) };
            out = out + gap + &look.paint(&format!("38;5;{}", INKS[at]), &entry);
        }
        if others > 0 {
            out.push_str(&look.paint(ink::DIM, &format!("   and {others} more")));
        }
        out.push('\n');
        if most > 1 {
            notes = look.note(&format!("the mean of up to {most} a point"));
        }
    }
    let (corner, edge, tick) = if look.unicode { ('└', '│', '┤') } else { ('+', '|', '+') };
    for row in 0..rows {
        let label = ticks.iter().find(|(at, _)| *at == row).map(|(_, number)| show(*number));
        let edge = if label.is_some() { tick } else { edge };
        let label = label.unwrap_or_default();
        let padding = " ".repeat(margin.saturating_sub(width(&label)));
        out.push_str(&look.paint(ink::DIM, &format!("{padding}{label} {edge}")));
        out = out + &canvas.line(row, look) + "\n";
    }
    let (line, texts) = frame.below(look);
    let least = show(frame.range.low);
    let padding = " ".repeat(margin.saturating_sub(width(&least)));
    out.push_str(&(look.paint(ink::DIM, &format!("{padding}{least} {corner}{line}")) + "\n"));
    out.push_str(&(look.paint(ink::DIM, &format!("{}{texts}", " ".repeat(margin + 2))) + "\n"));
    out + &notes
}

/// What is shown, and from when to when.
fn title(
    names: &[String],
    answer: &Answer,
    time: usize,
    series: &[usize],
    from: i64,
    last: i64,
    look: Look,
) -> String {
    let mut by = vec![answer.columns[time].name.clone()];
    by.extend(series.iter().map(|at| answer.columns[*at].name.clone()));
    let span = look.spell(&format!("{} – {}", moment(from), moment(last)));
    format!("{} by {}, {span}", names.join(", "), by.join(", "))
}

/// The series with the greatest sums, in the order in which they came, and how many there are besides.
fn collect(answer: &Answer, time: usize, series: &[usize], values: &[usize]) -> (Vec<Series>, usize) {
    let mut all: Vec<Series> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in answer.rows() {
        let Some(micros) = row.micros(time) else { continue };
        for value in values {
            let Some(number) = row.number(*value) else { continue };
            let name =
                if series.is_empty() { answer.columns[*value].name.clone() } else { row.label(series) };
            let at = *places.entry(name).or_insert_with_key(|name| {
                all.push(Series { name: name.clone(), points: BTreeMap::new() });
                all.len() - 1
            });
            // Several rows of one time and name are several parts of it.
            *all[at].points.entry(micros).or_default() += number;
        }
    }
    let sum = |series: &Series| series.points.values().map(|number| number.abs()).sum::<f64>();
    let mut sums: Vec<f64> = all.iter().map(sum).collect();
    sums.sort_by(|a, b| b.total_cmp(a));
    let others = all.len().saturating_sub(MOST);
    if let Some(least) = sums.get(MOST - 1) {
        all.retain(|series| sum(series) >= *least);
        all.truncate(MOST);
    }
    (all, others)
}

/// The middle one of the distances between neighbours.
fn usual_step(times: &[i64]) -> i64 {
    let mut steps: Vec<i64> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(1_000_000).max(1)
}

/// The rows that have a number beside them, and the number.
fn ticks(range: &Range, rows: usize) -> Vec<(usize, f64)> {
    let size = range.high - range.low;
    let count = (size / range.step + 1e-9).floor() as usize;
    let tick = |at: usize| {
        let number = range.low + range.step * at as f64;
        let above = ((number - range.low) / size * rows as f64).ceil() as usize;
        // A sum of steps is not nought where it should be.
        (rows - above.clamp(1, rows), if number.abs() < range.step / 1e6 { 0.0 } else { number })
    };
    (1..=count).map(tick).collect()
}

impl Frame {
    /// The share of a time between the edges.
    fn across(&self, time: i64) -> f64 {
        (time.saturating_sub(self.from)) as f64 / (self.to.saturating_sub(self.from).max(1)) as f64
    }

    fn up(&self, number: f64) -> f64 {
        (number - self.range.low) / (self.range.high - self.range.low)
    }

    /// Until when a value holds: the next one, or where the next one should be.
    fn until(&self, time: i64, next: Option<i64>) -> i64 {
        let usual = time.saturating_add(self.step);
        // Months are of different lengths.
        let reach = time.saturating_add(self.step / 2).saturating_add(self.step);
        next.filter(|next| *next < reach).unwrap_or(usual)
    }

    /// Fills columns up to the highest of the values in each. Gives the most values that a column has.
    fn fill(&self, series: &Series, look: Look, canvas: &mut Canvas) -> usize {
        let mut highest: Vec<Option<f64>> = vec![None; self.columns];
        let mut counts = vec![0; self.columns];
        let times: Vec<i64> = series.points.keys().copied().collect();
        for (at, (time, number)) in series.points.iter().enumerate() {
            let until = self.until(*time, times.get(at + 1).copied());
            let first = (self.across(*time) * self.columns as f64).round() as usize;
            let end = (self.across(until) * self.columns as f64).round() as usize;
            let first = first.min(self.columns - 1);
            counts[((self.across(*time) * self.columns as f64) as usize).min(self.columns - 1)] += 1;
            for highest in &mut highest[first..end.max(first + 1).min(self.columns)] {
                *highest = Some(highest.map_or(*number, |other| other.max(*number)));
            }
        }
        for (column, number) in highest.iter().enumerate() {
            let Some(number) = number else { continue };
            let levels = (self.up(*number) * self.rows as f64 * 8.0).round() as usize;
            let levels = if *number > 0.0 { levels.max(1) } else { levels };
            for row in 0..self.rows {
                let here = levels.saturating_sub((self.rows - 1 - row) * 8).min(8);
                let shown = match (here, look.unicode) {
                    (0, _) => continue,
                    (_, true) => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][here - 1],
                    (1..4, false) => '.',
                    (4..7, false) => ':',
                    _ => '#',
                };
                canvas.put(column, row, shown, Some(SINGLE));
            }
        }
        counts.into_iter().max().unwrap_or(0)
    }

    /// Draws a line from point to point that ends where points are missing. Values that fall on one place
    /// are one point, their mean; gives the most of them.
    fn line(&self, series: &Series, number: usize, look: Look, canvas: &mut Canvas) -> usize {
        let fine = look.colour && look.unicode;
        let (columns, rows) =
            if fine { (self.columns * 2, self.rows * 4) } else { (self.columns, self.rows) };
        // For each place across: the sum, how many, and the first and last times.
        let mut places: BTreeMap<i64, (f64, usize, i64, i64)> = BTreeMap::new();
        for (time, value) in &series.points {
            let x = (self.across(time.saturating_add(self.step / 2)) * columns as f64) as i64;
            let place = places.entry(x.clamp(0, columns as i64 - 1)).or_insert((0.0, 0, *time, *time));
            *place = (place.0 + value, place.1 + 1, place.2, *time);
        }
        let up = |value: f64| {
            let y = (1.0 - self.up(value)) * (rows - 1) as f64;
            (y.round() as i64).clamp(0, rows as i64 - 1)
        };
        let mut last: Option<(i64, i64, i64)> = None;
        for (x, (sum, count, first, until)) in &places {
            let here = (*x, up(sum / *count as f64));
            let joined = last.filter(|(_, _, before)| self.until(*before, Some(*first)) == *first);
            let (x0, y0) = joined.map_or(here, |(x, y, _)| (x, y));
            let steps = (here.0 - x0).abs().max((here.1 - y0).abs()).max(1);
            for at in 0..=steps {
                let between =
                    |a: i64, b: i64| (a + ((b - a) * at * 2 + steps).div_euclid(2 * steps)) as usize;
                let (x, y) = (between(x0, here.0), between(y0, here.1));
                if fine {
                    canvas.dot(x, y, Some(INKS[number]));
                } else {
                    canvas.put(x, y, SIGNS[number], Some(INKS[number]));
                }
            }
            last = Some((here.0, here.1, *until));
        }
        places.values().map(|(_, count, _, _)| *count).max().unwrap_or(0)
    }

    /// The axis of time, and the texts below it.
    fn below(&self, look: Look) -> (String, String) {
        let (dash, mark) = if look.unicode { ('─', '┬') } else { ('-', '+') };
        let mut line = vec![dash; self.columns];
        let mut texts = String::new();
        for (time, text) in marks(self.from, self.to.saturating_sub(1), self.columns / 10) {
            let column = ((self.across(time) * self.columns as f64).round() as usize).min(self.columns - 1);
            let used = texts.chars().count();
            if (column > used || used == 0) && column + text.chars().count() <= self.columns {
                line[column] = mark;
                texts.extend(std::iter::repeat_n(' ', column - used));
                texts.push_str(&text);
            }
        }
        (line.into_iter().collect(), texts)
    }
}
