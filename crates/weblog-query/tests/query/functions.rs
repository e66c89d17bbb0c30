//! The functions that weblog adds, against slow references.

use crate::support::{Memory, ask, complaint, engine, log_batch};
use chrono::{DateTime, Datelike, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use std::{net::IpAddr, sync::Arc};
use weblog_query::{Engine, FUNCTIONS, Source};

fn logs() -> Engine {
    engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 100)])))])
}

/// Numbers that look random, the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn offset(zone: Tz, time: NaiveDateTime) -> i32 {
    zone.offset_from_utc_datetime(&time).fix().local_minus_utc()
}

fn local(zone: Tz, time: NaiveDateTime) -> NaiveDateTime {
    time + TimeDelta::seconds(offset(zone, time).into())
}

/// Asks for the buckets of times ten minutes apart around a day, and walks back to each one's first minute.
fn check_buckets<L: PartialEq>(
    width: &str,
    zone: &str,
    day: &str,
    furthest: i64,
    label: impl Fn(Tz, NaiveDateTime) -> L,
) {
    let sql = format!(
        "select epoch_us(t), epoch_us(time_bucket('{width}', t, '{zone}')) from (select unnest(generate_series(\
         timestamp '{day}' - interval 36 hours, timestamp '{day}' + interval 36 hours, interval '10 minutes')) as t)"
    );
    let answer = ask(&logs(), &sql).unwrap();
    assert_eq!(answer.lines().count(), 433);
    let zone: Tz = zone.parse().unwrap();
    for line in answer.lines() {
        let (time, start) = line.split_once(',').unwrap();
        let naive = |text: &str| DateTime::from_timestamp_micros(text.parse().unwrap()).unwrap().naive_utc();
        let (time, start) = (naive(time), naive(start));
        let mut first = time;
        for back in 0..=furthest {
            let before = time - TimeDelta::minutes(back * 10);
            if label(zone, before) == label(zone, time) {
                first = before;
            }
        }
        assert_eq!(start, first, "{width} of {time} in {zone}");
    }
}

#[test]
fn days_begin_at_local_midnight_over_changes_of_the_clocks() {
    let day = |zone: Tz, time: NaiveDateTime| local(zone, time).date();
    for (zone, changes) in [
        ("Europe/Berlin", ["2025-03-30", "2025-10-26"]),
        ("America/New_York", ["2025-03-09", "2025-11-02"]),
        // Half an hour; a midnight that does not exist; one that is twice; no change at all.
        ("Australia/Lord_Howe", ["2025-04-05", "2025-10-04"]),
        ("America/Sao_Paulo", ["2018-11-04", "2018-02-18"]),
        ("America/Havana", ["2025-11-02", "2025-03-09"]),
        ("Asia/Kolkata", ["2025-01-01", "1969-12-31"]),
    ] {
        changes.iter().for_each(|change| check_buckets("1 day", zone, change, 6 * 26, day));
    }
}

#[test]
fn hours_that_are_twice_are_two_and_longer_spans_are_one() {
    let hour = |zone: Tz, time: NaiveDateTime| {
        let shown = local(zone, time);
        (shown.date(), shown.hour(), offset(zone, time))
    };
    let six = |zone: Tz, time: NaiveDateTime| (local(zone, time).date(), local(zone, time).hour() / 6);
    for (zone, change) in
        [("Europe/Berlin", "2025-10-26"), ("Europe/Berlin", "2025-03-30"), ("America/New_York", "2025-11-02")]
    {
        check_buckets("1 hour", zone, change, 6, hour);
        check_buckets("6 hours", zone, change, 6 * 7, six);
    }
}

#[test]
fn months_and_weeks_begin_at_local_midnight_too() {
    let month = |zone: Tz, time: NaiveDateTime| (local(zone, time).year(), local(zone, time).month());
    check_buckets("1 month", "Europe/Berlin", "2025-04-01", 6 * 24 * 32, month);
    let week = |zone: Tz, time: NaiveDateTime| local(zone, time).iso_week();
    check_buckets("1 week", "Europe/Berlin", "2025-03-31", 6 * 24 * 7, week);
}

#[test]
fn time_bucket_still_does_what_stock_sql_has() {
    let engine = logs();
    let bucket = |arguments: &str| ask(&engine, &format!("select time_bucket({arguments})")).unwrap();
    assert_eq!(bucket("interval '1 hour', timestamp '2025-01-01 10:50:00'"), "2025-01-01T10:00:00Z\n");
    assert_eq!(
        bucket("interval '1 hour', timestamp '2025-01-01 10:50:00', interval '15 minutes'"),
        "2025-01-01T10:15:00Z\n"
    );
    assert_eq!(
        bucket("interval '1 day', timestamp '2025-01-01 10:50:00', timestamp '2025-01-01 12:00:00'"),
        "2024-12-31T12:00:00Z\n"
    );
    for nulls in
        ["null::interval, now(), 'UTC'", "'1 day', null::timestamp, 'UTC'", "'1 day', now(), null::varchar"]
    {
        assert_eq!(bucket(nulls), "\n", "{nulls}");
    }
    assert_eq!(bucket("'1 day', timestamp 'infinity', 'Europe/Berlin'"), "\n");
    for (wrong, said) in [
        ("'1 day', now(), 'Mars/Olympus'", "no zone `Mars/Olympus`"),
        ("'0 days', now(), 'UTC'", "no width"),
        ("'-1 days', now(), 'UTC'", "no width"),
        ("'1 month 1 day', now(), 'UTC'", "some months, or"),
    ] {
        let complaint = complaint(&engine, &format!("select time_bucket({wrong})"));
        assert!(complaint.contains(said), "{wrong}: {complaint}");
    }
}

#[test]
fn addresses_are_in_networks_as_their_bits_say() {
    let engine = logs();
    let mut numbers = Numbers(7);
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => format!("{:0128b}", u128::from(v4.to_ipv6_mapped())),
        IpAddr::V6(v6) => format!("{:0128b}", u128::from(v6)),
    };
    // Few bits differ, so that many are inside.
    let address = |numbers: &mut Numbers| match numbers.below(3) {
        0 => format!("192.0.2.{}", numbers.below(16)),
        1 => format!("::ffff:192.0.2.{}", numbers.below(16)),
        _ => format!("2001:db8::{:x}", numbers.below(16)),
    };
    for _ in 0..300 {
        let (inside, base) = (address(&mut numbers), address(&mut numbers));
        let (width, least) = if base.contains('.') && !base.contains(':') { (32, 24) } else { (128, 118) };
        let length = least + numbers.below(width - least + 1);
        let same = (128 - width + length) as usize;
        let expected = bits(inside.parse().unwrap())[..same] == bits(base.parse().unwrap())[..same];
        let sql = format!(
            "select ip_in('{inside}', '{base}/{length}'), ip_in('{inside}', ['198.51.100.0/24', '{base}/{length}'])"
        );
        assert_eq!(ask(&engine, &sql).unwrap(), format!("{expected},{expected}\n"), "{sql}");
    }
    let is = |arguments: &str| ask(&engine, &format!("select ip_in({arguments})")).unwrap().trim().to_owned();
    assert_eq!(is("'203.0.113.9', '0.0.0.0/0'"), "true");
    assert_eq!(is("'2001:db8::1', '0.0.0.0/0'"), "false");
    assert_eq!(is("'2001:db8::1', '::/0'"), "true");
    assert_eq!(is("'192.0.2.1', '192.0.2.1'"), "true");
    assert_eq!(is("'192.0.2.1:8080', '192.0.2.0/24, 198.51.100.0/24'"), "true");
    assert_eq!(is("'[2001:db8::1%eth0]:80', ['2001:db8::/32', null]"), "true");
    assert_eq!(is("'host.example', '0.0.0.0/0'"), "false");
    assert_eq!(is("null, '0.0.0.0/0'"), "");
    assert_eq!(is("'192.0.2.1', null"), "");
    assert_eq!(is("'192.0.2.1', []::varchar[]"), "false");
    for wrong in ["192.0.2.0/33", "192.0.2/24", "2001:db8::/129", "x", "192.0.2.0/+8", "192.0.2.0/", "/"] {
        let said = complaint(&engine, &format!("select ip_in('192.0.2.1', '{wrong}')"));
        assert!(said.contains(&format!("`{wrong}` is no network")), "{said}");
    }
}

#[test]
fn networks_may_differ_from_row_to_row() {
    let sql = "select count(*) from (select '192.0.2.' || (i % 4) as a, '192.0.2.' || (i % 3) as n from range(6000) t(i)) \
               where ip_in(a, n)";
    let equal = "select count(*) from range(6000) t(i) where i % 4 = i % 3";
    assert_eq!(ask(&logs(), sql).unwrap(), ask(&logs(), equal).unwrap());
}

#[test]
fn prefixes_of_paths_are_their_first_segments() {
    let engine = logs();
    let mut numbers = Numbers(3);
    for _ in 0..200 {
        let path: String =
            (0..numbers.below(12)).map(|_| ["/", "a", "\u{e9}", "%20"][numbers.below(4) as usize]).collect();
        let count = numbers.below(4) as usize;
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).take(count).collect();
        let root = if path.starts_with('/') { "/" } else { "" };
        let sql = format!("select path_prefix('{path}', {count}) = '{root}{}'", segments.join("/"));
        assert_eq!(ask(&engine, &sql).unwrap(), "true\n", "{sql}");
    }
    let sql = "select path_prefix('/a/b', -1), path_prefix(null, 1), path_prefix('/a', null), path_prefix('/a/b', 9223372036854775807)";
    assert_eq!(ask(&engine, sql).unwrap(), "/,,,/a/b\n");
}

/// Decodes a form's text byte by byte.
fn decoded(text: &str, plus: bool) -> String {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let byte = bytes.get(at + 1..at + 3).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        let byte = byte.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        match byte {
            Some(byte) if bytes[at] == b'%' && byte != 0 => {
                out.push(byte);
                at += 3;
                continue;
            }
            _ if bytes[at] == b'+' && plus => out.push(b' '),
            _ => out.push(bytes[at]),
        }
        at += 1;
    }
    let mut text = String::new();
    for chunk in out.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

#[test]
fn parameters_are_the_first_of_their_name_and_decoded_whatever_they_are() {
    let engine = logs();
    let mut numbers = Numbers(11);
    let pieces = [
        "a", "b", "=", "=", "&", "&", "+", "%20", "%C3%A9", "%ff", "%", "%0", "%00", "%zz", "?", "\u{e9}",
        ";",
    ];
    for _ in 0..300 {
        let query: String =
            (0..numbers.below(14)).map(|_| pieces[numbers.below(pieces.len() as u64) as usize]).collect();
        let pairs: Vec<(String, String)> = query
            .strip_prefix('?')
            .unwrap_or(&query)
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decoded(name, true), decoded(value, true)))
            .collect();
        let first = pairs.iter().find(|(name, _)| name == "a").map(|(_, value)| format!("'{value}'"));
        let sql = format!(
            "select url_param('{query}', 'a') is not distinct from {}, len(url_params('{query}')), url_decode('{query}') = '{}'",
            first.unwrap_or("null".into()),
            decoded(&query, false)
        );
        assert_eq!(ask(&engine, &sql).unwrap(), format!("true,{},true\n", pairs.len()), "{sql}");
    }
    let sql = "select url_param(null, 'a') is null and url_param('a=1', null) is null and url_params(null) is null \
               and url_decode(null) is null, url_params('b=2&b=%31')[2].value, map_from_entries(url_params('a=1&b=2'))['b']";
    assert_eq!(ask(&engine, sql).unwrap(), "true,1,2\n");
}

#[test]
fn sessions_end_after_the_gap_and_each_has_its_number() {
    let engine = logs();
    let visits = "with visits as (select timestamp '2025-01-01' + to_seconds(hash(i) % 200000) as time, \
                  'v' || (hash(i + 1000) % 4) as remote_addr, 'x' as user_agent from range(400) t(i))";
    let sql = format!(
        "{visits} select visitor, epoch(time)::bigint, session from sessionize(visits) order by 1, 2, 3"
    );
    let answer = ask(&engine, &sql).unwrap();
    let (mut last, mut session): (Option<(String, i64)>, i64) = (None, 0);
    for line in answer.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let (visitor, time, number) = (cells[0].to_owned(), cells[1].parse::<i64>().unwrap(), cells[2]);
        if last.as_ref().is_none_or(|(who, when)| *who != visitor || time - when > 1800) {
            session += 1;
        }
        assert_eq!(number, session.to_string(), "{line}");
        last = Some((visitor, time));
    }
    assert!(session > 50 && answer.lines().count() == 400, "{session}");
    let count =
        |call: &str| ask(&engine, &format!("{visits} select count(distinct session) from {call}")).unwrap();
    assert_eq!(count("sessionize('visits', '30 minutes')"), format!("{session}\n"));
    assert_eq!(count("sessionize(visits, gap := interval '10 days')"), "4\n");
    assert_eq!(count("sessionize(visits, '10 days', user_agent)"), "1\n");
}

#[test]
fn rows_without_a_time_or_a_visitor_have_no_session_and_rows_at_one_time_have_one() {
    let visits = "with visits as (from (values (timestamp '2025-01-01', 'a'), (timestamp '2025-01-01', 'a'), (null, 'a'), \
                  (timestamp '2025-01-01', null), (timestamp '2025-01-02', 'a')) t(time, who))";
    let sql = format!(
        "{visits} select session, count(*) from sessionize(visits, '1 hour', who) group by 1 order by 1 nulls first"
    );
    assert_eq!(ask(&logs(), &sql).unwrap(), ",2\n1,2\n2,1\n");
}

#[test]
fn values_for_people() {
    let engine = logs();
    for (sql, text) in [
        ("duration_text(0)", "0 \u{b5}s"),
        ("duration_text(999.4)", "999 \u{b5}s"),
        ("duration_text(999.6)", "1.00 ms"),
        ("duration_text(12500)", "12.5 ms"),
        ("duration_text(999499)", "999 ms"),
        ("duration_text(999500)", "1.00 s"),
        ("duration_text(59.94e6)", "59.9 s"),
        ("duration_text(59.95e6)", "1m 00s"),
        ("duration_text(3599.6e6)", "1h 00m"),
        ("duration_text(interval '3 days 4 hours')", "3d 04h"),
        ("duration_text(-1500)", "-1.50 ms"),
        ("duration_text(sum(1500::hugeint))", "1.50 ms"),
        ("duration_text(null)", ""),
        ("duration_text('nan'::double)", ""),
        ("bytes_text(999)", "999 bytes"),
        ("bytes_text(1500000)", "1.5 MB"),
        ("human_bytes(sum(1500))", "1.5 kB"),
        ("bytes_text(null)", ""),
        ("status_class(301)", "3xx"),
        ("status_class(999)", "other"),
        ("status_class(null)", ""),
        ("is_error(404)", "true"),
        ("is_error(399)", "false"),
        ("is_error(null)", ""),
        ("current_time = now()::time and localtime = current_time", "true"),
    ] {
        assert_eq!(ask(&engine, &format!("select {sql}")).unwrap().trim_end(), text, "{sql}");
    }
}

#[test]
fn every_function_that_is_listed_is_there() {
    let engine = logs();
    for function in FUNCTIONS {
        let sql = format!(
            "select {}{}",
            function.name,
            if function.arguments.is_empty() { "" } else { "('\u{1}', '', '', '', '')" }
        );
        // What is not there has the name in its complaint as one that does not exist.
        if let Err(error) = ask(&engine, &sql) {
            let there = ask(
                &engine,
                &format!("select count(*) from duckdb_functions() where function_name = '{}'", function.name),
            );
            assert_ne!(there.unwrap(), "0\n", "{error}");
        }
    }
}
