//! What may import what, and how long files may be.

use crate::program::root;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The crates in the order in which they may import each other: only what stands before.
const ORDER: &[&str] = &[
    "weblog-parse",
    "weblog-filter",
    "weblog-io",
    "weblog-wire",
    "weblog-enrich",
    "weblog-window",
    "weblog-generate",
    "weblog-store",
    "weblog-query",
];
/// These import nothing of ours.
const ALONE: &[&str] = &["weblog-parse", "weblog-io", "weblog-generate"];

fn source_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn crates() -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| {
        let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).unwrap();
        (entry.file_name().into_string().unwrap(), manifest)
    });
    named.collect()
}

#[test]
fn a_crate_imports_only_crates_that_stand_before_it() {
    for (name, manifest) in crates() {
        let place = ORDER
            .iter()
            .position(|known| *known == name)
            .unwrap_or_else(|| panic!("{name} has no place in ORDER"));
        let normal =
            manifest.split("[dependencies]").nth(1).unwrap().split("[dev-dependencies]").next().unwrap();
        for (at, other) in ORDER.iter().enumerate() {
            let imports = normal.lines().any(|line| line.starts_with(other));
            assert!(
                !imports || (at < place && !ALONE.contains(&name.as_str())),
                "{name} may not import {other}"
            );
        }
        assert!(!manifest.contains("anyhow"), "{name}: libraries return typed errors");
        assert!(!manifest.contains("clap"), "{name}: libraries read no arguments");
    }
}

#[test]
fn every_crate_is_under_the_lints_of_the_workspace() {
    for (name, manifest) in crates() {
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
    }
}

#[test]
fn no_file_is_longer_than_400_lines_without_its_tests() {
    let mut files = Vec::new();
    source_files(&root().join("src"), &mut files);
    for (name, _) in crates() {
        source_files(&root().join("crates").join(name).join("src"), &mut files);
    }
    assert!(files.len() > 40);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        let is_test = file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests");
        assert!(is_test || lines <= 400, "{}: {lines} lines", file.display());
    }
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let mut files = Vec::new();
    source_files(&root().join("src"), &mut files);
    source_files(&root().join("crates"), &mut files);
    for file in files {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["util", "utils", "helper", "helpers", "common", "manager", "misc"].contains(&stem),
            "{}",
            file.display()
        );
    }
}
