//! Giving out what the last look found, oldest file first, and closing files that are done with.

use super::{Context, Named};
use crate::follow::BATCH;
use crate::follow::generation::Step;
use crate::follow::notice::Notice;

/// Files that lost the name and are kept open, at most; the oldest go first.
const KEPT: usize = 32;

impl Named {
    /// Reads all files up to their limits, oldest first, until one gave lines: a batch is of one file.
    pub(super) fn read(&mut self, context: &mut Context<'_>) {
        'files: loop {
            let open = self.generations.iter().position(|generation| generation.line.is_open());
            if open.is_none() && !self.ended_lines.is_empty() {
                context.out.append(&mut self.ended_lines);
                return;
            }
            for at in 0..self.generations.len() {
                if open.is_some_and(|open| open != at) {
                    continue;
                }
                self.read_one(at, context);
                if !context.out.is_empty() {
                    context.from = Some(self.generations[at].serial);
                    return;
                }
                match (open, self.generations[at].line.is_open()) {
                    (None, false) => {}
                    // The long line found its end: the others may go on.
                    (Some(_), false) => continue 'files,
                    (_, true) if self.cut_quiet_line(at, context) => return,
                    (_, true) => break 'files,
                }
            }
            if !self.let_go(context) {
                return;
            }
            break;
        }
        self.reading = false;
    }

    /// Reads one file to its limit, or until the batch is full.
    fn read_one(&mut self, at: usize, context: &mut Context<'_>) {
        while context.out.len() < BATCH {
            let generation = &mut self.generations[at];
            let (step, nuls) = match generation.read(context.buffer, context.out) {
                Ok(done) => done,
                // A compressed file may be whole later; it is told when it is given up.
                Err(_) if generation.broke_off().is_some() => return,
                Err(error) => return self.failed(at, &error, context),
            };
            generation.failed = false;
            if nuls > 0 {
                context.notices.push_back(Notice::NulsSkipped { path: generation.path.clone(), bytes: nuls });
            }
            match step {
                Step::More => {}
                // Of a file that changed under the read the next look finds out what happened.
                Step::Done | Step::Changed => return,
            }
        }
    }

    /// Ends a long line whose rest does not come, if anyone has to wait for it.
    fn cut_quiet_line(&mut self, at: usize, context: &mut Context<'_>) -> bool {
        let others = !context.alone || self.generations.len() > 1;
        let generation = &mut self.generations[at];
        if !others || context.now.saturating_duration_since(generation.grew) < context.options.patience() {
            return false;
        }
        generation.line.end(context.out);
        context.from = Some(generation.serial);
        context.notices.push_back(Notice::LineCut { path: generation.path.clone() });
        true
    }

    /// Ends the held lines of files that lost the name and got quiet, and closes those that stayed so. False when
    /// that gave a line: then there may be more to do.
    fn let_go(&mut self, context: &mut Context<'_>) -> bool {
        let newest = self.generations.len().saturating_sub(1);
        if newest == 0 && self.missing.is_none() {
            return true;
        }
        let mut too_many = newest.saturating_sub(KEPT);
        let mut at = 0;
        for place in 0..=newest {
            let Some(generation) = self.generations.get_mut(at) else { break };
            let lost_name = place < newest || (self.missing.is_some() && generation.is_unlinked());
            let quiet = context.now.saturating_duration_since(generation.grew);
            // What is compressed does not grow any more.
            let read = generation.unread() == 0 && generation.broke_off().is_none();
            let spare = read && (too_many > 0 || generation.content().is_packed());
            too_many -= usize::from(spare && too_many > 0);
            let over = lost_name && (spare || quiet >= context.options.linger);
            if lost_name && (over || quiet >= context.options.patience()) {
                generation.line.end(context.out);
                if !context.out.is_empty() {
                    context.from = Some(generation.serial);
                    return false;
                }
            }
            if over {
                self.close(at, context);
            } else {
                at += 1;
            }
        }
        true
    }

    fn close(&mut self, at: usize, context: &mut Context<'_>) {
        let Some(generation) = self.generations.remove(at) else { return };
        let path = generation.path.clone();
        if let Some(offset) = generation.broke_off() {
            let reason = format!("cannot be decompressed beyond byte {offset}; what follows is lost");
            context.notices.push_back(Notice::Unreadable { path, reason });
        } else if generation.unread() > 0 {
            context.notices.push_back(Notice::Gap { path, bytes: Some(generation.unread()) });
        }
        if let Some(siblings) = &mut self.siblings
            && !generation.is_unlinked()
        {
            let packed = generation.content().is_packed();
            siblings.done_with(generation.id, generation.first_read(), generation.offset(), packed);
        }
        if let Some(watch) = generation.watch {
            context.watches.remove(context.source, watch);
        }
    }
}
