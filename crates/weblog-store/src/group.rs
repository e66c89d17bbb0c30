//! Replacements that are committed together.
//!
//! A unit is some files and those that take their place. If somebody else replaces one of its files
//! meanwhile, the unit is given up, and the others of its group are committed all the same.

use crate::{
    delta::{CommitError, DataFile, Operation, Replacement, Snapshot, Staging, replace},
    error::StoreError,
};
use std::path::Path;

/// Files taken out with one commit, at most about.
const FILES: usize = 20_000;
/// Bytes written for one commit, at most about: what is lost when somebody else is faster.
const BYTES: u64 = 16 << 30;

/// Files, and those in their place.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) remove: Vec<DataFile>,
    pub(crate) add: Vec<DataFile>,
}

impl Unit {
    pub(crate) fn rows_before(&self) -> u64 {
        self.remove.iter().filter_map(|file| file.rows).sum()
    }

    pub(crate) fn rows_after(&self) -> u64 {
        self.add.iter().filter_map(|file| file.rows).sum()
    }
}

/// Units that are not committed yet.
pub(crate) struct Group {
    staging: Staging,
    moves: Vec<(String, String)>,
    units: Vec<Unit>,
}

/// What became of a group.
pub(crate) struct Outcome {
    /// The dataset by now.
    pub(crate) snapshot: Snapshot,
    /// The units that were committed.
    pub(crate) done: Vec<Unit>,
    /// Whether others were given up.
    pub(crate) lost: bool,
    /// Something that went wrong and does no harm.
    pub(crate) note: Option<String>,
}

impl Group {
    pub(crate) fn new(root: &Path) -> Result<Self, StoreError> {
        Ok(Group { staging: Staging::new(root)?, moves: Vec::new(), units: Vec::new() })
    }

    pub(crate) fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Files that are written by now.
    pub(crate) fn files(&self) -> usize {
        self.moves.len()
    }

    /// Adds files that were written in the place of others.
    pub(crate) fn push(&mut self, remove: Vec<DataFile>, written: Vec<(String, DataFile)>) {
        let mut add = Vec::with_capacity(written.len());
        for (name, file) in written {
            self.moves.push((name, file.path.clone()));
            add.push(file);
        }
        self.units.push(Unit { remove, add });
    }

    pub(crate) fn is_full(&self) -> bool {
        let removed: usize = self.units.iter().map(|unit| unit.remove.len()).sum();
        let bytes: u64 = self.units.iter().flat_map(|unit| &unit.add).map(|file| file.bytes).sum();
        removed >= FILES || bytes >= BYTES
    }

    /// Commits the units.
    pub(crate) fn commit(
        mut self,
        root: &Path,
        mut base: Snapshot,
        operation: Operation,
        info: &[(String, String)],
    ) -> Result<Outcome, StoreError> {
        self.staging.publish(&self.moves)?;
        let mut lost = false;
        loop {
            let change = Replacement {
                remove: self.units.iter().flat_map(|unit| unit.remove.iter().cloned()).collect(),
                add: self.units.iter().flat_map(|unit| unit.add.iter().cloned()).collect(),
                schema: base.schema().clone(),
                operation,
                info: info.to_vec(),
            };
            match replace(root, base.clone(), &change) {
                Ok(committed) => {
                    let snapshot = committed.snapshot.unwrap_or(base);
                    if lost {
                        // Takes back the files of the units that were given up.
                        drop(self.staging);
                    } else {
                        self.staging.finish()?;
                    }
                    return Ok(Outcome { snapshot, done: self.units, lost, note: committed.note });
                }
                Err(CommitError::FileGone { .. }) => {
                    lost = true;
                    base.update(root)?;
                    let is_there = |file: &DataFile| base.file(&file.path).is_some();
                    self.units.retain(|unit| unit.remove.iter().all(is_there));
                }
                Err(CommitError::Delta(error)) => return Err(error.into()),
                Err(CommitError::InputTaken { .. }) => {
                    return Err(StoreError::Busy { path: root.to_owned() });
                }
            }
        }
    }
}

/// The newest state of the dataset.
pub(crate) fn opened(root: &Path) -> Result<Snapshot, StoreError> {
    Snapshot::read(root)?.ok_or_else(|| StoreError::NoDataset { path: root.to_owned() })
}
