//! Instants as RFC 3339 text in UTC, with 0, 3 or 6 digits of a second.

use weblog_parse::{Instant, time::civil_from_days};

/// Writes instants and remembers the last second: neighbours in a log often share it.
#[derive(Clone, Debug)]
pub struct InstantText {
    second: i64,
    /// `2019-01-22T00:26:14`
    text: [u8; 19],
}

impl Default for InstantText {
    fn default() -> Self {
        InstantText { second: 0, text: *b"1970-01-01T00:00:00" }
    }
}

impl InstantText {
    /// Appends `2019-01-22T00:26:14Z`, with 3 or 6 fraction digits if the instant has them.
    #[inline]
    pub fn write(&mut self, instant: Instant, out: &mut Vec<u8>) {
        let second = instant.micros.div_euclid(1_000_000);
        if second != self.second {
            self.text = seconds(second);
            self.second = second;
        }
        out.extend_from_slice(&self.text);
        let micros = instant.micros.rem_euclid(1_000_000);
        if instant.digits > 0 {
            let digits = [100_000, 10_000, 1_000, 100, 10, 1].map(|unit| b'0' + (micros / unit % 10) as u8);
            out.push(b'.');
            out.extend_from_slice(&digits[..usize::from(instant.digits.min(6))]);
        }
        out.push(b'Z');
    }

    /// The date and the time of day of an instant, without zone: for people.
    pub fn local(&mut self, instant: Instant) -> String {
        let mut out = Vec::with_capacity(32);
        self.write(Instant { digits: 0, ..instant }, &mut out);
        String::from_utf8_lossy(&out[..19]).replace('T', " ")
    }
}

fn seconds(second: i64) -> [u8; 19] {
    let (year, month, day) = civil_from_days(second.div_euclid(86_400));
    let of_day = second.rem_euclid(86_400) as u32;
    let mut text = *b"0000-00-00T00:00:00";
    let mut put = |at: usize, number: u32| {
        text[at] = b'0' + (number / 10 % 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    };
    let year = year.clamp(0, 9_999) as u32;
    put(0, year / 100);
    put(2, year % 100);
    put(5, month);
    put(8, day);
    put(11, of_day / 3_600);
    put(14, of_day / 60 % 60);
    put(17, of_day % 60);
    text
}
