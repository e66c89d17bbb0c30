//! `weblog query` on a terminal: a pseudo-terminal with the shell behind it.

use crate::program::Place;
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// A shell under way, and what it has shown.
struct Shell {
    child: Child,
    keys: File,
    shown: Arc<Mutex<Vec<u8>>>,
    seen: usize,
}

impl Shell {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        Shell::start_with(place, arguments, None)
    }

    fn start_with(place: &Place, arguments: &[&str], history: Option<&str>) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let noctty = rustix::fs::OFlags::NOCTTY.bits() as i32;
        let slave = OpenOptions::new().read(true).write(true).custom_flags(noctty).open(name).unwrap();
        // It makes the terminal the one from which Ctrl-C comes.
        let mut command = place.command("setsid");
        command.args(["--ctty", "--wait", "weblog", "query"]).args(arguments);
        command.env("TERM", "xterm").env("XDG_STATE_HOME", place.path().join("state"));
        if let Some(history) = history {
            command.env("WEBLOG_HISTORY", history);
        }
        command
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(Stdio::from(slave));
        let child = command.spawn().unwrap();
        let keys = File::from(master);
        let (mut from, shown) = (keys.try_clone().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let into = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                into.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        Shell { child, keys, shown, seen: 0 }
    }

    fn enter(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this is shown, behind what was waited for before.
    fn wait(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let shown = String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned();
            if let Some(at) = shown.get(self.seen..).and_then(|rest| rest.find(text)) {
                self.seen += at + text.len();
                return;
            }
            assert!(Instant::now() < end, "no {text:?} in {shown:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn end(mut self) -> i32 {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(Instant::now() < end, "the shell does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

const LOG: &str = "192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x\"\n\
                   192.0.2.2 - - [22/Jan/2019:03:56:15 +0330] \"GET /b HTTP/1.1\" 404 7 \"-\" \"x\"\n";

#[test]
fn a_shell_completes_runs_shows_errors_and_goes_on() {
    let place = Place::new();
    place.write("in.log", LOG);
    place.write("owners.csv", "path,owner\n/a,Ann\n/b,Bob\n");
    let mut shell = Shell::start(&place, &["in.log", "--attach", "owners.csv"]);
    shell.wait("weblog> ");
    // Of several lines; `own` and `remote_a` are completed.
    shell.enter("select owner, remote_a\t as client\rfrom logs join own\t using (path) order by 1;\r");
    shell.wait("Ann");
    shell.wait("192.0.2.1");
    shell.wait("Bob");
    shell.wait("weblog> ");
    shell.enter("select staus from logs;\r");
    shell.wait("LINE 1: select staus from logs");
    shell.wait("^^^^^");
    shell.wait("weblog> ");
    // Ctrl-C drops the line.
    shell.enter("select 'dropped' \u{3}");
    shell.wait("weblog> ");
    // Ctrl-C ends a statement that would not end.
    shell.enter("select count(*) as never from range(1000000000000) a, range(1000000) b;\r");
    thread::sleep(Duration::from_millis(700));
    shell.enter("\u{3}");
    shell.wait("interrupted");
    shell.wait("weblog> ");
    shell.enter(".mode csv\rselect 6 * 7 as answer; select 'it''s; fine' as text;\r");
    shell.wait("answer\r\n42\r\n");
    shell.wait("text\r\nit's; fine\r\n");
    shell.enter("copy logs to 'x.csv';\r");
    shell.wait("--trust-sql");
    shell.enter("select * from read_text('/etc/passwd');\r");
    shell.wait("Only the inputs can be read");
    shell.enter(".nonsense\r");
    shell.wait("there is no command `.nonsense`");
    shell.wait("weblog> ");
    shell.enter("\u{4}");
    assert_eq!(shell.end(), 0);
    let history = place.path().join("state/weblog/query-history");
    assert_eq!(fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    let history = fs::read_to_string(history).unwrap();
    assert!(history.contains("select staus from logs;") && !history.contains("dropped"), "{history}");
    assert!(!place.path().join("x.csv").exists());
}

#[test]
fn the_commands_of_the_shell_do_what_its_help_says() {
    let place = Place::new();
    place.write("in.log", LOG);
    place.write("some.sql", "-- two of them;\nselect 1 as first;\nselect 2 as second");
    let mut shell = Shell::start(&place, &["-t", "csv", "in.log"]);
    let mut say = |keys: &str, expected: &[&str]| {
        shell.wait("weblog> ");
        shell.enter(&format!("{keys}\r"));
        expected.iter().for_each(|text| shell.wait(text));
    };
    say(".help", &[".tables", ".quit"]);
    say(".help functions", &["ip_in(address, networks)"]);
    say(".tables", &["logs,"]);
    say(".schema logs", &["time,TIMESTAMP", "status,"]);
    say(".read some.sql", &["first\r\n1\r\n", "second\r\n2\r\n"]);
    say(".timer on", &[]);
    say("select count(*) as n from logs;", &["n\r\n2\r\n", " s\r\n"]);
    say(".timer off", &[]);
    say(".since 2019-01-22 00:26:15", &[]);
    say("select count(*) as since from logs;", &["since\r\n1\r\n"]);
    say(".since off", &[]);
    say("select count(*) as all from logs;", &["all\r\n2\r\n"]);
    say(".mode klingon", &["there is no form `klingon`"]);
    say(".mode ndjson", &[]);
    say("select 1 as one;", &["{\"one\":1}"]);
    say(".output in.log", &["in.log is also an input"]);
    say(".output one.ndjson", &[]);
    say("select 1 as one;", &[]);
    say(".explain select count(*) from logs", &["Projection"]);
    say(".questions", &["top-pages"]);
    say(".show top-pages", &["select"]);
    say("top-pages limit=1", &["{\"page\":\"/a\""]);
    say(".quit", &[]);
    assert_eq!(shell.end(), 0);
    assert_eq!(place.read("one.ndjson"), "{\"one\":1}\n");
    assert_eq!(place.read("in.log"), LOG);
}

#[test]
fn what_begins_with_a_blank_is_not_remembered_and_a_history_can_be_switched_off() {
    let place = Place::new();
    place.write("in.log", LOG);
    let history = place.path().join("state/weblog/query-history");
    for (setting, remembered) in
        [("off", None), ("", None), ("kept", Some("kept")), ("unset", Some("state/weblog/query-history"))]
    {
        let mut shell =
            Shell::start_with(&place, &["in.log", "-t", "csv"], Some(setting).filter(|set| *set != "unset"));
        shell.wait("weblog> ");
        shell.enter(" select 'to myself' as a;\r");
        shell.wait("myself\r\n");
        shell.wait("weblog> ");
        shell.enter("select 'for later' as a;\r");
        shell.wait("later\r\n");
        shell.wait("weblog> ");
        shell.enter("\u{4}");
        assert_eq!(shell.end(), 0);
        let kept = remembered.map(|file| place.read(file));
        assert!(kept.is_none_or(|kept| kept.contains("for later") && !kept.contains("myself")), "{setting}");
        assert_eq!(history.exists(), setting == "unset", "{setting}");
    }
}
