//! What the log as a whole promises.

use std::collections::HashSet;

use proptest::prelude::*;

use crate::address::{IPV6, REGIONS};
use crate::agents::{CRAWLERS, FEED_READERS, MONITOR, PREVIEWERS, TOOLS};
use crate::{Counts, Format, Generator, Options, Spike};

const FORMATS: [Format; 4] = [Format::Common, Format::Combined, Format::VhostCombined, Format::NginxMain];
const HOUR: i64 = 3_600_000_000;

const GOLDEN_COMMON: u64 = 0x441a_1f81_7eb8_148d;
const GOLDEN_COMBINED: u64 = 0x7c37_9e75_c753_925d;
const GOLDEN_VHOST: u64 = 0x9af5_ba0b_9f50_78be;
const GOLDEN_MAIN: u64 = 0xf4ff_4959_1ed0_d158;

/// The log of so many lines, and what was counted.
fn log(lines: usize, options: &Options) -> (Vec<u8>, Counts) {
    let mut generator = Generator::new(options.clone());
    let mut out = Vec::new();
    for _ in 0..lines {
        generator.line(&mut out);
    }
    (out, generator.counts())
}

fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    log.strip_suffix(b"\n").expect("a log ends with a newline").split(|&byte| byte == b'\n')
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn share(part: u64, counts: Counts) -> f64 {
    part as f64 / counts.lines as f64
}

/// Takes a quoted field off the front; nothing in it may be unescaped.
fn quoted(line: &str, nginx: bool) -> Option<(&str, &str)> {
    let body = line.strip_prefix('"')?;
    let bytes = body.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => return Some((&body[..at], &body[at + 1..])),
            b'\\' if bytes.get(at + 1) == Some(&b'x') => {
                let hex = body.get(at + 2..at + 4)?;
                let good = |byte: u8| {
                    byte.is_ascii_digit() || (if nginx { b'A'..=b'F' } else { b'a'..=b'f' }).contains(&byte)
                };
                if !hex.bytes().all(good) {
                    return None;
                }
                at += 4;
            }
            b'\\' if !nginx => at += 2,
            b'\\' | 0..0x20 | 0x7f.. => return None,
            _ => at += 1,
        }
    }
}

/// Does `06/Jan/2025:00:00:00 +0000` have its digits and marks where they belong?
fn is_time(text: &str) -> bool {
    text.len() == 26
        && text.bytes().zip("00/Aaa/0000:00:00:00 +0000".bytes()).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'A' | b'a' => byte.is_ascii_alphabetic(),
            _ => byte == shape,
        })
}

/// The address of a line, if the line is exactly as its format has it.
fn well_formed(line: &[u8], format: Format) -> Option<&str> {
    let mut rest = std::str::from_utf8(line).ok()?;
    let nginx = format.is_nginx();
    if format == Format::VhostCombined {
        let (host, after) = rest.split_once(' ')?;
        let hosts = ["shop.example:443", "api.shop.example:443", "blog.shop.example:443", "shop.example:80"];
        hosts.contains(&host).then_some(())?;
        rest = after;
    }
    let (address, rest) = rest.split_once(" - ")?;
    address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'.' || byte == b':').then_some(())?;
    let (user, rest) = rest.split_once(" [")?;
    (!user.is_empty() && !user.contains([' ', '"'])).then_some(())?;
    let (time, rest) = rest.split_once("] ")?;
    is_time(time).then_some(())?;
    let (_, rest) = quoted(rest, nginx)?;
    let answer = rest.strip_prefix(' ')?;
    let (status, rest) = answer.split_once(' ')?;
    (status.len() == 3 && status.parse::<u16>().is_ok()).then_some(())?;
    let (bytes, mut rest) = rest.split_once(' ').map_or((rest, None), |(bytes, rest)| (bytes, Some(rest)));
    (bytes == "-" && !nginx || bytes.parse::<u64>().is_ok()).then_some(())?;
    let fields = match format {
        Format::Common => 0,
        Format::NginxMain => 3,
        _ => 2,
    };
    for field in 1..=fields {
        let (_, after) = quoted(rest?, nginx)?;
        rest =
            if field < fields { Some(after.strip_prefix(' ')?) } else { after.is_empty().then_some(None)? };
    }
    rest.is_none().then_some(address)
}

#[test]
fn the_same_seed_gives_the_bytes_it_always_gave() {
    // A change here is a change of every example and demo that names a seed: it belongs in the release notes.
    let golden = [GOLDEN_COMMON, GOLDEN_COMBINED, GOLDEN_VHOST, GOLDEN_MAIN];
    let found = FORMATS.map(|format| {
        let spike = Some(Spike { at: 1_736_121_600_000_000 + HOUR / 4, length: HOUR / 4, factor: 4.0 });
        let options = Options { format, spike, lines_per_second: 3.0, malformed: 0.01, ..Options::default() };
        fnv(&log(10_000, &options).0)
    });
    assert_eq!(found, golden, "{found:#x?}");
}

#[test]
fn another_seed_gives_other_lines() {
    let one = log(100, &Options::default()).0;
    let other = log(100, &Options { seed: 2, ..Options::default() }).0;
    assert_ne!(one, other);
}

#[test]
fn time_never_goes_back_and_begins_at_the_start() {
    for lines_per_second in [0.05, 5.0, 5_000.0] {
        let options = Options { lines_per_second, malformed: 0.05, ..Options::default() };
        let mut generator = Generator::new(options.clone());
        let mut last = options.start;
        for _ in 0..20_000 {
            let time = generator.line(&mut Vec::new());
            assert!(time >= last);
            last = time;
        }
    }
}

#[test]
fn the_written_time_is_the_returned_time() {
    let mut generator =
        Generator::new(Options { malformed: 0.0, start: 951_782_398_000_000, ..Options::default() });
    let (mut line, mut dates) = (Vec::new(), HashSet::new());
    for _ in 0..100_000 {
        line.clear();
        let time = generator.line(&mut line);
        let expected =
            chrono::DateTime::from_timestamp_micros(time).unwrap().format("[%d/%b/%Y:%H:%M:%S +0000]");
        let line = std::str::from_utf8(&line).unwrap();
        assert!(line.contains(&expected.to_string()), "{line}");
        dates.insert(line[line.find('[').unwrap()..][..12].to_owned());
    }
    assert!(dates.contains("[29/Feb/2000"), "the log begins two seconds before a leap day: {dates:?}");
}

#[test]
fn rate_and_shares_are_near_what_was_asked() {
    for (bots, errors, malformed) in [(0.25, 0.01, 0.001), (0.6, 0.2, 0.05), (0.1, 0.5, 0.0)] {
        let day = 24 * HOUR;
        let options =
            Options { lines_per_second: 6.0, span: Some(day), bots, errors, malformed, ..Options::default() };
        let mut generator = Generator::new(options.clone());
        let (mut time, mut out) = (0, Vec::new());
        while time < options.start + day {
            out.clear();
            time = generator.line(&mut out);
        }
        let counts = generator.counts();
        let near = |found: f64, asked: f64| (found - asked).abs() <= asked * 0.15 + 0.0008;
        assert!(near(counts.lines as f64 / 86_400.0, 6.0), "{counts:?}");
        assert!(near(share(counts.bots, counts), bots), "{bots} {counts:?}");
        assert!(near(share(counts.server_errors, counts), errors), "{errors} {counts:?}");
        assert!(near(share(counts.malformed, counts), malformed), "{malformed} {counts:?}");
    }
}

#[test]
fn without_bots_no_program_comes() {
    let (out, counts) = log(20_000, &Options { bots: 0.0, malformed: 0.0, ..Options::default() });
    assert_eq!(counts.bots, 0);
    for line in lines(&out) {
        let line = std::str::from_utf8(line).unwrap();
        assert!(line.contains("Mozilla/5.0 (") && !line.contains("compatible;"), "{line}");
    }
    let (_, counts) = log(2_000, &Options { bots: 1.0, ..Options::default() });
    assert!(counts.bots >= counts.lines);
}

#[test]
fn every_line_is_well_formed_when_none_is_to_be_damaged() {
    for format in FORMATS {
        let (out, counts) =
            log(50_000, &Options { format, malformed: 0.0, errors: 0.05, ..Options::default() });
        assert_eq!(counts.malformed, 0);
        assert_eq!(lines(&out).count(), 50_000);
        for line in lines(&out) {
            assert!(well_formed(line, format).is_some(), "{}", line.escape_ascii());
        }
    }
}

#[test]
fn no_line_is_well_formed_when_all_are_to_be_damaged() {
    for format in FORMATS {
        let (out, counts) = log(20_000, &Options { format, malformed: 1.0, ..Options::default() });
        assert_eq!((counts.lines, counts.malformed), (20_000, 20_000));
        assert_eq!(lines(&out).count(), 20_000);
        for line in lines(&out) {
            assert!(well_formed(line, format).is_none(), "{}", line.escape_ascii());
        }
    }
}

#[test]
fn the_format_does_not_change_what_happens() {
    let times = FORMATS.map(|format| {
        let mut generator = Generator::new(Options { format, ..Options::default() });
        (0..5_000).map(|_| generator.line(&mut Vec::new())).collect::<Vec<_>>()
    });
    assert!(times.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Is this one of the addresses that the module `address` says there are?
fn is_nobodys(address: &str) -> bool {
    let blocks = [CRAWLERS, PREVIEWERS, FEED_READERS, TOOLS, &[MONITOR]].concat();
    if let Ok(v4) = address.parse::<std::net::Ipv4Addr>() {
        let [a, b, c, d] = v4.octets();
        let edge = d == 0 || d == 255;
        return v4.is_documentation()
            || [a, b, c] == [10, 0, 3]
            || edge && REGIONS.iter().any(|region| region.prefixes.contains(&[a, b]))
            || edge && blocks.iter().any(|(_, _, blocks)| blocks.contains(&[a, b, c]));
    }
    let groups = address.parse::<std::net::Ipv6Addr>().expect("an address is IPv4 or IPv6").segments();
    groups[..2] == [0x2001, 0xdb8] || IPV6.contains(&[groups[0], groups[1]]) && groups[2..] == [0; 6]
}

#[test]
fn every_address_is_nobodys_and_they_come_from_many_countries() {
    let (out, _) = log(300_000, &Options { malformed: 0.0, lines_per_second: 3.0, ..Options::default() });
    let addresses: HashSet<&str> =
        lines(&out).map(|line| well_formed(line, Format::Combined).expect("nothing is damaged")).collect();
    let mut countries = HashSet::new();
    for address in addresses {
        assert!(is_nobodys(address), "{address}");
        let from = |region: &&crate::address::Region| {
            region.prefixes.iter().any(|[a, b]| address.starts_with(&format!("{a}.{b}.")))
        };
        countries.extend(REGIONS.iter().find(from).map(|region| region.country));
    }
    assert_eq!(countries.len(), REGIONS.len(), "{countries:?}");
    assert!(countries.len() >= 25);
}

#[test]
fn attacks_come_from_documentation_ranges_only() {
    let (out, _) = log(200_000, &Options { malformed: 0.0, bots: 1.0, ..Options::default() });
    let mut attacks = 0;
    for line in lines(&out).map(|line| std::str::from_utf8(line).unwrap()) {
        if ["/.env", "/wp-login.php", "jndi", "etc/passwd", r#""\x16\x03"#]
            .iter()
            .any(|sign| line.contains(sign))
        {
            let documented = ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"];
            assert!(documented.iter().any(|range| line.starts_with(range)), "{line}");
            attacks += 1;
        }
    }
    assert!(attacks > 100, "{attacks}");
}

#[test]
fn every_status_with_its_cause_occurs() {
    let (out, _) = log(400_000, &Options { malformed: 0.0, errors: 0.02, ..Options::default() });
    let text = String::from_utf8(out).unwrap();
    let statuses: HashSet<&str> =
        text.lines().filter_map(|line| line.split("\" ").nth(1)?.split(' ').next()).collect();
    for status in "200 201 204 206 301 302 303 304 400 401 403 404 405 429 499 500 502 503 504".split(' ') {
        assert!(statuses.contains(status), "{status} of {statuses:?}");
    }
    for sign in
        ["\"PUT ", "\"DELETE ", "\"HEAD ", "\"OPTIONS ", " - anna [", "utm_source=", "%C3%A9", "\"\" 400"]
    {
        assert!(text.contains(sign), "{sign}");
    }
}

#[test]
fn a_spike_multiplies_the_lines_and_brings_its_campaign() {
    let start = Options::default().start;
    let spike = Spike { at: start + HOUR, length: HOUR, factor: 5.0 };
    let options =
        Options { lines_per_second: 10.0, span: Some(3 * HOUR), spike: Some(spike), ..Options::default() };
    let mut generator = Generator::new(options);
    let (mut hours, mut campaign, mut line) = ([0u32; 4], 0, Vec::new());
    loop {
        line.clear();
        let hour = (generator.line(&mut line) - start) / HOUR;
        if hour >= 3 {
            break;
        }
        hours[hour as usize] += 1;
        campaign += u32::from(line.windows(10).any(|text| text == b"flash-sale"));
    }
    let factor = f64::from(hours[1]) / f64::from(hours[0]);
    assert!((4.0..6.0).contains(&factor), "{hours:?}");
    assert!(campaign > 1_000, "{campaign}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_options_make_it_panic_or_hang(
        seed: u64, start: i64, lines_per_second: f64, span: Option<i64>,
        bots: f64, errors: f64, malformed: f64, spike: Option<(i64, i64, f64)>,
    ) {
        let spike = spike.map(|(at, length, factor)| Spike { at, length, factor });
        let options =
            Options { seed, start, lines_per_second, span, bots, errors, malformed, spike, ..Options::default() };
        let (out, counts) = log(300, &options);
        prop_assert_eq!(lines(&out).count(), 300);
        prop_assert_eq!(counts.lines, 300);
    }
}
