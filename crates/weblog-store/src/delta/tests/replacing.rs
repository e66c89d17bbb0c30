//! Commits that take files out, one after another and side by side.

use super::*;

fn replacing(root: &Path, remove: &[DataFile], add: &[DataFile], operation: Operation) -> Replacement {
    let schema = read(root).schema().clone();
    Replacement { remove: remove.to_vec(), add: add.to_vec(), schema, operation, info: Vec::new() }
}

#[test]
fn a_replacement_reads_back_as_it_was_made() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let (a, b, c) = (file("a", "22"), file("b", "22"), file("c", "22"));
    let mut first = adding([a.clone(), b.clone()]);
    first.txns = taking("input", NEVER, 10);
    let base = commit(root, None, &first).unwrap().snapshot.unwrap();
    let change = replacing(root, &[a.clone(), b.clone()], std::slice::from_ref(&c), Operation::Optimize);
    let made = replace(root, base, &change).unwrap();
    let back = read(root);
    assert!(state(&back) == state(&made.snapshot.unwrap()));
    assert_eq!((paths(&back), back.inputs()["input"]), (vec![c.path.as_str()], 10));
    let text = fs::read_to_string(log::commit_path(&log::directory(root), 1)).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let remove = &lines[1]["remove"];
    assert!(remove["deletionTimestamp"].as_i64().unwrap() > 1_600_000_000_000);
    assert_eq!((&remove["dataChange"], &lines[3]["add"]["dataChange"]), (&false.into(), &false.into()));
    assert_eq!((&remove["partitionValues"]["day"], &remove["size"]), (&"22".into(), &100.into()));
    assert_eq!(lines[0]["commitInfo"]["operation"], "OPTIMIZE");
    let change = replacing(root, &[c], &[], Operation::Delete);
    replace(root, back, &change).unwrap();
    assert_eq!((read(root).files().len(), read(root).removed().len()), (0, 3));
    let text = fs::read_to_string(log::commit_path(&log::directory(root), 2)).unwrap();
    assert!(text.contains("\"dataChange\":true") && text.contains("\"DELETE\""), "{text}");
}

#[test]
fn of_two_that_replace_one_file_the_second_is_told_and_appends_are_no_conflict() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let (a, b) = (file("a", "22"), file("b", "22"));
    let base = commit(root, None, &adding([a.clone(), b.clone()])).unwrap().snapshot.unwrap();
    commit(root, None, &adding([file("appended", "22")])).unwrap();
    let one = replacing(root, std::slice::from_ref(&a), &[file("one", "22")], Operation::Optimize);
    let two = replacing(root, &[b, a.clone()], &[file("two", "22")], Operation::Delete);
    assert_eq!(replace(root, base.clone(), &one).unwrap().snapshot.unwrap().version(), 2);
    match replace(root, base, &two).unwrap_err() {
        CommitError::FileGone { path } => assert_eq!(path, a.path),
        other => panic!("{other}"),
    }
    assert_eq!((read(root).version(), read(root).files().len()), (2, 3));
}

#[test]
fn many_that_replace_the_same_file_leave_one_in_its_place() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let a = file("a", "22");
    let base = commit(root, None, &adding([a.clone()])).unwrap().snapshot.unwrap();
    let won = std::thread::scope(|scope| {
        let run = |writer: usize| {
            let new = [file(&format!("w{writer}"), "22")];
            replace(root, base.clone(), &replacing(root, std::slice::from_ref(&a), &new, Operation::Update))
                .is_ok()
        };
        let threads: Vec<_> = (0..8).map(|writer| scope.spawn(move || run(writer))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!((won, read(root).files().len()), (1, 1));
}

#[test]
fn a_checkpoint_has_the_tombstones_that_somebody_needs() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let mut base = commit(root, None, &adding([file("0", "22")])).unwrap().snapshot.unwrap();
    // Long ago, and the file of the second one is still there.
    for (version, name) in [(1, "gone"), (2, "there")] {
        let path = path::to_log(&file(name, "22").path);
        let line =
            format!("{{\"remove\":{{\"path\":\"{path}\",\"deletionTimestamp\":5,\"dataChange\":true}}}}\n");
        write_commit(root, version, &line);
    }
    fs::create_dir(root.join("day=22")).unwrap();
    fs::write(root.join(file("there", "22").path), "").unwrap();
    for round in 1..=50 {
        let (old, new) = (file(&(round - 1).to_string(), "22"), file(&round.to_string(), "22"));
        let change = replacing(root, &[old], &[new], Operation::Optimize);
        let made = replace(root, base, &change).unwrap();
        assert_eq!(made.note, None);
        base = made.snapshot.unwrap();
    }
    let with = read(root);
    assert_eq!((with.version(), with.files().len(), with.removed().len()), (52, 1, 51));
    assert!(with.removed.contains_key(&file("there", "22").path));
    for version in 0..=50 {
        fs::remove_file(log::commit_path(&log::directory(root), version)).unwrap();
    }
    let without = read(root);
    assert!(state(&without) == state(&with));
    let extended = without.removed[&file("7", "22").path].extended.clone().unwrap();
    assert_eq!((extended.bytes, extended.partition["day"].as_deref()), (100, Some("22")));
}
