//! Rows in every form.

use crate::support::{Memory, ask_as, engine, kinds, log_batch};
use arrow_array::{Array, cast::AsArray};
use std::{io::Cursor, sync::Arc};
use weblog_query::{
    Engine, Source,
    output::{Form, Look, Options, Writer},
};

fn nothing() -> Engine {
    engine(vec![Source::Scan(Arc::new(Memory::of(vec![kinds()])))])
}

fn all(sql: &str, form: Form) -> String {
    let engine = nothing();
    let mut prepared = engine.prepare(sql).unwrap();
    let mut out = Vec::new();
    let rows = prepared.run().unwrap();
    let options = Options { header: true, safe: false, utc: true };
    let mut writer = Writer::new(form, rows.schema(), options, &mut out).unwrap();
    for batch in rows {
        writer.write(&batch.unwrap(), &mut out).unwrap();
    }
    writer.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn numbers_of_every_kind_are_exact() {
    let sql = "select sum(9223372036854775807) over () a, 170141183460469231731687303715884105727::hugeint b, \
               -1.50::decimal(5,2) c, 0.05::decimal(38,20) d, 18446744073709551615::ubigint e, (-128)::tinyint f, \
               0.1::float g, 1e300 h, 'nan'::double i, '-inf'::double j, 1.0::double k";
    assert_eq!(
        all(sql, Form::Csv).lines().nth(1).unwrap(),
        "9223372036854775807,170141183460469231731687303715884105727,-1.50,0.05000000000000000000,\
         18446744073709551615,-128,0.1,1e+300,nan,-inf,1.0"
    );
    let json = all(sql, Form::Ndjson);
    assert!(
        json.starts_with(
            "{\"a\":9223372036854775807,\"b\":170141183460469231731687303715884105727,\"c\":-1.50,"
        ),
        "{json}"
    );
    assert!(json.contains("\"h\":1e+300,\"k\":1.0"), "numbers that are none are left out: {json}");
}

#[test]
fn types_that_would_come_out_wrong_are_refused() {
    let engine = nothing();
    for sql in ["select 1::uhugeint n", "select '101'::bit n"] {
        let said = crate::support::complaint(&engine, sql);
        assert!(said.contains("column 1") && said.contains("cast"), "{said}");
    }
}

#[test]
fn values_inside_of_values_are_json() {
    let sql = "select [1, null, 3] a, {'x': 1, 'y': 'q\"'} b, map {'k': [1.5], 'l': null} c, [] d, 'x\\x00y'::blob e, \
               '00000000-0000-0000-0000-000000000001'::uuid f, 'two'::enum('one', 'two') g, '{\"z\": [1]}'::json h, \
               [{'t': timestamp '2025-01-01 00:00:00'}] i, true j, '101'::bit::varchar k, union_value(num := 2) l, \
               ['nan'::double] m, null n, array_value(1, 2) o";
    assert_eq!(
        all(sql, Form::Ndjson),
        "{\"a\":[1,null,3],\"b\":{\"x\":1,\"y\":\"q\\\"\"},\"c\":{\"k\":[1.5],\"l\":null},\"d\":[],\"e\":\"x\\u0000y\",\
         \"f\":\"00000000-0000-0000-0000-000000000001\",\"g\":\"two\",\"h\":{\"z\": [1]},\
         \"i\":[{\"t\":\"2025-01-01T00:00:00Z\"}],\"j\":true,\"k\":\"101\",\"l\":2,\"m\":[null],\"o\":[1,2]}\n"
    );
    assert!(all(sql, Form::Csv).contains(",\"{\"\"x\"\":1,\"\"y\"\":\"\"q\\\"\"\"\"}\","));
    for form in [
        Form::Json,
        Form::Tsv,
        Form::Markdown,
        Form::Table(Look { width: Some(80), colour: false, ..Look::default() }),
    ] {
        assert!(all(sql, form).contains("two"), "{form:?}");
    }
}

#[test]
fn an_answer_without_rows_is_a_header_or_nothing() {
    let sql = "select int, text from logs where false";
    assert_eq!(all(sql, Form::Csv), "int,text\n");
    assert_eq!(all(sql, Form::Tsv), "int\ttext\n");
    assert_eq!(all(sql, Form::Ndjson), "");
    assert_eq!(all(sql, Form::Json), "[]\n");
    assert_eq!(all(sql, Form::Markdown), "| int | text |\n|---:|---|\n");
    assert_eq!(all(sql, Form::Table(Look { width: None, colour: false, ..Look::default() })), "int  text\n");
}

#[test]
fn json_is_one_array() {
    assert_eq!(all("values (1), (2)", Form::Json), "[\n{\"col0\":1},\n{\"col0\":2}\n]\n");
}

#[test]
fn a_table_is_measured_aligned_and_cut() {
    let sql = "select * from (values (1, 'a', null), (1000, 'a long text that goes on', timestamp '2025-01-02 03:04:05')) t(n, text, t)";
    assert_eq!(
        all(sql, Form::Table(Look { width: None, colour: false, ..Look::default() })),
        "   n  text                      t\n   1  a                         -\n1000  a long text that goes on  2025-01-02 03:04:05\n"
    );
    let cut = all(sql, Form::Table(Look { width: Some(30), colour: false, ..Look::default() }));
    assert!(cut.lines().all(|line| line.chars().count() <= 30), "{cut}");
    assert!(cut.contains('…'), "{cut}");
    let tiny = all(sql, Form::Table(Look { width: Some(3), colour: true, ..Look::default() }));
    assert!(tiny.contains('…'), "{tiny}");
}

#[test]
fn no_form_for_people_has_a_control_character() {
    let sql = "select chr(27) || '[31m' || chr(10) || '|<b>' as \"a\u{1b}]0;x\"";
    for form in [
        Form::Table(Look { width: Some(80), colour: false, ..Look::default() }),
        Form::Markdown,
        Form::Csv,
        Form::Tsv,
        Form::Ndjson,
    ] {
        let shown = all(sql, form);
        assert!(!shown.trim_end().chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        assert!(shown.lines().count() <= 3, "{shown:?}");
    }
    assert!(all(sql, Form::Markdown).contains("\\|&lt;b&gt;"));
}

#[test]
fn cells_can_be_kept_from_being_formulas() {
    let engine = nothing();
    let mut prepared = engine.prepare("select '=1+1' a, -1 b").unwrap();
    let rows = prepared.run().unwrap();
    let mut out = Vec::new();
    let options = Options { header: false, safe: true, utc: true };
    let mut writer = Writer::new(Form::Csv, rows.schema(), options, &mut out).unwrap();
    for batch in rows {
        writer.write(&batch.unwrap(), &mut out).unwrap();
    }
    assert_eq!(String::from_utf8(out).unwrap(), "'=1+1,-1\n");
}

#[test]
fn parquet_and_arrow_hold_the_same_rows_with_times_as_instants() {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 5_000)])))]);
    let write = |form| {
        let mut prepared = engine.prepare("select * from logs").unwrap();
        let rows = prepared.run().unwrap();
        let mut out = Vec::new();
        let options = Options { header: true, safe: false, utc: rows.times_are_utc() };
        let mut writer = Writer::new(form, rows.schema(), options, &mut out).unwrap();
        for batch in rows {
            writer.write(&batch.unwrap(), &mut out).unwrap();
        }
        writer.finish(&mut out).unwrap();
        out
    };
    let arrow = arrow_ipc::reader::StreamReader::try_new(Cursor::new(write(Form::Arrow)), None).unwrap();
    assert_eq!(arrow.schema().field(0).data_type(), &crate::support::instant());
    let rows: usize = arrow.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 5_000);

    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("x.parquet");
    std::fs::write(&file, write(Form::Parquet)).unwrap();
    let again = crate::support::engine(vec![Source::Parquet(vec![file.clone()])]);
    let sql = "select count(*), count(status), min(time), max(path) from logs";
    assert_eq!(ask_as(&again, sql, Form::Csv).unwrap(), ask_as(&engine, sql, Form::Csv).unwrap());
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        std::fs::File::open(file).unwrap(),
    );
    assert_eq!(reader.unwrap().schema().field(0).data_type(), &crate::support::instant());
    let _ = kinds().column(4).as_string::<i32>().is_empty();
}
