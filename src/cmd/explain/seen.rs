//! The fields that the lines of an input were seen to have.

use weblog_parse::{Field, Kind, Name, Record, SCHEMA, Value};
use weblog_wire::text::{Scratch, text};

/// Every field that a line had, with the number of lines that had it and one of its values.
#[derive(Default)]
pub struct Seen {
    known: Vec<Option<SeenField>>,
    others: Vec<SeenField>,
    scratch: Scratch,
}

/// One field.
#[derive(Clone)]
pub struct SeenField {
    pub name: String,
    pub kind: &'static str,
    pub lines: u64,
    pub example: String,
}

/// Names that the schema does not have are clients' to make up: more than these are not told.
const MOST_OTHERS: usize = 200;
/// Of a value no more is kept.
const LONGEST: usize = 400;

impl Seen {
    /// Enters the fields of a record.
    pub fn add(&mut self, record: &Record<'_>) {
        self.known.resize(SCHEMA.len(), None);
        for (name, value) in record.fields() {
            let known = match name {
                Name::Known(field) => self.known[*field as usize].as_mut(),
                Name::Other(name) => self.others.iter_mut().find(|field| field.name == *name),
            };
            if let Some(field) = known {
                field.lines += 1;
                continue;
            }
            let example = shortened(*value, &mut self.scratch);
            match name {
                Name::Known(field) => {
                    let (name, kind) = (field.name().to_owned(), field.info().kind.name());
                    self.known[*field as usize] = Some(SeenField { name, kind, lines: 1, example });
                }
                Name::Other(name) if self.others.len() < MOST_OTHERS => {
                    let (name, kind) = ((*name).to_owned(), kind(*value).name());
                    self.others.push(SeenField { name, kind, lines: 1, example });
                }
                Name::Other(_) => {}
            }
        }
    }

    /// The fields in the order of the schema, the others behind them as they came.
    pub fn fields(&self) -> impl Iterator<Item = &SeenField> {
        self.known.iter().flatten().chain(&self.others)
    }

    /// Whether a line had the field.
    pub fn has(&self, field: Field) -> bool {
        self.known.get(field as usize).is_some_and(Option::is_some)
    }

    /// The fields of one record and their values as text.
    pub fn values(record: &Record<'_>) -> Vec<(String, String)> {
        let mut scratch = Scratch::default();
        let mut pair = |(name, value): &(Name<'_>, Value<'_>)| {
            let name = match name {
                Name::Known(field) => field.name(),
                Name::Other(name) => name,
            };
            (name.to_owned(), text(*value, &mut scratch).to_owned())
        };
        record.fields().iter().map(&mut pair).collect()
    }
}

fn shortened(value: Value<'_>, scratch: &mut Scratch) -> String {
    text(value, scratch).chars().take(LONGEST).collect()
}

/// What kind of value it is, for a field that the schema does not have.
fn kind(value: Value<'_>) -> Kind {
    match value {
        Value::Int(_) => Kind::Int,
        Value::Time(_) => Kind::Time,
        Value::Json("true" | "false") => Kind::Bool,
        Value::Json(json) if json.parse::<i64>().is_ok() => Kind::Int,
        Value::Json(json) if json.parse::<f64>().is_ok() => Kind::Float,
        _ => Kind::Text,
    }
}
