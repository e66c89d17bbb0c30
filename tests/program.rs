//! The program under test, and a directory to run it in.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

/// The top of the source tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A directory to work in, with `weblog` on the path of what runs there.
pub struct Place {
    work: TempDir,
    bin: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let (work, bin) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        symlink(env!("CARGO_BIN_EXE_weblog"), bin.path().join("weblog")).unwrap();
        Place { work, bin }
    }

    pub fn path(&self) -> &Path {
        self.work.path()
    }

    /// A program to be run here, in an environment that is the same everywhere.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", self.bin.path().display(), std::env::var("PATH").unwrap_or_default());
        for (name, _) in std::env::vars() {
            if name.starts_with("WEBLOG_") || name == "NO_COLOR" {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.path())
            .env("PATH", path)
            .env("LC_ALL", "C")
            .env("TESTDATA", root().join("testdata"));
        command.env("COLUMNS", "80");
        command
    }

    pub fn weblog(&self) -> Command {
        self.command("weblog")
    }

    /// Runs a shell script with these bytes on its standard input.
    pub fn sh(&self, script: &str, stdin: &[u8]) -> Output {
        let input = self.bin.path().join("stdin");
        fs::write(&input, stdin).unwrap();
        let input = fs::File::open(input).unwrap();
        self.command("sh").args(["-c", script]).stdin(input).output().unwrap()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

/// The commands that `weblog --help` lists.
pub fn commands() -> Vec<String> {
    let help = help(&[]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

pub fn help(arguments: &[&str]) -> String {
    let output = Place::new().weblog().args(arguments).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
