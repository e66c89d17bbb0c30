//! How an answer looks to people: how much room there is, and what the terminal can show.

/// What a terminal, or what stands for it, can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The width to which lines are cut, in cells. Charts take 80 where there is none.
    pub width: Option<usize>,
    /// The lines of the screen. Charts take what suits them where there are none.
    pub height: Option<usize>,
    /// Whether colours are shown.
    pub colour: bool,
    /// Whether a table has units, separators of thousands and bars: numbers are rounded then. A chart
    /// always has them.
    pub people: bool,
    /// Whether characters beyond ASCII are shown.
    pub unicode: bool,
}

/// What a terminal of 256 colours calls its colours.
pub(crate) mod ink {
    /// Bold.
    pub(crate) const BOLD: &str = "1";
    /// Less than the rest: what is not there, notes.
    pub(crate) const DIM: &str = "2";
    /// Bars.
    pub(crate) const BAR: &str = "36";

    /// The colour of a class of statuses.
    pub(crate) fn status(status: f64) -> Option<&'static str> {
        match status {
            200.0..300.0 => Some("32"),
            300.0..400.0 => Some("36"),
            400.0..500.0 => Some("33"),
            500.0..600.0 => Some("31"),
            _ => None,
        }
    }
}

impl Look {
    /// Text in a colour, if there are colours.
    pub(crate) fn paint(&self, ink: &str, text: &str) -> String {
        if self.colour && !text.trim().is_empty() {
            format!("\x1b[{ink}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Text of ours in the characters that are shown.
    pub(crate) fn spell(&self, text: &str) -> String {
        if self.unicode {
            return text.to_owned();
        }
        text.replace('µ', "u").replace('…', "...").replace(['–', '·'], "-")
    }

    /// A share of a width as a bar, in eighths of a cell.
    pub(crate) fn bar(&self, share: f64, width: usize) -> String {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        if !self.unicode {
            let cells = (share * width as f64).round() as usize;
            // Something is never shown as nothing.
            return "#".repeat(if share > 0.0 { cells.max(1) } else { 0 });
        }
        let eighths = (share * width as f64 * 8.0).round() as usize;
        let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
        let mut bar = "█".repeat(eighths / 8);
        bar.push_str(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]);
        bar
    }
}

impl Look {
    /// A line of our own below a chart.
    pub(crate) fn note(&self, text: &str) -> String {
        self.paint(ink::DIM, &self.spell(text)) + "\n"
    }
}
