//! How a request is written.

use chrono::{DateTime, Datelike};

use crate::hit::{Hit, Referer, Target};
use crate::options::Format;
use crate::site::HOST;
use crate::visit::World;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Writes requests in one format.
pub(crate) struct LineWriter {
    format: Format,
    second: i64,
    day: i64,
    /// `06/Jan/2025:00:00:00 +0000` of the last line.
    stamp: [u8; 26],
}

impl LineWriter {
    pub(crate) fn new(format: Format) -> Self {
        LineWriter { format, second: i64::MIN, day: i64::MIN, stamp: *b"01/Jan/1970:00:00:00 +0000" }
    }

    /// Appends the line without its newline; returns where in `out` the status stands.
    pub(crate) fn write(&mut self, hit: &Hit, world: &World, out: &mut Vec<u8>) -> usize {
        if self.format == Format::VhostCombined {
            virtual_host(hit, world, out);
        }
        out.extend_from_slice(hit.address.as_bytes());
        out.extend_from_slice(b" - ");
        out.extend_from_slice(hit.user.as_bytes());
        out.extend_from_slice(b" [");
        out.extend_from_slice(self.stamp(hit.time));
        out.extend_from_slice(b"] \"");
        self.request(hit, world, out);
        out.extend_from_slice(b"\" ");
        let at = out.len();
        self.answer(hit, out);
        if self.format == Format::Common {
            return at;
        }
        out.extend_from_slice(b" \"");
        self.referer(hit.referer, world, out);
        out.extend_from_slice(b"\" \"");
        out.extend_from_slice(world.agents.text(hit.agent));
        out.push(b'"');
        if self.format == Format::NginxMain {
            forwarded_for(hit.address.hash(), out);
        }
        at
    }

    /// The time as both servers log it, in UTC.
    pub(crate) fn stamp(&mut self, time: i64) -> &[u8] {
        let second = time.div_euclid(1_000_000);
        if second != self.second {
            self.second = second;
            let (day, of_day) = (second.div_euclid(86_400), second.rem_euclid(86_400));
            if day != self.day {
                self.day = day;
                let date = DateTime::from_timestamp(second, 0).unwrap_or_default();
                let year = date.year() as u32;
                self.two(0, date.day());
                self.stamp[3..6].copy_from_slice(MONTHS[date.month0() as usize].as_bytes());
                self.two(7, year / 100 % 100);
                self.two(9, year % 100);
            }
            let of_day = of_day as u32;
            self.two(12, of_day / 3600);
            self.two(15, of_day / 60 % 60);
            self.two(18, of_day % 60);
        }
        &self.stamp
    }

    fn two(&mut self, at: usize, number: u32) {
        self.stamp[at] = b'0' + (number / 10) as u8;
        self.stamp[at + 1] = b'0' + (number % 10) as u8;
    }

    fn request(&self, hit: &Hit, world: &World, out: &mut Vec<u8>) {
        if let Target::Raw(apache, nginx) = hit.target {
            let text = if self.format.is_nginx() { nginx } else { apache };
            return out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(hit.method.as_bytes());
        out.push(b' ');
        target(hit.target, world, out);
        out.push(b' ');
        out.extend_from_slice(hit.protocol.as_bytes());
    }

    /// Status and bytes. What only nginx writes is written as Apache would see it.
    fn answer(&self, hit: &Hit, out: &mut Vec<u8>) {
        let status = match (hit.status, hit.target) {
            (499, _) if !self.format.is_nginx() => 200,
            (_, Target::Raw("-", _)) if !self.format.is_nginx() => 408,
            (status, _) => status,
        };
        decimal(status.into(), out);
        out.push(b' ');
        if hit.bytes == 0 && !self.format.is_nginx() {
            out.push(b'-');
        } else {
            decimal(hit.bytes, out);
        }
    }

    fn referer(&self, referer: Referer, world: &World, out: &mut Vec<u8>) {
        match referer {
            Referer::None => out.push(b'-'),
            Referer::Outside(link) => {
                let quote: &[u8] = if self.format.is_nginx() { br"\x22" } else { br#"\""# };
                for (n, part) in link.as_bytes().split(|&byte| byte == b'"').enumerate() {
                    out.extend_from_slice(if n > 0 { quote } else { b"" });
                    out.extend_from_slice(part);
                }
            }
            Referer::Inside(page) => {
                out.extend_from_slice(b"https://");
                out.extend_from_slice(HOST.as_bytes());
                target(page, world, out);
            }
        }
    }
}

/// Path and query.
fn target(target: Target, world: &World, out: &mut Vec<u8>) {
    match target {
        Target::Site(id, query) => {
            out.extend_from_slice(world.site.path(id));
            out.extend_from_slice(query.as_bytes());
        }
        Target::Path(path, query) => {
            out.extend_from_slice(path.as_bytes());
            out.extend_from_slice(query.as_bytes());
        }
        Target::Numbered(path, number) => {
            out.extend_from_slice(path.as_bytes());
            decimal(number, out);
        }
        Target::Raw(..) => {}
    }
}

/// Shop, blog and API are three virtual hosts.
fn virtual_host(hit: &Hit, world: &World, out: &mut Vec<u8>) {
    let path = match hit.target {
        Target::Site(id, _) => world.site.path(id),
        Target::Path(path, _) | Target::Numbered(path, _) => path.as_bytes(),
        Target::Raw(..) => b"",
    };
    if path.starts_with(b"/api/") {
        out.extend_from_slice(b"api.");
    } else if path.starts_with(b"/blog") {
        out.extend_from_slice(b"blog.");
    }
    out.extend_from_slice(HOST.as_bytes());
    out.extend_from_slice(if matches!(hit.target, Target::Raw(..)) { b":80 " } else { b":443 " });
}

/// One client in twenty is behind a proxy that says so.
fn forwarded_for(hash: u32, out: &mut Vec<u8>) {
    if !hash.is_multiple_of(20) {
        return out.extend_from_slice(b" \"-\"");
    }
    out.extend_from_slice(b" \"10.20.0.");
    decimal(hash >> 24, out);
    out.extend_from_slice(if hash.is_multiple_of(60) { b", 192.0.2.80\"" } else { b"\"" });
}

/// A number in digits.
fn decimal(number: u32, out: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
