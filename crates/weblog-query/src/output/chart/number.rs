//! A number in large digits.

use super::answer::Answer;
use crate::output::{
    look::{Look, ink},
    spark::sparkline,
};

/// Characters of five lines each; a line is of four columns at most. Others are written as they are.
const GLYPHS: &[(char, [&str; 5])] = &[
    ('0', ["####", "#  #", "#  #", "#  #", "####"]),
    ('1', [" #", "##", " #", " #", " #"]),
    ('2', ["####", "   #", "####", "#   ", "####"]),
    ('3', ["####", "   #", " ###", "   #", "####"]),
    ('4', ["#  #", "#  #", "####", "   #", "   #"]),
    ('5', ["####", "#   ", "####", "   #", "####"]),
    ('6', ["####", "#   ", "####", "#  #", "####"]),
    ('7', ["####", "   #", "   #", "   #", "   #"]),
    ('8', ["####", "#  #", "####", "#  #", "####"]),
    ('9', ["####", "#  #", "####", "   #", "####"]),
    ('.', [" ", " ", " ", " ", "#"]),
    (',', ["  ", "  ", "  ", " #", "# "]),
    ('-', ["   ", "   ", "###", "   ", "   "]),
    ('%', ["#  #", "  # ", " ## ", " #  ", "#  #"]),
];

/// Draws each number over its name, and lists as sparklines below.
pub(super) fn draw(answer: &Answer, values: &[usize], lists: &[usize], look: Look) -> String {
    let mut out = String::new();
    // Of several rows the last one is now.
    let Some(row) = answer.rows().last() else { return out };
    for at in values {
        let column = &answer.columns[*at];
        let shown = match row.number(*at) {
            Some(_) => look.spell(&row.cell(*at, column.unit)),
            None => "-".to_owned(),
        };
        out.push_str(&large(&shown, look));
        out.push_str(&look.note(&column.name));
        if answer.len() > 1 {
            let numbers: Vec<Option<f64>> = answer.rows().map(|row| row.number(*at)).collect();
            out = out + &look.paint(ink::BAR, &sparkline(&numbers, look.unicode)) + "\n";
        }
    }
    for at in lists {
        let line = sparkline(&row.numbers(*at).unwrap_or_default(), look.unicode);
        out = out + &look.paint(ink::BAR, &line) + "\n" + &look.note(&answer.columns[*at].name);
    }
    out
}

/// The text in large characters; what has none, as a unit, stands behind the last line.
fn large(text: &str, look: Look) -> String {
    let glyph = |c: char| GLYPHS.iter().find(|(known, _)| *known == c).map(|(_, glyph)| glyph);
    let end = text.find(|c| glyph(c).is_none()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let mut lines: Vec<String> = vec![String::new(); 5];
    for glyph in digits.chars().filter_map(glyph) {
        for (line, part) in lines.iter_mut().zip(glyph) {
            line.push_str(part);
            line.push(' ');
        }
    }
    if look.unicode {
        lines = halved(&lines);
    }
    let mut out = String::new();
    let last = lines.len() - 1;
    for (at, line) in lines.iter().enumerate() {
        let line = look.paint(ink::BAR, line.trim_end());
        let unit = if at == last { rest.trim() } else { "" };
        out = out + format!("{line} {unit}").trim_end() + "\n";
    }
    out
}

/// Two lines in one.
fn halved(lines: &[String]) -> Vec<String> {
    let pair = |pair: &[String]| {
        let below = pair.get(1).map_or("", String::as_str);
        let below = below.chars().chain(std::iter::repeat(' '));
        let half = |(above, below): (char, char)| match (above == '#', below == '#') {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        pair[0].chars().zip(below).map(half).collect()
    };
    lines.chunks(2).map(pair).collect()
}
