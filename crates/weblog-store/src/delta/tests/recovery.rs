//! Runs that are killed, at each stage, and what is left after a recovery.

use super::*;
use std::io::Write;

/// Writes a file in the staging directory and says where it shall go.
fn write(staging: &Staging, number: u32) -> (String, String) {
    let name = format!("part-{number}.tmp");
    let (mut file, _) = staging.create(&name).unwrap();
    file.write_all(b"rows").unwrap();
    (name, format!("day=22/part-{}-{number}.parquet", staging.id()))
}

fn data(path: &str) -> DataFile {
    DataFile { path: path.to_owned(), ..file("", "22") }
}

/// All files and directories below the root, but the log and the partition's directory.
fn tree(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let name = entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            match entry.file_type().unwrap().is_dir() {
                true if name == "_delta_log" => {}
                true => {
                    open.push(entry.path());
                    found.extend(Some(name).filter(|name| name != "day=22"));
                }
                false => found.push(name),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_run_leaves_its_files_and_its_commit() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1), write(&staging, 2)];
    assert!(tree(root.path()).iter().all(|name| !name.ends_with(".parquet")));
    staging.publish(&moves).unwrap();
    commit(root.path(), None, &adding(moves.iter().map(|(_, target)| data(target)))).unwrap();
    staging.finish().unwrap();
    let mut expected: Vec<_> = moves.iter().map(|(_, target)| target.clone()).collect();
    expected.sort();
    assert_eq!(tree(root.path()), expected);
    assert_eq!(paths(&read(root.path())), expected);
    assert_eq!(recover(root.path()).unwrap(), Recovered::default());
}

#[test]
fn a_run_that_gives_up_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1)];
    staging.publish(&moves).unwrap();
    assert!(root.path().join(&moves[0].1).is_file());
    drop(staging);
    assert_eq!(tree(root.path()), [""; 0]);
}

#[test]
fn a_run_that_committed_and_then_failed_keeps_its_files() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1)];
    staging.publish(&moves).unwrap();
    commit(root.path(), None, &adding([data(&moves[0].1)])).unwrap();
    drop(staging);
    assert_eq!(tree(root.path()), [moves[0].1.clone()]);
}

#[test]
fn a_run_killed_while_it_wrote_leaves_nothing_after_recovery() {
    let root = tempfile::tempdir().unwrap();
    let staging = Staging::new(root.path()).unwrap();
    write(&staging, 1);
    staging.die();
    assert_eq!(recover(root.path()).unwrap(), Recovered { dead: 1, ..Recovered::default() });
    assert_eq!(tree(root.path()), [""; 0]);
}

#[test]
fn a_run_killed_between_move_and_commit_leaves_nothing_after_recovery() {
    let root = tempfile::tempdir().unwrap();
    commit(root.path(), None, &adding([file("before", "22")])).unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1), write(&staging, 2)];
    staging.publish(&moves).unwrap();
    staging.die();
    assert_eq!(read(root.path()).files().len(), 1);
    let mut orphans: Vec<_> = moves.iter().map(|(_, target)| target.clone()).collect();
    orphans.sort();
    assert_eq!(recover(root.path()).unwrap(), Recovered { dead: 1, alive: 0, orphans });
    assert_eq!(tree(root.path()), [""; 0]);
}

#[test]
fn a_run_killed_among_its_moves_leaves_nothing_after_recovery() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1), write(&staging, 2)];
    staging.publish(&moves).unwrap();
    // The second one has not moved yet, and the first one still has both names.
    let own = root.path().join("_weblog_tmp").join(staging.id());
    fs::rename(root.path().join(&moves[1].1), own.join(&moves[1].0)).unwrap();
    fs::hard_link(root.path().join(&moves[0].1), own.join(&moves[0].0)).unwrap();
    staging.die();
    assert_eq!(recover(root.path()).unwrap().orphans, [moves[0].1.clone()]);
    assert_eq!(tree(root.path()), [""; 0]);
}

#[test]
fn a_run_killed_after_its_commit_keeps_its_files() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1)];
    staging.publish(&moves).unwrap();
    commit(root.path(), None, &adding([data(&moves[0].1)])).unwrap();
    staging.die();
    assert_eq!(recover(root.path()).unwrap(), Recovered { dead: 1, ..Recovered::default() });
    assert_eq!(tree(root.path()), [moves[0].1.clone()]);
}

#[test]
fn a_file_that_was_committed_and_taken_out_since_stays_for_older_versions() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1)];
    staging.publish(&moves).unwrap();
    commit(root.path(), None, &adding([data(&moves[0].1)])).unwrap();
    let removed = format!("{{\"remove\":{{\"path\":\"{}\"}}}}\n", moves[0].1);
    write_commit(root.path(), 1, &removed);
    // A checkpoint of a tool that forgets what was taken out.
    let mut snapshot = read(root.path());
    snapshot.removed.clear();
    checkpoint::write(&log::directory(root.path()), &snapshot).unwrap();
    assert!(!read(root.path()).mentions(&moves[0].1));
    staging.die();
    assert_eq!(recover(root.path()).unwrap().orphans, [""; 0]);
    assert_eq!(tree(root.path()), [moves[0].1.clone()]);
}

#[test]
fn a_run_that_is_at_work_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1)];
    assert_eq!(recover(root.path()).unwrap(), Recovered { alive: 1, ..Recovered::default() });
    staging.publish(&moves).unwrap();
    assert_eq!(recover(root.path()).unwrap(), Recovered { alive: 1, ..Recovered::default() });
    assert!(root.path().join(&moves[0].1).is_file());
}

#[test]
fn states_between_two_system_calls_are_cleared_away() {
    let root = tempfile::tempdir().unwrap();
    let parent = root.path().join("_weblog_tmp");
    let id = |digit: &str| digit.repeat(32);
    fs::create_dir(&parent).unwrap();
    // Killed before the directory was made; a lock that somebody took away; a list that is torn.
    fs::write(parent.join(format!("{}.lock", id("a"))), "").unwrap();
    fs::create_dir(parent.join(id("b"))).unwrap();
    fs::create_dir(parent.join(id("c"))).unwrap();
    let kept = format!("part-{}.parquet", id("c"));
    fs::write(root.path().join(&kept), "").unwrap();
    fs::write(parent.join(id("c")).join("moves"), format!("{kept}\nday=2")).unwrap();
    fs::create_dir(root.path().join("_delta_log")).unwrap();
    fs::write(root.path().join("_delta_log/.tmp-dead"), "{").unwrap();
    assert_eq!(recover(root.path()).unwrap(), Recovered { dead: 3, ..Recovered::default() });
    assert_eq!(tree(root.path()), [kept]);
    assert_eq!(fs::read_dir(root.path().join("_delta_log")).unwrap().count(), 0);
}

#[test]
fn a_list_cannot_make_a_recovery_remove_what_is_not_of_its_run() {
    let root = tempfile::tempdir().unwrap();
    let inside = root.path().join("dataset");
    let id = "d".repeat(32);
    fs::create_dir_all(inside.join("_weblog_tmp").join(&id)).unwrap();
    fs::write(root.path().join(format!("{id}.txt")), "").unwrap();
    fs::write(inside.join("mine.parquet"), "").unwrap();
    let list = format!("../{id}.txt\nmine.parquet\n/{id}\nend\n");
    fs::write(inside.join("_weblog_tmp").join(&id).join("moves"), list).unwrap();
    fs::write(inside.join("_weblog_tmp/notes.txt"), "").unwrap();
    assert_eq!(recover(&inside).unwrap(), Recovered { dead: 1, ..Recovered::default() });
    assert!(root.path().join(format!("{id}.txt")).is_file());
    assert_eq!(tree(&inside), ["_weblog_tmp", "_weblog_tmp/notes.txt", "mine.parquet"]);
}

#[test]
fn nothing_is_removed_while_the_log_cannot_be_read() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    let moves = [write(&staging, 1)];
    staging.publish(&moves).unwrap();
    staging.die();
    write_commit(root.path(), 0, "torn");
    assert!(recover(root.path()).is_err());
    assert!(root.path().join(&moves[0].1).is_file());
    fs::remove_file(root.path().join("_delta_log/00000000000000000000.json")).unwrap();
    assert_eq!(recover(root.path()).unwrap().orphans.len(), 1);
}

#[test]
fn names_that_others_would_read_or_share_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let mut staging = Staging::new(root.path()).unwrap();
    for name in ["a.parquet", "a/b", "..", "", "moves"] {
        assert!(staging.create(name).is_err(), "{name}");
    }
    let (name, target) = write(&staging, 1);
    let id = staging.id().to_owned();
    for bad in
        ["day=22/part.parquet".to_owned(), format!("../{id}"), format!("_x/{id}"), format!("{id}/part")]
    {
        assert!(staging.publish(&[(name.clone(), bad.clone())]).is_err(), "{bad}");
    }
    fs::create_dir(root.path().join("day=22")).unwrap();
    fs::write(root.path().join(&target), "theirs").unwrap();
    assert!(staging.publish(&[(name, target.clone())]).is_err());
    drop(staging);
    assert_eq!(tree(root.path()), [target]);
}

#[test]
fn recoveries_and_runs_side_by_side_lose_nothing() {
    let root = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let root = root.path();
            scope.spawn(move || {
                for round in 0..12 {
                    let mut staging = Staging::new(root).unwrap();
                    let moves = [write(&staging, round)];
                    staging.publish(&moves).unwrap();
                    match (round + writer) % 3 {
                        0 => drop(staging),
                        1 => staging.die(),
                        _ => {
                            commit(root, None, &adding([data(&moves[0].1)])).unwrap();
                            staging.finish().unwrap();
                        }
                    }
                }
            });
            scope.spawn(move || (0..60).for_each(|_| drop(recover(root).unwrap())));
        }
    });
    recover(root.path()).unwrap();
    let table = read(root.path());
    assert_eq!(table.files().len(), 12);
    assert_eq!(tree(root.path()), paths(&table));
}
