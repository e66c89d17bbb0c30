//! Times without ICU.

use crate::support::{Memory, ask, ask_as, complaint, engine, log_batch};
use std::sync::Arc;
use weblog_query::{Engine, Source, output::Form};

fn logs() -> Engine {
    engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 7_200)])))])
}

#[test]
fn functions_on_the_utc_time_work() {
    let engine = logs();
    let ask = |sql: &str| ask(&engine, sql).unwrap();
    assert_eq!(
        ask("select date_trunc('hour', time) as h, count(*) from logs group by 1 order by 1"),
        "2025-01-01T00:00:00Z,3600\n2025-01-01T01:00:00Z,3600\n"
    );
    assert_eq!(
        ask("select time_bucket(interval '30 minutes', time) t from logs group by 1 order by 1 desc limit 1"),
        "2025-01-01T01:30:00Z\n"
    );
    assert_eq!(
        ask("select strftime(max(time), '%H:%M:%S'), max(time)::date from logs"),
        "01:59:59,2025-01-01\n"
    );
    assert_eq!(ask("select hour(time), count(*) from logs group by 1 order by 1"), "0,3600\n1,3600\n");
    assert_eq!(
        ask("select count(*) from logs where time between '2025-01-01' and '2025-01-01 00:00:09'"),
        "10\n"
    );
}

#[test]
fn spans_back_from_now_work() {
    let engine = logs();
    let ask = |sql: &str| ask(&engine, sql).unwrap();
    assert_eq!(ask("select count(*) from logs where time > now() - interval '1 day'"), "0\n");
    assert_eq!(ask("select count(*) from logs where time < now() - interval 1 day"), "7200\n");
    assert_eq!(ask("select count(*) from logs where time < current_timestamp - interval 1 day"), "7200\n");
    assert_eq!(ask("select count(*) from logs where time::date < current_date"), "7200\n");
    assert_eq!(ask("SELECT count(*) FROM logs WHERE time < TODAY() - 1 AND time < Current_Date"), "7200\n");
    assert_eq!(
        ask(
            "select typeof(now()), typeof(current_date), now()::date = today(), localtimestamp > time from logs limit 1"
        ),
        "TIMESTAMP,DATE,true,true\n"
    );
}

#[test]
fn local_time_knows_zones() {
    let engine = logs();
    let sql = "select local_time(min(time), 'Europe/Berlin') as t, local_time(min(time), 'America/New_York') from logs";
    assert_eq!(ask(&engine, sql).unwrap(), "2025-01-01T01:00:00,2024-12-31T19:00:00\n");
    assert_eq!(
        ask(
            &engine,
            "select hour(local_time(time, 'Asia/Kolkata')) as h, count(*) from logs group by 1 order by 1"
        )
        .unwrap(),
        "5,1800\n6,3600\n7,1800\n"
    );
    assert_eq!(
        ask(&engine, "select local_time(null, 'UTC'), local_time(max(time), null) from logs").unwrap(),
        ",\n"
    );
    assert!(
        complaint(&engine, "select local_time(time, 'Mars/Olympus') from logs")
            .contains("no zone `Mars/Olympus`")
    );
    assert_eq!(
        ask(&engine, "select local_time('2025-07-01'::timestamp, 'Europe/Berlin')").unwrap(),
        "2025-07-01T02:00:00\n"
    );
}

#[test]
fn times_of_every_kind_have_a_text() {
    let engine = logs();
    let sql = "select timestamp '2025-01-02 03:04:05' a, timestamp '2025-01-02 03:04:05.5' b, date '2025-01-02' c, \
               time '03:04:05.25' d, interval '1 year 2 days 3 hours' e, timestamp_ns '2025-01-02 03:04:05.000000007' f, \
               timestamp 'infinity' g, timestamptz '2025-01-02 03:04:05+01' h, timestamp_s '2025-01-02 03:04:05' i";
    assert_eq!(
        ask_as(&engine, sql, Form::Ndjson).unwrap(),
        "{\"a\":\"2025-01-02T03:04:05Z\",\"b\":\"2025-01-02T03:04:05.500Z\",\"c\":\"2025-01-02\",\"d\":\"03:04:05.250\",\
         \"e\":\"1 year 2 days 03:00:00\",\"f\":\"2025-01-02T03:04:05.000000007Z\",\"g\":\"infinity\",\
         \"h\":\"2025-01-02T02:04:05Z\",\"i\":\"2025-01-02T03:04:05Z\"}\n"
    );
}
