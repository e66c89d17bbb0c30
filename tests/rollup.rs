//! Rollups against what they are rollups of: within the error that is said, and never twice.

use crate::program::{Place, text};
use std::{fmt::Write as _, thread, time::Duration};

fn run(place: &Place, script: &str) -> String {
    let output = place.sh(&format!("set -e\n{script}"), b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{script}\n{stderr}");
    text(&output.stdout)
}

/// A log of made-up traffic with durations from microseconds to minutes, most of them short.
fn traffic(place: &Place, count: usize) {
    run(place, &format!("weblog generate -n {count} --span 2d --malformed 0 | weblog parse > plain.ndjson"));
    let mut log = String::new();
    let mut state = 88_172_645_463_325_252_u64;
    for line in place.read("plain.ndjson").lines() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let duration = (state % 1_000) * (1 << ((state >> 32) % 17)) + 3;
        let open = line.strip_suffix('}').unwrap();
        writeln!(log, "{open},\"duration_us\":{duration}}}").unwrap();
    }
    place.write("in.ndjson", log);
}

#[test]
fn quantiles_of_a_rollup_are_within_a_hundredth_of_those_of_all_records() {
    let place = Place::new();
    traffic(&place, 30_000);
    run(&place, "weblog to-parquet -q logs in.ndjson; weblog rollup -q --by route,status_class fives logs");
    let off = "with sums as (select time::date as day, route, quantile(duration_hist, 0.99) as p99,
            quantile(duration_hist, 0.5) as p50, sum(requests)::bigint as n, sum(duration_sum_us) as total from fives group by all),
        exact as (select time::date as day, route, quantile_disc(duration_us, 0.99) as p99,
            quantile_disc(duration_us, 0.5) as p50, count(*) as n, sum(duration_us) as total from raw group by all)
        select count(*) as groups, max(abs(s.p99 - e.p99) / e.p99) <= 0.01 as p99, max(abs(s.p50 - e.p50) / e.p50) <= 0.01 as p50,
            bool_and(s.n = e.n and s.total = e.total) as sums, sum(e.n)::bigint as n
        from sums s full join exact e on s.day = e.day and s.route = e.route";
    let told = run(&place, &format!("weblog query -t csv --from fives=fives --from raw=logs \"{off}\""));
    let (groups, rest) = told.lines().nth(1).unwrap().split_once(',').unwrap();
    assert!(groups.parse::<u32>().unwrap() > 20, "{told}");
    assert_eq!(rest, "true,true,true,30000");
    let visitors = "select distinct_count(visitors) as sketch from fives";
    let exact = "select count(distinct remote_addr || coalesce(user_agent, '')) as exact from raw";
    let told = [visitors, exact].map(|sql| {
        let answer =
            run(&place, &format!("weblog query -t csv --from fives=fives --from raw=logs \"{sql}\""));
        answer.lines().nth(1).unwrap().parse::<f64>().unwrap()
    });
    assert!(told[1] > 500.0 && (told[0] / told[1] - 1.0).abs() < 0.05, "{told:?}");
}

#[test]
fn a_rollup_is_the_same_from_logs_from_a_dataset_and_from_another_rollup() {
    let place = Place::new();
    traffic(&place, 5_000);
    run(&place, "weblog rollup -q --every 1h --by route,status a in.ndjson");
    run(&place, "weblog to-parquet -q logs in.ndjson; weblog rollup -q --every 1h --by route,status b logs");
    run(
        &place,
        "weblog rollup -q --every 1m --by route,status,method ones logs; weblog rollup -q --every 1h --by route,status c ones",
    );
    let rows = ["a", "b", "c"].map(|name| {
        run(&place, &format!("weblog query \"select * from logs order by time, route, status\" {name}"))
    });
    assert!(rows[0].lines().count() > 100);
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0], rows[2]);
}

#[test]
fn a_run_that_is_killed_at_any_moment_loses_and_doubles_nothing() {
    let place = Place::new();
    traffic(&place, 20_000);
    run(&place, "weblog to-parquet -q logs in.ndjson");
    for delay in [0, 5, 10, 20, 40, 60, 80, 100, 150, 200] {
        run(&place, "rm -rf a b");
        for (name, input) in [("a", "in.ndjson"), ("b", "logs")] {
            let arguments = ["rollup", "-q", "--by", "path,status", name, input];
            let mut child = place.weblog().args(arguments).spawn().unwrap();
            thread::sleep(Duration::from_millis(delay));
            child.kill().unwrap();
            child.wait().unwrap();
            run(&place, &format!("weblog rollup -q --by path,status {name} {input}"));
            let told = run(&place, &format!("weblog query \"select sum(requests) as n from logs\" {name}"));
            assert_eq!(told, "{\"n\":20000}\n", "{name} killed after {delay} ms");
        }
    }
}

#[test]
fn two_runs_at_once_take_the_same_lines_in_once() {
    let place = Place::new();
    traffic(&place, 5_000);
    run(&place, "weblog to-parquet -q logs in.ndjson");
    for input in ["in.ndjson", "logs"] {
        run(
            &place,
            &format!(
                "rm -rf r; weblog rollup -q --by path r {input} & weblog rollup -q --by path r {input} & wait"
            ),
        );
        let told = run(&place, "weblog query \"select sum(requests) as n from logs\" r");
        assert_eq!(told, "{\"n\":5000}\n", "{input}");
    }
}
