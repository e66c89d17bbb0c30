//! Text from outside made safe for a terminal.
//!
//! A terminal obeys control characters wherever they come from, and a log holds what anybody sent.
//! So C0 and C1 controls, DEL, and the characters that reorder or hide text (Unicode "Bidi_Control"
//! and the zero-width ones) are shown as escapes, never sent.

use std::borrow::Cow;

/// The text with everything that a terminal would obey shown as `\x1b` or `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !is_hostile(c) => out.push(c),
            '\0'..='\u{9f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            _ => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
