//! Commits by weblog, one after another and side by side.

use super::*;

#[test]
fn a_directory_without_log_is_no_table() {
    let root = tempfile::tempdir().unwrap();
    assert!(Snapshot::read(root.path()).unwrap().is_none());
    assert!(Snapshot::read(&root.path().join("missing")).unwrap().is_none());
    fs::create_dir(root.path().join("_delta_log")).unwrap();
    assert!(Snapshot::read(root.path()).unwrap().is_none());
}

#[test]
fn a_commit_reads_back_as_it_was_made() {
    let root = tempfile::tempdir().unwrap();
    let mut change = adding([file("a", "22"), file("b", "23")]);
    change.txns = taking("input", NEVER, 10);
    let made = commit(root.path(), None, &change).unwrap();
    assert!(made.written && made.note.is_none());
    let back = read(root.path());
    assert!(state(&back) == state(&made.snapshot.unwrap()));
    assert_eq!(back.version(), 0);
    assert_eq!(back.files().cloned().collect::<Vec<_>>(), change.add);
    assert_eq!(back.schema(), &one_column().unwrap());
    assert_eq!(back.partition_columns(), ["day"]);
    assert_eq!(back.inputs()["input"], 10);
    assert_eq!(back.table_id().len(), 36);
    // Nothing but the commit is left in the log.
    assert_eq!(fs::read_dir(root.path().join("_delta_log")).unwrap().count(), 1);
}

#[test]
fn a_null_and_an_empty_partition_value_are_both_null() {
    let root = tempfile::tempdir().unwrap();
    let null = DataFile { partition: vec![None], ..file("a", "22") };
    let empty = DataFile { partition: vec![Some(String::new())], ..file("b", "22") };
    commit(root.path(), None, &adding([null, empty])).unwrap();
    assert!(read(root.path()).files().all(|file| file.partition == [None]));
}

#[test]
fn a_commit_that_adds_nothing_writes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let none = commit(root.path(), None, &Commit::default()).unwrap();
    assert!(!none.written && none.snapshot.is_none());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    let first = commit(root.path(), None, &adding([])).unwrap();
    assert!(first.written, "the columns of an empty table are something");
    let again = commit(root.path(), first.snapshot, &adding([])).unwrap();
    assert!(!again.written);
    assert_eq!(read(root.path()).version(), 0);
}

#[test]
fn the_first_commit_needs_columns() {
    let root = tempfile::tempdir().unwrap();
    let change = Commit { schema: None, ..adding([file("a", "22")]) };
    assert!(matches!(commit(root.path(), None, &change), Err(CommitError::Delta(DeltaError::Schema { .. }))));
    assert!(Snapshot::read(root.path()).unwrap().is_none());
}

#[test]
fn a_table_grows_by_columns_and_stays_the_same_table() {
    let root = tempfile::tempdir().unwrap();
    let first = commit(root.path(), None, &adding([file("a", "22")])).unwrap().snapshot.unwrap();
    let wide = Commit { schema: schema(&[("agent", DataType::Utf8)]), ..adding([file("b", "22")]) };
    let second = commit(root.path(), Some(first.clone()), &wide).unwrap().snapshot.unwrap();
    assert_eq!(second.table_id(), first.table_id());
    assert_eq!(second.schema().fields().iter().map(|f| f.name()).collect::<Vec<_>>(), ["status", "agent"]);
    assert!(state(&read(root.path())) == state(&second));
    // A file that has fewer columns than the table changes nothing.
    let narrow = commit(root.path(), Some(second.clone()), &adding([file("c", "22")])).unwrap();
    assert_eq!(narrow.snapshot.unwrap().schema(), second.schema());
}

#[test]
fn what_does_not_fit_the_table_is_refused_and_leaves_no_commit() {
    let root = tempfile::tempdir().unwrap();
    commit(root.path(), None, &adding([file("a", "22")])).unwrap();
    let other_type = Commit { schema: schema(&[("status", DataType::Utf8)]), ..adding([file("b", "22")]) };
    let other_partition = Commit { partition_columns: vec!["hour".into()], ..adding([file("b", "22")]) };
    let no_value = adding([DataFile { partition: vec![], ..file("b", "22") }]);
    let outside = adding([DataFile { path: "../b.parquet".into(), ..file("b", "22") }]);
    for change in [other_type, other_partition, no_value, outside] {
        let error = commit(root.path(), None, &change).unwrap_err();
        assert!(matches!(error, CommitError::Delta(_)) && error.to_string().len() > 30, "{error}");
    }
    assert_eq!(read(root.path()).version(), 0);
}

#[test]
fn a_writer_with_an_old_state_commits_after_the_others() {
    let root = tempfile::tempdir().unwrap();
    let old = commit(root.path(), None, &adding([file("a", "22")])).unwrap().snapshot;
    let ours = Commit { schema: schema(&[("ours", DataType::Int64)]), ..adding([file("b", "22")]) };
    let theirs = Commit { schema: schema(&[("theirs", DataType::Utf8)]), ..adding([file("c", "22")]) };
    commit(root.path(), old.clone(), &theirs).unwrap();
    let made = commit(root.path(), old.clone(), &ours).unwrap().snapshot.unwrap();
    assert_eq!(made.version(), 2);
    let names: Vec<_> = made.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["status", "theirs", "ours"]);
    // A type that differs from what they made meanwhile is refused.
    let clash = Commit { schema: schema(&[("theirs", DataType::Int64)]), ..adding([file("d", "22")]) };
    assert!(matches!(commit(root.path(), old, &clash), Err(CommitError::Delta(DeltaError::Schema { .. }))));
}

#[test]
fn an_input_that_another_run_took_in_is_not_taken_in_twice() {
    let root = tempfile::tempdir().unwrap();
    let taken =
        |from, version, name| Commit { txns: taking("log", from, version), ..adding([file(name, "22")]) };
    let old = commit(root.path(), None, &taken(NEVER, 100, "a")).unwrap().snapshot;
    commit(root.path(), old.clone(), &taken(100, 200, "b")).unwrap();
    match commit(root.path(), old, &taken(100, 150, "c")).unwrap_err() {
        CommitError::InputTaken { app_id, from, now } => assert_eq!((&*app_id, from, now), ("log", 100, 200)),
        other => panic!("{other}"),
    }
    assert!(matches!(commit(root.path(), None, &taken(NEVER, 1, "d")), Err(CommitError::InputTaken { .. })));
    commit(root.path(), None, &taken(200, 300, "e")).unwrap();
    assert_eq!(read(root.path()).inputs()["log"], 300);
    assert_eq!(read(root.path()).files().len(), 3);
}

#[test]
fn of_two_runs_over_the_same_input_one_wins() {
    let root = tempfile::tempdir().unwrap();
    let won = std::thread::scope(|scope| {
        let run = |writer: usize| {
            let name = format!("w{writer}");
            let change = Commit { txns: taking("log", NEVER, 100), ..adding([file(&name, "22")]) };
            commit(root.path(), None, &change).is_ok()
        };
        let threads: Vec<_> = (0..8).map(|writer| scope.spawn(move || run(writer))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!((won, read(root.path()).files().len()), (1, 1));
}

#[test]
fn eight_writers_of_25_commits_lose_none_and_double_none() {
    let root = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let root = root.path();
            scope.spawn(move || {
                let mut base = None;
                for round in 0..25_i64 {
                    let name = format!("w{writer}-{round}");
                    let input = format!("input {writer}");
                    let column = format!("column_{}", round % 5);
                    let mut change = adding([file(&name, "22")]);
                    change.schema = schema(&[("status", DataType::Int32), (&column, DataType::Utf8)]);
                    change.txns = taking(&input, round - 1, round);
                    let made = commit(root, base, &change).unwrap();
                    assert!(made.written && made.note.is_none(), "{:?}", made.note);
                    base = made.snapshot;
                }
            });
        }
    });
    let all = read(root.path());
    assert_eq!((all.version(), all.files().len(), all.schema().fields().len()), (199, 200, 6));
    assert!((0..8).all(|writer| all.inputs()[&format!("input {writer}")] == 24));
    let directory = log::directory(root.path());
    let temporary = log::list(&directory).unwrap().unwrap().temporary;
    assert!(temporary.is_empty(), "{temporary:?}");
}

#[test]
fn an_update_reads_what_came_since() {
    let root = tempfile::tempdir().unwrap();
    let mut early = commit(root.path(), None, &adding([file("a", "22")])).unwrap().snapshot.unwrap();
    commit(root.path(), None, &adding([file("b", "22")])).unwrap();
    commit(root.path(), None, &adding([file("c", "22")])).unwrap();
    early.update(root.path()).unwrap();
    assert!(state(&early) == state(&read(root.path())));
}
