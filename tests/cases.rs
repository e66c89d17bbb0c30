//! Cases as files: `testdata/cmd/<command>/<case>/{cmd,stdin,stdout,stderr,code}`.
//!
//! `cmd` is a shell script; the other files are absent when they would be empty, or `0`. Further
//! files of a case are there when it runs. `WEBLOG_BLESS=1 cargo test cases` writes down what the
//! program does now, for you to read in `git diff`.

use crate::program::{Place, root, text};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// All cases with their names, `parse/combined`.
pub fn all() -> Vec<(String, PathBuf)> {
    let list = |dir: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let commands = list(&root().join("testdata/cmd"));
    let cases =
        commands.iter().flat_map(|command| list(command).into_iter().map(|case| (name(command), case)));
    cases.map(|(command, case)| (format!("{command}/{}", name(&case)), case)).collect()
}

struct Outcome {
    stdout: String,
    stderr: String,
    code: String,
}

fn run(case: &Path) -> Outcome {
    let place = Place::new();
    for entry in fs::read_dir(case).unwrap() {
        let entry = entry.unwrap();
        let is_part =
            ["cmd", "stdin", "stdout", "stderr", "code"].iter().any(|part| entry.file_name() == *part);
        if !is_part {
            copy(&entry.path(), &place.path().join(entry.file_name()));
        }
    }
    let script = fs::read_to_string(case.join("cmd")).unwrap();
    let output = place.sh(&script, &fs::read(case.join("stdin")).unwrap_or_default());
    let code = output.status.code().map_or_else(|| output.status.to_string(), |code| code.to_string());
    Outcome { stdout: text(&output.stdout), stderr: text(&output.stderr), code }
}

/// Copies a file, or a directory with all that is in it.
fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

fn bless(case: &Path, outcome: &Outcome) {
    for (name, content, empty) in
        [("stdout", &outcome.stdout, ""), ("stderr", &outcome.stderr, ""), ("code", &outcome.code, "0")]
    {
        let path = case.join(name);
        if content == empty {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, content).unwrap();
        }
    }
}

#[test]
fn every_case_does_what_its_files_say() {
    let blessing = std::env::var_os("WEBLOG_BLESS").is_some();
    let mut wrong = Vec::new();
    let cases = all();
    assert!(cases.len() > 20, "the cases are not where they should be");
    for (name, case) in cases {
        let outcome = run(&case);
        if blessing {
            bless(&case, &outcome);
            continue;
        }
        let expected = |part: &str| fs::read(case.join(part)).map(|bytes| text(&bytes)).ok();
        let parts = [
            ("stdout", &outcome.stdout, expected("stdout").unwrap_or_default()),
            ("stderr", &outcome.stderr, expected("stderr").unwrap_or_default()),
            ("code", &outcome.code, expected("code").unwrap_or("0".into()).trim().to_owned()),
        ];
        for (part, got, expected) in parts {
            if *got != expected {
                let cmd = fs::read_to_string(case.join("cmd")).unwrap();
                wrong.push(format!("{name}: {part}\n$ {cmd}--- expected\n{expected}\n--- got\n{got}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n\n{} parts differ", wrong.join("\n\n"), wrong.len());
}
