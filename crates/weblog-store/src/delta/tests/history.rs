//! What each commit did.

use super::*;

#[test]
fn each_commit_tells_what_it_added_and_removed() {
    let root = tempfile::tempdir().unwrap();
    assert!(history(root.path()).unwrap().is_none());
    let mut first = adding([file("a", "22"), file("b", "23")]);
    first.txns = taking("input", NEVER, 10);
    commit(root.path(), None, &first).unwrap();
    let mut second = adding([]);
    second.schema = schema(&[("status", DataType::Int32), ("shop", DataType::Utf8)]);
    commit(root.path(), None, &second).unwrap();
    let gone = super::super::path::to_log(&file("a", "22").path);
    write_commit(
        root.path(),
        2,
        &format!(
            "{{\"commitInfo\":{{\"timestamp\":5,\"operation\":\"DELETE\",\"engineInfo\":\"other\"}}}}\n\
             {{\"remove\":{{\"path\":\"{gone}\",\"dataChange\":true}}}}\n"
        ),
    );
    let all = history(root.path()).unwrap().unwrap();
    assert_eq!(all.iter().map(|entry| entry.version).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(all[0].added, Amount { files: 2, rows: 14, bytes: 200 });
    assert_eq!((all[0].inputs["input"], all[0].columns.len()), (10, 0));
    assert!(all[0].program.as_deref().unwrap().starts_with("weblog/"));
    assert_eq!(all[1].columns, ["shop"]);
    assert_eq!(all[2].removed, Amount { files: 1, rows: 7, bytes: 100 });
    assert_eq!((all[2].time, all[2].operation.as_deref()), (Some(5), Some("DELETE")));
}
