//! Help, man pages, README and cases speak of the same things.

use crate::{
    cases,
    program::{Place, commands, help, root, text},
};
use std::{collections::BTreeSet, fs};

/// The long flags in a text, `--rejects`.
fn flags(text: &str) -> BTreeSet<String> {
    let text = text.replace("\\-", "-");
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("--") {
        let name: String =
            text[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        if name.len() > 1 && !name.starts_with('-') && !text[..at].ends_with('-') {
            found.insert(format!("--{}", name.trim_end_matches('-')));
        }
    }
    found
}

/// The flags that a command has.
fn flags_of(command: &str) -> BTreeSet<String> {
    let help = help(&[command]);
    let options = help.split("Options:\n").nth(1).unwrap_or_default();
    let defined = options.lines().filter(|line| line.trim_start().starts_with('-'));
    defined
        .flat_map(|line| flags(line.split("  ").find(|part| part.contains("--")).unwrap_or_default()))
        .collect()
}

fn page(command: &str) -> String {
    let section = if matches!(command, "schema" | "formats") { 7 } else { 1 };
    let path = root().join(format!("man/weblog-{command}.{section}"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn every_flag_is_in_the_man_page_of_its_command() {
    for command in commands() {
        let page = flags(&page(&command));
        for flag in flags_of(&command) {
            assert!(
                flag == "--help" || page.contains(&flag),
                "{flag} is missing in the man page of {command}"
            );
        }
    }
}

#[test]
fn every_flag_in_a_man_page_is_one_of_a_command() {
    let all: BTreeSet<String> = commands().iter().flat_map(|command| flags_of(command)).collect();
    for command in commands() {
        for flag in flags(&page(&command)) {
            let known = all.contains(&flag) || ["--version", "--help"].contains(&flag.as_str());
            assert!(known, "the man page of {command} has {flag}, which no command has");
        }
    }
}

#[test]
fn every_flag_is_in_the_readme() {
    let readme = flags(&readme());
    for command in commands() {
        for flag in flags_of(&command) {
            assert!(
                flag == "--help" || readme.contains(&flag),
                "{flag} of {command} is missing in README.md"
            );
        }
    }
}

#[test]
fn every_flag_of_a_command_is_used_by_one_of_its_cases_or_tests() {
    let tests =
        ["pipes.rs", "tailing.rs"].map(|file| fs::read_to_string(root().join("tests").join(file)).unwrap());
    for command in commands() {
        let mut used: BTreeSet<String> = tests.iter().flat_map(|test| flags(test)).collect();
        for (name, case) in cases::all() {
            if name.starts_with(&format!("{command}/")) {
                used.extend(flags(&fs::read_to_string(case.join("cmd")).unwrap()));
            }
        }
        for flag in flags_of(&command) {
            assert!(flag == "--help" || used.contains(&flag), "{flag} of {command} is used by no case");
        }
    }
}

#[test]
fn every_command_has_a_case_and_is_in_the_overview_and_the_readme() {
    let overview = fs::read_to_string(root().join("man/weblog.1")).unwrap();
    for command in commands() {
        assert!(cases::all().iter().any(|(name, _)| name.starts_with(&format!("{command}/"))), "{command}");
        assert!(
            overview.contains(&format!("weblog-{command}"))
                || overview.contains(&format!("weblog\\-{}", command.replace('-', "\\-"))),
            "{command}"
        );
        assert!(readme().contains(&format!("weblog {command}")), "{command}");
    }
}

#[test]
fn every_field_of_the_schema_is_documented_with_its_meaning() {
    let output = Place::new().weblog().args(["schema", "-t", "tsv"]).output().unwrap();
    let page = page("schema").replace("\\-", "-").replace("\\(aq", "'");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = words(&page);
    let table = text(&output.stdout);
    assert!(table.lines().count() > 40);
    for line in table.lines().skip(1) {
        let mut cells = line.split('\t');
        let (name, meaning) = (cells.next().unwrap(), cells.nth(1).unwrap());
        assert!(page.contains(name), "{name} is missing in weblog-schema(7)");
        assert!(
            page.to_lowercase().contains(&words(meaning).to_lowercase()),
            "the meaning of {name} differs: {meaning}"
        );
    }
}

#[test]
fn help_fits_a_screen_and_begins_with_examples() {
    for command in commands() {
        let help = help(&[&command]);
        assert!(help.lines().count() <= 45, "{command}: {} lines", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{command}: a line is too wide\n{help}");
        let (examples, usage) = (help.find("Examples:").unwrap(), help.find("Usage:").unwrap());
        assert!(examples < usage, "{command}");
    }
    assert!(help(&[]).lines().count() <= 40);
}

#[test]
fn the_first_line_of_each_help_is_an_imperative_without_full_stop() {
    for command in commands() {
        let help = help(&[&command]);
        let first = help.lines().next().unwrap();
        assert!(!first.ends_with('.') && first.starts_with(char::is_uppercase), "{command}: {first}");
    }
}

#[test]
fn every_dependency_is_explained() {
    let explained = fs::read_to_string(root().join("DEPENDENCIES.md")).unwrap();
    let manifests =
        fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path().join("Cargo.toml"));
    for manifest in manifests.chain([root().join("Cargo.toml")]) {
        let text = fs::read_to_string(manifest).unwrap();
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies]");
            } else if let Some(name) =
                line.split(['=', '.', ' ']).next().filter(|name| inside && !name.is_empty())
            {
                let own = name.starts_with("weblog-") || name.starts_with('#');
                assert!(
                    own || explained.contains(&format!("`{name}`")),
                    "{name} is missing in DEPENDENCIES.md"
                );
            }
        }
    }
}

#[test]
fn every_format_has_its_place_in_the_manual_and_a_case_without_an_option() {
    let page = page("formats").replace("\\-", "-");
    for (name, _) in weblog_parse::Format::names().filter(|(name, _)| *name != "auto") {
        assert!(page.contains(name), "{name} is missing in weblog-formats(7)");
        let detected = [format!("parse/detects_{name}"), format!("parse/{name}")];
        let special = ["w3c", "error", "nlb"].contains(&name);
        assert!(
            special || cases::all().iter().any(|(case, _)| detected.contains(case)),
            "{name} has no case"
        );
    }
}

#[test]
fn every_reason_for_a_reject_is_in_the_manual() {
    let page = page("parse");
    for reason in weblog_parse::Reason::ALL {
        assert!(page.contains(&format!(".B {}\n", reason.name())), "{reason} is missing in weblog-parse(1)");
    }
}
