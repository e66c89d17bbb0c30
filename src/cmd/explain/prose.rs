//! What was found in an input, for people.

use super::{
    about,
    look::{Look, One, Trouble, What},
    page::{Page, Style, lines, percent},
    server,
};
use weblog_parse::{Attempt, Instant, Outcome, Value, Zone};
use weblog_wire::{
    table::{fit, width},
    text::{Scratch, text},
    visible::visible,
};

/// How sure it is that an input has the format that most of its lines fit. Given are the lines that fit
/// this format, and all that are entries.
pub fn confidence(fits: u64, entries: u64) -> &'static str {
    let share = super::page::share(fits, entries);
    match entries {
        3.. if fits == entries => "certain",
        100.. if share >= 0.99 => "certain",
        _ if share >= 0.8 => "likely",
        _ => "unsure",
    }
}

/// Tells what an input is.
pub fn tell(look: &Look, zone: Zone, page: &mut Page) {
    tell_briefly(look, page);
    facts(look, page);
    times(look, zone, page);
    if look.fits() > 0 {
        fields(look, page);
    }
    if !look.troubles.is_empty() {
        page.gap();
        let entries = look.fits() + look.rejected();
        let does = if look.rejected() == 1 { "does" } else { "do" };
        let all = format!("{} of {entries} {does} not fit", lines(look.rejected()));
        page.line(&format!("  {}", page.styled(Style::Title, &all)));
        for trouble in &look.troubles {
            tell_trouble(look, trouble, page);
        }
    }
    let missing = server::missing(look);
    if !missing.is_empty() {
        page.gap();
        let names: Vec<_> = missing.iter().map(|field| field.name()).collect();
        let first = names[..names.len().min(2)].join(",");
        page.paragraph(
            2,
            &format!(
                "This format has no {}. `weblog explain --for {first}` shows how the server logs them.",
                names.join(", ")
            ),
        );
    }
}

/// Tells what an input is in a line or two, before something else is told of it.
pub fn tell_briefly(look: &Look, page: &mut Page) {
    page.gap();
    let name = if look.source == "-" { "standard input" } else { &look.source };
    page.line(&page.styled(Style::Title, &visible(name)));
    verdict(look, page);
}

fn verdict(look: &Look, page: &mut Page) {
    let (fits, rejected) = (look.fits(), look.rejected());
    let entries = fits + rejected;
    let fit = match () {
        () if entries == 1 && fits == 1 => "its one entry fits".into(),
        () if fits == entries => format!("all {} fit", lines(entries)),
        () => format!("{fits} of {} fit ({})", lines(entries), percent(fits, entries)),
    };
    match look.formats.as_slice() {
        [] if look.lines == 0 => page.paragraph(2, "empty: there is not one line in it"),
        [] if entries == 0 => {
            page.paragraph(2, &format!("no entries: {}, blank or headers", lines(look.lines)));
        }
        [] => {
            let begin = look.troubles.first().map(|trouble| trouble.line.as_slice()).unwrap_or_default();
            let what = match () {
                () if begin.starts_with(b"PAR1") => "Parquet, no log: `weblog query` reads it",
                () if look.binary => "binary data, no log",
                () => "no known format",
            };
            let none = format!("{what}: none of {} fits", lines(entries));
            page.paragraph_with(2, &none, Style::Bad, what);
        }
        [(found, top), rest @ ..] => {
            let name = look.name(*found);
            let writer = match (look.place.as_deref(), look.program()) {
                (Some(place), _) => place,
                (None, Some(_)) => "",
                (None, None) => about::writer(about::name(*found)),
            };
            let writer = if writer.is_empty() { String::new() } else { format!(" ({})", visible(writer)) };
            let sure = confidence(*top, look.entries());
            if rest.is_empty() {
                page.paragraph_with(2, &format!("{name}{writer}, {sure}: {fit}"), Style::Good, &name);
            } else {
                page.line(&format!("  {} formats, mixed: {fit}", look.formats.len()));
                let wide = look.formats.iter().map(|(found, _)| look.name(*found).len()).max().unwrap_or(0);
                for (found, count) in &look.formats {
                    let (name, share) = (look.name(*found), percent(*count, entries));
                    let mut row = format!("    {}", page.styled(Style::Good, &name));
                    row.push_str(&" ".repeat(wide - name.len()));
                    page.line(&format!("{row}  {:>11}  {share:>7}", lines(*count)));
                }
            }
            if let Some(program) = look.program() {
                page.paragraph(4, program.source());
            }
        }
    }
}

fn facts(look: &Look, page: &mut Page) {
    let mut facts = Vec::new();
    facts.extend(look.compression.map(|compression| format!("compressed with {compression}")));
    for (carrier, count) in &look.carriers {
        let all = *count == look.fits();
        facts.push(if all {
            format!("carried by {carrier}")
        } else {
            format!("{} carried by {carrier}", lines(*count))
        });
    }
    for (count, what) in [(look.headers, "header"), (look.blank, "blank")] {
        if count > 0 {
            let lines = if count == 1 { "line" } else { "lines" };
            facts.push(format!("{count} {what} {lines} skipped"));
        }
    }
    if look.extra > 0 {
        let has = if look.extra == 1 { "has" } else { "have" };
        facts.push(format!("{} {has} more at the end than the format names (in `extra`)", lines(look.extra)));
    }
    if look.more {
        facts.push(format!("{} looked at, there are more", lines(look.lines)));
    }
    if !facts.is_empty() {
        page.paragraph(2, &facts.join("; "));
    }
}

fn times(look: &Look, zone: Zone, page: &mut Page) {
    let Some((first, last)) = look.span else { return };
    let local = if look.local {
        format!("; they carry no zone and are taken as {}, --tz sets another", zone_name(zone))
    } else {
        String::new()
    };
    let (first, last) = (instant(first), instant(last));
    let span = if first == last { format!("at {first}") } else { format!("from {first} to {last}") };
    page.paragraph(2, &format!("times {span}{local}"));
}

/// A time in UTC, to the second.
pub fn instant(micros: i64) -> String {
    text(Value::Time(Instant { micros, digits: 0 }), &mut Scratch::default()).to_owned()
}

/// A zone as it is given on the command line.
pub fn zone_name(zone: Zone) -> String {
    match zone {
        Zone::Offset(0) => "UTC".into(),
        Zone::Offset(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
        Zone::Named(zone) => zone.name().into(),
    }
}

fn fields(look: &Look, page: &mut Page) {
    page.gap();
    let fits = look.fits();
    let wide = look.seen.fields().map(|field| width(&visible(&field.name))).max().unwrap_or(0).clamp(5, 28);
    let room = page.width.saturating_sub(wide + 20).max(10);
    let mut head = String::new();
    fit("field", wide, false, &mut head);
    page.line(&format!("  {}", page.styled(Style::Quiet, &format!("{head}  kind   lines  example"))));
    for field in look.seen.fields() {
        let (mut name, mut example) = (String::new(), String::new());
        fit(&visible(&field.name), wide, false, &mut name);
        fit(&visible(&field.example), room, false, &mut example);
        let share = if field.lines == fits { "all".into() } else { share(field.lines, fits) };
        page.line(&format!("  {name}  {:<5}  {share:>5}  {example}", field.kind));
    }
    let seen = |name: &&String| !look.seen.fields().any(|field| field.name == **name);
    let silent: Vec<&str> = look.fields.iter().filter(seen).map(String::as_str).collect();
    if !silent.is_empty() {
        page.paragraph(2, &format!("without a value on these lines: {}", silent.join(", ")));
    }
}

/// A share in five characters.
fn share(part: u64, whole: u64) -> String {
    match super::page::share(part, whole) * 100.0 {
        share if share < 1.0 => "<1%".into(),
        share if share >= 99.5 => ">99%".into(),
        share => format!("{share:.0}%"),
    }
}

fn tell_trouble(look: &Look, trouble: &Trouble, page: &mut Page) {
    page.gap();
    let Trouble { lines: count, number, carried, reject, .. } = trouble;
    let others = match count {
        1 => String::new(),
        2 => " and another one".into(),
        count => format!(" and {} others", count - 1),
    };
    let inside = if *carried { " (the line that it carries)" } else { "" };
    page.line(&format!("  line {number}{others}: {}{inside}", reject.reason.name()));
    tell_place(trouble, page);
    if let Some(sentence) = sentence_of_nearest(trouble, look.formats.is_empty()).filter(|_| !look.binary) {
        page.paragraph(4, &sentence);
    }
}

/// Shows where a line stopped fitting, and what was expected there.
fn tell_place(trouble: &Trouble, page: &mut Page) {
    let Trouble { line, reject, .. } = trouble;
    page.marked(4, line, reject.column - 1);
    page.paragraph(4, &format!("column {}: expected {}", reject.column, reject.expected));
}

/// Which other format would read a line, or most of it. That one reads a little more of a line than the
/// format of its neighbours says nothing: it is told only of a line that has no such neighbours.
fn sentence_of_nearest(trouble: &Trouble, is_lonely: bool) -> Option<String> {
    let best = trouble.nearest.first()?;
    let read = trouble.reject.column - 1;
    // Several formats begin with words that may be any: having read those says nothing, either.
    let words = trouble.line[..best.read].split(u8::is_ascii_whitespace).count();
    let (name, column) = (best.format.name(), best.read + 1);
    Some(match &best.outcome {
        Outcome::Fits { extra: false } => format!("`-F {name}` reads this line"),
        Outcome::Fits { extra: true } => {
            format!("`-F {name}` reads this line to column {column} and keeps the rest in `extra`")
        }
        Outcome::Stops(_) if !is_lonely => return None,
        Outcome::Stops(_) if words < 4 => "no format that has a name reads more than its beginning".into(),
        Outcome::Stops(_) if best.read == read => {
            format!("nearest to it is `-F {name}`, which stops there, too")
        }
        Outcome::Stops(reject) => {
            format!("`-F {name}` reads furthest, to column {column}, and expects {} there", reject.expected)
        }
    })
}

/// Tells about one line.
pub fn tell_one(look: &Look, one: &One, page: &mut Page) {
    page.gap();
    let name = if look.source == "-" { "standard input" } else { &look.source };
    let title = page.styled(Style::Title, &format!("{}, line {}", visible(name), one.number));
    match &one.what {
        What::NoEntry => {
            page.line(&title);
            page.paragraph(2, "no entry: it is blank, a header, or a banner between files, and is skipped");
        }
        What::Record { found, fields } => {
            let writer = about::writer(about::name(*found));
            let writer = if writer.is_empty() { String::new() } else { format!(" ({writer})") };
            page.line(&title);
            let (shown, _) = super::page::excerpt(&one.line, 0, page.width - 2);
            page.line(&format!("  {shown}"));
            page.line(&format!("  {}{writer}", page.styled(Style::Good, &look.name(*found))));
            page.gap();
            let wide = fields.iter().map(|(name, _)| width(&visible(name))).max().unwrap_or(0).min(28);
            for (name, value) in fields {
                let mut cell = String::new();
                fit(&visible(name), wide, false, &mut cell);
                page.line(&format!("  {cell}  {}", visible(value)));
            }
        }
        What::Rejected => {
            page.line(&title);
            for trouble in &look.troubles {
                page.line(&format!("  does not fit: {}", trouble.reject.reason.name()));
                tell_place(trouble, page);
            }
        }
    }
    attempts(one, page);
}

/// How far the formats came, the best first. Those that came to the same place are told together.
fn attempts(one: &One, page: &mut Page) {
    const SHOWN: usize = 4;
    let used = match one.what {
        What::Record { found, .. } => about::name(found),
        _ => "",
    };
    let close = |attempt: &&Attempt| attempt.fits() || (used.is_empty() && attempt.read > 0);
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for attempt in one.attempts.iter().filter(|attempt| attempt.format.name() != used).filter(close) {
        let (reach, then) = match &attempt.outcome {
            Outcome::Fits { extra: false } => ("all of it".into(), String::new()),
            Outcome::Fits { extra: true } => {
                (format!("to column {}", attempt.read + 1), "; the rest is `extra`".into())
            }
            Outcome::Stops(reject) => {
                (format!("to column {}", reject.column), format!("; expected {}", reject.expected))
            }
        };
        match rows.iter_mut().find(|row| row.0 == reach && row.2 == then) {
            Some((_, names, _)) => *names = format!("{names}, {}", attempt.format.name()),
            None => rows.push((reach, attempt.format.name().into(), then)),
        }
    }
    if rows.is_empty() {
        return;
    }
    page.gap();
    let title = if used.is_empty() {
        "how far the formats read it, and what was expected there"
    } else {
        "also read by"
    };
    page.line(&format!("  {}", page.styled(Style::Quiet, title)));
    rows.truncate(SHOWN);
    let wide = rows.iter().map(|(reach, ..)| reach.len()).max().unwrap_or(0);
    for (reach, names, then) in rows {
        page.hanging(&format!("    {reach:<wide$}  "), &format!("{names}{then}"));
    }
}
