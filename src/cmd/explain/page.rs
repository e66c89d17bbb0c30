//! How an explanation looks on a terminal: paragraphs, percent, colours, and a line with a mark under it.

use weblog_wire::{table::width, visible::visible};

/// Text for people, with colour or without.
pub struct Page {
    pub text: String,
    pub width: usize,
    colour: bool,
}

/// How a piece of text looks.
#[derive(Clone, Copy)]
pub enum Style {
    Title,
    Good,
    Bad,
    Quiet,
}

impl Page {
    pub fn new(width: usize, colour: bool) -> Self {
        Page { text: String::new(), width: width.max(30), colour }
    }

    pub fn styled(&self, style: Style, text: &str) -> String {
        let code = match style {
            _ if !self.colour => return text.to_owned(),
            Style::Title => "1",
            Style::Good => "32",
            Style::Bad => "1;31",
            Style::Quiet => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A line as it stands; what it quotes has to be safe already.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// An empty line, unless there is one.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A paragraph, folded at blanks; lines but the first are indented by two more. No line is very long:
    /// nobody reads those.
    pub fn paragraph(&mut self, indent: usize, text: &str) {
        self.folded(" ".repeat(indent), indent + 2, self.width.min(100), text);
    }

    /// A paragraph of which the first place of a word has a style.
    pub fn paragraph_with(&mut self, indent: usize, text: &str, style: Style, word: &str) {
        let begin = self.text.len();
        self.paragraph(indent, text);
        let styled = self.text[begin..].replacen(word, &self.styled(style, word), 1);
        self.text.truncate(begin);
        self.text.push_str(&styled);
    }

    /// Text behind a beginning of its line, folded in a column of its own.
    pub fn hanging(&mut self, begin: &str, text: &str) {
        self.folded(begin.to_owned(), width(begin), self.width.min(120), text);
    }

    fn folded(&mut self, mut line: String, indent: usize, room: usize, text: &str) {
        let mut begun = false;
        for word in visible(text).split_ascii_whitespace() {
            if begun && width(&line) + 1 + width(word) > room {
                self.line(&line);
                line = " ".repeat(indent);
                begun = false;
            }
            if begun {
                line.push(' ');
            }
            line.push_str(word);
            begun = true;
        }
        self.line(&line);
    }

    /// A line of a log, cut around a place, and a mark under that place.
    pub fn marked(&mut self, indent: usize, line: &[u8], at: usize) {
        let (shown, column) = excerpt(line, at, self.width - indent);
        let mark = self.styled(Style::Bad, "^");
        self.line(&format!("{}{shown}", " ".repeat(indent)));
        self.line(&format!("{}{mark}", " ".repeat(indent + column)));
    }
}

/// The bytes of a line as a terminal may have them, cut to so many cells around a place, and the cell of
/// that place. A place behind the end is the cell behind the last.
pub fn excerpt(line: &[u8], at: usize, room: usize) -> (String, usize) {
    let at = at.min(line.len());
    // What is further away than this is not shown, and need not be looked at.
    let near = room.saturating_mul(4) + 16;
    let mut from = at.saturating_sub(near);
    while from < at && line[from] & 0xc0 == 0x80 {
        from += 1;
    }
    let mut to = line.len().min(at.saturating_add(near));
    while to < line.len() && to > at && line[to] & 0xc0 == 0x80 {
        to -= 1;
    }
    let cells = cells(&line[from..to], from);
    let (before, after) = cells.split_at(cells.iter().take_while(|cell| cell.at < at).count());
    let total = |cells: &[Cell]| cells.iter().map(|cell| cell.width).sum::<usize>();
    let behind = total(after).clamp(1, room / 3 + 1);
    let left = taken(before.iter().rev(), room.saturating_sub(behind), from > 0);
    let cut_left = left < before.len() || from > 0;
    let mut shown = String::from(if cut_left { "…" } else { "" });
    before[before.len() - left..].iter().for_each(|cell| shown.push_str(&cell.text));
    let column = width(&shown);
    let right = taken(after.iter(), room.saturating_sub(column), to < line.len());
    after[..right].iter().for_each(|cell| shown.push_str(&cell.text));
    if right < after.len() || to < line.len() {
        shown.push('…');
    }
    (shown, column)
}

/// One character of a line, or a byte that is none.
struct Cell {
    at: usize,
    text: String,
    width: usize,
}

fn cells(bytes: &[u8], offset: usize) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut at = offset;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let text = visible(c.encode_utf8(&mut [0; 4])).into_owned();
            cells.push(Cell { at, width: width(&text), text });
            at += c.len_utf8();
        }
        for byte in chunk.invalid() {
            cells.push(Cell { at, text: format!("\\x{byte:02x}"), width: 4 });
            at += 1;
        }
    }
    cells
}

/// How many cells fit into the room, a mark for what is cut included. `more`: there are more behind them.
fn taken<'c>(cells: impl ExactSizeIterator<Item = &'c Cell> + Clone, room: usize, more: bool) -> usize {
    let all = cells.len();
    if !more && cells.clone().map(|cell| cell.width).sum::<usize>() <= room {
        return all;
    }
    let mut used = 1;
    let fits = cells.take_while(|cell| {
        used += cell.width;
        used <= room
    });
    fits.count()
}

/// `1 line`, `3 lines`.
pub fn lines(count: u64) -> String {
    if count == 1 { "1 line".into() } else { format!("{count} lines") }
}

/// A share for people: `100%`, `99.6%`, `<0.1%`. What is not all is never told as all.
pub fn percent(part: u64, whole: u64) -> String {
    let share = share(part, whole) * 100.0;
    match part {
        0 => "0%".into(),
        _ if part == whole => "100%".into(),
        _ if share < 0.1 => "<0.1%".into(),
        _ if share > 99.9 => ">99.9%".into(),
        _ => format!("{share:.1}%"),
    }
}

/// A part of a whole, from 0 to 1.
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_fits_is_shown_whole_with_the_place_where_it_is() {
        assert_eq!(excerpt(b"abcdef", 2, 80), ("abcdef".into(), 2));
        assert_eq!(excerpt(b"abcdef", 6, 80), ("abcdef".into(), 6));
        assert_eq!(excerpt(b"", 0, 80), (String::new(), 0));
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_counted_as_it_is_shown() {
        assert_eq!(excerpt(b"a\x1b[31mb", 6, 80), ("a\\x1b[31mb".into(), 9));
        assert_eq!(excerpt(b"\xff\xfeb", 2, 80), ("\\xff\\xfeb".into(), 8));
        assert_eq!(excerpt("日本x".as_bytes(), 6, 80), ("日本x".into(), 4));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place_and_never_wider_than_the_room() {
        let line: String = ('a'..='z').cycle().take(5_000).collect();
        for at in [0, 1, 30, 78, 79, 80, 81, 2_500, 4_990, 4_999, 5_000] {
            for room in [30, 80, 120] {
                let (shown, column) = excerpt(line.as_bytes(), at, room);
                assert!(width(&shown) <= room && column < room, "{at} {room}: {column} {shown}");
                if at < line.len() {
                    assert_eq!(shown.chars().nth(column), line.chars().nth(at), "{at} {room}: {shown}");
                }
            }
        }
    }

    #[test]
    fn a_share_that_is_not_all_is_not_told_as_all() {
        assert_eq!(percent(9_999, 10_000), ">99.9%");
        assert_eq!(percent(1, 100_000), "<0.1%");
        assert_eq!(
            (percent(0, 0), percent(5, 5), percent(1, 2)),
            ("0%".into(), "100%".into(), "50.0%".into())
        );
    }
}
