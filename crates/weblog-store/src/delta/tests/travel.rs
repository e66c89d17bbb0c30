//! The states of before.

use super::*;
use proptest::prelude::*;

/// A commit that takes files out, as other tools write it.
fn remove(root: &Path, version: u64, paths: &[String]) {
    let mut text = String::from("{\"commitInfo\":{\"operation\":\"DELETE\"}}\n");
    let now = super::super::commit::now_millis();
    for path in paths {
        let path = super::super::path::to_log(path);
        text.push_str(&format!(
            "{{\"remove\":{{\"path\":\"{path}\",\"deletionTimestamp\":{now},\"dataChange\":true}}}}\n"
        ));
    }
    write_commit(root, version, &text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_version_reads_back_as_it_was_when_it_was_made(steps in prop::collection::vec(0u8..4, 1..75)) {
        let root = tempfile::tempdir().unwrap();
        let mut seen = vec![state(&commit(root.path(), None, &adding([file("first", "22")])).unwrap().snapshot.unwrap())];
        for (number, step) in steps.iter().enumerate() {
            let before = read(root.path());
            match step {
                // A column comes in.
                0 => {
                    let mut change = adding([file(&format!("n{number}"), "23")]);
                    change.schema = schema(&[("status", DataType::Int32), (&format!("c{number}"), DataType::Utf8)]);
                    commit(root.path(), Some(before), &change).unwrap();
                }
                1 if before.files().len() > 0 => {
                    let gone: Vec<String> = before.files().step_by(2).map(|file| file.path.clone()).collect();
                    remove(root.path(), before.version() + 1, &gone);
                }
                _ => {
                    let mut change = adding([file(&format!("n{number}"), "24")]);
                    let at = before.inputs().get("input").copied().unwrap_or(NEVER);
                    change.txns = taking("input", at, at + 3);
                    commit(root.path(), Some(before), &change).unwrap();
                }
            }
            seen.push(state(&read(root.path())));
        }
        for (version, seen) in seen.iter().enumerate() {
            let at = Snapshot::read_at(root.path(), version as u64).unwrap().unwrap();
            prop_assert!(state(&at) == *seen, "version {}", version);
        }
    }
}

#[test]
fn a_version_that_is_not_there_yet_or_not_any_more_is_told() {
    let root = tempfile::tempdir().unwrap();
    assert!(Snapshot::read_at(root.path(), 0).unwrap().is_none());
    for number in 0..=60 {
        commit(root.path(), None, &adding([file(&number.to_string(), "22")])).unwrap();
    }
    let said = Snapshot::read_at(root.path(), 61).unwrap_err().to_string();
    assert!(said.contains("the newest is 60"), "{said}");
    // Another tool tidies the log: the checkpoint stands for what is before it.
    for version in 0..=50 {
        fs::remove_file(log::commit_path(&log::directory(root.path()), version)).unwrap();
    }
    assert_eq!(Snapshot::read_at(root.path(), 50).unwrap().unwrap().files().len(), 51);
    assert_eq!(Snapshot::read_at(root.path(), 57).unwrap().unwrap().files().len(), 58);
    let said = Snapshot::read_at(root.path(), 49).unwrap_err().to_string();
    assert!(said.contains("the oldest that can be read is 50"), "{said}");
}

/// A commit of a file, made at a time by one that tells it and by one that does not.
fn at(root: &Path, version: u64, told: &str) {
    let metadata = match version {
        0 => {
            r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"t","format":{"provider":"parquet"},"partitionColumns":[],"schemaString":"{\"type\":\"struct\",\"fields\":[]}"}}
"#
        }
        _ => "",
    };
    write_commit(root, version, &format!("{metadata}{{\"commitInfo\":{{{told}\"operation\":\"WRITE\"}}}}\n"));
}

#[test]
fn a_time_means_the_version_that_was_the_newest_then() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(version_at(root.path(), 100).unwrap(), None);
    at(root.path(), 0, "\"timestamp\":100,");
    at(root.path(), 1, "\"timestamp\":1,\"inCommitTimestamp\":200,");
    // A clock that is late: the commit is not older than the one before it.
    at(root.path(), 2, "\"timestamp\":150,");
    at(root.path(), 3, "\"timestamp\":300,");
    at(root.path(), 4, "");
    let version = |millis| version_at(root.path(), millis).unwrap().unwrap();
    assert_eq!([100, 199, 200, 299, 300, 301].map(version), [0, 0, 2, 2, 3, 3]);
    // The last one is as old as its file.
    assert_eq!(version(i64::MAX), 4);
    let said = version_at(root.path(), 99).unwrap_err().to_string();
    assert!(said.contains("first commit is of 1970-01-01T00:00:00.100Z"), "{said}");
}

#[test]
fn files_of_the_past_that_are_gone_are_told_and_the_next_whole_version() {
    let root = tempfile::tempdir().unwrap();
    let files = ["a", "b", "c"].map(|name| file(name, "22"));
    for file in &files {
        commit(root.path(), None, &adding([file.clone()])).unwrap();
        fs::create_dir_all(root.path().join("day=22")).unwrap();
        fs::write(root.path().join(&file.path), "").unwrap();
    }
    remove(root.path(), 3, &[files[0].path.clone()]);
    remove(root.path(), 4, &[files[1].path.clone()]);
    assert_eq!(whole_since(root.path(), 0).unwrap(), Some(1));
    fs::remove_file(root.path().join(&files[0].path)).unwrap();
    fs::remove_file(root.path().join(&files[1].path)).unwrap();
    let second = Snapshot::read_at(root.path(), 1).unwrap().unwrap();
    assert_eq!(second.missing_files(root.path()).len(), 2);
    assert_eq!(whole_since(root.path(), 1).unwrap(), Some(4));
    fs::remove_file(root.path().join(&files[2].path)).unwrap();
    assert_eq!(whole_since(root.path(), 1).unwrap(), None);
}
