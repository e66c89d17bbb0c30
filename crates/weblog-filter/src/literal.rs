//! What may stand on the right of an operator, as far as it can be told without the field.

use crate::{
    operand::{Number, spelled},
    syntax::Literal,
    when,
};

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quantity {
    /// A number without one.
    Plain(Number),
    /// `5xx`: all numbers with this first digit of three.
    Class(i64),
    /// A span of time, in microseconds.
    Span(i64),
    /// A number of bytes.
    Size(Number),
}

impl Literal<'_> {
    /// The text that is meant: in quotes a backslash takes the meaning from a quote or a backslash.
    pub(crate) fn meant(&self) -> String {
        if !self.quoted || !self.text.contains('\\') {
            return self.text.to_owned();
        }
        let mut out = String::with_capacity(self.text.len());
        let mut chars = self.text.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('\\', Some(next @ ('\\' | '"' | '\''))) => {
                    out.push(*next);
                    chars.next();
                }
                _ => out.push(c),
            }
        }
        out
    }

    /// Whether it is the word `null`.
    pub(crate) fn is_null(&self) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case("null")
    }

    /// Whether it is the dash that logs have for no value.
    pub(crate) fn is_dash(&self) -> bool {
        self.text == "-"
    }

    /// The number that it is.
    pub(crate) fn quantity(&self) -> Option<Quantity> {
        quantity(self.text)
    }
}

fn quantity(text: &str) -> Option<Quantity> {
    if let Some(number) = spelled(text.as_bytes()) {
        return Some(Quantity::Plain(number));
    }
    if let [first @ b'1'..=b'9', b'x' | b'X', b'x' | b'X'] = text.as_bytes() {
        return Some(Quantity::Class(i64::from(first - b'0') * 100));
    }
    if let Some(span) = when::span(text) {
        return Some(Quantity::Span(span));
    }
    size(text).map(Quantity::Size)
}

/// A number of bytes: `K`, `KiB` and their like for powers of 1024, as everywhere else; `KB` for 1000.
fn size(text: &str) -> Option<Number> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let factor: i64 = match unit.to_ascii_lowercase().as_str() {
        "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return None,
    };
    match spelled(number.as_bytes())? {
        Number::Whole(whole) => whole.checked_mul(factor).map(Number::Whole),
        Number::Fraction(fraction) => Some(Number::Fraction(fraction * factor as f64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_say_what_a_number_counts() {
        use Number::*;
        use Quantity::*;
        for (text, meant) in [
            ("500", Plain(Whole(500))),
            ("-1.5", Plain(Fraction(-1.5))),
            ("5xx", Class(500)),
            ("4XX", Class(400)),
            ("2s", Span(2_000_000)),
            ("150ms", Span(150_000)),
            ("10us", Span(10)),
            ("1m", Span(60_000_000)),
            ("1.5s", Span(1_500_000)),
            ("1M", Size(Whole(1 << 20))),
            ("10k", Size(Whole(10 << 10))),
            ("1GiB", Size(Whole(1 << 30))),
            ("1KB", Size(Whole(1000))),
            ("0.5K", Size(Fraction(512.0))),
        ] {
            assert_eq!(quantity(text), Some(meant), "{text}");
        }
        for text in ["", "x", "5x", "10q", "1.2.3", "DE", "inf"] {
            assert_eq!(quantity(text), None, "{text}");
        }
    }

    #[test]
    fn in_quotes_a_backslash_keeps_a_quote() {
        let quoted = |text| Literal { text, left: 0, quoted: true, any_case: false }.meant();
        assert_eq!(quoted(r#"a\"b\\c\d"#), r#"a"b\c\d"#);
    }
}
