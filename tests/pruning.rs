//! What `query` leaves unread, and that the answer is the same.

use crate::program::Place;

fn run(place: &Place, script: &str) -> String {
    let output = place.sh(script, b"");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_address_that_no_row_group_has_is_not_looked_for_in_them() {
    let place = Place::new();
    run(&place, "weblog generate -n 20000 --malformed 0 | weblog to-parquet -q logs");
    let profile = |address: &str| {
        let sql = format!("explain analyze select count(path) from logs where remote_addr = '{address}'");
        run(&place, &format!("weblog query -t csv \"{sql}\" logs/"))
    };
    let one = run(&place, "weblog query -t csv --no-header 'select remote_addr from logs limit 1' logs/");
    assert!(profile(one.trim()).contains("Row Groups Scanned: 1 / 1"));
    // Between the least and the greatest, so it is the Bloom filter that tells.
    let profile = profile("150.150.150.150");
    assert!(profile.contains("Row Groups Scanned: 0 / 1"), "{profile}");
}

#[test]
fn lines_that_a_glance_leaves_out_are_those_that_the_statement_drops() {
    let place = Place::new();
    run(&place, "weblog generate -n 20000 --malformed 0.01 --span 2d > a.log");
    for condition in [
        "status >= 500",
        "status in (404, 301)",
        "status = 200 and bytes between 100 and 2000",
        "bytes < 10",
        "time >= '2025-01-07' and time < '2025-01-07 03:00:00'",
        "time::date = '2025-01-06' and not status = 200",
        "status is null or status > 399",
    ] {
        let ask = |option: &str| {
            let sql =
                format!("select count(*), count(distinct path), sum(bytes) from logs where {condition}");
            run(&place, &format!("weblog query {option} -t csv \"{sql}\" a.log 2>/dev/null"))
        };
        // All lines are made records of where they are counted.
        assert_eq!(ask("-q"), ask("-v"), "{condition}");
    }
}
