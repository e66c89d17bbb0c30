//! `weblog merge`: files and streams to one, by event time.

use crate::{
    clock::{Clock, Skew},
    exit::{Exit, is_closed_pipe, say},
    options::{LineArgs, fine_span, micros, threads},
    output::Output,
    stream::{distinct_files, first_time, greet, report},
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use weblog_io::{AtomicFile, Expanded, FileId, Head, Input, InputError, Stop, expand, head};
use weblog_window::{
    Files, Header, LineReader, MergeError, Plan, Recent, Store, Survey,
    live::{self, Headers, LiveError, Out},
};

mod books;
mod sink;

use books::Books;
use sink::Sink;

/// Merge files and streams into one, by the time of their lines
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog merge access.log access.log.1.gz > all.log
  weblog merge --dedup access.log access.log.1.gz | weblog parse | weblog enrich
  weblog merge --clock-skew access.log=+1.5s -o all.log *access.log*\n\n")]
pub struct Args {
    #[command(flatten)]
    input: LineArgs,

    /// Streams: how late a line may be and still be put right [5s]
    #[arg(long, value_name = "SPAN", value_parser = fine_span, default_value = "5s", hide_default_value = true)]
    lateness: Duration,

    /// Send lines that are later to a file
    #[arg(long, value_name = "FILE")]
    late: Option<PathBuf>,

    /// Streams: do not wait for one that is silent for so long [1s]
    #[arg(long, value_name = "SPAN", value_parser = fine_span, default_value = "1s", hide_default_value = true)]
    idle: Duration,

    /// Drop lines that another copy of the log has as well
    #[arg(long)]
    dedup: bool,

    /// Add to the times of a host or an input, like web2=+1.5s
    #[arg(long, value_name = "NAME=SPAN", value_parser = skew)]
    clock_skew: Vec<Skew>,

    /// Write to a file that appears when it is done
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write what became of every line, as JSON
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,

    /// Threads [one per core]
    #[arg(short = 'j', long, value_name = "N", env = "WEBLOG_THREADS", hide_env = true, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    /// Say more
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

/// Lines out of order that stay in memory, of all files together.
const STORED_IN_MEMORY: usize = 4 << 20;
/// Standard input as a file that can be opened again.
const STDIN: &str = "/proc/self/fd/0";
/// Files that are open at a time at most.
const MOST_OPEN: u64 = 128;
/// Descriptors that are needed for other things.
const OTHER_DESCRIPTORS: u64 = 24;

fn skew(text: &str) -> Result<Skew, String> {
    let wrong = || "give a host or an input and a span, like web2=+1.5s or web3=-200ms".to_owned();
    let (name, span) = text.rsplit_once('=').ok_or_else(wrong)?;
    let (sign, span) = match span.strip_prefix('-') {
        Some(span) => (-1, span),
        None => (1, span.strip_prefix('+').unwrap_or(span)),
    };
    let micros = fine_span(span).map_err(|_| wrong())?.as_micros();
    Ok(Skew { name: name.to_owned(), micros: sign * i64::try_from(micros).map_err(|_| wrong())? })
}

/// A regular file among the inputs.
struct LogFile {
    path: PathBuf,
    file: FileId,
    /// The first bytes, and all of them by their hash.
    start: Vec<u8>,
    hash: u64,
    len: usize,
}

pub fn run(args: Args) -> Result<Exit> {
    let stop = Stop::new()?;
    stop.on_signals()?;
    let reading = args.input.read.reading();
    let Expanded { input, directories } =
        expand(&args.input.inputs, |path, head| first_time(path, head, &reading));
    greet("merge", &args.input.inputs, &args.input.read, args.quiet);
    let mut failed = report("merge", &input, 0, &directories, args.verbose);
    let outputs = [("--output", &args.output), ("--late", &args.late), ("--ledger", &args.ledger)];
    distinct_files(&input, &outputs)?;
    let output = Output::open(args.output.as_deref())?;
    let names: Vec<Arc<str>> = input.sources().iter().map(|source| Arc::clone(&source.name)).collect();
    let skews: Arc<[Skew]> = args.clock_skew.clone().into();
    let watched = output.watched();
    let (mut files, mut streams) = (Vec::new(), Vec::new());
    for source in input.sources() {
        let path = source.path.clone().or_else(stdin_as_file);
        match path.as_deref().map(head).transpose() {
            Ok(Some(Some(head))) => files.push(LogFile::new(path.unwrap_or_default(), &head, args.dedup)),
            Ok(_) => {
                let mut input = Input::new();
                match &source.path {
                    Some(path) => input.add_path(path),
                    None => input.add_stdin(),
                }
                streams.push(LineReader::new(input, stop.clone(), watched, args.input.read.max_line));
            }
            Err(error) => {
                failed |= tell(&[InputError::Open { source: Arc::clone(&source.name), error }]);
            }
        }
    }

    let clock = || -> Box<dyn weblog_window::LineClock> { Box::new(Clock::new(&reading, &skews, &names)) };
    let merge = Files {
        store: Arc::new(Store::new(std::env::temp_dir(), STORED_IN_MEMORY)),
        stop: stop.clone(),
        output: watched,
        line_limit: args.input.read.max_line,
        threads: threads(args.threads),
        most_open: most_open(),
        lateness: args.late.is_some().then_some(micros(args.lateness)),
        clock: &clock,
    };
    let mut books = Books::default();
    let paths: Vec<_> = files.iter().map(|file| (file.path.clone(), file.file)).collect();
    let surveys = merge.survey::<anyhow::Error>(&paths).map_err(failure)?;
    let interrupted = surveys.iter().any(|survey| survey.interrupted);
    for ((path, _), survey) in paths.iter().zip(&surveys) {
        failed |= tell(&survey.problems);
        books.enter_file(if path.as_os_str() == STDIN { Path::new("-") } else { path }, survey);
    }
    let files: Vec<_> = match args.dedup {
        true => without_copies(&files, surveys, &mut books),
        false => paths.into_iter().map(|(path, _)| path).zip(surveys).collect(),
    };
    agree(&files)?;
    let late = args.late.as_ref().map(create).transpose()?;
    let dedup = args.dedup.then(|| (Clock::new(&reading, &Arc::default(), &[]), Recent::default()));
    let mut sink = Sink::new(output, late, dedup);
    if !interrupted {
        let late = Plan::late(&files);
        let plan = Plan::new(&files);
        let problems = match streams.is_empty() {
            true => merge.merge(plan, |lines| sink.put(lines)).map_err(failure),
            false => merge_live(
                streams,
                &merge,
                ((!files.is_empty()).then_some(plan), &files),
                &args,
                &mut sink,
                &mut books,
            ),
        };
        match problems {
            Ok(problems) => failed |= tell(&problems),
            Err(error) if is_closed_pipe(&error) => return Ok(Exit::Done),
            Err(error) => return Err(error),
        }
        merge.merge(late, |lines| sink.put_late(lines)).map_err(failure)?;
    }
    match sink.flush() {
        Ok(_) => {}
        Err(error) if is_closed_pipe(&error) => return Ok(Exit::Done),
        Err(error) => return Err(error),
    }
    // A stream that is interrupted has ended; a file has not.
    let cut_short = stop.is_signalled() && !books.has_streams();
    if interrupted && !stop.is_signalled() {
        return Ok(Exit::Done);
    }
    books.finish(&sink, merge.store.bytes_on_disk());
    if let Some(path) = &args.ledger {
        let mut file = AtomicFile::create(path)?;
        file.write_all(&books.as_json())
            .with_context(|| format!("cannot write {} for --ledger", path.display()))?;
        file.commit()?;
    }
    if !cut_short {
        sink.finish()?;
    }
    if !args.quiet {
        books.summarize(args.verbose, args.late.as_deref());
    }
    if cut_short {
        say("merge", "interrupted before the end of the input");
    }
    Ok(if failed || cut_short { Exit::Failed } else { Exit::Done })
}

impl LogFile {
    /// A file; what tells its copies only if that is wanted.
    fn new(path: PathBuf, head: &Head, compared: bool) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        if !compared {
            return LogFile { path, file: head.file, start: Vec::new(), hash: 0, len: 0 };
        }
        let mut hasher = DefaultHasher::new();
        head.bytes.hash(&mut hasher);
        let start = head.bytes[..head.bytes.len().min(1 << 12)].to_vec();
        LogFile { path, file: head.file, start, hash: hasher.finish(), len: head.bytes.len() }
    }

    /// Whether one of the two is as long as its head is known the beginning of the other.
    fn is_copy_of(&self, other: &LogFile) -> bool {
        let both = self.start.len().min(other.start.len());
        if both == 0 || self.start[..both] != other.start[..both] {
            return false;
        }
        if self.len == other.len {
            return self.hash == other.hash;
        }
        let bytes =
            |file: &LogFile| head(&file.path).ok().flatten().map(|head| head.bytes).unwrap_or_default();
        let (one, two) = (bytes(self), bytes(other));
        let both = one.len().min(two.len());
        both > 0 && one[..both] == two[..both]
    }
}

/// Leaves out the shorter copies of a log: all their lines are in the longest one.
fn without_copies(files: &[LogFile], surveys: Vec<Survey>, books: &mut Books) -> Vec<(PathBuf, Survey)> {
    let mut kept: Vec<(usize, &LogFile, Survey)> = Vec::new();
    for (at, (file, survey)) in files.iter().zip(surveys).enumerate() {
        match kept.iter_mut().find(|(_, other, _)| file.is_copy_of(other)) {
            None => kept.push((at, file, survey)),
            Some((other_at, other, longest)) if survey.len() > longest.len() => {
                books.copy(*other_at, longest);
                (*other_at, *other, *longest) = (at, file, survey);
            }
            Some(_) => books.copy(at, &survey),
        }
    }
    kept.into_iter().map(|(_, file, survey)| (file.path.clone(), survey)).collect()
}

/// Fails when the lines of two files mean different things, as their headers say.
fn agree(files: &[(PathBuf, Survey)]) -> Result<()> {
    let mut known: Option<(&Path, &Header)> = None;
    for (path, survey) in files {
        if survey.other_header {
            bail!("{}", disagreement(&path.display().to_string(), &path.display().to_string()));
        }
        let Some(header) = &survey.header else { continue };
        let (other, first) = *known.get_or_insert((path, header));
        ensure!(
            first == header,
            "{}",
            disagreement(&other.display().to_string(), &path.display().to_string())
        );
    }
    if let Some((path, Header::Columns(_))) = known
        && let Some((other, _)) =
            files.iter().find(|(_, survey)| survey.header.is_none() && !survey.is_empty())
    {
        bail!("{}", disagreement(&path.display().to_string(), &other.display().to_string()));
    }
    Ok(())
}

/// What the headers of files say, which agree: a file with a header, and one of which the first line names no
/// columns.
fn header_of(files: &[(PathBuf, Survey)]) -> Headers {
    let name = |path: &Path| -> Arc<str> { path.to_string_lossy().into() };
    let with = files.iter().find_map(|(path, survey)| Some((name(path), survey.header.clone()?)));
    let bare = files
        .iter()
        .find(|(_, survey)| !survey.is_empty() && !matches!(survey.header, Some(Header::Columns(_))));
    Headers { known: with, bare: bare.map(|(path, _)| name(path)) }
}

fn disagreement(one: &str, other: &str) -> String {
    if one == other {
        return format!(
            "{one} has headers that name different fields; merge its records instead: weblog parse {one}"
        );
    }
    format!(
        "{one} and {other} have different headers, so that lines would be misread; merge their records instead: \
         weblog merge <(weblog parse {one}) <(weblog parse {other})"
    )
}

fn merge_live(
    streams: Vec<LineReader>,
    files: &Files<'_>,
    (plan, surveyed): (Option<Plan>, &[(PathBuf, Survey)]),
    args: &Args,
    sink: &mut Sink,
    books: &mut Books,
) -> Result<Vec<InputError>> {
    let options = live::Options {
        lateness: micros(args.lateness),
        idle: args.idle,
        stop: files.stop.clone(),
        headers: header_of(surveyed),
    };
    let mut result = Ok(Vec::new());
    let feeder = plan.map(|plan| -> live::Feeder<'_> {
        let result = &mut result;
        Box::new(move |give| *result = files.blocks::<anyhow::Error>(plan, give))
    });
    let merged = live::merge(streams, feeder, &options, files.clock, |out| match out {
        Out::Lines(lines) => sink.put(lines),
        Out::Late(lines) => sink.put_late(lines),
        Out::Flush => sink.flush(),
    });
    let mut problems = result.map_err(failure)?;
    for reader in merged.map_err(|error| match error {
        LiveError::Headers(one, other) => anyhow!(disagreement(&one, &other)),
        LiveError::Sink(error) => error,
        LiveError::Thread(error) => anyhow!("cannot start a thread: {error}"),
        other => anyhow!("{other:?}"),
    })? {
        books.enter_stream(&reader);
        problems.extend(reader.into_problems());
    }
    Ok(problems)
}

/// Says what could not be read. Whether there was something.
fn tell(problems: &[InputError]) -> bool {
    problems.iter().for_each(|problem| say("merge", &problem.to_string()));
    !problems.is_empty()
}

fn failure(error: MergeError<anyhow::Error>) -> anyhow::Error {
    match error {
        MergeError::Sink(error) => error,
        other => anyhow!("{other}"),
    }
}

fn create(path: &PathBuf) -> Result<File> {
    File::create(path).with_context(|| format!("cannot create {} for --late", path.display()))
}

/// Standard input when it is a file of which nothing was read.
pub fn stdin_as_file() -> Option<PathBuf> {
    let path = PathBuf::from(STDIN);
    (weblog_io::stdin_is_at_start() && path.metadata().is_ok_and(|metadata| metadata.is_file()))
        .then_some(path)
}

fn most_open() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(MOST_OPEN);
    limit.saturating_sub(OTHER_DESCRIPTORS).clamp(4, MOST_OPEN) as usize
}
