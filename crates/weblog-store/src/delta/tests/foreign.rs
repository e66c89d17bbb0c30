//! Tables as other tools write them.

use super::*;

const PROTOCOL: &str = r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#;
const METADATA: &str = concat!(
    r#"{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"#,
    r#""{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\",\"nullable\":true,"#,
    r#"\"metadata\":{\"comment\":\"kept\"}}]}","partitionColumns":[],"#,
    r#""configuration":{"delta.checkpointInterval":"7"},"description":"kept"}}"#
);

fn add(path: &str) -> String {
    format!(
        r#"{{"add":{{"path":"{path}","partitionValues":{{}},"size":1,"modificationTime":2,"dataChange":true}}}}"#
    )
}

/// A table whose first commit has these lines after protocol and metadata.
fn table(lines: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    write_commit(root.path(), 0, &format!("{PROTOCOL}\n{METADATA}\n{}", lines.join("\n")));
    root
}

#[test]
fn a_table_that_another_tool_compacted_has_the_new_files_only() {
    let root = table(&[&add("a.parquet"), &add("b.parquet")]);
    let removed = r#"{"remove":{"path":"a.parquet","deletionTimestamp":5,"dataChange":false}}"#;
    write_commit(root.path(), 1, &format!("{}\n{removed}\n", add("c.parquet")));
    let table = read(root.path());
    assert_eq!(paths(&table), ["b.parquet", "c.parquet"]);
    assert_eq!(table.files().next().unwrap().rows, None);
    assert_eq!(table.removed["a.parquet"].at, Some(5));
}

#[test]
fn what_weblog_has_no_use_for_is_passed_over() {
    let root = table(&[
        r#"{"commitInfo":{"timestamp":1,"anything":[1,2]}}"#,
        r#"{"cdc":{"path":"_change_data/x.parquet"}}"#,
        r#"{"domainMetadata":{"domain":"d","configuration":"","removed":false}}"#,
        r#"{"of a later year":null}"#,
        "",
        &add("a.parquet"),
    ]);
    fs::write(root.path().join("_delta_log/00000000000000000000.crc"), "{}").unwrap();
    fs::write(root.path().join("_delta_log/notes.txt"), "x").unwrap();
    assert_eq!(paths(&read(root.path())), ["a.parquet"]);
}

#[test]
fn growing_a_foreign_table_keeps_what_weblog_does_not_know() {
    let root = table(&[]);
    let change = Commit { schema: schema(&[("b", DataType::Utf8)]), ..Commit::default() };
    let grown = commit(root.path(), None, &change).unwrap().snapshot.unwrap();
    assert_eq!(grown.metadata.raw["description"], "kept");
    assert_eq!(grown.metadata.raw["configuration"]["delta.checkpointInterval"], "7");
    assert_eq!(grown.metadata.fields[0]["metadata"]["comment"], "kept");
    assert_eq!(grown.schema().fields().len(), 2);
}

#[test]
fn a_table_that_needs_more_than_weblog_knows_is_refused() {
    for (protocol, readable) in [
        (r#"{"minReaderVersion":2,"minWriterVersion":5}"#, false),
        (
            r#"{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":[]}"#,
            false,
        ),
        (
            r#"{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz"],"writerFeatures":["timestampNtz"]}"#,
            true,
        ),
        (r#"{"minReaderVersion":1,"minWriterVersion":4}"#, true),
        (r#"{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly"]}"#, true),
    ] {
        let root = tempfile::tempdir().unwrap();
        write_commit(root.path(), 0, &format!("{{\"protocol\":{protocol}}}\n{METADATA}\n"));
        match Snapshot::read(root.path()) {
            Ok(_) => assert!(readable, "{protocol}"),
            Err(error) => {
                assert!(
                    !readable && error.to_string().contains("the tool that wrote it"),
                    "{protocol}: {error}"
                );
            }
        }
        let error =
            commit(root.path(), None, &Commit { schema: one_column(), ..Commit::default() }).unwrap_err();
        assert!(error.to_string().contains("the table needs a"), "{error}");
    }
}

#[test]
fn files_that_are_not_parquet_or_lie_elsewhere_are_refused() {
    let root = tempfile::tempdir().unwrap();
    write_commit(root.path(), 0, &format!("{PROTOCOL}\n{}\n", METADATA.replace("\"parquet\"", "\"orc\"")));
    assert!(Snapshot::read(root.path()).unwrap_err().to_string().contains("not Parquet"));
    for path in ["s3://bucket/a.parquet", "../a.parquet", "/a.parquet"] {
        let error = Snapshot::read(table(&[&add(path)]).path()).unwrap_err();
        assert!(matches!(error, DeltaError::Line { line: 3, .. }), "{error}");
    }
}

#[test]
fn a_table_of_other_types_can_be_listed_and_not_written() {
    let root = tempfile::tempdir().unwrap();
    write_commit(root.path(), 0, &format!("{PROTOCOL}\n{}\n", METADATA.replace("long", "decimal(5,2)")));
    assert_eq!(read(root.path()).schema().field(0).data_type(), &DataType::Null);
    let error = commit(root.path(), None, &Commit { schema: one_column(), ..Commit::default() }).unwrap_err();
    assert!(error.to_string().contains("decimal(5,2)"), "{error}");
}

#[test]
fn a_log_that_was_tidied_by_another_tool_is_read_again() {
    let root = table(&[&add("a.parquet")]);
    let mut old = read(root.path());
    for version in 1..=50 {
        let part = DataFile { path: format!("{version}.parquet"), partition: vec![], ..file("", "") };
        commit(root.path(), None, &Commit { add: vec![part], ..Commit::default() }).unwrap();
    }
    let directory = log::directory(root.path());
    (0..50).for_each(|version| fs::remove_file(log::commit_path(&directory, version)).unwrap());
    let made =
        commit(root.path(), Some(old.clone()), &Commit { txns: taking("a", NEVER, 1), ..Commit::default() });
    assert_eq!(made.unwrap().snapshot.unwrap().version(), 51);
    old.update(root.path()).unwrap();
    assert_eq!(old.files().len(), 51);
}
