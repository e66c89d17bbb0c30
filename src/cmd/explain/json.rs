//! What was found, as JSON for programs.

use super::{
    about,
    look::{Look, One, Trouble, What},
    page::share,
    prose::{confidence, instant, zone_name},
    server::Plan,
};
use weblog_parse::{Attempt, Field, Outcome, Zone, conf::Server, text::lossless};

/// A JSON object whose members stand in the order in which they were added.
pub struct Object {
    text: String,
}

impl Object {
    pub fn new() -> Self {
        Object { text: "{".into() }
    }

    pub fn raw(&mut self, key: &str, json: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(&string(key));
        self.text.push(':');
        self.text.push_str(json);
    }

    pub fn text(&mut self, key: &str, value: &str) {
        self.raw(key, &string(value));
    }

    pub fn number(&mut self, key: &str, value: u64) {
        self.raw(key, &value.to_string());
    }

    pub fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// A JSON string.
pub fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A JSON array.
pub fn array(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

fn bytes(line: &[u8]) -> String {
    let mut text = String::new();
    lossless(line, &mut text);
    text
}

fn share_of(part: u64, whole: u64) -> String {
    format!("{:.4}", share(part, whole)).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What an input is.
pub fn object(look: &Look, zone: Zone, missing: &[Field], plan: Option<&Plan>) -> String {
    let mut object = Object::new();
    object.text("source", &look.source);
    let (fits, rejected) = (look.fits(), look.rejected());
    if let Some((found, top)) = look.formats.first() {
        object.text("format", about::name(*found));
        if let Some(program) = look.program() {
            object.text("format_string", program.source());
        }
        if let Some(place) = &look.place {
            object.text("place", place);
        }
        object.text("confidence", confidence(*top, look.entries()));
    }
    if let Some(compression) = look.compression {
        object.text("compression", &compression.to_string());
    }
    if !look.carriers.is_empty() {
        object.raw("carriers", &array(look.carriers.iter().map(|(carrier, _)| string(carrier))));
    }
    if let Some(header) = &look.header {
        object.text("header", &bytes(header));
    }
    object.number("lines", look.lines);
    object.raw("more", if look.more { "true" } else { "false" });
    object.number("fit", fits);
    object.number("rejected", rejected);
    object.number("skipped", look.headers + look.blank);
    object.number("extra_trailing", look.extra);
    object.raw(
        "formats",
        &array(look.formats.iter().map(|(found, lines)| {
            let mut object = Object::new();
            object.text("format", about::name(*found));
            object.number("lines", *lines);
            object.raw("share", &share_of(*lines, fits + rejected));
            object.end()
        })),
    );
    if let Some((first, last)) = look.span {
        object.text("first", &instant(first));
        object.text("last", &instant(last));
    }
    if look.local {
        object.text("assumed_zone", &zone_name(zone));
    }
    object.raw(
        "fields",
        &array(look.seen.fields().map(|field| {
            let mut object = Object::new();
            object.text("name", &field.name);
            object.text("kind", field.kind);
            object.number("lines", field.lines);
            object.raw("share", &share_of(field.lines, fits));
            object.text("example", &field.example);
            object.end()
        })),
    );
    object.raw("rejects", &array(look.troubles.iter().map(trouble)));
    object.raw("missing", &array(missing.iter().map(|field| string(field.name()))));
    if let Some(one) = &look.one {
        object.raw("line", &line(one));
    }
    if let Some(plan) = plan {
        object.raw("servers", &servers(plan));
    }
    object.end()
}

fn trouble(trouble: &Trouble) -> String {
    let mut object = Object::new();
    object.text("reason", trouble.reject.reason.name());
    object.number("lines", trouble.lines);
    object.number("line", trouble.number);
    object.number("column", trouble.reject.column as u64);
    object.text("expected", &trouble.reject.expected);
    object.text("raw", &bytes(&trouble.line));
    if let Some(nearest) = trouble.nearest.first().filter(|nearest| nearest.fits() || nearest.read > 0) {
        object.raw("nearest", &attempt(nearest));
    }
    object.end()
}

fn attempt(attempt: &Attempt) -> String {
    let mut object = Object::new();
    object.text("format", attempt.format.name());
    object.raw("fits", if attempt.fits() { "true" } else { "false" });
    object.number("read", attempt.read as u64);
    if let Outcome::Stops(reject) = &attempt.outcome {
        object.text("expected", &reject.expected);
    }
    object.end()
}

fn line(one: &One) -> String {
    let mut object = Object::new();
    object.number("line", one.number);
    object.text("raw", &bytes(&one.line));
    match &one.what {
        What::NoEntry => object.text("what", "no_entry"),
        What::Rejected => object.text("what", "rejected"),
        What::Record { found, fields } => {
            object.text("what", "record");
            object.text("format", about::name(*found));
            let mut values = Object::new();
            fields.iter().for_each(|(name, value)| values.text(name, value));
            object.raw("fields", &values.end());
        }
    }
    object.raw("attempts", &array(one.attempts.iter().map(attempt)));
    object.end()
}

/// What to write into the configuration of each server.
pub fn servers(plan: &Plan) -> String {
    array(plan.advice.iter().map(|advice| {
        let mut object = Object::new();
        object.text("server", if advice.server == Server::Nginx { "nginx" } else { "apache" });
        object.raw("added", &array(advice.added.iter().map(|field| string(field.name()))));
        if !advice.added.is_empty() {
            object.text("directive", &advice.directive("weblog"));
            object.text("format_string", &advice.format);
        }
        let reasons = |pairs: &[(Field, &'static str)]| {
            let mut object = Object::new();
            pairs.iter().for_each(|(field, why)| object.text(field.name(), why));
            object.end()
        };
        object.raw("needs", &reasons(&advice.needs));
        object.raw("impossible", &reasons(&advice.impossible));
        object.end()
    }))
}
