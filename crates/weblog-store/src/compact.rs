//! Small files into sized ones.
//!
//! Every commit adds files, and a reader pays for each of them. Here the small files of a partition become
//! few, whose rows are in the order of time, so that readers skip more of them. The rows stay the same:
//! readers see them in the old files before the commit and in the new ones after it. The old files stay
//! in the directory, for whoever reads an older version, until [`vacuum`](crate::vacuum) removes them.

use crate::{
    delta::{DataFile, Operation, Snapshot, recover},
    error::StoreError,
    group::{Group, Unit, opened},
    partition::{By, bounds},
    rewrite::{Rewriter, large, read, stripped},
    sort::Sorter,
};
use std::{collections::BTreeMap, path::Path};

/// How often files are planned anew when others replace them, until the run gives up.
const TRIES: u32 = 10;

/// What is to be merged.
#[derive(Clone, Copy, Debug)]
pub struct Compact {
    /// About how many bytes a file shall have. Files of four fifths of it are large enough.
    pub target: u64,
    /// Only partitions that begin at this time or later: microseconds since 1970.
    pub since: Option<i64>,
    /// Only partitions that end at this time or before.
    pub until: Option<i64>,
}

/// Files of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The directory of the partition; empty if the dataset is not divided.
    pub partition: String,
    /// Its small files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What was merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Partitions.
    pub partitions: u64,
    /// Rows.
    pub rows: u64,
    /// Files that were taken out.
    pub files_before: u64,
    /// Files in their place.
    pub files_after: u64,
    /// Bytes of the files that were taken out.
    pub bytes_before: u64,
    /// Bytes of the files in their place.
    pub bytes_after: u64,
    /// Commits.
    pub commits: u64,
    /// Something that went wrong and does no harm.
    pub notes: Vec<String>,
}

type Partitions = BTreeMap<Vec<Option<String>>, Vec<DataFile>>;

impl Compact {
    /// What [`Compact::run`] would merge. Changes nothing.
    ///
    /// # Errors
    /// A log that cannot be read, a dataset that weblog must not write to, or that is not divided by time
    /// although a time was given.
    pub fn plan(&self, root: &Path) -> Result<Vec<Planned>, StoreError> {
        let snapshot = opened(root)?;
        let plan = self.small(root, &snapshot)?;
        let planned = plan.iter().map(|(values, files)| {
            let named = snapshot.partition_columns().iter().map(String::as_str);
            let partition = crate::delta::partition_path(named.zip(values.iter().map(Option::as_deref)))?;
            let bytes = files.iter().map(|file| file.bytes).sum();
            Ok(Planned { partition, files: files.len() as u64, bytes })
        });
        planned.collect()
    }

    /// Merges the small files of each partition. `tell` is called with what was done after each partition
    /// that is written.
    ///
    /// # Errors
    /// As [`Compact::plan`]; a file that cannot be read; the system refuses something. What was committed
    /// before stays.
    pub fn run(&self, root: &Path, tell: &mut dyn FnMut(&Planned)) -> Result<Compacted, StoreError> {
        let mut snapshot = opened(root)?;
        snapshot.check_replaceable(root, Operation::Optimize)?;
        recover(root)?;
        let mut all = Compacted::default();
        for _ in 0..TRIES {
            let plan = self.small(root, &snapshot)?;
            if plan.is_empty() {
                return Ok(all);
            }
            if !self.merge(root, &mut snapshot, plan, &mut all, tell).map_err(|error| error.at(root))? {
                return Ok(all);
            }
        }
        Err(StoreError::Busy { path: root.to_owned() })
    }

    /// Merges what was planned. Whether some of it was given up.
    fn merge(
        &self,
        root: &Path,
        snapshot: &mut Snapshot,
        plan: Partitions,
        all: &mut Compacted,
        tell: &mut dyn FnMut(&Planned),
    ) -> Result<bool, StoreError> {
        let (mut group, mut lost) = (Group::new(root)?, false);
        let mut left = plan.len();
        for (values, files) in plan {
            let told = stripped(&files, snapshot.schema());
            let mut out =
                Rewriter::new(group.staging(), snapshot, &values, group.files(), self.target, told)?;
            let mut sorter = Sorter::new(snapshot.schema().clone());
            let mut before = 0;
            for file in &files {
                before += read(root, file, snapshot.schema(), |batch| sorter.push(batch, group.staging()))?;
            }
            let mut sorted = sorter.sorted()?;
            while let Some(batch) = sorted.next()? {
                out.write(&batch)?;
            }
            let written = out.finish()?;
            let after: u64 = written.iter().filter_map(|(_, file)| file.rows).sum();
            if before != after {
                let why = format!("{before} rows were read and {after} written, so nothing was committed");
                return Err(StoreError::Unfit { path: root.to_owned(), why });
            }
            let bytes = files.iter().map(|file| file.bytes).sum();
            let partition = written.first().and_then(|(_, file)| file.path.rsplit_once('/'));
            let partition = partition.map(|(directory, _)| directory.to_owned()).unwrap_or_default();
            tell(&Planned { partition, files: files.len() as u64, bytes });
            group.push(files, written);
            left -= 1;
            if left == 0 || group.is_full() {
                let full = std::mem::replace(&mut group, Group::new(root)?);
                let info = [("targetSize".to_owned(), self.target.to_string())];
                let outcome = full.commit(root, snapshot.clone(), Operation::Optimize, &info)?;
                *snapshot = outcome.snapshot;
                lost |= outcome.lost;
                all.add(&outcome.done, outcome.note);
            }
        }
        Ok(lost)
    }

    /// The files to be merged, by partition, in the order in which they came.
    fn small(&self, root: &Path, snapshot: &Snapshot) -> Result<Partitions, StoreError> {
        let by = By::of_columns(snapshot.partition_columns());
        if (self.since.is_some() || self.until.is_some()) && by.is_none_or(|by| by == By::None) {
            let why =
                "the dataset is not divided by day or hour, so leave --since and --until out".to_owned();
            return Err(StoreError::Unfit { path: root.to_owned(), why });
        }
        let wanted = |file: &DataFile| {
            if self.since.is_none() && self.until.is_none() {
                return true;
            }
            bounds(&file.partition).is_some_and(|(from, to)| {
                self.since.is_none_or(|since| from >= since) && self.until.is_none_or(|until| to <= until)
            })
        };
        let mut plan = Partitions::new();
        for file in snapshot.files().filter(|file| file.bytes < large(self.target) && wanted(file)) {
            plan.entry(file.partition.clone()).or_default().push(file.clone());
        }
        plan.retain(|_, files| files.len() > 1);
        for files in plan.values_mut() {
            files.sort_by(|a, b| came(a).cmp(&came(b)));
        }
        Ok(plan)
    }
}

/// What tells in which order files came: the time of their commit, then their number in it. Identifiers of
/// runs are random and come last.
fn came(file: &DataFile) -> (i64, &str, &str) {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    (file.modified, name.get(37..).unwrap_or_default(), name)
}

impl Compacted {
    fn add(&mut self, done: &[Unit], note: Option<String>) {
        self.partitions += done.len() as u64;
        self.commits += u64::from(!done.is_empty());
        for unit in done {
            self.rows += unit.rows_after();
            self.files_before += unit.remove.len() as u64;
            self.files_after += unit.add.len() as u64;
            self.bytes_before += unit.remove.iter().map(|file| file.bytes).sum::<u64>();
            self.bytes_after += unit.add.iter().map(|file| file.bytes).sum::<u64>();
        }
        self.notes.extend(note);
    }
}
