//! What is older than a limit goes: rows, and before that the fields that tell of persons.
//!
//! Files of which all rows are old are taken out of the dataset; the file on the edge is written anew
//! without them. Fields are stripped in the same way: the file is written anew with nulls. What the
//! dataset knows of its inputs stays, so that the same log does not bring the rows back. The old files
//! stay in the directory until [`vacuum`](crate::vacuum) removes them: only then the bytes are gone.

use crate::{
    columns::{EXTRA_FIELDS, time_type},
    delta::{DataFile, Operation, Snapshot, recover},
    error::StoreError,
    group::{Group, Unit, opened},
    rewrite::{Rewriter, columns_of, read, stats_of, stripped},
};
use age::Age;
use arrow_array::RecordBatch;
use arrow_schema::DataType;
use std::{collections::HashMap, path::Path};
use strip::Strip;

mod age;
mod strip;

/// How often files are planned anew when others replace them, until the run gives up.
const TRIES: u32 = 10;

/// What stays.
#[derive(Clone, Debug, Default)]
pub struct Retain {
    /// Rows before this time go: microseconds since 1970. None: all stay.
    pub keep: Option<i64>,
    /// Fields that are null in rows before the time `after`.
    pub strip: Vec<String>,
    /// Rows before this time are stripped.
    pub after: Option<i64>,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The file, relative to the dataset.
    pub path: String,
    /// Whether all of it goes, so that nothing is written in its place.
    pub whole: bool,
    /// Rows that go. None if the log does not say how many are in a file that goes.
    pub dropped: Option<u64>,
    /// Rows that stay and lose fields.
    pub stripped: u64,
    /// Rows that stay as they are.
    pub kept: u64,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Rows that are gone.
    pub dropped: u64,
    /// Rows that lost fields.
    pub stripped: u64,
    /// Files of which all rows are gone.
    pub files_dropped: u64,
    /// Files that were written anew.
    pub files_rewritten: u64,
    /// Bytes of the files that were taken out, which are in the directory still.
    pub bytes_before: u64,
    /// Bytes of the files in their place.
    pub bytes_after: u64,
    /// Rows of files that stay because the log knows no time of any of their rows.
    pub timeless: u64,
    /// Commits.
    pub commits: u64,
    /// Something that went wrong and does no harm.
    pub notes: Vec<String>,
}

impl Retain {
    /// What [`Retain::run`] would do with the files of the dataset. Changes nothing.
    ///
    /// # Errors
    /// A log or a file that cannot be read; a dataset that weblog must not write to; a field that is not
    /// one.
    pub fn plan(&self, root: &Path) -> Result<Vec<Fate>, StoreError> {
        let snapshot = opened(root)?;
        let strip = self.check(root, &snapshot)?;
        let mut fates = Vec::new();
        for file in snapshot.files() {
            fates.extend(self.fate(root, &snapshot, file, &strip)?);
        }
        Ok(fates)
    }

    /// Takes out what is too old. `tell` is called with each file that is not left as it is.
    ///
    /// # Errors
    /// As [`Retain::plan`]; the system refuses something. What was committed before stays so.
    pub fn run(&self, root: &Path, tell: &mut dyn FnMut(&Fate)) -> Result<Retained, StoreError> {
        let mut snapshot = opened(root)?;
        self.check(root, &snapshot)?;
        recover(root)?;
        let mut all = Retained::default();
        for _ in 0..TRIES {
            all.timeless = 0;
            if !self.pass(root, &mut snapshot, &mut all, tell).map_err(|error| error.at(root))? {
                return Ok(all);
            }
        }
        Err(StoreError::Busy { path: root.to_owned() })
    }

    /// Goes over all files once. Whether some were given up because others replaced them.
    fn pass(
        &self,
        root: &Path,
        snapshot: &mut Snapshot,
        all: &mut Retained,
        tell: &mut dyn FnMut(&Fate),
    ) -> Result<bool, StoreError> {
        let strip = self.check(root, snapshot)?;
        let files: Vec<DataFile> = snapshot.files().cloned().collect();
        let (mut group, mut fates, mut lost) = (None, Vec::new(), false);
        for file in files {
            if Age::of(&file).is_unknown() {
                all.timeless += file.rows.unwrap_or(0);
            }
            let Some(fate) = self.fate(root, snapshot, &file, &strip)? else { continue };
            tell(&fate);
            let open: &mut Group = match &mut group {
                Some(open) => open,
                none => none.insert(Group::new(root)?),
            };
            let written =
                if fate.whole { Vec::new() } else { self.rewrite(root, snapshot, &file, &strip, open)? };
            fates.push(fate);
            open.push(vec![file], written);
            if open.is_full() {
                lost |= self.commit(root, snapshot, group.take(), &mut fates, all)?;
            }
        }
        lost |= self.commit(root, snapshot, group.take(), &mut fates, all)?;
        Ok(lost)
    }

    /// Commits a group. Whether some of it was given up.
    fn commit(
        &self,
        root: &Path,
        snapshot: &mut Snapshot,
        group: Option<Group>,
        fates: &mut Vec<Fate>,
        all: &mut Retained,
    ) -> Result<bool, StoreError> {
        let Some(group) = group else { return Ok(false) };
        let removes = fates.iter().any(|fate| fate.dropped != Some(0));
        let operation = if removes { Operation::Delete } else { Operation::Update };
        let outcome = group.commit(root, snapshot.clone(), operation, &self.info())?;
        *snapshot = outcome.snapshot;
        all.commits += u64::from(!outcome.done.is_empty());
        all.notes.extend(outcome.note);
        let known: HashMap<&str, &Fate> = fates.iter().map(|fate| (fate.path.as_str(), fate)).collect();
        for unit in &outcome.done {
            let file = unit.remove.first();
            if let Some(fate) = file.and_then(|file| known.get(file.path.as_str())) {
                all.add(unit, fate);
            }
        }
        fates.clear();
        Ok(outcome.lost)
    }

    /// What the log shall say of the limits.
    fn info(&self) -> Vec<(String, String)> {
        let before = |micros: i64| {
            let digits = if micros % 1_000_000 == 0 { 0 } else { 6 };
            let mut text = Vec::new();
            weblog_wire::InstantText::default().write(weblog_parse::Instant { micros, digits }, &mut text);
            format!("time < '{}'", String::from_utf8_lossy(&text))
        };
        let mut info: Vec<(String, String)> = Vec::new();
        let predicate: Vec<String> = self.keep.iter().map(|keep| before(*keep)).collect();
        info.push(("predicate".into(), serde_json::json!(predicate).to_string()));
        if let Some(after) = self.after.filter(|_| !self.strip.is_empty()) {
            info.push(("strip".into(), self.strip.join(",")));
            info.push(("stripPredicate".into(), serde_json::json!([before(after)]).to_string()));
        }
        info
    }

    /// What becomes of a file; none if it stays as it is.
    fn fate(
        &self,
        root: &Path,
        snapshot: &Snapshot,
        file: &DataFile,
        strip: &Strip,
    ) -> Result<Option<Fate>, StoreError> {
        let age = Age::of(file);
        let path = || file.path.clone();
        if self.keep.is_some_and(|keep| age.is_all_before(keep)) {
            return Ok(Some(Fate { path: path(), whole: true, dropped: file.rows, stripped: 0, kept: 0 }));
        }
        let drops = self.keep.is_some_and(|keep| age.may_be_before(keep));
        let strips = self.after.is_some_and(|after| age.may_be_before(after))
            && !stats_of(file).is_some_and(|stats| strip.is_done(&stats));
        if !drops && !strips {
            return Ok(None);
        }
        let mut names = vec!["time"];
        names.extend(strip.columns.iter().map(String::as_str).filter(|_| strips));
        names.extend(Some(EXTRA_FIELDS).filter(|_| strips));
        let mut fate = Fate { path: path(), whole: false, dropped: Some(0), stripped: 0, kept: 0 };
        let mut dropped = 0;
        let schema = columns_of(snapshot.schema(), &names);
        read(root, file, &schema, |batch| {
            let part = self.treat(&batch, &age, strip)?;
            dropped += (batch.num_rows() - part.rows.num_rows()) as u64;
            fate.stripped += part.stripped;
            fate.kept += part.rows.num_rows() as u64 - part.stripped;
            Ok(())
        })?;
        fate.dropped = Some(dropped);
        fate.whole = fate.stripped + fate.kept == 0;
        Ok(Some(fate).filter(|fate| dropped + fate.stripped > 0 || fate.whole))
    }

    /// Writes a file anew.
    fn rewrite(
        &self,
        root: &Path,
        snapshot: &Snapshot,
        file: &DataFile,
        strip: &Strip,
        group: &Group,
    ) -> Result<Vec<(String, DataFile)>, StoreError> {
        let mut told = stripped(std::slice::from_ref(file), snapshot.schema());
        told.extend(strip.columns.iter().filter(|name| is_text(snapshot, name)).cloned());
        told.sort();
        told.dedup();
        let age = Age::of(file);
        let mut out =
            Rewriter::new(group.staging(), snapshot, &file.partition, group.files(), u64::MAX, told)?;
        read(root, file, snapshot.schema(), |batch| out.write(&self.treat(&batch, &age, strip)?.rows))?;
        out.finish()
    }

    /// The rows of a batch that stay, without the fields that go.
    fn treat(&self, batch: &RecordBatch, age: &Age, strip: &Strip) -> Result<strip::Treated, StoreError> {
        let kept = match self.keep {
            Some(keep) => age::without(batch, keep)?,
            None => batch.clone(),
        };
        match self.after {
            Some(after) => strip.treat(kept, |batch| age::before(batch, age, after)),
            None => Ok(strip::Treated { rows: kept, stripped: 0 }),
        }
    }

    /// Whether this can be done to the dataset, and which of its columns are stripped.
    fn check(&self, root: &Path, snapshot: &Snapshot) -> Result<Strip, StoreError> {
        let unfit = |why: String| StoreError::Unfit { path: root.to_owned(), why };
        snapshot.check_replaceable(root, Operation::Delete)?;
        let time = snapshot.schema().column_with_name("time").map(|(_, field)| field.data_type());
        let is_divided = crate::partition::By::of_columns(snapshot.partition_columns())
            .is_some_and(|by| by != crate::partition::By::None);
        if time.is_some_and(|kind| *kind != time_type()) || (time.is_none() && !is_divided) {
            return Err(unfit("it has no time, so nothing of it is known to be old".into()));
        }
        for name in &self.strip {
            if name == "time" || snapshot.partition_columns().contains(name) {
                return Err(unfit(format!("{name} tells how old a row is, so it cannot be stripped")));
            }
            let known = weblog_parse::Field::ALL.iter().any(|field| field.name() == name);
            if !known && snapshot.schema().column_with_name(name).is_none() {
                return Err(unfit(format!("it has no field {name}; see what it has with weblog query")));
            }
        }
        Ok(Strip::new(&self.strip, snapshot.schema()))
    }
}

fn is_text(snapshot: &Snapshot, name: &str) -> bool {
    snapshot.schema().column_with_name(name).is_some_and(|(_, field)| *field.data_type() == DataType::Utf8)
}

impl Retained {
    fn add(&mut self, unit: &Unit, fate: &Fate) {
        self.dropped += fate.dropped.unwrap_or_else(|| unit.rows_before() - unit.rows_after());
        self.stripped += fate.stripped;
        self.files_dropped += u64::from(fate.whole);
        self.files_rewritten += u64::from(!fate.whole);
        self.bytes_before += unit.remove.iter().map(|file| file.bytes).sum::<u64>();
        self.bytes_after += unit.add.iter().map(|file| file.bytes).sum::<u64>();
    }
}
