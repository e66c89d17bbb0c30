//! Checkpoints hold what the commits before them hold.

use super::*;

/// A table with a checkpoint at version 50, some commits after it, and files that were taken out.
fn table() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let mut base = None;
    for round in 0..54_i64 {
        let null =
            DataFile { partition: vec![None], stats: None, rows: None, ..file(&format!("n{round}"), "x") };
        let mut change = adding([file(&format!("{round}"), "22"), null]);
        change.txns =
            taking(&format!("input {}", round % 3), if round < 3 { NEVER } else { round - 3 }, round);
        if round % 20 == 19 {
            let removed = format!(
                "{{\"remove\":{{\"path\":\"day=22/part%20{}%2520.parquet\",\"deletionTimestamp\":4102444800000,\"dataChange\":true}}}}\n",
                round - 1
            );
            let version = read(root.path()).version() + 1;
            write_commit(root.path(), version, &removed);
        }
        let made = commit(root.path(), base, &change).unwrap();
        assert_eq!(made.note, None);
        base = made.snapshot;
    }
    root
}

fn checkpoint(root: &Path) -> std::path::PathBuf {
    log::checkpoint_path(&log::directory(root), 50)
}

#[test]
fn a_checkpoint_and_all_commits_give_the_same_state() {
    let root = table();
    let directory = log::directory(root.path());
    assert!(checkpoint(root.path()).is_file());
    let with = read(root.path());
    assert_eq!((with.version(), with.removed.len(), with.notes().len()), (55, 2, 0));
    // Proof that the checkpoint is used: without the commits before it the state is the same.
    let kept = tempfile::tempdir().unwrap();
    for version in 0..=50 {
        let path = log::commit_path(&directory, version);
        fs::rename(&path, kept.path().join(path.file_name().unwrap())).unwrap();
    }
    assert!(state(&read(root.path())) == state(&with));
    for entry in fs::read_dir(kept.path()).unwrap().map(Result::unwrap) {
        fs::rename(entry.path(), directory.join(entry.file_name())).unwrap();
    }
    fs::remove_file(checkpoint(root.path())).unwrap();
    assert!(state(&read(root.path())) == state(&with));
}

#[test]
fn the_pointer_names_the_checkpoint_and_is_not_needed() {
    let root = table();
    let pointer = root.path().join("_delta_log/_last_checkpoint");
    let text: serde_json::Value = serde_json::from_slice(&fs::read(&pointer).unwrap()).unwrap();
    let with = read(root.path());
    let bytes = fs::metadata(checkpoint(root.path())).unwrap().len();
    assert_eq!((text["version"].as_u64(), text["sizeInBytes"].as_u64()), (Some(50), Some(bytes)));
    for broken in [None, Some("{}"), Some("{\"version\":"), Some("{\"version\":999}")] {
        match broken {
            None => fs::remove_file(&pointer).unwrap(),
            Some(text) => fs::write(&pointer, text).unwrap(),
        }
        assert!(state(&read(root.path())) == state(&with));
    }
}

#[test]
fn a_damaged_checkpoint_is_told_and_the_commits_are_read() {
    let root = table();
    let with = read(root.path());
    let whole = fs::read(checkpoint(root.path())).unwrap();
    for damaged in [&whole[..whole.len() / 2], &[][..], b"PAR1PAR1"] {
        fs::write(checkpoint(root.path()), damaged).unwrap();
        let without = read(root.path());
        assert!(state(&without) == state(&with));
        assert!(without.notes()[0].contains("checkpoint"), "{:?}", without.notes());
    }
    fs::remove_file(log::commit_path(&log::directory(root.path()), 7)).unwrap();
    assert!(matches!(Snapshot::read(root.path()), Err(DeltaError::Checkpoint { .. })));
}

#[test]
fn a_checkpoint_that_cannot_be_written_does_not_undo_the_commit() {
    let root = tempfile::tempdir().unwrap();
    for round in 0..=50 {
        if round == 50 {
            fs::create_dir(root.path().join("_delta_log/_last_checkpoint")).unwrap();
        }
        let made = commit(root.path(), None, &adding([file(&round.to_string(), "22")])).unwrap();
        assert_eq!(made.note.is_some(), round == 50);
    }
    assert_eq!(read(root.path()).version(), 50);
}

#[test]
fn a_checkpoint_in_parts_counts_only_if_all_parts_are_there() {
    let root = table();
    let with = read(root.path());
    let directory = log::directory(root.path());
    let part = |n: u32| directory.join(format!("{:020}.checkpoint.{n:010}.0000000002.parquet", 53));
    fs::write(part(1), "not Parquet").unwrap();
    let one = read(root.path());
    assert!(state(&one) == state(&with) && one.notes().is_empty());
    fs::write(part(2), "not Parquet").unwrap();
    let both = read(root.path());
    assert!(state(&both) == state(&with) && both.notes().len() == 1);
}

#[test]
fn no_flipped_byte_of_a_checkpoint_changes_the_answer() {
    let root = table();
    let with = state(&read(root.path()));
    let path = checkpoint(root.path());
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&path, &damaged).unwrap();
        assert!(state(&read(root.path())) == with, "byte {at}");
    }
}

#[test]
fn a_checkpoint_that_says_something_else_than_the_commits_is_found() {
    let root = tempfile::tempdir().unwrap();
    for number in 0..=50 {
        commit(root.path(), None, &adding([file(&number.to_string(), "22")])).unwrap();
    }
    let found = verify(root.path()).unwrap().unwrap();
    assert_eq!((found.commits, found.checkpoints, found.faults.len()), (51, 1, 0), "{:?}", found.faults);
    // A commit of before is another one now.
    write_commit(root.path(), 20, "{\"commitInfo\":{}}\n");
    let found = verify(root.path()).unwrap().unwrap();
    assert_eq!(found.faults.len(), 1);
    assert!(found.faults[0].what.contains("1 files of it and 0 of theirs"), "{:?}", found.faults);
    // Tidied away, the checkpoint stands for the commits.
    (0..50).for_each(|version| {
        fs::remove_file(log::commit_path(&log::directory(root.path()), version)).unwrap()
    });
    let found = verify(root.path()).unwrap().unwrap();
    assert_eq!((found.faults.len(), found.snapshot.unwrap().files().len()), (0, 51));
}
