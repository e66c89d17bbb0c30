//! `weblog dataset check`: whether a dataset is whole.

use super::{
    To,
    object::{Object, columns, count, json, ndjson, size},
};
use crate::exit::{Exit, say};
use anyhow::Result;
use std::path::Path;
use weblog_store::check::{Finding, Options, Report, check};

/// The text of the answer, and how the command ends. None if there is no log.
pub(super) fn show(root: &Path, deep: bool, threads: usize, to: To) -> Result<Option<(String, Exit)>> {
    let Some(report) = check(root, Options { deep, threads }, &|_, _| {})? else { return Ok(None) };
    let wrong = report.findings.iter().filter(|finding| finding.is_error).count() as u64;
    let text = match to {
        To::Table => table(&report, deep),
        To::Ndjson => ndjson(report.findings.iter().map(object)),
        To::Json => json(report.findings.iter().map(object)),
    };
    if report.is_whole() {
        return Ok(Some((text, Exit::Done)));
    }
    let things = if wrong == 1 { "one thing is".to_owned() } else { format!("{wrong} things are") };
    say("dataset", &format!("{}: {things} wrong", root.display()));
    Ok(Some((text, Exit::Unmet)))
}

fn level(finding: &Finding) -> &'static str {
    if finding.is_error { "error" } else { "note" }
}

fn object(finding: &Finding) -> Object {
    Object::default()
        .put("level", level(finding))
        .put("kind", finding.kind)
        .put("path", finding.path.clone())
        .put("what", &*finding.what)
}

/// What was found, and what was looked at.
fn table(report: &Report, deep: bool) -> String {
    let rows: Vec<Vec<String>> = report
        .findings
        .iter()
        .map(|finding| {
            let path = finding.path.clone().unwrap_or("-".into());
            vec![level(finding).to_owned(), finding.kind.to_owned(), path, finding.what.clone()]
        })
        .collect();
    let mut text = match rows.is_empty() {
        true => String::new(),
        false => columns(&["level", "kind", "path", "what"], &rows, &[], false) + "\n",
    };
    let seen = [
        count(report.commits, "commit", "commits"),
        count(report.checkpoints, "checkpoint", "checkpoints"),
        count(report.files, "file", "files"),
        format!("{} ({})", count(report.rows, "row", "rows"), size(report.bytes)),
    ];
    let how = if deep { "every page of all files read" } else { "footers only: --deep reads every page" };
    let verdict = if report.is_whole() { "whole" } else { "not whole" };
    text.push_str(&format!("{verdict}: {}; {how}\n", seen.join(", ")));
    text
}
