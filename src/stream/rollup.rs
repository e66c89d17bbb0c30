//! Rows of a dataset into rollups: only those that came since the last time.

use crate::options::InputArgs;
use anyhow::{Context, Result, bail, ensure};
use arrow_array::RecordBatch;
use std::{
    fs::File,
    io::ErrorKind,
    path::Path,
    sync::mpsc::{SyncSender, sync_channel},
};
use weblog_enrich::Group;
use weblog_parse::Field;
use weblog_store::{
    dataset::{Added, CommitFailed, Dataset},
    delta::{Changes, NEVER, Snapshot, Txn, changes},
    rollup::{Rollup, Rules, STATUS_CLASS, read::rows},
};

/// Batches that wait to be summed.
const WAITING: usize = 4;

/// A dataset that is summed into another one.
pub struct Source<'a> {
    /// The rollups.
    pub root: &'a Path,
    /// How rows are summed.
    pub rules: &'a Rules,
    /// The dataset.
    pub source: &'a Path,
    /// Which times are meant.
    pub input: &'a InputArgs,
}

impl Source<'_> {
    /// Sums what came since the last time. The commit that brings the rows says up to which version of the
    /// dataset they go, so that none comes twice or is left out, whatever happens in between.
    pub fn run(&self) -> Result<Added> {
        loop {
            if let Some(added) = self.attempt()? {
                return Ok(added);
            }
        }
    }

    /// None if another run took the same rows in meanwhile.
    fn attempt(&self) -> Result<Option<Added>> {
        let mut dataset = Dataset::open(self.root, None, &self.rules.schema(), None)?;
        let (mut app_id, mut from) = (String::new(), NEVER);
        let since = |table: &str| {
            app_id = format!("weblog-dataset:{table}");
            from = dataset.txns().get(&app_id).copied().unwrap_or(NEVER);
            from
        };
        let source = self.source.display();
        let Some(Changes { snapshot, files }) = changes(self.source, since)? else {
            bail!("{source} is a dataset without a commit: there is nothing in it yet")
        };
        let version = i64::try_from(snapshot.version()).unwrap_or(i64::MAX);
        if version <= from {
            dataset.close()?;
            return Ok(Some(Added::default()));
        }
        self.check(&snapshot)?;
        self.sum(&files, &mut dataset)?;
        match dataset.commit(vec![Txn { app_id, from, version }]) {
            Ok(added) => {
                dataset.close()?;
                Ok(Some(added))
            }
            Err(CommitFailed::InputTaken) => Ok(None),
            Err(CommitFailed::Store(error)) => Err(error.into()),
            Err(error) => bail!("cannot commit: {error:?}"),
        }
    }

    /// Whether the dataset has what its rows are to be told apart by. What no log had that was stored is
    /// null, as it is when the logs themselves are read; what is looked up is not looked up here.
    fn check(&self, snapshot: &Snapshot) -> Result<()> {
        let has = |name: &str| snapshot.schema().column_with_name(name).is_some();
        for name in &self.rules.by {
            let stands_in = if name == STATUS_CLASS { "status" } else { name };
            let is_logged = Field::from_name(name.as_bytes()).is_some_and(|field| Group::of(field).is_none());
            ensure!(
                has(name) || has(stands_in) || is_logged,
                "{} has no column `{name}`: fields are added when records are stored",
                self.source.display()
            );
        }
        Ok(())
    }

    /// Sums the rows of these files. One thread reads, in the order of the files, and this one sums.
    fn sum(&self, files: &[String], dataset: &mut Dataset) -> Result<()> {
        let times = self.input.times.bounds(self.input.read.clock());
        let mut rollup = Rollup::new(self.rules.clone());
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(WAITING);
            scope.spawn(move || {
                for file in files {
                    if let Err(error) = self.read(file, &send) {
                        let _nobody_waits = send.send(Err(error));
                        return;
                    }
                }
            });
            for batch in receive {
                rollup.add(&batch?, times).with_context(|| format!("{}", self.source.display()))?;
                if rollup.is_full()
                    && let Some(rows) = rollup.take()?
                {
                    dataset.write(rows)?;
                }
            }
            if let Some(rows) = rollup.take()? {
                dataset.write(rows)?;
            }
            Ok(())
        })
    }

    fn read(&self, file: &str, send: &SyncSender<Result<RecordBatch>>) -> Result<()> {
        let path = self.source.join(file);
        let shown = path.display();
        let opened = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "{shown} is gone, and its rows were not rolled up before: begin a new rollup in another directory"
            ),
            opened => opened.with_context(|| format!("cannot read {shown}"))?,
        };
        for batch in rows(opened, self.rules).with_context(|| format!("cannot read {shown}"))? {
            if send.send(Ok(batch.with_context(|| format!("cannot read {shown}"))?)).is_err() {
                break;
            }
        }
        Ok(())
    }
}
