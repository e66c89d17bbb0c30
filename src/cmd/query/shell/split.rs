//! Where statements end: at each `;` outside of quotes and comments.

/// The statements that end, and what stands behind the last one.
pub(super) fn split(text: &str) -> (Vec<&str>, &str) {
    let (mut statements, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        if *byte == b';' {
            statements.push(&text[start..at]);
            start = at + 1;
        }
        at += token(text, at);
    }
    (statements, &text[start..])
}

/// Whether there is nothing to run: blanks and comments.
pub(super) fn is_blank(text: &str) -> bool {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let length = token(text, at);
        let is_comment = length > 1 && matches!(byte, b'-' | b'/');
        if !is_comment && !byte.is_ascii_whitespace() {
            return false;
        }
        at += length;
    }
    true
}

/// The bytes of the quoted text or comment that begins here, or one.
fn token(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    let until = |end: &str, from: usize| match text.get(at + from..).and_then(|rest| rest.find(end)) {
        Some(found) => from + found + end.len(),
        None => rest.len(),
    };
    match rest {
        [b'-', b'-', ..] => until("\n", 2),
        [b'/', b'*', ..] => until("*/", 2),
        [b'\'', ..] => {
            let before = |back: usize| at.checked_sub(back).map(|at| bytes[at]);
            let is_word = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
            let escapes = matches!(before(1), Some(b'e' | b'E')) && !is_word(before(2));
            quoted(rest, b'\'', escapes)
        }
        [b'"', ..] => quoted(rest, b'"', false),
        [b'$', ..] => {
            let is_tag = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
            let tag = rest[1..].iter().take_while(|byte| is_tag(byte)).count();
            let is_parameter = rest.get(1).is_some_and(u8::is_ascii_digit);
            match rest.get(tag + 1) {
                Some(b'$') if !is_parameter => until(&text[at..at + tag + 2], tag + 2),
                _ => 1,
            }
        }
        _ => 1,
    }
}

/// The bytes of a quoted text. A quote within it is doubled, which reads as the end and another beginning.
fn quoted(rest: &[u8], quote: u8, escapes: bool) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' if escapes => at += 1,
            byte if *byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_at_semicolons_outside_of_quotes_and_comments() {
        for (text, statements, rest) in [
            ("select 1;", &["select 1"][..], ""),
            ("select 1", &[], "select 1"),
            ("a; b;\nc", &["a", " b"], "\nc"),
            ("select ';' as \"x;y\"; ", &["select ';' as \"x;y\""], " "),
            ("select 'it''s;'; x", &["select 'it''s;'"], " x"),
            ("select e'\\';'; x", &["select e'\\';'"], " x"),
            ("select $$a;b$$, $t$;$$;$t$; x", &["select $$a;b$$, $t$;$$;$t$"], " x"),
            ("select $1; x", &["select $1"], " x"),
            ("-- a;\nselect 1; -- b;", &["-- a;\nselect 1"], " -- b;"),
            ("/* ; */ a; b", &["/* ; */ a"], " b"),
            ("select 'open;", &[], "select 'open;"),
            ("caf\u{e9};\u{1f600}$\u{e9};", &["caf\u{e9}", "\u{1f600}$\u{e9}"], ""),
        ] {
            assert_eq!(split(text), (statements.to_vec(), rest), "{text}");
        }
    }

    #[test]
    fn comments_and_blanks_are_nothing_to_run() {
        assert!(is_blank("") && is_blank(" \n\t") && is_blank("-- x") && is_blank("/* a */ -- b\n"));
        assert!(!is_blank("-") && !is_blank("/ 1") && !is_blank("-- x\n1") && !is_blank("''"));
    }
}
