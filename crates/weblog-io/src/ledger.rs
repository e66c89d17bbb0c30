//! What became of every line.

use std::ops::AddAssign;
use std::sync::Arc;

/// Counts of lines that add up: each line that was read is in exactly one of the other counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read.
    pub read: u64,
    /// Lines that went to the output.
    pub written: u64,
    /// Lines that could not be understood.
    pub rejected: u64,
    /// Lines that a filter left out.
    pub filtered: u64,
    /// Lines that were already there.
    pub duplicate: u64,
    /// Lines that carry no record: blank ones, `#` headers, banners.
    pub skipped: u64,
    /// Unfinished last lines that wait for their newline.
    pub pending: u64,
    /// Bytes read, before decompression.
    pub bytes_read: u64,
    /// Lines with something behind what their format describes. They are also in `written` or
    /// another of the counts, so this one takes no part in the balance.
    pub extra_trailing: u64,
}

impl Counts {
    /// Whether `read = written + rejected + filtered + duplicate + skipped + pending`.
    pub fn balances(&self) -> bool {
        self.read
            == self.written + self.rejected + self.filtered + self.duplicate + self.skipped + self.pending
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.read += other.read;
        self.written += other.written;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
        self.duplicate += other.duplicate;
        self.skipped += other.skipped;
        self.pending += other.pending;
        self.bytes_read += other.bytes_read;
        self.extra_trailing += other.extra_trailing;
    }
}

/// The counts of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputLedger {
    /// The display name of the input.
    pub source: Arc<str>,
    /// Its counts.
    pub counts: Counts,
}

/// The counts of a run, in all and by input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The sum over all inputs.
    pub total: Counts,
    /// Each input, in the order in which they were read.
    pub inputs: Vec<InputLedger>,
}

impl Ledger {
    /// Adds counts of the input `source`: to the last input if it has this name, else to a new one.
    pub fn add(&mut self, source: &Arc<str>, counts: Counts) {
        self.total += counts;
        match self.inputs.last_mut() {
            Some(last) if last.source == *source => last.counts += counts,
            _ => self.inputs.push(InputLedger { source: Arc::clone(source), counts }),
        }
    }

    /// Adds another ledger, which goes on where this one ends.
    pub fn merge(&mut self, other: &Ledger) {
        other.inputs.iter().for_each(|input| self.add(&input.source, input.counts));
    }

    /// Whether every line that was read is accounted for, in each input and in all, and whether the
    /// inputs add up to the total.
    pub fn balances(&self) -> bool {
        let mut sum = Counts::default();
        self.inputs.iter().for_each(|input| sum += input.counts);
        sum == self.total && self.inputs.iter().all(|input| input.counts.balances())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_that_is_in_no_count_breaks_the_balance() {
        let mut ledger = Ledger::default();
        ledger.add(&"a".into(), Counts { read: 3, written: 2, rejected: 1, ..Counts::default() });
        assert!(ledger.balances());
        ledger.add(&"a".into(), Counts { read: 1, ..Counts::default() });
        assert!(!ledger.balances());
    }

    #[test]
    fn a_total_that_is_not_the_sum_of_the_inputs_breaks_the_balance() {
        let mut ledger = Ledger::default();
        ledger.add(&"a".into(), Counts { read: 1, skipped: 1, ..Counts::default() });
        ledger.total.bytes_read += 1;
        assert!(!ledger.balances());
    }

    proptest! {
        #[test]
        fn parts_that_balance_give_a_whole_that_balances(
            parts in prop::collection::vec((0..3u8, prop::array::uniform7(0..1_000u64)), 0..20),
            cut in 0..20usize,
        ) {
            let counts: Vec<(Arc<str>, Counts)> = parts.iter().map(|(name, n)| {
                let [written, rejected, filtered, duplicate, skipped, pending, bytes_read] = *n;
                let read = written + rejected + filtered + duplicate + skipped + pending;
                let counts = Counts {
                    read, written, rejected, filtered, duplicate, skipped, pending, bytes_read, extra_trailing: 0,
                };
                (format!("{name}").into(), counts)
            }).collect();
            let cut = cut.min(counts.len());
            let (mut whole, mut head, mut tail) = (Ledger::default(), Ledger::default(), Ledger::default());
            counts.iter().for_each(|(source, counts)| whole.add(source, *counts));
            counts[..cut].iter().for_each(|(source, counts)| head.add(source, *counts));
            counts[cut..].iter().for_each(|(source, counts)| tail.add(source, *counts));
            head.merge(&tail);
            prop_assert!(whole.balances());
            prop_assert_eq!(head, whole);
        }
    }
}
