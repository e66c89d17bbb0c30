//! `weblog schema`: every field that a record can have.

use crate::{
    exit::Exit,
    output::{Output, is_terminal},
};
use anyhow::Result;
use clap::ValueEnum;
use weblog_parse::{FieldInfo, Record, SCHEMA, Value};
use weblog_wire::ndjson;

/// Show every field: name, kind, meaning, and its name elsewhere
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog schema
  weblog schema -t ndjson | jq -r 'select(.nginx) | [.name, .nginx] | @tsv'\n\n")]
pub struct Args {
    /// Output: table, ndjson or tsv [table on a terminal, else ndjson]
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    to: Option<To>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    Table,
    Ndjson,
    Tsv,
}

pub fn run(args: Args) -> Result<Exit> {
    let to = args.to.unwrap_or(if is_terminal() { To::Table } else { To::Ndjson });
    let mut text = String::new();
    if to == To::Tsv {
        text.push_str("name\tkind\tmeaning\tapache\tnginx\tecs\totel\n");
    }
    for info in SCHEMA {
        text.push_str(&match to {
            To::Table => row(info),
            To::Ndjson => object(info),
            To::Tsv => {
                let FieldInfo { name, kind, meaning, apache, nginx, ecs, otel } = info;
                format!("{name}\t{}\t{meaning}\t{apache}\t{nginx}\t{ecs}\t{otel}\n", kind.name())
            }
        });
    }
    Output::open(None)?.write(text.as_bytes())?;
    Ok(Exit::Done)
}

fn row(info: &FieldInfo) -> String {
    let FieldInfo { name, kind, meaning, apache, nginx, .. } = info;
    let elsewhere: Vec<_> = [*apache, *nginx].into_iter().filter(|name| !name.is_empty()).collect();
    let elsewhere = if elsewhere.is_empty() { String::new() } else { format!(" ({})", elsewhere.join(", ")) };
    format!("{name:<18} {:<5} {meaning}{elsewhere}\n", kind.name())
}

fn object(info: &FieldInfo) -> String {
    let FieldInfo { name, kind, meaning, apache, nginx, ecs, otel } = info;
    let mut object = Record::new();
    let all = [
        ("name", *name),
        ("kind", kind.name()),
        ("meaning", meaning),
        ("apache", apache),
        ("nginx", nginx),
        ("ecs", ecs),
        ("otel", otel),
    ];
    for (key, value) in all.iter().filter(|(_, value)| !value.is_empty()) {
        object.push_other(key, Value::Str(value));
    }
    let mut line = Vec::new();
    ndjson::Writer::new(None).write(&object, &mut line);
    String::from_utf8_lossy(&line).into_owned()
}
