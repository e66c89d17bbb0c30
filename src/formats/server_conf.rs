//! A server's configuration as `--conf` names it: which file is written in which format.

use super::compile_for;
use std::{
    fs, io,
    path::{Path, PathBuf, absolute},
    sync::Arc,
};
use weblog_parse::{
    Program,
    conf::{self, Conf, Kind, Options, envvars, limits},
};

/// A configuration and its formats, compiled.
#[derive(Debug)]
pub struct ServerConf {
    conf: Conf,
    /// For each log of the configuration its program, if it is an access log whose format compiles.
    programs: Vec<Option<Arc<Program>>>,
    /// What could not be read or compiled, each a sentence.
    problems: Vec<String>,
}

impl ServerConf {
    /// Reads a configuration with everything that it includes.
    pub fn load(path: &str) -> Result<Arc<ServerConf>, String> {
        let main = absolute(path).map_err(|error| error.to_string())?;
        let bytes = fs::read(&main).map_err(|error| format!("cannot read it: {error}"))?;
        let mut options = Options::default();
        // Debian's httpd has its variables in a file beside the configuration.
        if let Ok(variables) = fs::read(main.with_file_name("envvars")) {
            options.variables = envvars(&variables);
        }
        let mut files = |pattern: &str, _: &Path| included(pattern);
        let conf = conf::read(&main, &bytes, &options, &mut files).map_err(|error| error.to_string())?;
        let mut problems: Vec<String> = conf.problems.iter().map(ToString::to_string).collect();
        let mut programs = Vec::new();
        for log in &conf.logs {
            let format = log.format.as_ref().filter(|_| log.kind == Kind::Access);
            let compiled = format.map(|format| compile_for(conf.server, format));
            programs.push(match compiled {
                Some(Err(error)) => {
                    let problem = format!("{}: {error}", log.at);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                    None
                }
                Some(Ok(program)) => Some(program),
                None => None,
            });
        }
        Ok(Arc::new(ServerConf { conf, programs, problems }))
    }

    /// What could not be read or compiled, each a sentence.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The formats of the lines of a source, the most likely one first. When the configuration does not
    /// know the file, it may have any of its formats.
    pub fn programs_of(&self, source: &str) -> Arc<[Arc<Program>]> {
        let path = absolute(source).unwrap_or_else(|_| PathBuf::from(source));
        let known: Vec<usize> =
            self.conf.format_of(&path).iter().filter_map(|found| self.index_of(found.log)).collect();
        let mut programs: Vec<Arc<Program>> = Vec::new();
        let all = if known.is_empty() { (0..self.programs.len()).collect() } else { known };
        for program in all.into_iter().filter_map(|at| self.programs[at].as_ref()) {
            if !programs.iter().any(|other| other.source() == program.source()) {
                programs.push(Arc::clone(program));
            }
        }
        programs.into()
    }

    /// Where a format is defined, and its name, as far as the configuration says.
    pub fn place_of(&self, program: &Program) -> Option<String> {
        let is_its = |other: &Option<Arc<Program>>| {
            other.as_ref().is_some_and(|other| other.source() == program.source())
        };
        let at = self.programs.iter().position(is_its)?;
        let log = &self.conf.logs[at];
        let format = log.format.as_ref()?;
        let place = format.at.as_ref().unwrap_or(&log.at);
        let name = format.name.as_ref().map(|name| format!("`{name}` of ")).unwrap_or_default();
        let file = place.file.file_name().unwrap_or_default().to_string_lossy();
        Some(format!("{name}{file}:{}", place.line))
    }

    fn index_of(&self, log: &conf::LogFile) -> Option<usize> {
        let at = self.conf.logs.iter().position(|other| std::ptr::eq(other, log))?;
        self.programs[at].is_some().then_some(at)
    }
}

/// The files that an include directive names: those that match a pattern, or all below a directory, by name.
fn included(pattern: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for path in glob::glob(pattern).map_err(io::Error::other)? {
        let path = path.map_err(io::Error::from)?;
        if path.is_dir() {
            below(&path, &mut files)?;
        } else {
            files.push(path);
        }
    }
    files
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| {
            let size = fs::metadata(&path)?.len();
            if size > limits::BYTES as u64 {
                return Err(io::Error::other(format!("{} is too large for a configuration", path.display())));
            }
            let bytes = fs::read(&path)?;
            Ok((path, bytes))
        })
        .collect()
}

fn below(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(directory)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        match fs::symlink_metadata(&path) {
            // A link to a directory above would never end.
            Ok(metadata) if metadata.is_dir() => below(&path, files)?,
            Ok(_) => files.push(path),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
