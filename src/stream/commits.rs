//! Rows on their way into a dataset: what waits for its commit, and when that is made.

use super::columns::ColumnBatch;
use crate::cmd::to_parquet::CommitEvery;
use anyhow::Result;
use arrow_array::RecordBatch;
use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use weblog_io::{Flow, Stop};
use weblog_store::{
    StoreError,
    dataset::{Added, CommitFailed, Dataset},
    delta::Txn,
    identity::Position,
    origin::Origins,
    rollup::Rollup,
};

/// Why a pass did not come to its end.
pub(super) enum Failed {
    Again,
    Error(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Failed::Error(error.into())
    }
}

impl Failed {
    /// Of a commit that was not made.
    pub(super) fn of(error: CommitFailed) -> Self {
        match error {
            CommitFailed::InputTaken => Failed::Again,
            CommitFailed::Store(error) => Failed::Error(error.into()),
            error => Failed::Error(anyhow::anyhow!("cannot commit: {error:?}")),
        }
    }
}

/// What the run and the clock share.
pub(super) struct Shared<'a> {
    pub(super) state: Mutex<State<'a>>,
    pub(super) due: Condvar,
    pub(super) every: CommitEvery,
}

pub(super) struct State<'a> {
    pub(super) dataset: &'a mut Dataset,
    /// Sums rows instead of storing them.
    pub(super) rollup: Option<Rollup>,
    pub(super) added: &'a mut Added,
    pub(super) positions: Vec<Option<Position>>,
    /// What is known of records that say where they come from; none if this run adds that itself.
    pub(super) origins: Option<Origins>,
    /// The versions of `txn` actions by the commits of this run.
    pub(super) txns: HashMap<String, i64>,
    /// How far each input is in the rows that wait for their commit.
    pub(super) ends: Vec<Option<u64>>,
    /// Since when rows wait.
    pub(super) dirty: Option<Instant>,
    pub(super) bytes: u64,
    pub(super) error: Option<Failed>,
    pub(super) over: bool,
}

impl<'a> Shared<'a> {
    pub(super) fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the rows of a chunk, and commits when enough has come.
    pub(super) fn take(&self, batch: &mut ColumnBatch) -> Result<Flow, Failed> {
        let mut state = self.lock();
        if let Some(error) = state.error.take() {
            return Err(error);
        }
        let at = batch.tally.source_index;
        if let Some(mut rows) = batch.rows.take() {
            let is_pipe = state.positions.get(at).is_none_or(Option::is_none);
            if let Some(origins) = state.origins.as_mut().filter(|_| is_pipe) {
                let known;
                (rows, known) = origins.new_rows(rows)?;
                batch.tally.counts.written -= known;
                batch.tally.counts.duplicate += known;
            }
            state.write(rows)?;
        }
        if let (Some(end), Some(slot)) = (batch.end, state.ends.get_mut(at)) {
            *slot = Some(end);
        }
        state.bytes += batch.bytes;
        if state.dirty.is_none() {
            state.dirty = Some(Instant::now());
            self.due.notify_all();
        }
        let is_full = self.every.bytes.is_some_and(|most| state.bytes >= most);
        let is_late = self.every.span.zip(state.dirty).is_some_and(|(span, since)| since.elapsed() >= span);
        if is_full || is_late {
            state.commit()?;
        }
        Ok(Flow::Continue)
    }

    /// Commits what waits, also when no more comes that would.
    pub(super) fn commit_in_time(&self, span: Duration, stop: &Stop) {
        let mut state = self.lock();
        while !state.over {
            let rest = state.dirty.map(|since| span.saturating_sub(since.elapsed()));
            state = match rest {
                None => self.due.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(rest) if rest.is_zero() => {
                    if let Err(error) = state.commit() {
                        state.error = Some(error);
                        // Whoever writes the stream may be silent for long, and shall not go on in vain.
                        return stop.request();
                    }
                    state
                }
                Some(rest) => self.due.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}

/// Ends the clock.
pub(super) struct EndOf<'s, 'a>(pub(super) &'s Shared<'a>);

impl Drop for EndOf<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().over = true;
        self.0.due.notify_all();
    }
}

impl State<'_> {
    fn write(&mut self, rows: RecordBatch) -> Result<(), StoreError> {
        let Some(rollup) = &mut self.rollup else { return self.dataset.write(rows) };
        rollup.add(&rows, None)?;
        if rollup.is_full() { self.flush() } else { Ok(()) }
    }

    /// Makes rows of what was summed.
    fn flush(&mut self) -> Result<(), StoreError> {
        let summed = self.rollup.as_mut().map(Rollup::take).transpose()?.flatten();
        summed.map_or(Ok(()), |rows| self.dataset.write(rows))
    }

    pub(super) fn commit(&mut self) -> Result<(), Failed> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.dirty = None;
        self.bytes = 0;
        let ends: Vec<Option<u64>> = self.ends.iter_mut().map(Option::take).collect();
        let moved = ends.iter().zip(&self.positions);
        let txns = moved
            .filter_map(|(end, position)| Some(position.as_ref()?.taken_to((*end)?, &self.txns)))
            .flatten()
            .chain(self.origins.iter().flat_map(Origins::txns))
            .map(|txn| (txn.app_id.clone(), txn));
        // Several new inputs may have the same first line: it is counted up once.
        let txns: Vec<Txn> = txns.collect::<HashMap<_, _>>().into_values().collect();
        let versions: Vec<_> = txns.iter().map(|txn| (txn.app_id.clone(), txn.version)).collect();
        self.flush()?;
        let added = self.dataset.commit(txns).map_err(Failed::of)?;
        self.txns.extend(versions);
        for (end, position) in ends.into_iter().zip(&mut self.positions) {
            if let (Some(end), Some(old)) = (end, position.take()) {
                *position = Some(old.moved_to(end));
            }
        }
        if let Some(origins) = &mut self.origins {
            origins.committed();
        }
        *self.added += added;
        Ok(())
    }
}
