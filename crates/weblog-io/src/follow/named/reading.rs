//! Giving out what the last look found, oldest file first, and closing files that are done with.

use super::{Context, Named};
use crate::follow::BATCH;
use crate::follow::generation::Step;
use crate::follow::notice::Notice;

/// Files that lost the name and are kept open, at most; the oldest go first.
const KEPT: usize = 32;

impl Named {
    /// Reads all files up to their limits, oldest first, until a batch is full.
    pub(super) fn read(&mut self, context: &mut Context<'_>) {
        'files: loop {
            let open = self.generations.iter().position(|generation| generation.line.is_open());
            if open.is_none() {
                context.out.append(&mut self.ended_lines);
            }
            for at in 0..self.generations.len() {
                if open.is_some_and(|open| open != at) {
                    continue;
                }
                if !self.read_one(at, context) {
                    return;
                }
                match (open, self.generations[at].line.is_open()) {
                    (None, false) => {}
                    // The long line found its end: the others may go on.
                    (Some(_), false) => continue 'files,
                    (_, true) if self.cut_quiet_line(at, context) => continue 'files,
                    (_, true) => break 'files,
                }
            }
            self.let_go(context);
            break;
        }
        self.reading = false;
    }

    /// Reads one file to its limit; false when the batch is full before.
    fn read_one(&mut self, at: usize, context: &mut Context<'_>) -> bool {
        loop {
            if context.out.len() >= BATCH {
                return false;
            }
            let generation = &mut self.generations[at];
            let (step, nuls) = match generation.read(context.buffer, context.out) {
                Ok(done) => done,
                Err(error) => {
                    self.failed(at, &error, context);
                    return true;
                }
            };
            generation.failed = false;
            if nuls > 0 {
                context.notices.push_back(Notice::NulsSkipped { path: generation.path.clone(), bytes: nuls });
            }
            match step {
                Step::More => {}
                // Of a file that changed under the read the next look finds out what happened.
                Step::Done | Step::Changed => return true,
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
        context.notices.push_back(Notice::LineCut { path: generation.path.clone() });
        true
    }

    /// Ends the held lines of files that lost the name and got quiet, and closes those that stayed so.
    fn let_go(&mut self, context: &mut Context<'_>) {
        let newest = self.generations.len().saturating_sub(1);
        if newest == 0 && self.missing.is_none() {
            return;
        }
        let mut too_many = newest.saturating_sub(KEPT);
        for (at, mut generation) in std::mem::take(&mut self.generations).into_iter().enumerate() {
            let lost_name = at < newest || (self.missing.is_some() && generation.is_unlinked());
            let quiet = context.now.saturating_duration_since(generation.grew);
            let spare = too_many > 0 && generation.unread() == 0;
            too_many -= usize::from(spare);
            let over = lost_name && (spare || quiet >= context.options.linger);
            if lost_name && (over || quiet >= context.options.patience()) {
                generation.line.end(context.out);
            }
            if !over {
                self.generations.push_back(generation);
                continue;
            }
            if generation.unread() > 0 {
                let gap = Notice::Gap { path: generation.path.clone(), bytes: Some(generation.unread()) };
                context.notices.push_back(gap);
            }
            if let Some(watch) = generation.watch {
                context.watches.remove(context.source, watch);
            }
        }
    }
}
