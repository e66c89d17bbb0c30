//! Every example of README, man pages and help runs.
//!
//! An example is a line of a `sh` block in the README, between `.EX` and `.EE` in a man page, or
//! under "Examples:" in a help. They run in a directory with a log, a compressed one, a dataset and two
//! databases, with an `ssh` that runs its command here. Those that never end are interrupted.

use crate::program::{Place, commands, help, root, text};
use std::{fs, os::unix::fs::PermissionsExt, process::Output};

fn place() -> Place {
    let place = Place::new();
    let testdata = root().join("testdata");
    for (from, to) in [("geo/city.mmdb", "City.mmdb"), ("geo/asn.mmdb", "ASN.mmdb")] {
        fs::copy(testdata.join(from), place.path().join(to)).unwrap();
    }
    let made = place.sh("weblog generate -n 2000 > access.log && gzip -c access.log > access.log.1.gz && weblog to-parquet -q logs access.log", b"");
    assert!(made.status.success());
    place
}

/// Runs one example; an endless one for a moment.
fn run(place: &Place, example: &str) -> Output {
    fs::create_dir_all(place.path().join("bin")).unwrap();
    let ssh = place.path().join("bin/ssh");
    let script = "while case $1 in (-*) true;; (*) false;; esac; do [ \"$1\" = -o ] && shift; shift; done";
    fs::write(&ssh, format!("#!/bin/sh\n{script}\nshift\nexec sh -c \"$*\"\n")).unwrap();
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
    let path = "PATH=\"$PWD/bin:$PATH\" HOME=\"$PWD\"; export PATH HOME; mkdir -p ~/.zfunc ~/.local/share/bash-completion/completions";
    let inner = example.replace('\'', "'\\''");
    let script = if is_endless(example) {
        format!(
            "{path}; timeout -s INT 2 sh -c '{inner}' < /dev/null; code=$?; [ $code = 124 ] || exit $code"
        )
    } else {
        format!("{path}; {example}")
    };
    place.sh(&script, b"")
}

fn is_endless(example: &str) -> bool {
    ["tail -f", "--follow", "--rate"].iter().any(|endless| example.contains(endless))
}

fn has(program: &str) -> bool {
    Place::new().sh(&format!("command -v {program}"), b"").status.success()
}

fn check(source: &str, examples: &[String]) {
    assert!(!examples.is_empty(), "{source} has no examples");
    let place = place();
    for example in examples {
        if example.contains("jq") && !has("jq") {
            eprintln!("not run, there is no jq: {example}");
            continue;
        }
        let output = run(&place, example);
        let stderr = text(&output.stderr);
        // Damaged lines are part of the log.
        let told = ["rejected", "without a time", "no time was found"];
        let is_told = |line: &str| told.iter().any(|told| line.contains(told));
        let complains = stderr.lines().any(|line| line.contains("weblog") && !is_told(line));
        assert!(
            output.status.success()
                && !complains
                && !stderr.contains("error:")
                && !stderr.contains("not found"),
            "{source}: {example}\n{}\n{stderr}",
            output.status
        );
    }
}

#[test]
fn the_examples_of_every_help_run() {
    for command in commands() {
        let help = help(&[&command]);
        let examples = help.split("Examples:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        let examples: Vec<_> = examples.lines().map(|line| line.trim().to_owned()).collect();
        check(&format!("weblog {command} --help"), &examples);
    }
}

#[test]
fn the_examples_of_every_man_page_run() {
    for entry in fs::read_dir(root().join("man")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let blocks = page.split(".EX\n").skip(1).map(|rest| rest.split(".EE").next().unwrap());
        let lines =
            blocks.flat_map(str::lines).map(unroff).filter(|line| !line.is_empty()).collect::<Vec<_>>();
        check(&path.file_name().unwrap().to_string_lossy(), &lines);
    }
}

/// The text of a line of roff.
fn unroff(line: &str) -> String {
    let mut text = line.to_owned();
    for (escape, plain) in [
        ("\\-", "-"),
        ("\\(aq", "'"),
        ("\\(dq", "\""),
        ("\\|", ""),
        ("\\&", ""),
        ("\\e", "\\"),
        ("\\fR", ""),
        ("\\fB", ""),
        ("\\fI", ""),
    ] {
        text = text.replace(escape, plain);
    }
    text.trim().to_owned()
}

#[test]
fn the_examples_of_the_readme_run() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines: Vec<_> = blocks
        .flat_map(str::lines)
        .map(|line| line.split("   #").next().unwrap().trim().to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("cargo "))
        .collect();
    assert!(lines.len() > 10);
    check("README.md", &lines);
}
