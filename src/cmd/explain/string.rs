//! A format itself: what each of its directives fills, and what is wrong with one that is none.

use super::{
    about,
    json::{Object, array},
    page::{Page, Style, excerpt},
};
use crate::{
    exit::{say, say_more},
    formats::{BadString, FormatArg, server_of},
    output::terminal_width,
};
use weblog_parse::{Field, Format, Kind, Name, Program, conf::Server};
use weblog_wire::{table::width, visible::visible};

/// One field that a format fills, and the directive that does it where there is one.
struct Row<'f> {
    directive: &'f str,
    field: &'f str,
    kind: Kind,
    meaning: String,
}

/// Tells what a format is.
pub fn tell(format: &FormatArg, page: &mut Page) {
    page.gap();
    match format {
        FormatArg::Named(format) => {
            let writer = about::writer(format.name());
            let writer = if writer.is_empty() { String::new() } else { format!(" ({writer})") };
            page.line(&format!("{}{writer}", page.styled(Style::Title, format.name())));
        }
        FormatArg::Compiled(program) => {
            let server = server_name(program);
            page.line(&page.styled(Style::Title, &format!("A format of {server}")));
            page.paragraph(2, program.source());
        }
    }
    let rows = rows(format);
    if rows.is_empty() {
        page.paragraph(2, "its fields are told by each line or by the header above it");
        return;
    }
    page.gap();
    let directives = widest(rows.iter().map(|row| row.directive), 0);
    let directives = if directives > 0 { directives.max(6) } else { 0 };
    let fields = widest(rows.iter().map(|row| row.field), 5);
    let begin = |directive: &str, field: &str, kind: &str| {
        let (mut first, mut second) = (String::new(), String::new());
        weblog_wire::table::fit(&visible(directive), directives, false, &mut first);
        weblog_wire::table::fit(&visible(field), fields, false, &mut second);
        if directives > 0 {
            format!("  {first}  {second}  {kind:<5}  ")
        } else {
            format!("  {second}  {kind:<5}  ")
        }
    };
    let first = if directives > 0 { "writes" } else { "" };
    page.line(&page.styled(Style::Quiet, &format!("{}meaning", begin(first, "field", "kind"))));
    let mut above = "";
    for row in &rows {
        let directive = if row.directive == above { "" } else { row.directive };
        above = row.directive;
        page.hanging(&begin(directive, row.field, row.kind.name()), &row.meaning);
    }
    let warnings = warnings(format);
    if !warnings.is_empty() {
        page.gap();
        warnings.iter().for_each(|warning| page.paragraph(2, &format!("Note: {warning}.")));
    }
}

/// The width of a column that holds these cells.
fn widest<'r>(cells: impl Iterator<Item = &'r str>, least: usize) -> usize {
    cells.map(|cell| width(&visible(cell))).max().unwrap_or(0).clamp(least, 28)
}

/// The same for programs.
pub fn object(format: &FormatArg) -> String {
    let mut object = Object::new();
    match format {
        FormatArg::Named(format) => object.text("format", format.name()),
        FormatArg::Compiled(program) => {
            object.text("format_string", program.source());
            object.text("server", server_name(program));
        }
    }
    let rows = rows(format).into_iter().map(|row| {
        let mut object = Object::new();
        if !row.directive.is_empty() {
            object.text("directive", row.directive);
        }
        object.text("field", row.field);
        object.text("kind", row.kind.name());
        object.text("meaning", &row.meaning);
        object.end()
    });
    object.raw("fields", &array(rows));
    let warnings = warnings(format).iter().map(|warning| super::json::string(warning));
    object.raw("warnings", &array(warnings));
    object.end()
}

fn server_name(program: &Program) -> &'static str {
    match server_of(program.source()) {
        Server::Nginx => "nginx",
        Server::Apache => "Apache httpd",
    }
}

fn warnings(format: &FormatArg) -> &[String] {
    match format {
        FormatArg::Named(_) => &[],
        FormatArg::Compiled(program) => program.warnings(),
    }
}

fn rows(format: &FormatArg) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut add = |directive, name: Name<'static>, kind, text: &str, stands_in: bool| {
        let (field, meaning) = match name {
            Name::Known(field) => (field.name(), meaning(field)),
            Name::Other(name) if text.is_empty() => (name, "a field of this format's own".into()),
            Name::Other(name) => (name, format!("a field of this format's own: {text}")),
        };
        let meaning = if stands_in { format!("{meaning}, where another one has none") } else { meaning };
        rows.push(Row { directive, field, kind, meaning });
    };
    match format {
        FormatArg::Named(format) => {
            let fields = if *format == Format::Auto { Vec::new() } else { format.fields() };
            fields.into_iter().for_each(|(name, kind)| add("", name, kind, "", false));
        }
        FormatArg::Compiled(program) => {
            for outline in program.outline() {
                for filled in &outline.fills {
                    add(outline.source, filled.name, filled.kind, outline.text, filled.stands_in);
                }
            }
        }
    }
    rows
}

fn meaning(field: Field) -> String {
    field.info().meaning.into()
}

/// Says what is wrong with a format string, with a mark under the place.
pub fn say_what_is_wrong(bad: &BadString) {
    say("explain", &format!("--format: {bad}"));
    if let Some((format, bad)) = &bad.place {
        let (shown, column) = excerpt(format.as_bytes(), bad.at, terminal_width().saturating_sub(2).max(20));
        say_more(&format!("  {shown}"));
        say_more(&format!("  {}^", " ".repeat(column)));
    }
}
