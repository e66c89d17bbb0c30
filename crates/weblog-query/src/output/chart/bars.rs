//! A bar for each name.

use super::answer::Answer;
use crate::output::{
    look::{Look, ink},
    spark::sparkline,
    unit::Unit,
};
use weblog_wire::table::{fit, width};

/// Bars where there is no screen that could be full.
const MOST: usize = 50;
/// The shortest room for bars that is worth it beside long labels.
const LEAST: usize = 10;

/// Draws labels, values and bars; the other columns stand between as in a table.
pub(super) fn draw(
    answer: &Answer,
    labels: &[usize],
    value: usize,
    others: &[usize],
    look: Look,
    limit: usize,
) -> String {
    // The command, the header, the line on what is left out, the last line, and the prompt.
    let most = look.height.map_or(MOST, |height| height.saturating_sub(5).max(3));
    let count = answer.len();
    let shown = if count > most { most } else { count };
    let scale =
        answer.rows().take(shown).filter_map(|row| row.number(value)).fold(0.0, |a: f64, b| a.max(b.abs()));
    let columns: Vec<usize> = [value].into_iter().chain(others.iter().copied()).collect();
    let name = |at: &usize| answer.columns[*at].name.clone();
    let mut cells: Vec<Vec<String>> = vec![columns.iter().map(name).collect()];
    let mut names = vec![labels.iter().map(name).collect::<Vec<_>>()];
    let mut bars: Vec<Option<(f64, &str)>> = vec![None];
    for row in answer.rows().take(shown) {
        names.push(labels.iter().map(|at| row.label(&[*at])).collect());
        let cell = |at: &usize| match row.numbers(*at) {
            Some(numbers) => sparkline(&numbers, look.unicode),
            None => look.spell(&row.cell(*at, answer.columns[*at].unit)),
        };
        cells.push(columns.iter().map(cell).collect());
        let class = match labels {
            [only] if answer.columns[*only].unit == Unit::Status => row.number(*only).and_then(ink::status),
            _ => names.last().and_then(|names| names.iter().find_map(|name| class_of(name))),
        };
        bars.push(
            row.number(value).filter(|_| scale > 0.0).map(|number| (number, class.unwrap_or(ink::BAR))),
        );
    }
    let names = side_by_side(&names, limit / 3);
    // What does not fit beside bars is left off from the right; the value stays.
    let measure = |at: usize| cells.iter().map(|row| width(&row[at])).max().unwrap_or(0).min(limit / 3);
    let mut widths: Vec<usize> = (0..columns.len()).map(measure).collect();
    let wide = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let label = wide.min((limit * 2 / 5).max(8));
    while widths.len() > 1
        && label + widths.iter().map(|width| width + 2).sum::<usize>() + 2 + LEAST * 2 > limit
    {
        widths.pop();
    }
    let taken = label + widths.iter().map(|width| width + 2).sum::<usize>() + 2;
    let room = limit.saturating_sub(taken).max(1);
    let mut out = String::new();
    for (at, ((name, cells), bar)) in names.iter().zip(&cells).zip(&bars).enumerate() {
        let mut line = String::new();
        fit(name, label, false, &mut line);
        for (cell, width) in cells.iter().zip(&widths) {
            line.push_str("  ");
            fit(cell, *width, true, &mut line);
        }
        if at == 0 {
            line = look.paint(ink::BOLD, line.trim_end());
        }
        if let Some((number, colour)) = bar {
            let drawn = look.bar(number.abs() / scale, room);
            let drawn = if *number < 0.0 { hollow(&drawn, look) } else { drawn };
            line.push_str("  ");
            line.push_str(&look.paint(colour, &drawn));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if count > shown {
        let more = Unit::Count.show((count - shown) as f64);
        let rows = if count - shown == 1 { "row" } else { "rows" };
        out.push_str(&look.note(&format!("… and {more} more {rows}")));
    }
    out
}

/// Each row of names as one text, the names of a column one below the other.
fn side_by_side(names: &[Vec<String>], most: usize) -> Vec<String> {
    let columns = names.first().map_or(0, Vec::len);
    let widest = |at: usize| names.iter().map(|row| width(&row[at])).max().unwrap_or(0).min(most);
    let widths: Vec<usize> = (0..columns).map(|at| if at + 1 == columns { 0 } else { widest(at) }).collect();
    let join = |row: &Vec<String>| {
        let mut line = String::new();
        for (at, name) in row.iter().enumerate() {
            match at + 1 == columns {
                true => line.push_str(name),
                false => {
                    fit(name, widths[at], false, &mut line);
                    line.push_str("  ");
                }
            }
        }
        line
    };
    names.iter().map(join).collect()
}

/// The bar of a number below nought.
fn hollow(bar: &str, look: Look) -> String {
    if look.unicode { "░" } else { "-" }.repeat(bar.chars().count())
}

/// The colour of `5xx` and its like.
fn class_of(label: &str) -> Option<&'static str> {
    let digit = label.strip_suffix("xx")?.parse::<f64>().ok()?;
    ink::status(digit * 100.0)
}
