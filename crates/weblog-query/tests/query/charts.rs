//! Charts and tables for people, as exact text.

use crate::support::{Memory, engine, kinds};
use std::sync::Arc;
use weblog_query::{
    Source,
    output::{ChartHint, Form, Look, Options, Writer},
};

/// The answer in a form, and the sentence about it.
fn written(sql: &str, form: Form, hint: &str) -> Result<(String, Option<&'static str>), String> {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![kinds()])))]);
    let mut prepared = engine.prepare(sql).unwrap();
    let mut out = Vec::new();
    let rows = prepared.run().unwrap();
    let options = Options { header: true, safe: false, utc: true };
    let mut writer = Writer::new(form, rows.schema(), options, &mut out).unwrap();
    writer.hint(hint.parse::<ChartHint>().unwrap());
    for batch in rows {
        writer.write(&batch.unwrap(), &mut out).unwrap();
    }
    let note = writer.finish(&mut out).map_err(|error| error.to_string())?;
    Ok((String::from_utf8(out).unwrap(), note))
}

fn plain(width: usize, unicode: bool) -> Look {
    Look { width: Some(width), unicode, ..Look::default() }
}

/// A chart without colours, below an empty line.
fn chart(sql: &str, width: usize, unicode: bool, hint: &str) -> String {
    let (drawn, note) = written(sql, Form::Chart(plain(width, unicode)), hint).unwrap();
    assert_eq!(note, None);
    for line in drawn.lines() {
        assert!(line.chars().count() <= width, "a line is wider than {width}: {line}");
    }
    format!("\n{drawn}")
}

/// A table for people.
fn table(sql: &str, width: usize, colour: bool) -> String {
    let look = Look { width: Some(width), colour, people: true, unicode: true, height: None };
    format!("\n{}", written(sql, Form::Table(look), "auto").unwrap().0)
}

#[test]
fn a_table_for_people_has_units_separators_and_bars() {
    let sql = "select * from (values (200, 'a', 1234567, 12345, 0.5, 1300), (404, 'b', 999, 850, 0.0123, 650), \
               (500, null, null, null, null, 13)) as rows(status, path, bytes, duration_us, hit_ratio, hits)";
    let drawn = r"
status  path   bytes  duration_us  hit_ratio   hits
   200  a     1.2 MB      12.3 ms       50 %  1,300  █████████████████
   404  b      999 B       850 µs      1.2 %    650  ████████▌
   500  -          -            -          -     13  ▏
";
    assert_eq!(table(sql, 70, false), drawn);
}

#[test]
fn names_made_of_digits_stay_as_they_are_and_big_numbers_whole() {
    let sql = "select 2025 as year, 64500 as asn, 8080 as server_port, 12345 as user_id, \
               170141183460469231731687303715884105727::hugeint as big, 1234567.50::decimal(12,2) as price, \
               1234.5678::double as mean, 51.50735 as latitude, [1, 2, 4] as trend";
    let drawn = r"
year    asn  server_port  user_id                                                  big         price     mean  latitude  trend
2025  64500         8080    12345  170,141,183,460,469,231,731,687,303,715,884,105,727  1,234,567.50  1,234.6  51.50735  ▃▅█
";
    assert_eq!(table(sql, 200, false), drawn);
}

#[test]
fn statuses_nulls_and_the_header_have_colours() {
    let shown = table("select 404 as status, null as path", 80, true);
    assert_eq!(shown, "\n\u{1b}[1mstatus  path\u{1b}[0m\n\u{1b}[33m   404\u{1b}[0m  \u{1b}[2m-\u{1b}[0m\n");
}

#[test]
fn no_chart_obeys_what_a_log_says() {
    let hostile = "chr(27) || '[2J' || chr(8238) || chr(10) || 'x'";
    for (columns, kind) in [
        (format!("{hostile} as a, 1 as hits"), "bars"),
        (format!("{hostile} as a, 'b' as b, 1 as hits"), "heat"),
        (
            format!(
                "timestamp '2025-01-01' + interval (range) day as t, {hostile} || range as a, range as hits"
            ),
            "time",
        ),
        ("'DE' as country, 1 as \"h\u{1b}[2J\"".to_string(), "map"),
        ("1 as \"h\u{1b}[2J\"".to_string(), "number"),
    ] {
        let sql = format!("select {columns} from range(2)");
        let (drawn, _) = written(&sql, Form::Chart(plain(80, true)), kind).unwrap();
        assert!(!drawn.contains(['\u{1b}', '\u{202e}']), "{kind}: {drawn:?}");
        // A heat map has no room for such a name.
        assert!(kind == "heat" || drawn.contains("\\x1b[2J"), "{kind}: {drawn}");
    }
}

#[test]
fn what_no_chart_fits_is_a_table_with_a_sentence() {
    let form = Form::Chart(plain(80, true));
    let (drawn, note) = written("select 'a' as a, 'b' as b", form, "auto").unwrap();
    assert_eq!(drawn, "a  b\na  b\n");
    assert!(note.unwrap().contains("it is a table"));
    let (drawn, note) = written("select 'a' as a, 1 as hits where false", form, "auto").unwrap();
    assert_eq!((drawn.as_str(), note), ("a  hits\n", Some("there are no rows to draw")));
    let (drawn, note) = written(
        "select range as a, range::varchar as b, 'c' as c, 'd' as d, 1 as n from range(300000)",
        form,
        "auto",
    )
    .unwrap();
    assert_eq!(drawn.lines().count(), 300_001, "no row of a table is left out");
    assert!(note.is_some());
}

#[test]
fn a_wish_that_cannot_be_fulfilled_says_why() {
    let said = |sql: &str, hint: &str| written(sql, Form::Chart(plain(80, true)), hint).unwrap_err();
    assert_eq!(said("select 1 as a", "bars:x,y"), "the answer has no column `x` to draw; it has a");
    assert!(said("select 'x' as a, 1 as n", "map").contains("countries in two letters"));
    assert!(said("select 'x' as a, 1 as n", "time").contains("no column of times"));
    assert!(said("select 'x' as a", "bars").contains("no column of numbers"));
    assert!(
        said("select range as id, range + 1 as rank, 1 as n from range(100)", "heat").contains("62 by 40")
    );
}

#[test]
fn bars_that_do_not_fit_the_screen_are_counted() {
    let sql = "select 'page ' || range as page, 5000 - range as hits from range(3000) order by 2 desc";
    let look = Look { height: Some(10), ..plain(40, true) };
    let (drawn, _) = written(sql, Form::Chart(look), "auto").unwrap();
    assert_eq!(drawn.lines().count(), 1 + 5 + 1);
    assert_eq!(drawn.lines().last(), Some("… and 2,995 more rows"));
}

#[test]
fn a_chart_fits_into_any_width() {
    let long = "repeat('long', 30)";
    for (columns, kind) in [
        (format!("{long} || range as a, range * 1000000 as bytes, range as hits"), "bars"),
        (format!("{long} || range as a, {long} || range as b, range as hits"), "heat"),
        ("timestamp '2025-01-01' + interval (range) hour as t, range as hits".to_owned(), "time"),
        ("'DE' as country, range as hits".to_owned(), "map"),
    ] {
        for width in [33, 71, 72, 150, 400] {
            let sql = format!("select {columns} from range(30)");
            let (drawn, _) = written(&sql, Form::Chart(plain(width, true)), kind).unwrap();
            for line in drawn.lines().skip(1) {
                assert!(line.chars().count() <= width, "{kind} {width}: {line}");
            }
        }
    }
}

#[test]
fn many_points_are_taken_together_and_more_series_than_colours_counted() {
    let sql =
        "select timestamp '2025-01-01' + interval (range) minute as t, range % 20 as n from range(2000)";
    let drawn = chart(sql, 60, true, "auto");
    assert!(drawn.contains("the highest of up to 3"), "{drawn}");
    let sql = "select timestamp '2025-01-01' + interval (range) minute as t, 's' || range % 12 as s, range as n from range(120)";
    let drawn = chart(sql, 120, true, "auto");
    assert!(drawn.contains("and 4 more"), "{drawn}");
}

#[test]
fn a_list_is_a_sparkline_in_sql_too() {
    let sql =
        "select sparkline([1, 2, 4]) a, sparkline([0.5, null, 1.0]) b, sparkline(null) c, sparkline([]) d";
    let (drawn, _) = written(sql, Form::Csv, "auto").unwrap();
    assert_eq!(drawn, "a,b,c,d\n▃▅█,▅ █,,\"\"\n");
}

#[test]
fn parquet_has_spans_as_text_and_refuses_unions() {
    let sql = "select interval '1 day' as span, [1.5] as list, map {'a': {'b': 1}} as map, sum(1::bigint) over () as sum";
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![kinds()])))]);
    let options = Options { header: true, safe: false, utc: true };
    let mut prepared = engine.prepare(sql).unwrap();
    let rows = prepared.run().unwrap();
    let mut out = Vec::new();
    let mut writer = Writer::new(Form::Parquet, rows.schema(), options, &mut out).unwrap();
    rows.for_each(|batch| writer.write(&batch.unwrap(), &mut out).unwrap());
    writer.finish(&mut out).unwrap();
    drop(prepared);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &out).unwrap();
    let back = crate::support::engine(vec![Source::Parquet(vec![file.path().to_owned()])]);
    let read = crate::support::ask(&back, "select span, list, map, sum from logs").unwrap();
    assert_eq!(read, "1 day,[1.5],\"{\"\"a\"\":{\"\"b\"\":1}}\",1\n");
    for sql in ["select union_value(num := 2) as u", "select [interval 1 day] as u"] {
        let mut prepared = engine.prepare(sql).unwrap();
        let rows = prepared.run().unwrap();
        let said = Writer::new(Form::Parquet, rows.schema(), options, &mut Vec::new()).err().unwrap();
        assert!(said.to_string().contains("column u holds"), "{said}");
    }
}

#[test]
fn bars_have_labels_values_and_eighths() {
    let sql = "select * from (values ('/index.html', 1234, 5000000), ('/a', 617, 1200), ('/b', 3, 0), (null, null, null)) as rows(path, hits, bytes)";
    let drawn = r"
path          hits   bytes
/index.html  1,234  5.0 MB  ████████████████████████████████
/a             617  1.2 kB  ████████████████
/b               3     0 B  ▏
-                -       -
";
    assert_eq!(chart(sql, 60, true, "auto"), drawn);
}

#[test]
fn bars_in_ascii_and_below_nought() {
    let sql = "select * from (values ('up', 10.0), ('down', -5.0), ('none', 0.0)) as rows(what, change)";
    let drawn = r"
what  change
up      10.0  ##########################
down    -5.0  -------------
none     0.0
";
    assert_eq!(chart(sql, 40, false, "auto"), drawn);
}

#[test]
fn a_name_of_two_columns_and_classes_of_statuses() {
    let sql = "select * from (values ('GET', '2xx', 10), ('GET', '5xx', 5)) as rows(method, class, hits)";
    let drawn = r"
method  class  hits
GET     2xx      10  ███████████████████
GET     5xx       5  █████████▌
";
    assert_eq!(chart(sql, 40, true, "auto"), drawn);
}

#[test]
fn a_chart_over_time_has_gaps() {
    let sql = "select * from (values (timestamp '2025-01-01 00:00:00', 10), (timestamp '2025-01-01 01:00:00', 20), (timestamp '2025-01-01 02:00:00', 40), (timestamp '2025-01-01 05:00:00', 5), (timestamp '2025-01-01 06:00:00', 0)) as rows(hour, hits)";
    let drawn = r"
hits by hour, 2025-01-01 – 2025-01-01 06:00
40 ┤             ███████
   │             ███████
   │             ███████
30 ┤             ███████
   │             ███████
   │             ███████
   │             ███████
20 ┤       █████████████
   │       █████████████
   │       █████████████
10 ┤▄▄▄▄▄▄▄█████████████
   │████████████████████
   │████████████████████             ▆▆▆▆▆▆
   │████████████████████             ██████
 0 └┬────────────┬────────────┬────────────┬──────
    01-01        02:00        04:00        06:00
";
    assert_eq!(chart(sql, 50, true, "auto"), drawn);
}

#[test]
fn several_series_have_signs_without_colours() {
    let sql = "select * from (values (date '2025-01-01', 'a', 1), (date '2025-01-02', 'a', 2), (date '2025-01-03', 'a', 3), (date '2025-01-01', 'b', 9), (date '2025-01-02', 'b', 8), (date '2025-01-03', 'b', 7)) as rows(day, kind, hits)";
    let drawn = r"
hits by day, kind, 2025-01-01 – 2025-01-03
* a   + b
10 ┤
   │       ++++
   │           ++++++++
   │                   ++++++++++++
   │                               ++++++++
   │
   │
 5 ┤
   │
   │                               ********
   │                    ***********
   │            ********
   │       *****
   │
 0 └┬──────────────┬───────────────┬──────────────
    01-01          01-02           01-03
";
    assert_eq!(chart(sql, 50, true, "auto"), drawn);
}

#[test]
fn several_numbers_over_months_in_ascii() {
    let sql = "select * from (values (date '2024-11-01', 1000, 500000), (date '2024-12-01', 1500, 800000), (date '2025-01-01', 2500, 900000), (date '2025-02-01', 500, 0)) as rows(month_of, p50_us, p99_us)";
    let drawn = r"
p50_us, p99_us by month_of, 2024-11-01 - 2025-02-01
* p50_us   + p99_us
   1 s +
       |                             ++++
       |                       ++++++    +
       |                  +++++           +
       |               +++                 +
       |           ++++                     +
       |        +++                          +
500 ms +      ++                              ++
       |                                        +
       |                                         +
       |                                          +
       |                                           +
       |                                            +
       |      ***************************************+
  0 us ++------------+------------+------------+------------
        2024-11      2024-12      2025-01      2025-02
";
    assert_eq!(chart(sql, 60, false, "auto"), drawn);
}

#[test]
fn hour_by_weekday_is_a_heat_map() {
    let sql = "select * from (values (1, 0, 5), (1, 1, 10), (1, 2, 0), (7, 0, 1), (7, 2, 3)) as rows(weekday, hour, hits)";
    let drawn = r"
hits by weekday and hour
    0 1 2
Mon ▒▒██··
Sun ░░  ▒▒
    0 ··░░▒▒▓▓██ 10
";
    assert_eq!(chart(sql, 40, true, "auto"), drawn);
}

#[test]
fn a_heat_map_in_ascii() {
    let sql =
        "select * from (values ('Mon', 'a', 5), ('Sun', 'b', 10), ('Tue', 'a', 1)) as rows(day, kind, bytes)";
    let drawn = r"
bytes by kind and day
  Mon Tue Sun
a +++ :::
b         ###
  0 B ..::++**## 10 B
";
    assert_eq!(chart(sql, 40, false, "heat"), drawn);
}

#[test]
fn countries_are_a_map_with_the_greatest_beside_it() {
    let sql = "select * from (values ('DE', 100), ('US', 5000), ('AU', 3), (null, 7), ('XX', 1)) as rows(country, hits)";
    let drawn = r"
          · ············                ···                                           hits
 ██████··········  ···      ·························   US United States             5,000
  ███ ████████··█·        ·▓▓··················         DE Germany                     100
        █████████        ······················         -  unknown                       7
         ██████         ·····················           AU Australia                     3
   █        ··  ··      ···········  ··  ··             XX                               1
               ·····       ·······       · ·
               ······       ······          ░░░░
                ····        ···· ·         ░░░░░░░
                ···                        ░░░░░░░
               ··
";
    assert_eq!(chart(sql, 90, true, "auto"), drawn);
}

#[test]
fn a_small_map_has_its_list_below() {
    let sql = "select * from (values ('BR', 100), ('CN', 5000)) as rows(country, bytes)";
    let drawn = r"
         .............               ......
  ........... ..  ..      ........................
       ..........       ............########.
        .......         ...........########
          ...          ...............####
              .****    .........       . .
              *******     .....             .
               .****       ... .         .....
               ..**         .            .....
               .
                             bytes
CN China                    5.0 kB
BR Brazil                    100 B
";
    assert_eq!(chart(sql, 50, false, "auto"), drawn);
}

#[test]
fn a_number_is_large() {
    let sql = "select * from (values (1234.5, [1, 5, 3, null, 8])) as rows(avg_ms, day)";
    let drawn = r"
▄█   ▀▀▀█
 █   █▀▀▀
 ▀ ▀ ▀▀▀▀ s
avg_ms
▂▅▄ █
day
";
    assert_eq!(chart(sql, 60, true, "auto"), drawn);
}

#[test]
fn a_number_is_large_in_ascii() {
    let sql = "select * from (values (-12345)) as rows(hits)";
    let drawn = r"
     # ####    #### #  # ####
    ##    #       # #  # #
###  # ####     ### #### ####
     # #     #    #    #    #
     # #### #  ####    # ####
hits
";
    assert_eq!(chart(sql, 60, false, "auto"), drawn);
}

#[test]
fn columns_are_chosen_by_name() {
    let sql = "select * from (values (1, 'x', 3, 4), (2, 'y', 6, 5)) as rows(a, b, c, d)";
    let drawn = r"
b  c
x  3  █████████████████
y  6  ██████████████████████████████████
";
    assert_eq!(chart(sql, 40, true, "bars:b,c"), drawn);
}
