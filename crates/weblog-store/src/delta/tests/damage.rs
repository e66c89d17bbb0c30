//! Logs that are damaged give an error that says where, never a panic.

use super::*;
use proptest::prelude::*;

fn table() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        commit(root.path(), None, &adding([file(name, "22")])).unwrap();
    }
    root
}

#[test]
fn a_missing_commit_is_named() {
    let root = table();
    fs::remove_file(log::commit_path(&log::directory(root.path()), 1)).unwrap();
    let error = Snapshot::read(root.path()).unwrap_err();
    assert!(matches!(error, DeltaError::Gap { .. }));
    assert!(error.to_string().contains("00000000000000000001.json is missing"), "{error}");
}

#[test]
fn a_torn_commit_is_named_with_its_line() {
    let root = table();
    let path = log::commit_path(&log::directory(root.path()), 2);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let error = Snapshot::read(root.path()).unwrap_err();
    assert!(
        error.to_string().contains("00000000000000000002.json, line 2: expected a JSON object"),
        "{error}"
    );
    fs::write(&path, "").unwrap();
    assert!(matches!(Snapshot::read(root.path()), Err(DeltaError::Line { line: 1, .. })));
}

#[test]
fn lines_that_are_no_actions_are_refused() {
    for (line, expected) in [
        ("[]", "a JSON object"),
        ("7", "a JSON object"),
        (r#"{"add":{}}"#, "partitionValues"),
        (r#"{"add":{"partitionValues":{},"path":7}}"#, "a path"),
        (r#"{"add":{"partitionValues":{},"path":"a","size":-1}}"#, "add.size"),
        (r#"{"add":{"partitionValues":{},"path":"a","deletionVector":{}}}"#, "deletion vector"),
        (r#"{"remove":{"path":".."}}"#, "inside the dataset"),
        (r#"{"txn":{"appId":"a"}}"#, "txn.version"),
        (r#"{"protocol":{"minReaderVersion":1}}"#, "minWriterVersion"),
        (r#"{"metaData":7}"#, "metaData"),
    ] {
        let root = table();
        write_commit(root.path(), 3, line);
        let error = Snapshot::read(root.path()).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("3.json, line 1"), "{line}: {error}");
    }
}

#[test]
fn a_first_commit_without_metadata_is_no_table() {
    let root = tempfile::tempdir().unwrap();
    write_commit(root.path(), 0, "{\"commitInfo\":{}}\n");
    assert!(Snapshot::read(root.path()).is_err());
    write_commit(root.path(), 0, "{\"metaData\":{\"id\":\"x\",\"schemaString\":\"[]\"}}\n");
    assert!(Snapshot::read(root.path()).unwrap_err().to_string().contains("schemaString"));
}

#[test]
fn an_error_does_not_steer_a_terminal() {
    let root = tempfile::tempdir().unwrap();
    write_commit(root.path(), 0, r#"{"add":{"path":"../\u001b[2J","partitionValues":{}}}"#);
    let error = Snapshot::read(root.path()).unwrap_err().to_string();
    assert!(!error.contains('\u{1b}') && error.contains("1b"), "{error}");
}

/// A table whose second commit is these bytes.
fn with_bytes(bytes: &[u8]) -> Result<Option<Snapshot>, DeltaError> {
    let root = tempfile::tempdir().unwrap();
    commit(root.path(), None, &adding([file("a", "22")])).unwrap();
    fs::write(log::commit_path(&log::directory(root.path()), 1), bytes).unwrap();
    Snapshot::read(root.path())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_flipped_byte_of_a_commit_is_an_error_or_stays_inside_the_dataset(at in 0usize..2_000, bit in 0u8..8) {
        let root = table();
        let mut bytes = fs::read(log::commit_path(&log::directory(root.path()), 0)).unwrap();
        let length = bytes.len();
        bytes[at % length] ^= 1 << bit;
        if let Ok(snapshot) = with_bytes(&bytes) {
            let snapshot = snapshot.unwrap();
            prop_assert_eq!(snapshot.version(), 1);
            prop_assert!(snapshot.files().all(|file| path::check(&file.path).is_ok()));
        }
    }

    #[test]
    fn any_bytes_as_a_commit_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _either = with_bytes(&bytes);
    }

    /// Foreign checkpoints have no checksum, so their flips reach the Parquet reader.
    #[test]
    fn a_flipped_byte_of_a_foreign_checkpoint_is_an_answer(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let root = table();
        let directory = log::directory(root.path());
        super::checkpoint::write(&directory, &read(root.path())).unwrap();
        fs::remove_file(directory.join("_last_checkpoint")).unwrap();
        let path = log::checkpoint_path(&directory, 2);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        if let Ok(snapshot) = Snapshot::read(root.path()) {
            prop_assert!(snapshot.unwrap().files().all(|file| path::check(&file.path).is_ok()));
        }
    }
}
