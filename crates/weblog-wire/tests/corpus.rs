//! The corpora of the fuzz targets, replayed.

#![allow(clippy::unwrap_used)]

#[path = "../../../fuzz/checks/conf.rs"]
mod conf;
#[path = "../../../fuzz/checks/dialect.rs"]
mod dialect;
#[path = "../../../fuzz/checks/format_string.rs"]
mod format_string;
#[path = "../../../fuzz/checks/line.rs"]
mod line;
#[path = "../../../fuzz/checks/ndjson.rs"]
mod ndjson;
#[path = "../../../fuzz/checks/record.rs"]
mod record;
#[path = "../../../fuzz/checks/w3c.rs"]
mod w3c;

fn replay(target: &str, check: fn(&[u8])) {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus");
    let mut count = 0;
    for entry in std::fs::read_dir(format!("{corpus}/{target}")).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 3, "the corpus of {target} is not where it should be");
}

#[test]
fn the_corpus_of_lines_holds_what_is_checked_of_any_line() {
    replay("line", line::check);
}

#[test]
fn the_corpus_of_format_strings_holds_what_is_checked_of_any_format_string() {
    replay("format_string", format_string::check);
}

#[test]
fn the_corpus_of_configurations_holds_what_is_checked_of_any_configuration() {
    replay("conf", conf::check);
}

#[test]
fn the_corpus_of_dialects_holds_what_is_checked_of_any_dialect() {
    replay("dialect", dialect::check);
}

#[test]
fn the_corpus_of_headers_holds_what_is_checked_of_any_header_and_its_rows() {
    replay("w3c", w3c::check);
}

#[test]
fn the_corpus_of_json_holds_what_is_checked_of_any_json() {
    replay("ndjson", ndjson::check);
}
