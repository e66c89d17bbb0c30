//! Files beside the logs.

use crate::support::{Memory, ask, complaint, log_batch, options, write_parquet};
use std::{fs, path::Path, sync::Arc};
use weblog_query::{Attached, Engine, EngineOptions, QueryError, Source, Table};

fn open(files: &[(&str, &Path)], trust_sql: bool) -> Result<Engine, QueryError> {
    let log = Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 9)])));
    let mut tables = vec![Table { name: "logs".into(), sources: vec![log] }];
    for (name, file) in files {
        tables.push(Table { name: (*name).into(), sources: vec![Source::Attached(Attached::open(file)?)] });
    }
    Engine::open(&EngineOptions { trust_sql, ..options() }, tables)
}

#[test]
fn files_of_every_form_are_tables_with_types() {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = place.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let csv = file("o'dd [x]*.csv", "path,owner,since\n/a/1,\"Ann; x\",2025-01-02\n/a/2,Bob,2025-01-03\n");
    let tsv = file("t.tsv", "path\tn\n/a/1\t5\n");
    let ndjson = file("n.ndjson", "{\"path\":\"/a/1\",\"tags\":[\"x\"]}\n{\"path\":\"/a/9\"}\n");
    let json = file("j.txt", " [{\"path\":\"/a/1\"},{\"path\":\"/a/2\"}]");
    let parquet = place.path().join("p.parquet");
    write_parquet(&parquet, &log_batch(0, 5));
    let all: [(&str, &Path); 5] = [("c", &csv), ("t", &tsv), ("n", &ndjson), ("j", &json), ("p", &parquet)];
    let engine = open(&all, false).unwrap();
    let ask = |sql: &str| ask(&engine, sql).unwrap();
    assert_eq!(
        ask(
            "select owner, since, n, tags, typeof(since) from logs join c using (path) join t using (path) join n using (path)"
        ),
        "Ann; x,2025-01-02,5,\"[\"\"x\"\"]\",DATE\n"
    );
    assert_eq!(ask("select count(*) from j join logs using (path)"), "2\n");
    assert_eq!(ask("select max(time) from p"), "2025-01-01T00:00:04Z\n");
    assert_eq!(
        ask(
            "select count(*), count(status) from (select path, status from logs union all by name select path from c)"
        ),
        "11,6\n"
    );
    let outside = file("secret.csv", "secret\n1\n");
    let said = complaint(&engine, &format!("from '{}'", outside.display()));
    assert!(said.contains("--trust-sql"), "{said}");
}

#[test]
fn a_database_is_read_and_not_written() {
    let place = tempfile::tempdir().unwrap();
    let database = place.path().join("crm.duckdb");
    let trusting = open(&[], true).unwrap();
    let sql = format!(
        "attach '{}' as made; create table made.people as select '/a/1' as path, 'Ann' as name; detach made; select 1",
        database.display()
    );
    ask(&trusting, &sql).unwrap();
    let engine = open(&[("crm", &database)], false).unwrap();
    assert_eq!(ask(&engine, "select name from logs join crm.people using (path)").unwrap(), "Ann\n");
    assert_eq!(engine.tables().unwrap(), ["logs", "crm.people"]);
    assert!(complaint(&engine, "insert into crm.people values ('/', 'x')").contains("--trust-sql"));
    assert!(complaint(&engine, &format!("attach '{}' as again", database.display())).contains("--trust-sql"));
    drop(engine);
    let trusting = open(&[("crm", &database)], true).unwrap();
    assert!(complaint(&trusting, "insert into crm.people values ('/', 'x')").contains("read-only"));
}

#[test]
fn what_cannot_be_attached_is_told_in_one_line() {
    let place = tempfile::tempdir().unwrap();
    for (name, bytes, said) in [
        ("empty.csv", &b""[..], "is empty"),
        ("a.db", b"SQLite format 3\0xxx", "SQLite"),
        ("a.xz", b"\xfd7zXZ\0", "gzip and zstd"),
        ("torn.json", b"{\"a\":", "cannot attach"),
        ("binary", b"\0\x01\xff\xfe,\n", "cannot attach"),
        ("torn.parquet", b"PAR1torn", "cannot attach"),
        ("torn.duckdb", b"12345678DUCKtorn", "cannot attach"),
        ("torn.gz", b"\x1f\x8btorn", "cannot attach"),
    ] {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        match open(&[("t", &path)], false) {
            Ok(_) => panic!("{name} was attached"),
            Err(error) => {
                let text = error.to_string();
                assert!(
                    text.contains(said) && text.contains(name) && text.lines().count() == 1,
                    "{name}: {text}"
                );
            }
        }
    }
    let directory = open(&[("t", place.path())], false);
    assert!(directory.is_err_and(|error| error.to_string().contains("no regular file")));
}
