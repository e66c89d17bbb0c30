use super::*;
use crate::cidr::Range;
use index::holds;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

fn table(text: &str, on: &str, picks: &[&str]) -> Result<Table, LookupError> {
    let picks: Vec<Pick> = picks.iter().map(|pick| pick.parse().unwrap()).collect();
    Table::read(text.as_bytes(), &on.parse().unwrap(), &picks, Limits::default())
}

/// What the table adds for a value, as the inside of a JSON object.
fn added(table: &Table, value: &str) -> String {
    let row = table.find(value).map(|row| row.fields().map(|(name, json)| format!("{name}:{json}")));
    row.map_or("-".to_owned(), |fields| fields.collect::<Vec<_>>().join(" "))
}

fn check(text: &str, on: &str, picks: &[&str], join: Join, cases: &[(&str, &str)]) {
    let table = table(text, on, picks).unwrap();
    assert_eq!(table.join(), join, "{text}");
    for (value, expected) in cases {
        assert_eq!(added(&table, value), *expected, "{value} in {text}");
    }
}

#[test]
fn columns_become_fields_with_the_kind_that_all_their_values_have() {
    let csv = "remote_user,Customer Name,seats,score,isVIP,zip,when\n\
               ann,\"Ann, \"\"A\"\" Ltd\",10,1.5,true,01234,2026-01-01\n\
               bob,Böb,-3,2,FALSE,99999,\n\
               cat,,7,1e3,True,,\"two\nlines\"\n";
    check(
        csv,
        "remote_user",
        &[],
        Join::Exact,
        &[
            (
                "ann",
                r#"customer_name:"Ann, \"A\" Ltd" seats:10 score:1.5 is_vip:true zip:"01234" when:"2026-01-01""#,
            ),
            ("bob", r#"customer_name:"Böb" seats:-3 score:2 is_vip:false zip:"99999""#),
            ("cat", r#"seats:7 score:1e3 is_vip:true when:"two\nlines""#),
            ("Ann", "-"),
            ("", "-"),
        ],
    );
    let table = table(csv, "remote_user", &[]).unwrap();
    let kinds: Vec<_> = table.columns().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, [Kind::Text, Kind::Int, Kind::Float, Kind::Bool, Kind::Text, Kind::Text]);
    assert_eq!((table.len(), table.is_empty(), table.duplicates(), table.faults()), (3, false, 0, None));
}

#[test]
fn a_number_is_one_only_as_json_writes_it() {
    for (value, json) in [
        ("0", "0"),
        ("-0", "\"-0\""),
        ("007", "\"007\""),
        ("+49", "\"+49\""),
        ("1.", "\"1.\""),
        (".5", "\".5\""),
        ("1e999", "\"1e999\""),
        ("NaN", "\"NaN\""),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "\"9223372036854775808\""),
        ("-1.25e-3", "-1.25e-3"),
        ("TRUE", "true"),
        ("yes", "\"yes\""),
        ("\u{1b}[2J", "\"\\u001b[2J\""),
    ] {
        let table = table(&format!("path,value\nx,{value}\n"), "path", &[]).unwrap();
        assert_eq!(added(&table, "x"), format!("value:{json}"));
    }
}

#[test]
fn the_narrowest_network_around_an_address_counts() {
    let csv = "network,owner\n10.0.0.0/8,all\n10.1.0.0/16,site\n10.1.2.3,host\n10.1.2.0-10.1.2.9,ten\n\
               2001:db8::/32,six\n2001:db8::1,one\n";
    check(
        csv,
        "remote_addr=network",
        &[],
        Join::Cidr,
        &[
            ("10.9.9.9", "owner:\"all\""),
            ("10.1.9.9", "owner:\"site\""),
            ("10.1.2.9", "owner:\"ten\""),
            ("10.1.2.3:8080", "owner:\"host\""),
            ("::ffff:10.1.2.3", "owner:\"host\""),
            ("2001:DB8:0::2", "owner:\"six\""),
            ("[2001:db8:0:0::1]:443", "owner:\"one\""),
            ("192.0.2.1", "-"),
            ("host.example", "-"),
            ("", "-"),
        ],
    );
}

#[test]
fn the_longest_beginning_counts() {
    let csv = "path,team\n/,web\n/products/,shop\n/products/old*,archive\n/search,find\n/search*,any\n";
    check(
        csv,
        "path",
        &[],
        Join::Prefix,
        &[
            ("/", "team:\"web\""),
            ("/products", "team:\"web\""),
            ("/products/", "team:\"shop\""),
            ("/products/12", "team:\"shop\""),
            ("/products/older", "team:\"archive\""),
            ("/search", "team:\"find\""),
            ("/search/x", "team:\"find\""),
            ("/search?q=1", "team:\"find\""),
            ("/searching", "team:\"any\""),
            ("*", "-"),
        ],
    );
    let agents = "agent,kind\n*,other\ncurl/*,tool\nexact,one\n";
    check(
        agents,
        "user_agent=agent",
        &[],
        Join::Prefix,
        &[
            ("curl/8.1", "kind:\"tool\""),
            ("exact", "kind:\"one\""),
            ("exactly", "kind:\"other\""),
            ("", "kind:\"other\""),
        ],
    );
}

#[test]
fn the_kind_of_join_is_told_by_the_keys_unless_it_is_said() {
    for (keys, join) in [
        (["192.0.2.1", "192.0.2.2"], Join::Cidr),
        (["192.0.2.0/24", "2001:db8::/32"], Join::Cidr),
        (["192.0.2.1", "host.example"], Join::Exact),
        (["/", "/about"], Join::Exact),
        (["/", "/about/"], Join::Prefix),
        (["about/", "/"], Join::Exact),
        (["a*", "b"], Join::Prefix),
        (["200", "404"], Join::Exact),
    ] {
        let csv = format!("key,v\n{},1\n{},2\n", keys[0], keys[1]);
        assert_eq!(table(&csv, "f=key", &[]).unwrap().join(), join, "{keys:?}");
        for (said, join) in [("exact", Join::Exact), ("prefix", Join::Prefix)] {
            assert_eq!(table(&csv, &format!("f=key:{said}"), &[]).unwrap().join(), join, "{said}");
        }
    }
    assert_eq!(added(&table("status,v\n200,ok\n", "status", &[]).unwrap(), "200"), "v:\"ok\"");
}

#[test]
fn tsv_semicolons_and_ndjson_are_told_by_the_first_line() {
    let cases = [("k", "a:\"x\" b:2")];
    check("k\ta\tb\nk\tx\t2\n", "f=k", &[], Join::Exact, &cases);
    check("\u{feff}k;a;b\r\nk;x;2\r\n\r\n", "f=k", &[], Join::Exact, &cases);
    check("\n\nk,a,b\n k , x , 2 ", "f=k", &[], Join::Exact, &cases);
    check("{\"k\":\"k\",\"a\":\"x\",\"b\":2}\n", "f=k", &[], Join::Exact, &cases);
    let quotes = table("k\ta\nk\t\"x, y\n", "f=k", &[]).unwrap();
    assert_eq!(added(&quotes, "k"), r#"a:"\"x, y""#, "TSV has no quotes");
}

#[test]
fn values_of_ndjson_keep_their_kind_and_columns_may_come_late() {
    let ndjson = "{\"id\":1,\"code\":\"42\",\"n\":1,\"tags\":[\"a\"],\"mixed\":1}\n\n\
                  {\"id\":\"b\",\"n\":null,\"late\":true,\"mixed\":\"x\",\"empty\":\"\"}\n";
    check(
        ndjson,
        "f=id",
        &[],
        Join::Exact,
        &[("1", r#"code:"42" n:1 tags:["a"] mixed:"1""#), ("b", r#"mixed:"x" late:true empty:"""#)],
    );
}

#[test]
fn columns_are_picked_and_named() {
    let csv = "ip,Plan,country,secret\n192.0.2.1,gold,DE,x\n";
    check(
        csv,
        "client_addr=ip",
        &["plan", "customer_country=country"],
        Join::Cidr,
        &[("192.0.2.1", r#"plan:"gold" customer_country:"DE""#)],
    );
    check(csv, "remote_addr=ip", &["country=country"], Join::Cidr, &[("192.0.2.1", r#"country:"DE""#)]);
    for (csv, on, picks, told) in [
        (
            csv,
            "remote_addr=ip",
            &[][..],
            "the column \"country\" has the name of a field; name it otherwise (my_country=country)",
        ),
        (csv, "remote_addr=ip", &["country"], "or say that it is to replace the field (country=country)"),
        (csv, "remote_addr", &["plan"], "no column \"remote_addr\"; there are ip, Plan, country, secret"),
        (csv, "remote_addr=ip", &["owner"], "no column \"owner\""),
        (
            "a,Big Co,big_co\n1,2,3\n",
            "f=a",
            &[],
            "the columns \"Big Co\" and \"big_co\" are both named big_co",
        ),
        ("a|b\n1|2\n", "f=a", &[], "no column \"a\"; there are a|b"),
        ("a\n1\n", "f=a", &[], "no column besides \"a\""),
        ("", "f=a", &[], "empty"),
        (" \n\n", "f=a", &[], "empty"),
    ] {
        let error = table(csv, on, picks).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn names_are_made_as_fields_are_named() {
    for (name, field) in [
        ("Customer Name", "customer_name"),
        ("customerName", "customer_name"),
        ("HTTPServer", "http_server"),
        ("  % of total ", "of_total"),
        ("Größe", "größe"),
        ("a--b", "a_b"),
        ("ipV4", "ip_v4"),
        ("ID", "id"),
        ("--", ""),
    ] {
        assert_eq!(on::snake_case(name), field);
        assert_eq!(on::snake_case(field), field, "a field's name stays");
    }
    assert_eq!(added(&table("k,--,\"\"\nx,1,2\n", "f=k", &[]).unwrap(), "x"), "column_2:1 column_3:2");
}

#[test]
fn the_first_of_equal_keys_wins_and_the_others_are_counted() {
    let exact = table("k,v\na,1\nb,2\na,3\na,4\n", "f=k", &[]).unwrap();
    assert_eq!((added(&exact, "a").as_str(), exact.duplicates(), exact.len()), ("v:1", 2, 2));
    let same = table("k,v\n10.1.0.0/8,1\n10.0.0.0/8,2\n10.0.0.0/9,3\n", "f=k", &[]).unwrap();
    assert_eq!((added(&same, "10.200.0.1").as_str(), same.duplicates(), same.len()), ("v:1", 1, 2));
}

#[test]
fn rows_that_are_none_are_counted_and_the_first_is_explained() {
    for (text, on, count, told, kept) in [
        (
            "k,v\na,1\nb\nc,3,4\n",
            "f=k",
            2,
            "2 rows left out; the first: line 3: expected 2 cells as the header has, found 1",
            1,
        ),
        ("k,v\na,1\n ,2\n", "f=k", 1, "1 row left out: line 3, column k: expected a key", 1),
        (
            "k,v\n10.0.0.0/8,1\n10.0.0.0/99,2\nx\n",
            "f=k:cidr",
            2,
            "line 3, column k: expected a prefix length from 0 to 32, found \"10.0.0.0/99\"",
            1,
        ),
        ("k,v\n\"a\nb\",1\nc\n", "f=k", 1, "line 4: expected 2 cells", 1),
        (
            "{\"k\":1,\"v\":2}\n{\"k\":\n{\"v\":1}\n{\"k\":[1],\"v\":1}\n[1]\n",
            "f=k",
            4,
            "line 2: expected one JSON object (",
            1,
        ),
    ] {
        let table = table(text, on, &[]).unwrap();
        let faults = table.faults().unwrap();
        assert_eq!((faults.count, table.len()), (count, kept), "{faults}");
        assert!(faults.to_string().contains(told), "{faults}");
    }
    let open = table("k,v\na,1\nb,\"x\nc,2\nd,3\n", "f=k", &[]).unwrap();
    let told = "1 row left out: line 3: expected the closing quote of a cell, found the end of the table";
    assert_eq!(open.faults().unwrap().to_string(), told);
    for closed in ["k,v\na,\"x\ny\"", "k,v\na,\"x\ny\"\n\n", "k,v\na,\"x\ny\"\nb,2"] {
        assert_eq!(table(closed, "f=k", &[]).unwrap().faults(), None, "{closed}");
    }
    let bytes = b"k,v\na,\xff\nb,1\n";
    let read = Table::read(&bytes[..], &"f=k".parse().unwrap(), &[], Limits::default()).unwrap();
    assert_eq!(read.faults().unwrap().to_string(), "1 row left out: line 2: expected UTF-8");
    let error = table("k,v\nx\n", "f=k", &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "no row can be used: 1 row left out: line 2: expected 2 cells as the header has, found 1"
    );
    assert!(table("k,v\nhost,1\n", "f=k:cidr", &[]).unwrap_err().to_string().contains("no row can be used"));
}

#[test]
fn a_table_that_is_too_large_is_refused() {
    let on = "f=k".parse().unwrap();
    let text = "k,v\na,1\nb,2\nc,3\n";
    let read = |rows, bytes| Table::read(text.as_bytes(), &on, &[], Limits { rows, bytes });
    assert!(matches!(read(2, 100), Err(LookupError::TooManyRows { most: 2 })));
    assert!(matches!(read(3, 15), Err(LookupError::TooLarge { most: 15 })));
    assert_eq!(read(3, 16).unwrap().len(), 3);
    let wide = format!("k{}\n", (0..300).map(|n| format!(",c{n}")).collect::<String>());
    assert!(matches!(table(&wide, "f=k", &[]), Err(LookupError::TooManyColumns { .. })));
}

#[test]
fn members_that_nobody_asked_for_may_have_any_number_of_names() {
    let rows: String =
        (0..3000).map(|n| format!("{{\"other{n}\":1,\"k\":{n},\"late{n}\":2,\"v\":{n}}}\n")).collect();
    let table = table(&rows, "f=k", &["v"]).unwrap();
    assert_eq!((added(&table, "2999"), table.columns().count()), ("v:2999".to_owned(), 1));
}

#[test]
fn rows_can_be_handed_in() {
    let mut builder = Builder::new(&"f=id".parse().unwrap(), &[], Limits::default());
    let (id, name) = (builder.column("id").unwrap(), builder.column("Name").unwrap());
    builder.add(1, &[(name, Cell::Text("1")), (id, Cell::Plain("7"))]).unwrap();
    builder.add(2, &[(id, Cell::Plain("8"))]).unwrap();
    let table = builder.finish().unwrap();
    assert_eq!((added(&table, "7"), added(&table, "8")), ("name:\"1\"".to_owned(), String::new()));
}

#[test]
fn what_to_join_on_is_read() {
    let on: On = "remote_addr=Client IP:cidr".parse().unwrap();
    assert_eq!(
        (on.field.as_str(), on.column.as_str(), on.join),
        ("remote_addr", "Client IP", Some(Join::Cidr))
    );
    for bad in ["", "=a", "a=", "a:cdir", ":exact"] {
        assert!(bad.parse::<On>().is_err(), "{bad}");
    }
    for bad in ["", "a=", "=a", "A B=c", "a__b=c"] {
        assert!(bad.parse::<Pick>().is_err(), "{bad}");
    }
}

fn naive_prefix(keys: &[String], value: &str) -> Option<usize> {
    let long = |key: &str| (key.trim_end_matches('*').len(), !key.ends_with('*'));
    let held = keys.iter().enumerate().filter(|(_, key)| holds(key, value));
    held.max_by_key(|(at, key)| (long(key), std::cmp::Reverse(*at))).map(|(at, _)| at)
}

proptest! {
    #[test]
    fn networks_are_found_as_a_search_through_all_finds_them(
        keys in prop::collection::vec((0u8..4, 0u8..4, 0u32..=32), 1..40), at in prop::collection::vec((0u8..4, 0u8..4, any::<u8>()), 20)
    ) {
        let keys: Vec<String> = keys.iter().map(|(a, b, length)| format!("10.{a}.{b}.0/{length}")).collect();
        let rows: String = keys.iter().enumerate().map(|(row, key)| format!("{key},{row}\n")).collect();
        let table = table(&format!("k,row\n{rows}"), "f=k", &[]).unwrap();
        let size = |range: Range| if let Range::V4(a, b) = range { b - a } else { 0 };
        for (a, b, c) in at {
            let address = IpAddr::V4(Ipv4Addr::new(10, a, b, c));
            let ranges = keys.iter().map(|key| Range::parse(key).unwrap()).enumerate();
            let naive = ranges.filter(|(_, range)| range.contains(address)).min_by_key(|(row, range)| (size(*range), *row));
            let expected = naive.map_or("-".to_owned(), |(row, _)| format!("row:{row}"));
            prop_assert_eq!(added(&table, &address.to_string()), expected);
        }
    }

    #[test]
    fn prefixes_are_found_as_a_search_through_all_finds_them(
        keys in prop::collection::vec("[/ab]{1,5}\\*?", 1..30), values in prop::collection::vec("[/ab?]{0,7}", 20)
    ) {
        let rows: String = keys.iter().enumerate().map(|(row, key)| format!("{key},{row}\n")).collect();
        let table = table(&format!("k,row\n{rows}"), "f=k:prefix", &[]).unwrap();
        for value in values {
            let expected = naive_prefix(&keys, &value).map_or("-".to_owned(), |row| format!("row:{row}"));
            prop_assert_eq!(added(&table, &value), expected, "{}", value);
        }
    }

    #[test]
    fn any_bytes_are_a_table_or_refused_and_what_is_added_is_json(
        head in "(k,a,b\n|k\ta\n|\\{)?", body in prop::collection::vec(any::<u8>(), 0..200)
    ) {
        let bytes = [head.as_bytes(), &body].concat();
        for on in ["f=k", "f=k:cidr", "f=k:prefix"] {
            if let Ok(table) = Table::read(bytes.as_slice(), &on.parse().unwrap(), &[], Limits::default()) {
                for row in 0..table.len() {
                    for (_, json) in (Row { table: &table, row }).fields() {
                        prop_assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{}", json);
                    }
                }
            }
        }
    }
}

fn kilobytes(field: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "a measurement: KIND=exact|cidr|prefix|ndjson cargo test --release -p weblog-enrich lookup::tests::million -- --ignored --nocapture"]
fn million_rows() {
    use std::{fmt::Write, time::Instant};
    let kind = std::env::var("KIND").unwrap_or_else(|_| "exact".to_owned());
    let address = |n: u32| Ipv4Addr::from(n.wrapping_mul(2_654_435_761));
    let mut text = String::from(if kind == "ndjson" { "" } else { "k,customer,plan,seats,since\n" });
    for n in 0..1_000_000u32 {
        let (plan, seats) = (["free", "gold", "team"][n as usize % 3], n % 500);
        let rest = format!("Customer number {n},{plan},{seats},2026-01-{:02}", n % 28 + 1);
        match kind.as_str() {
            "exact" => writeln!(text, "user{n},{rest}"),
            "cidr" => writeln!(text, "{}/{},{rest}", address(n), 8 + n % 25),
            "prefix" => writeln!(text, "/shop/{}/{n}/,{rest}", n % 1000),
            _ => writeln!(
                text,
                r#"{{"k":"user{n}","customer":"Customer number {n}","plan":"{plan}","seats":{seats}}}"#
            ),
        }
        .unwrap();
    }
    text.shrink_to_fit();
    let before = kilobytes("VmRSS");
    let start = Instant::now();
    let table = table(&text, "f=k", &[]).unwrap();
    let read = start.elapsed();
    let (peak, after) = (kilobytes("VmHWM") - before, kilobytes("VmRSS") - before);
    let values: Vec<String> = (0..1_000_000u32)
        .map(|n| match table.join() {
            Join::Exact => format!("user{}", n.wrapping_mul(7919) % 1_000_000),
            Join::Cidr => address(n.wrapping_mul(7919) % 1_000_000).to_string(),
            Join::Prefix => format!("/shop/{}/{n}/item/7", n % 1000),
        })
        .collect();
    let start = Instant::now();
    let found = values.iter().filter(|value| table.find(value).is_some()).count();
    let each = start.elapsed().as_nanos() as f64 / values.len() as f64;
    let (peak, after) = (peak / 1024, after / 1024);
    println!(
        "{kind}: {} rows of {} MB in {read:?}, {peak} MB at most, {after} MB after, {found} found at {each:.0} ns",
        table.len(),
        text.len() >> 20
    );
}
