//! What SQL may do, and what is said when it may not.

use crate::support::{Memory, ask, complaint, dataset, engine, log_batch, options, try_engine};
use std::{fs, sync::Arc};
use weblog_query::{EngineOptions, Source};

#[test]
fn statements_that_read_run() {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 9)])))]);
    for sql in [
        "select 1",
        " SELECT 1 ; ",
        "-- a comment; with a semicolon\nselect 1 /* ; */",
        "from logs",
        "values (1), (2)",
        "with x as (select * from logs) select count(*) from x",
        "describe logs",
        "summarize logs",
        "show tables",
        "table logs",
        "pivot logs on status using count(*)",
        "explain select * from logs",
        "explain analyze select count(*) from logs",
        "explain (format json) select 1",
        "from logs select count(*) where path like '/a/%'",
        "select * from (pivot logs on status using count(*))",
        "select unnest([1, 2])",
        "(select 1) union all (select 2)",
    ] {
        if let Err(error) = ask(&engine, sql) {
            panic!("{sql}: {error}");
        }
    }
}

#[test]
fn statements_that_do_more_are_refused_and_the_sentence_names_the_way() {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 9)])))]);
    for sql in [
        "copy logs to 'x.csv'",
        "copy (select 1) to '/dev/stdout'",
        "explain analyze copy (select 1) to 'x.csv'",
        "explain analyze create table t as select 1",
        "explain (format json, analyze) copy logs to 'x'",
        "attach 'x.db'",
        "export database 'x'",
        "import database 'x'",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "reset threads",
        "pragma database_list",
        "create table t (i int)",
        "create or replace view logs as select 1",
        "drop view logs",
        "insert into t values (1)",
        "delete from t",
        "call pragma_version()",
        "prepare p as select 1",
        "execute p",
        "begin",
        "checkpoint",
        "vacuum",
        "use temp",
        "select 1; copy logs to 'x.csv'",
        "pivot logs on status; copy logs to 'x.csv'",
        "/* pivot */ copy logs to 'x.csv'",
        "select 1; select 2",
    ] {
        let said = complaint(&engine, sql);
        assert!(said.contains("--trust-sql"), "{sql}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn nothing_but_the_inputs_can_be_opened() {
    let place = tempfile::tempdir().unwrap();
    let outside = place.path().join("outside.csv");
    fs::write(&outside, "secret\n1\n").unwrap();
    let set = place.path().join("set");
    let source = dataset(&set);
    std::os::unix::fs::symlink(&outside, set.join("link.csv")).unwrap();
    let engine = engine(vec![source]);
    let (outside, set) = (outside.display(), set.display());
    for sql in [
        format!("select * from '{outside}'"),
        format!("select * from read_csv('{outside}')"),
        format!("select * from read_text('{outside}')"),
        format!("select * from read_blob('{set}/link.csv')"),
        format!("select * from read_csv('{set}/../outside.csv')"),
        format!("select * from sniff_csv('{outside}')"),
        format!("select * from read_json('{outside}')"),
        format!("select * from parquet_metadata('{outside}')"),
        "select * from '/etc/passwd'".into(),
        "select * from read_text('/etc/passwd')".into(),
        "select * from read_blob('/proc/self/environ')".into(),
        "select * from read_text('~/.profile')".into(),
        "select * from read_text('file:///etc/passwd')".into(),
        "select * from read_csv('http://192.0.2.1/x.csv')".into(),
        "select * from read_parquet('s3://bucket/x.parquet')".into(),
        "select * from glob('/etc/*')".into(),
        "select * from read_duckdb('x.db')".into(),
        "select getenv('HOME')".into(),
        "select * from query('copy (select 1) to ''x.csv''')".into(),
        "select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''/etc/passwd'')'))".into(),
        "select * from which_secret('x', 'y')".into(),
        "select * from read_text('/dev/stdin')".into(),
        "select write_log('x')".into(),
        "select nextval('x')".into(),
    ] {
        match ask(&engine, &sql) {
            // What gives no rows has opened nothing.
            Ok(answer) if answer.trim().is_empty() || sql.contains("write_log") => {}
            Ok(answer) => panic!("{sql}: {answer}"),
            Err(error) => assert!(!error.to_string().contains("secret\n"), "{error}"),
        }
    }
    let said = complaint(&engine, "select * from read_text('/etc/passwd')");
    assert!(said.contains("--trust-sql") && said.contains("/etc/passwd"), "{said}");
}

#[test]
fn trusted_sql_does_all_of_it() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out.csv");
    let trusting = EngineOptions { trust_sql: true, ..options() };
    let engine =
        try_engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 9)])))], &trusting).unwrap();
    let sql = format!(
        "create table t as select * from logs; copy t to '{0}'; select count(*) from '{0}'",
        out.display()
    );
    assert_eq!(ask(&engine, &sql).unwrap(), "9\n");
    assert!(complaint(&engine, "select * from read_parquet('s3://bucket/x.parquet')").contains("httpfs"));
}

#[test]
fn errors_show_the_place() {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 9)])))]);
    let said = complaint(&engine, "select status,\n  coutn(*)\nfrom logs");
    assert!(said.contains("coutn") && said.contains("LINE 2:   coutn(*)\n          ^"), "{said}");
    let said = complaint(&engine, "select staus from logs");
    assert!(
        said.contains("Candidate bindings: \"status\"") && said.contains("LINE 1: select staus"),
        "{said}"
    );
    let said = complaint(&engine, "selec 1");
    assert!(said.contains("LINE 1: selec 1\n        ^"), "{said}");
    let said = complaint(&engine, "select count(*) from lgs");
    assert!(said.contains("lgs") && said.contains("logs"), "{said}");
    for nothing in ["", " ; ", "-- only a comment"] {
        assert!(complaint(&engine, nothing).contains("no statement"), "{nothing}");
    }
    assert!(complaint(&engine, "select 1\0").contains("NUL"));
}

#[test]
fn a_statement_that_needs_more_memory_spills_or_says_so() {
    let batches = (0..40).map(|n| log_batch(n * 10_000, 10_000)).collect();
    let small = EngineOptions { memory: 24 << 20, ..options() };
    let engine = try_engine(vec![Source::Scan(Arc::new(Memory::of(batches)))], &small).unwrap();
    let sorted = ask(&engine, "select path from (select path, time from logs order by md5(path)) limit 1");
    match sorted {
        Ok(answer) => assert!(answer.starts_with("/a/")),
        Err(error) => assert!(error.to_string().contains("--memory"), "{error}"),
    }
}
