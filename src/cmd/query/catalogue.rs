//! The questions that can be asked by name: the program's own and those of the user.

use anyhow::{Context, Result, anyhow};
use std::{
    env, fs,
    path::{Path, PathBuf},
};
use weblog_filter::names::nearest_of;
use weblog_query::{
    Question,
    questions::{BadHeader, built_in, is_name},
};

/// A question, and the file of the user that it comes from.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) question: Result<Question, BadHeader>,
    pub(super) file: Option<PathBuf>,
    /// Whether the file takes the place of a question of the program.
    pub(super) replaces: bool,
}

/// All questions.
pub(super) struct Catalogue {
    pub(super) entries: Vec<Entry>,
}

impl Catalogue {
    /// The program's questions, those of the user's directory, and those of a directory that is named; of
    /// two with one name the later one counts.
    pub(super) fn load(named: Option<&Path>) -> Result<Catalogue> {
        let entry = |question: &Question| Entry {
            name: question.name.clone(),
            question: Ok(question.clone()),
            file: None,
            replaces: false,
        };
        let mut catalogue = Catalogue { entries: built_in().iter().map(entry).collect() };
        if let Some(usual) = usual_directory().filter(|directory| directory.is_dir()) {
            catalogue.add(&usual)?;
        }
        if let Some(named) = named {
            catalogue.add(named)?;
        }
        Ok(catalogue)
    }

    fn add(&mut self, directory: &Path) -> Result<()> {
        let cannot = || format!("cannot read the questions of {}", directory.display());
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).with_context(cannot)? {
            files.push(entry.with_context(cannot)?.path());
        }
        files.sort();
        for file in files.into_iter().filter(|file| file.extension().is_some_and(|suffix| suffix == "sql")) {
            let Some(name) = file.file_stem().and_then(|name| name.to_str()).filter(|name| is_name(name))
            else {
                continue;
            };
            let sql = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let question = Question::read(name, &sql);
            let same = self.entries.iter().position(|entry| entry.name == name);
            let replaces =
                same.is_some_and(|at| self.entries[at].file.is_none() || self.entries[at].replaces);
            let entry = Entry { name: name.to_owned(), question, file: Some(file), replaces };
            match same {
                Some(at) => self.entries[at] = entry,
                None => self.entries.push(entry),
            }
        }
        Ok(())
    }

    /// The question of this name.
    pub(super) fn find(&self, name: &str) -> Result<(&Question, &Entry)> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else {
            return Err(self.unknown(name));
        };
        match &entry.question {
            Ok(question) => Ok((question, entry)),
            Err(bad) => {
                let file = entry.file.as_deref().unwrap_or(Path::new(name));
                Err(anyhow!("{}: {bad}", file.display()))
            }
        }
    }

    /// Names near to one that there is not.
    fn unknown(&self, name: &str) -> anyhow::Error {
        let names = || self.entries.iter().map(|entry| entry.name.as_str());
        let mut near: Vec<&str> = nearest_of(name, names()).into_iter().collect();
        let stem = name.trim_end_matches('s');
        let has = |other: &&str| stem.len() > 2 && other.split('-').any(|word| word.starts_with(stem));
        near.extend(names().filter(has));
        let words: Vec<&str> = name.split('-').filter(|word| word.len() > 3 && *word != "over").collect();
        near.extend(names().filter(|other| other.split('-').any(|word| words.contains(&word))));
        let mut seen = Vec::new();
        near.retain(|name| {
            !seen.contains(name) && {
                seen.push(*name);
                true
            }
        });
        let meant = match near.iter().take(4).map(|name| format!("`{name}`")).collect::<Vec<_>>() {
            near if near.is_empty() => String::new(),
            near => format!("is {} meant? ", near.join(" or ")),
        };
        anyhow!("there is no question named `{name}`: {meant}`weblog query --list` shows them all")
    }
}

/// Where questions of the user are, unless he says something else.
fn usual_directory() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(config.join("weblog/questions"))
}
