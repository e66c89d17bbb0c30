use weblog_parse::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let mode = std::env::args().nth(2).unwrap_or_default();
    let bytes = std::fs::read(path).unwrap();
    let mut parser = Parser::new(Options::default());
    let mut writer = weblog_wire::ndjson::Writer::new(None);
    let mut record = Record::new();
    let mut out = Vec::with_capacity(4 << 20);
    let (mut n, mut rej, mut skip, mut extra, mut total) = (0u64, 0u64, 0u64, 0u64, 0u64);
    let mut diff = 0;
    let t = std::time::Instant::now();
    for line in bytes.split_inclusive(|b| *b == b'\n').map(|l| l.strip_suffix(b"\n").unwrap_or(l)).map(|l| l.strip_suffix(b"\r").unwrap_or(l)) {
        let mut r = record.recycle();
        match parser.parse(line, &mut r) {
            Parsed::Record { extra: e, .. } => { n += 1; extra += e as u64; if mode != "parse" { writer.write(&r, &mut out); } }
            Parsed::Skipped => skip += 1,
            Parsed::Rejected(x) => { rej += 1; if mode == "rej" { println!("{} col {} {} | {}", rej, x.column, x, String::from_utf8_lossy(&line[..line.len().min(200)])); } }
        }
        if mode == "cmp" {
            let mut o2 = Vec::new(); let mut r2 = Record::new();
            let p1 = { let mut r1 = Record::new(); parser.parse(line, &mut r1) };
            let p2 = parser.parse_slowly(line, &mut r2);
            let mut o1 = Vec::new(); writer.write(&r, &mut o1); writer.write(&r2, &mut o2);
            if o1 != o2 || p1 != p2 { diff += 1; if diff < 5 { println!("DIFF {}\n{}", String::from_utf8_lossy(&o1), String::from_utf8_lossy(&o2)); } }
        }
        if mode == "json" { 
            let s = std::mem::take(&mut out); 
            let v: Result<serde_json::Value, _> = serde_json::from_slice(&s); if v.is_err() && !s.is_empty() { println!("BADJSON {}", String::from_utf8_lossy(&s)); }
            let mut rr = Record::new(); if !s.is_empty() { weblog_wire::ndjson::read(&s[..s.len()-1], &mut rr).unwrap(); let mut o = Vec::new(); writer.write(&rr, &mut o); assert_eq!(o, s); }
        }
        record = r.recycle();
        if mode == "out" { use std::io::Write; std::io::stdout().write_all(&out).unwrap(); out.clear(); }
        if out.len() > 1 << 20 { total += out.len() as u64; out.clear(); }
    }
    eprintln!("{n} records {rej} rejected {skip} skipped {extra} extra {diff} diff, {total} out, {:?}", t.elapsed());
}
