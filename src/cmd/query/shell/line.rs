//! The line that is edited: completion, when a statement is complete, and what was entered before.

use super::{
    commands::COMMANDS,
    split::{is_blank, split},
};
use crate::exit::say;
use anyhow::{Context as _, Result};
use clap::ValueEnum;
use rustyline::{
    Behavior, CompletionType, Config, Context, Editor, Helper,
    completion::{Completer, FilenameCompleter, Pair},
    highlight::Highlighter,
    hint::Hinter,
    history::FileHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};
use std::{
    env,
    fs::{self, DirBuilder, OpenOptions, Permissions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::PathBuf,
};
use weblog_query::FUNCTIONS;

/// The editor of the shell.
pub(super) type Lines = Editor<Words, FileHistory>;

/// The editor, with what it completes.
pub(super) fn editor(words: Words) -> Result<Lines> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .max_history_size(2_000)
        .and_then(|config| config.history_ignore_dups(true))
        .context("the history has no room")?
        .behavior(Behavior::Stdio)
        .build();
    let mut editor = Editor::with_config(config).context("cannot edit lines on this terminal")?;
    editor.set_helper(Some(words));
    Ok(editor)
}

/// What can be completed.
pub(super) struct Words {
    tables: Vec<String>,
    columns: Vec<String>,
    others: Vec<String>,
    questions: Vec<String>,
    files: FilenameCompleter,
}

/// The words of SQL that begin or join something.
const KEYWORDS: &str = "select from where group by order having limit offset distinct as and or not in is null \
    between like ilike join left right inner outer full cross on using union all except intersect with values \
    case when then else end cast exclude replace filter over partition qualify window asc desc nulls first last \
    interval date timestamp describe summarize show tables pivot unpivot explain analyze sample true false";

impl Words {
    pub(super) fn new(
        tables: Vec<String>,
        columns: Vec<String>,
        functions: Vec<String>,
        questions: Vec<String>,
    ) -> Self {
        let own = FUNCTIONS.iter().map(|function| function.name.to_owned());
        let keywords = KEYWORDS.split_whitespace().map(str::to_owned);
        let mut others: Vec<String> =
            columns.iter().cloned().chain(own).chain(functions).chain(keywords).collect();
        others.extend(tables.iter().cloned());
        others.sort();
        others.dedup();
        Words { tables, columns, others, questions, files: FilenameCompleter::new() }
    }

    /// The words that begin as the one before the cursor does, and where it begins.
    fn candidates(&self, line: &str) -> (usize, Vec<String>) {
        // Only the names of questions have hyphens.
        let is_first = !line.trim_start().contains(char::is_whitespace);
        let start = line
            .rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && !(c == '-' && is_first))
            .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
        let (before, word) = line.split_at(start);
        let mut words = before.split_whitespace();
        let starts =
            |name: &&String| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let last = words.next_back().unwrap_or_default();
        let wants_table = ["from", "join"].iter().any(|word| last.eq_ignore_ascii_case(word));
        if wants_table {
            return (start, self.tables.iter().filter(starts).cloned().collect());
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        // A column behind the name of its table.
        if let Some((table, column)) = word.rsplit_once('.') {
            let found = self.columns.iter().filter(|name| {
                name.get(..column.len()).is_some_and(|start| start.eq_ignore_ascii_case(column))
            });
            let mut found: Vec<String> = found.map(|name| format!("{table}.{name}")).collect();
            found.extend(self.tables.iter().filter(starts).cloned());
            return (start, found);
        }
        let questions = self.questions.iter().filter(|_| before.trim().is_empty());
        let found = self.others.iter().chain(questions).filter(starts).cloned();
        // Who writes in capitals gets them.
        let is_loud = word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
        let is_keyword = |name: &str| KEYWORDS.split_whitespace().any(|keyword| keyword == name);
        (
            start,
            found.map(|name| if is_loud && is_keyword(&name) { name.to_uppercase() } else { name }).collect(),
        )
    }

    /// Whether a line asks a named question: those need no semicolon.
    fn is_question(&self, line: &str) -> bool {
        line.split_whitespace().next().is_some_and(|word| self.questions.iter().any(|name| name == word))
    }

    /// The same for a line that begins with a dot, where it is not a file that is named.
    fn commands(&self, line: &str) -> (usize, Vec<String>) {
        let Some((command, argument)) = line.split_once(char::is_whitespace) else {
            let named = |name: &&str| name.starts_with(&line[1..]);
            return (1, COMMANDS.iter().map(|(name, ..)| *name).filter(named).map(str::to_owned).collect());
        };
        let words: Vec<String> = match command {
            ".schema" => self.tables.clone(),
            ".show" => self.questions.clone(),
            ".help" => vec!["functions".into()],
            ".timer" => vec!["on".into(), "off".into()],
            ".since" => ["today", "yesterday", "24h", "7d", "30d", "off"].map(String::from).to_vec(),
            ".mode" => {
                let forms = super::To::value_variants().iter().filter_map(ValueEnum::to_possible_value);
                forms.map(|form| form.get_name().to_owned()).collect()
            }
            ".explain" => return self.candidates(line),
            _ => Vec::new(),
        };
        let found = words.into_iter().filter(|word| word.starts_with(argument));
        (line.len() - argument.len(), found.collect())
    }
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        if line.starts_with(".read ") || line.starts_with(".output ") {
            return self.files.complete(line, at, context);
        }
        let line = &line[..at];
        let (start, mut words) =
            if line.starts_with('.') { self.commands(line) } else { self.candidates(line) };
        words.dedup();
        let pair = |word: String| Pair { display: word.clone(), replacement: word };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        let is_complete =
            input.trim_start().starts_with('.') || is_blank(split(input).1) || self.is_question(input);
        Ok(if is_complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Helper for Words {}

/// What was entered before, in a file that only its owner reads.
pub(super) struct History(Option<PathBuf>);

impl History {
    /// The history of `WEBLOG_HISTORY`, a file or `off`, or of the user's state directory.
    pub(super) fn open(editor: &mut Lines) -> Self {
        let Some(path) = path() else { return History(None) };
        let opened = prepare(&path);
        if let Err(error) = opened {
            say("query", &format!("there will be no history: {}: {error}", path.display()));
            return History(None);
        }
        if let Err(error) = editor.load_history(&path) {
            say("query", &format!("the history before is lost: {}: {error}", path.display()));
        }
        History(Some(path))
    }

    /// Remembers what was entered; not what begins with a blank.
    pub(super) fn add(&mut self, editor: &mut Lines, text: &str) {
        let is_new = editor.add_history_entry(text.trim_end()).unwrap_or(false);
        let Some(path) = self.0.as_ref().filter(|_| is_new) else { return };
        if let Err(error) = editor.append_history(path) {
            say("query", &format!("cannot write the history {}: {error}", path.display()));
            self.0 = None;
        }
    }
}

fn path() -> Option<PathBuf> {
    match env::var_os("WEBLOG_HISTORY") {
        Some(path) if path.is_empty() || path == "off" => None,
        Some(path) => Some(path.into()),
        None => {
            let directory = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
            let state = directory("XDG_STATE_HOME")
                .or_else(|| directory("HOME").map(|home| home.join(".local/state")))?;
            Some(state.join("weblog/query-history"))
        }
    }
}

/// Makes the file, for its owner alone.
fn prepare(path: &PathBuf) -> std::io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))
}
