//! What each step of the hot path costs, on one thread and with the whole log in memory.
//!
//!     rungs LOG [CITY.mmdb]
//!
//! Prints `step <tab> ns per line <tab> GB/s` for each step, both over the lines and bytes of the raw
//! log, also where the step reads NDJSON, so that the numbers of all steps can be set against each
//! other. The time is CPU time. Each number is the median of seven passes, in which the steps take
//! turns, so that a disturbance from outside falls on all of them alike.
//!
//! The steps hold the same calls as `weblog parse` and `weblog enrich` make for a line, without the
//! reading, the accounting and the writing around them.

use std::{hint::black_box, path::Path, process::ExitCode, sync::Arc};
use weblog_enrich::{Enricher, Enrichment, Sources};
use weblog_io::Chunk;
use weblog_parse::{Options, Parsed, Parser, Record};
use weblog_wire::ndjson;

const PASSES: usize = 7;

/// The chunk size of a loaded runner: the output of one chunk stays in the cache, as it does there.
const CHUNK: usize = 1 << 20;

/// A step: its name and what it does to one chunk.
type Step<'a> = (&'static str, Box<dyn FnMut(usize) + 'a>);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let (Some(log), city) = (args.get(1), args.get(2)) else {
        eprintln!("usage: rungs LOG [CITY.mmdb]");
        return ExitCode::from(2);
    };
    match measure(Path::new(log), city.map(Path::new)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rungs: {error}");
            ExitCode::from(2)
        }
    }
}

fn measure(log: &Path, city: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let log = std::fs::read(log)?;
    let raw = chunks(&log);
    let lines: usize = raw.iter().map(|chunk| chunk.lines().count()).sum();
    let json: Vec<Chunk> = raw.iter().map(to_ndjson).collect();
    let table = Arc::new(Enrichment::new(Sources::open::<&Path>(&[], "en")?));
    let mut steps: Vec<Step<'_>> = vec![
        ("split", Box::new(|at| split(&raw[at]))),
        ("parse", parse(&raw)),
        ("encode", encode(&raw)),
        ("decode", decode(&json)),
        ("recode", recode(&json)),
        ("enrich", enrich(&json, table)),
    ];
    if let Some(city) = city {
        let city = Arc::new(Enrichment::new(Sources::open(&[city], "en")?));
        steps.push(("enrich city", enrich(&json, city)));
    }
    let mut seconds = vec![Vec::new(); steps.len()];
    for _ in 0..PASSES {
        for ((_, step), seconds) in steps.iter_mut().zip(&mut seconds) {
            let start = cpu_seconds()?;
            (0..raw.len()).for_each(&mut *step);
            seconds.push(cpu_seconds()? - start);
        }
    }
    for ((name, _), mut seconds) in steps.iter().zip(seconds) {
        seconds.sort_by(f64::total_cmp);
        let median = seconds[PASSES / 2];
        println!("{name}\t{:.1}\t{:.3}", median / lines as f64 * 1e9, log.len() as f64 / median / 1e9);
    }
    Ok(())
}

/// CPU time of this thread. The kernel brings the number up to date when the thread gives way.
fn cpu_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = stat.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds as f64 / 1e9)
}

/// The log as chunks of whole lines.
fn chunks(log: &[u8]) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = log;
    while !rest.is_empty() {
        let head = &rest[..rest.len().min(CHUNK)];
        let end = head.iter().rposition(|byte| *byte == b'\n').map_or(head.len(), |at| at + 1);
        chunks.push(Chunk::new("log", (log.len() - rest.len()) as u64, rest[..end].to_vec()));
        rest = &rest[end..];
    }
    chunks
}

fn to_ndjson(chunk: &Chunk) -> Chunk {
    let (mut parser, mut writer) = (Parser::new(Options::default()), ndjson::Writer::new(None));
    let mut out = Vec::new();
    for (_, line) in chunk.lines() {
        let mut record = Record::new();
        if let Parsed::Record { .. } = parser.parse(line, &mut record) {
            writer.write(&record, &mut out);
        }
    }
    Chunk::new("json", 0, out)
}

/// Finds the line ends.
fn split(chunk: &Chunk) {
    for (_, line) in chunk.lines() {
        black_box(line);
    }
}

/// Finds the line ends and makes records.
fn parse(raw: &[Chunk]) -> Box<dyn FnMut(usize) + '_> {
    let mut parser = Parser::new(Options::default());
    let mut spare = Record::new();
    Box::new(move |at| {
        for (_, line) in raw[at].lines() {
            let mut record = std::mem::take(&mut spare).recycle();
            black_box(parser.parse(line, &mut record));
            spare = black_box(record).recycle();
        }
    })
}

/// The same, and writes NDJSON: `weblog parse`.
fn encode(raw: &[Chunk]) -> Box<dyn FnMut(usize) + '_> {
    let (mut parser, mut writer) = (Parser::new(Options::default()), ndjson::Writer::new(None));
    let (mut spare, mut out) = (Record::new(), Vec::new());
    Box::new(move |at| {
        out.clear();
        for (_, line) in raw[at].lines() {
            let mut record = std::mem::take(&mut spare).recycle();
            if let Parsed::Record { .. } = parser.parse(line, &mut record) {
                writer.write(&record, &mut out);
            }
            spare = record.recycle();
        }
        black_box(&out);
    })
}

/// Finds the line ends of NDJSON and makes records.
fn decode(json: &[Chunk]) -> Box<dyn FnMut(usize) + '_> {
    let mut spare = Record::new();
    Box::new(move |at| {
        for (_, line) in json[at].lines() {
            let mut record = std::mem::take(&mut spare).recycle();
            _ = black_box(ndjson::read(line, &mut record));
            spare = black_box(record).recycle();
        }
    })
}

/// The same, and writes NDJSON.
fn recode(json: &[Chunk]) -> Box<dyn FnMut(usize) + '_> {
    let mut writer = ndjson::Writer::new(None);
    let (mut spare, mut out) = (Record::new(), Vec::new());
    Box::new(move |at| {
        out.clear();
        for (_, line) in json[at].lines() {
            let mut record = std::mem::take(&mut spare).recycle();
            if ndjson::read(line, &mut record).is_ok() {
                writer.write(&record, &mut out);
            }
            spare = record.recycle();
        }
        black_box(&out);
    })
}

/// Decodes, and puts all that can be told behind the line: `weblog enrich`.
fn enrich(json: &[Chunk], enrichment: Arc<Enrichment>) -> Box<dyn FnMut(usize) + '_> {
    let mut enricher = Enricher::new(enrichment);
    let mut writer = ndjson::Writer::new(None);
    let (mut spare, mut members, mut out) = (Record::new(), Vec::new(), Vec::new());
    Box::new(move |at| {
        out.clear();
        for (_, line) in json[at].lines() {
            let mut record = std::mem::take(&mut spare).recycle();
            members.clear();
            if ndjson::read(line, &mut record).is_ok() && enricher.members(&record, &mut members) {
                match ndjson::has_room(line, &members) {
                    true => writer.copy(line, &members, &mut out),
                    false => writer.write_with(&record, &members, &mut out),
                }
            }
            spare = record.recycle();
        }
        black_box(&out);
    })
}
