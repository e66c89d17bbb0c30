//! Times in a format of strftime (POSIX `strftime`, and mod_log_config's own `sec`, `msec`, `usec`,
//! `msec_frac` and `usec_frac`), read by the digits. Several of them in one line may make one time.

use crate::{
    record::Instant,
    time::{self, Logged, Shape},
    zone::Zone,
};

/// One part of the format of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// These bytes.
    Literal(Box<[u8]>),
    /// Any run of white space, or none.
    Space,
    /// A number of at most so many digits, which may be padded with a blank.
    Number(Part, usize),
    /// The name of a month.
    Month,
    /// The name of a day of the week.
    Weekday,
    /// `AM` or `PM`, or nothing where the language has none.
    Half,
    /// An offset like `+0330`.
    Offset,
    /// The name of a zone; one that is not known says nothing.
    ZoneName,
    /// So many digits of a fraction of a second.
    Fraction(usize),
}

/// A part of a time that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The year in full.
    Year,
    /// The year without its last two digits.
    Century,
    /// The last two digits of the year.
    ShortYear,
    /// Month, from 1.
    Month,
    /// Day of the month, from 1.
    Day,
    /// Day of the year, from 1.
    YearDay,
    /// The year that an ISO week belongs to.
    IsoYear,
    /// Week by ISO 8601, from 1.
    IsoWeek,
    /// Day of the week, Monday is 1.
    Weekday,
    /// Hour of the day.
    Hour,
    /// Hour of half the day.
    Hour12,
    /// 0 for the morning, 1 for the afternoon.
    Half,
    /// Minute.
    Minute,
    /// Second.
    Second,
    /// Seconds since the epoch.
    Epoch,
    /// Microseconds of the second.
    Micros,
    /// Digits of the fraction.
    Digits,
    /// Minutes east of UTC.
    Offset,
    /// A number that says nothing more: the week by another count.
    Ignored,
}

/// The parts of a time that a line has told so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts([Option<i64>; Part::Ignored as usize + 1]);

/// Compiles a format; the error names what is wrong.
pub(super) fn compile(format: &str) -> Result<Box<[Token]>, String> {
    let mut tokens = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        literal(&mut tokens, &rest[..at]);
        // The modifiers of other calendars and digits change nothing in English.
        let directive = rest[at + 1..].trim_start_matches(['E', 'O']);
        let Some(letter) = directive.chars().next() else {
            return Err("a letter of strftime behind `%`".into());
        };
        one(letter, &mut tokens)?;
        rest = &directive[letter.len_utf8()..];
    }
    literal(&mut tokens, rest);
    Ok(tokens.into())
}

fn literal(tokens: &mut Vec<Token>, text: &str) {
    if !text.is_empty() {
        tokens.push(Token::Literal(text.as_bytes().into()));
    }
}

fn one(letter: char, tokens: &mut Vec<Token>) -> Result<(), String> {
    let token = match letter {
        'Y' => Token::Number(Part::Year, 4),
        'C' => Token::Number(Part::Century, 2),
        'y' => Token::Number(Part::ShortYear, 2),
        'G' => Token::Number(Part::IsoYear, 4),
        'g' | 'U' | 'W' => Token::Number(Part::Ignored, 2),
        'm' => Token::Number(Part::Month, 2),
        'd' | 'e' => Token::Number(Part::Day, 2),
        'j' => Token::Number(Part::YearDay, 3),
        'V' => Token::Number(Part::IsoWeek, 2),
        'u' | 'w' => Token::Number(Part::Weekday, 1),
        'H' | 'k' => Token::Number(Part::Hour, 2),
        'I' | 'l' => Token::Number(Part::Hour12, 2),
        'M' => Token::Number(Part::Minute, 2),
        'S' => Token::Number(Part::Second, 2),
        's' => Token::Number(Part::Epoch, 18),
        'b' | 'B' | 'h' => Token::Month,
        'a' | 'A' => Token::Weekday,
        'p' | 'P' => Token::Half,
        'z' => Token::Offset,
        'Z' => Token::ZoneName,
        'n' | 't' => Token::Space,
        '%' => Token::Literal(b"%".as_slice().into()),
        _ => {
            let whole = match letter {
                'D' | 'x' => "%m/%d/%y",
                'F' => "%Y-%m-%d",
                'T' | 'X' => "%H:%M:%S",
                'R' => "%H:%M",
                'r' => "%I:%M:%S %p",
                'c' => "%a %b %e %H:%M:%S %Y",
                _ => return Err(format!("a directive of strftime; `%{letter}` is none")),
            };
            tokens.extend(compile(whole)?);
            return Ok(());
        }
    };
    tokens.push(token);
    Ok(())
}

/// Digits of a fraction that the format has.
pub(super) fn digits(tokens: &[Token]) -> u8 {
    let fraction = |token: &Token| match token {
        Token::Fraction(digits) => *digits as u8,
        _ => 0,
    };
    tokens.iter().map(fraction).max().unwrap_or(0)
}

/// Reads the time that `input` begins with, and how long it is.
pub(super) fn read(tokens: &[Token], input: &[u8]) -> Option<(Parts, usize)> {
    let mut parts = Parts::default();
    let mut at = 0;
    for token in tokens {
        at += parts.read(token, &input[at..])?;
    }
    Some((parts, at))
}

impl Parts {
    fn set(&mut self, part: Part, value: i64) {
        self.0[part as usize] = Some(value);
    }

    fn get(&self, part: Part) -> Option<i64> {
        self.0[part as usize]
    }

    /// Takes over what `other` knows.
    pub(super) fn merge(&mut self, other: &Parts) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own = own.or(other);
        }
    }

    /// Reads one token and gives its length.
    fn read(&mut self, token: &Token, input: &[u8]) -> Option<usize> {
        let run = |of: fn(&u8) -> bool| input.iter().take_while(|b| of(b)).count();
        let name_len = || run(|b| b.is_ascii_alphabetic() || *b >= 0x80 || *b == b'.');
        match token {
            Token::Literal(bytes) => input.starts_with(bytes).then_some(bytes.len()),
            Token::Space => Some(run(u8::is_ascii_whitespace)),
            Token::Number(part, max) => {
                let pad = usize::from(*max == 2 && input.starts_with(b" "));
                let digits = input[pad..].iter().take(max - pad).take_while(|b| b.is_ascii_digit()).count();
                let number = input[pad..pad + digits].iter().fold(0, |n, b| n * 10 + i64::from(b - b'0'));
                self.set(*part, number);
                (digits > 0).then_some(pad + digits)
            }
            Token::Month => {
                let len = name_len();
                self.set(Part::Month, time::month(&input[..len])?);
                Some(len)
            }
            Token::Weekday => {
                let len = name_len();
                self.set(Part::Weekday, weekday(&input[..len])?);
                Some(len)
            }
            Token::Half => match input {
                [b'a' | b'A', b'm' | b'M', ..] => Some(self.half(0)),
                [b'p' | b'P', b'm' | b'M', ..] => Some(self.half(1)),
                _ => Some(0),
            },
            Token::Offset => {
                let len = if input.get(3) == Some(&b':') { 6 } else { 5 };
                self.set(Part::Offset, i64::from(time::offset_minutes(input.get(..len)?)?));
                Some(len)
            }
            Token::ZoneName => {
                let len = run(u8::is_ascii_alphabetic);
                if let Some(minutes) = time::abbreviation(&input[..len]) {
                    self.set(Part::Offset, i64::from(minutes));
                }
                (len > 0).then_some(len)
            }
            Token::Fraction(digits) => {
                let text = input.get(..*digits).filter(|text| text.iter().all(u8::is_ascii_digit))?;
                let number = text.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0'));
                self.set(Part::Micros, if *digits == 3 { number * 1_000 } else { number });
                self.set(Part::Digits, *digits as i64);
                Some(*digits)
            }
        }
    }

    fn half(&mut self, half: i64) -> usize {
        self.set(Part::Half, half);
        2
    }

    /// The fraction of a second: microseconds and digits.
    pub(super) fn fraction(&self) -> Option<(i64, u8)> {
        Some((self.get(Part::Micros)?, self.get(Part::Digits)? as u8))
    }

    /// Minutes east of UTC.
    pub(super) fn offset(&self) -> Option<i32> {
        self.get(Part::Offset).map(|minutes| minutes as i32)
    }

    /// The instant that the parts make; none when they are no time.
    pub(super) fn finish(&self, zone: Zone) -> Option<Shape> {
        let (micros, digits) = self.fraction().unwrap_or((0, 0));
        let utc_offset = self.offset();
        let full = |seconds: i64| {
            let micros = seconds.checked_mul(1_000_000)?.checked_add(micros)?;
            Some(Shape::Full(Logged { instant: Instant::dated(micros, digits)?, utc_offset }))
        };
        if let Some(epoch) = self.get(Part::Epoch) {
            return full(epoch);
        }
        let (Some(hour), Some(minute)) = (self.hour(), self.get(Part::Minute)) else {
            return Some(Shape::Incomplete);
        };
        let Some((year, month, day)) = self.date()? else { return Some(Shape::Incomplete) };
        let second = self.get(Part::Second).unwrap_or(0);
        let local = time::local_seconds(year, month, day, hour, minute, second)?;
        full(match utc_offset {
            Some(minutes) => local - i64::from(minutes) * 60,
            None => zone.to_utc(local),
        })
    }

    fn hour(&self) -> Option<i64> {
        let half = || Some(self.get(Part::Hour12)? % 12 + 12 * self.get(Part::Half)?);
        self.get(Part::Hour).or_else(half)
    }

    /// Year, month and day; none inside when parts are missing.
    fn date(&self) -> Option<Option<(i64, i64, i64)>> {
        let short = || {
            let year = self.get(Part::ShortYear)?;
            // POSIX: 69 to 99 are of the twentieth century.
            Some(year + 100 * self.get(Part::Century).unwrap_or(if year < 69 { 20 } else { 19 }))
        };
        if let Some(year) = self.get(Part::Year).or_else(short) {
            if let (Some(month), Some(day)) = (self.get(Part::Month), self.get(Part::Day)) {
                return Some(Some((year, month, day)));
            }
            if let Some(day) = self.get(Part::YearDay) {
                let first = time::days_from_civil(year, 1, 1);
                return (1..=366).contains(&day).then(|| Some(civil(first + day - 1)));
            }
        }
        let week = (self.get(Part::IsoYear), self.get(Part::IsoWeek), self.get(Part::Weekday));
        let (Some(year), Some(week), Some(weekday)) = week else { return Some(None) };
        if !(1..=53).contains(&week) {
            return None;
        }
        // The fourth of January is always in the first week.
        let fourth = time::days_from_civil(year, 1, 4);
        let monday = fourth - (fourth + 3).rem_euclid(7);
        let weekday = if weekday == 0 { 7 } else { weekday };
        Some(Some(civil(monday + (week - 1) * 7 + weekday - 1)))
    }
}

fn civil(days: i64) -> (i64, i64, i64) {
    let (year, month, day) = time::civil_from_days(days);
    (year, i64::from(month), i64::from(day))
}

/// The number of a day of the week by its English or German name or abbreviation, Monday is 1.
fn weekday(name: &[u8]) -> Option<i64> {
    const NAMES: [[&str; 4]; 7] = [
        ["mon", "monday", "mo", "montag"],
        ["tue", "tuesday", "di", "dienstag"],
        ["wed", "wednesday", "mi", "mittwoch"],
        ["thu", "thursday", "do", "donnerstag"],
        ["fri", "friday", "fr", "freitag"],
        ["sat", "saturday", "sa", "samstag"],
        ["sun", "sunday", "so", "sonntag"],
    ];
    let name = std::str::from_utf8(name).ok()?.trim_end_matches('.').to_ascii_lowercase();
    NAMES.iter().position(|names| names.contains(&name.as_str())).map(|at| at as i64 + 1)
}
