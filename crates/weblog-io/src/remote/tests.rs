use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use super::*;
use crate::Stop;
use crate::follow::Until;

mod failures;

/// What the test's own `ssh` does: it runs the far shell here.
const PLAIN: &str = r#"exec sh"#;

/// A far machine that is this one: a program in place of ssh, and a directory for the logs.
struct Far {
    dir: TempDir,
    options: Options,
}

impl Far {
    /// With a program that ends with these lines of sh. It has its directory in `$here`.
    fn new(script: &str) -> Far {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().canonicalize().unwrap();
        fs::create_dir(here.join("logs")).unwrap();
        let options = Options {
            program: here.join("ssh"),
            connect_timeout: Duration::from_secs(20),
            alive: Duration::from_secs(5),
            ..Options::default()
        };
        let far = Far { dir, options };
        far.ssh(script);
        far
    }

    fn ssh(&self, script: &str) {
        let here = self.options.program.parent().unwrap().display();
        // Renamed into place: what is open for writing cannot be started.
        let new = self.options.program.with_extension("new");
        fs::write(
            &new,
            format!("#!/bin/sh\nhere='{here}'\nprintf '%s\\n' \"$@\" >\"$here/arguments\"\n{script}\n"),
        )
        .unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&new, &self.options.program).unwrap();
    }

    fn connect(&self) -> Session {
        self.try_connect().unwrap()
    }

    fn try_connect(&self) -> Result<Session, RemoteError> {
        let target: Target = "ssh://me@web1.example:2222/log".parse().unwrap();
        loop {
            match Session::connect(&target, &self.options, &never()) {
                // Another test's fork held the new program open for writing.
                Err(RemoteError::Start { error, .. }) if error.raw_os_error() == Some(26) => {}
                other => return other,
            }
        }
    }

    fn log(&self, name: &[u8]) -> PathBuf {
        let dir = self.dir.path().canonicalize().unwrap();
        dir.join("logs").join(OsString::from_vec(name.to_vec()))
    }
}

fn never() -> Until<'static> {
    Until::default()
}

/// Programs in place of ssh that have other tools on the far side.
fn dialects() -> Vec<(&'static str, String)> {
    let without = |tools: &str| format!("mkdir -p \"$here/bin\"\n{tools}\nPATH=$here/bin:$PATH exec sh");
    let tool = |name: &str, text: &str| {
        format!(
            "printf '%s\\n' '#!/bin/sh' '{text}' >\"$here/bin/.{name}.$$\"; chmod +x \"$here/bin/.{name}.$$\"; mv \"$here/bin/.{name}.$$\" \"$here/bin/{name}\""
        )
    };
    let sleep = tool(
        "sleep",
        r#"case $1 in *.*) echo "sleep: invalid number" >&2; exit 1;; esac; exec /bin/sleep "$@""#,
    );
    // A stat of the BSDs, of which only what is asked here is known.
    let bsd = tool(
        "stat",
        r#"l=; [ "$1" = -L ] && { l=-L; shift; }
[ "$1" = -f ] || { echo "stat: illegal option" >&2; exit 1; }
f=$(printf %s "$2" | sed "s/%z/%s/;s/%Xp/%f/;s/%B/%W/;s/%m/%Y/;s/%Fm/%.9Y/;s/%N/%n/;s/ %Y %.9Y/ %.9Y/"); shift 2
[ "$1" = -- ] && shift
[ $# -gt 0 ] || set -- /dev/stdin
[ "$1" = /dev/stdin ] && l=-L
for s in /usr/bin/stat /bin/stat; do [ -x $s ] && exec $s $l -c "$f" -- "$@"; done"#,
    );
    let none = tool("stat", "echo not here >&2; exit 127");
    vec![
        ("as it is", PLAIN.to_owned()),
        ("bash", "exec bash --posix".to_owned()),
        ("BSD", without(&bsd)),
        ("no stat", without(&none)),
        ("no stat, no short sleep", without(&format!("{none}\n{sleep}"))),
        ("noise", "echo Welcome; echo; printf 'no newline at its end'; echo banner >&2; exec sh".to_owned()),
        ("elsewhere", "cd /; exec sh".to_owned()),
        ("little room for arguments", "ulimit -s 512; exec sh".to_owned()),
    ]
}

/// Tries it with each of them, whose home is where the logs are.
fn in_all_dialects(test: impl Fn(&str, &Far) + Sync) {
    let (test, dialects) = (&test, dialects());
    std::thread::scope(|scope| {
        for (dialect, script) in &dialects {
            scope.spawn(move || test(dialect, &Far::new(&format!("HOME=$here/logs\n{script}"))));
        }
    });
}

fn read(session: &mut Session, path: &Path, offset: u64, limit: usize) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = b"before".to_vec();
    let read = session.read(path, offset, limit, &mut bytes, &never())?;
    assert_eq!(read.bytes + 6, bytes.len());
    Ok(bytes.split_off(6))
}

#[test]
fn ssh_gets_its_arguments_one_by_one_and_the_host_after_a_double_dash() {
    let mut far = Far::new(PLAIN);
    far.options.identity = Some("a key".into());
    far.options.arguments = vec!["-F".into(), "a file".into()];
    far.connect();
    let arguments = fs::read_to_string(far.dir.path().join("arguments")).unwrap();
    let expected = "-F,a file,-T,-x,-a,-o,BatchMode=yes,-o,ClearAllForwardings=yes,-o,ControlMaster=no,-o,ConnectTimeout=20,-o,\
                    ServerAliveInterval=5,-o,ServerAliveCountMax=2,-i,a key,-p,2222,-l,me,--,web1.example,sh";
    assert_eq!(arguments.lines().collect::<Vec<_>>().join(","), expected);
}

#[test]
fn a_list_tells_of_the_log_and_of_all_names_that_begin_with_its_own() {
    in_all_dialects(|dialect, far| {
        for name in [
            &b"a.log"[..],
            b"a.log.1",
            b"a.log.2.gz",
            b"a.log\n0 1 2",
            b"a.log \xff|.'$(x)",
            b"b.log",
            b"xa.log",
        ] {
            fs::write(far.log(name), vec![b'x'; name.len()]).unwrap();
        }
        fs::create_dir(far.log(b"a.logs")).unwrap();
        symlink("nowhere", far.log(b"a.log.link")).unwrap();
        let listing = far.connect().list(&far.log(b"a.log"), &never()).unwrap();
        assert_eq!(listing.path, far.log(b"a.log"), "{dialect}");
        let names: Vec<_> = listing.entries.iter().map(|entry| entry.name.as_bytes()).collect();
        let expected: [&[u8]; 7] = [
            b"a.log",
            b"a.log\n0 1 2",
            b"a.log \xff|.'$(x)",
            b"a.log.1",
            b"a.log.2.gz",
            b"a.log.link",
            b"a.logs",
        ];
        assert_eq!(names, expected, "{dialect}");
        for Entry { name, stat } in &listing.entries {
            use std::os::unix::fs::MetadataExt;
            let is = fs::symlink_metadata(far.log(name.as_bytes())).unwrap();
            assert_eq!((stat.id.inode, stat.is_file), (is.ino(), is.is_file()), "{dialect} {name:?}");
            if stat.is_file {
                assert_eq!(stat.size, name.len() as u64, "{dialect} {name:?}");
            }
            if !dialect.starts_with("no stat") {
                assert_eq!(stat.id.device, is.dev(), "{dialect}");
                assert_eq!(stat.modified, is.modified().ok(), "{dialect}");
            }
        }
        assert_eq!(listing.log.as_ref(), Some(&listing.entries[0].stat));
    });
}

#[test]
fn more_names_than_a_command_can_take_are_listed() {
    in_all_dialects(|dialect, far| {
        let long = "x".repeat(240);
        // Linux gives the arguments a quarter of the stack, and no less than 128 KiB.
        for n in 0..600 {
            File::create(far.log(format!("a.log.{n}.{long}").as_bytes())).unwrap();
        }
        let listing = far.connect().list(&far.log(b"a.log"), &never()).unwrap();
        assert_eq!(listing.entries.len(), 600, "{dialect}");
    });
}

#[test]
fn a_log_that_is_a_link_is_listed_where_its_target_is() {
    let far = Far::new(PLAIN);
    fs::create_dir(far.log(b"real")).unwrap();
    fs::write(far.log(b"real/today\n"), "x").unwrap();
    fs::write(far.log(b"real/today\n.1"), "x").unwrap();
    symlink("real/today\n", far.log(b"middle")).unwrap();
    symlink(far.log(b"middle"), far.log(b"a.log")).unwrap();
    let listing = far.connect().list(&far.log(b"a.log"), &never()).unwrap();
    assert_eq!(listing.path, far.log(b"real/today\n"));
    assert_eq!((listing.entries.len(), listing.log.unwrap().size), (2, 1));
}

#[test]
fn a_log_that_is_not_there_leaves_its_neighbours_and_a_missing_directory_is_an_error() {
    in_all_dialects(|dialect, far| {
        fs::write(far.log(b"a.log.1"), "x").unwrap();
        let mut session = far.connect();
        let listing = session.list(&far.log(b"a.log"), &never()).unwrap();
        assert_eq!((listing.log, listing.entries.len()), (None, 1), "{dialect}");
        assert_eq!(session.list(&far.log(b"z.log"), &never()).unwrap().entries, [], "{dialect}");
        let error = session.list(&far.log(b"none/a.log"), &never()).unwrap_err();
        assert!(matches!(error, RemoteError::NotFound { .. }), "{dialect}: {error:?}");
        assert!(!error.ends_session());
        // It goes on after that.
        session.list(&far.log(b"a.log"), &never()).unwrap();
    });
}

#[test]
fn any_stretch_of_a_file_is_read_as_it_is() {
    let content: Vec<u8> = (0..300_000u32).flat_map(|n| (n * 7919 / 13).to_le_bytes()).collect();
    in_all_dialects(|dialect, far| {
        fs::write(far.log(b"a.log"), &content).unwrap();
        let mut session = far.connect();
        for (offset, limit) in [
            (0, 10),
            (0, 0),
            (1, 4096),
            (4095, 2),
            (4096, 4096),
            (65_537, 200_000),
            (0, 1_200_000),
            (0, 1 << 22),
            (1_199_999, 5),
            (1_200_000, 5),
            (1_199_000, 1 << 20),
            (5_000_000, 5),
            (1 << 40, 1 << 20),
        ] {
            let begin = content.len().min(offset);
            let expected = &content[begin..content.len().min(offset + limit)];
            let read = read(&mut session, &far.log(b"a.log"), offset as u64, limit).unwrap();
            assert!(read == expected, "{dialect}: {offset} {limit} gave {} bytes", read.len());
        }
    });
}

#[test]
fn names_that_mean_something_to_a_shell_are_names() {
    let names: [&[u8]; 10] =
        [b"$(touch x)", b"it's", b"a\nb", b"-rf", b"`x`", b"\\n\\0", b"a b\t*", b"\xff\xfe", b"\"", b"--\n"];
    in_all_dialects(|dialect, far| {
        let mut session = far.connect();
        for name in names {
            fs::write(far.log(name), name).unwrap();
            // From the home directory there is no slash before a name.
            for path in [far.log(name), OsString::from_vec(name.to_vec()).into()] {
                assert_eq!(read(&mut session, &path, 0, 99).unwrap(), name, "{dialect}");
                let listing = session.list(&path, &never()).unwrap();
                assert_eq!(listing.path, far.log(name), "{dialect}");
                let Waited::Changed(Some(stat)) =
                    session.wait(&path, None, Duration::ZERO, &never()).unwrap()
                else {
                    panic!("{dialect}: not seen");
                };
                assert_eq!(Some(stat), listing.log, "{dialect}");
            }
        }
        assert!(!far.log(b"x").exists());
    });
}

#[test]
fn what_was_read_is_told_by_the_file_and_not_by_its_name() {
    let far = Far::new(PLAIN);
    fs::write(far.log(b"a.log"), "one").unwrap();
    let mut session = far.connect();
    let before = session.list(&far.log(b"a.log"), &never()).unwrap().log.unwrap();
    let of = |session: &mut Session| {
        session.read(&far.log(b"a.log"), 0, 9, &mut Vec::new(), &never()).unwrap().file
    };
    assert_eq!(of(&mut session), before);
    fs::write(far.log(b"new"), "two!").unwrap();
    fs::rename(far.log(b"new"), far.log(b"a.log")).unwrap();
    assert_ne!(of(&mut session).id, before.id);
    // Reading wants the file, and so does what is told of it.
    symlink("a.log", far.log(b"link")).unwrap();
    assert_eq!(session.read(&far.log(b"link"), 0, 9, &mut Vec::new(), &never()).unwrap().file.size, 4);
}

#[test]
fn files_that_cannot_be_read_say_why_and_the_session_goes_on() {
    in_all_dialects(|dialect, far| {
        let mut session = far.connect();
        let error = read(&mut session, &far.log(b"none"), 0, 9).unwrap_err();
        assert!(
            matches!(&error, RemoteError::NotFound { message } if message.contains("none")),
            "{dialect}: {error:?}"
        );
        let error = read(&mut session, &far.log(b""), 0, 9).unwrap_err();
        assert!(
            matches!(&error, RemoteError::Far { message } if message.contains("not a regular")),
            "{dialect}: {error:?}"
        );
        let error = read(&mut session, &far.log(b"a.log/b"), 0, 9).unwrap_err();
        assert!(matches!(error, RemoteError::NotFound { .. }), "{dialect}: {error:?}");
        assert!(!read(&mut session, &far.log(b""), u64::MAX, 9).unwrap_err().ends_session(), "{dialect}");
        let error = read(&mut session, Path::new("a\0b"), 0, 9).unwrap_err();
        assert!(matches!(error, RemoteError::Far { .. }), "{dialect}: {error:?}");
        let made = std::process::Command::new("mkfifo").arg(far.log(b"pipe")).status().unwrap();
        assert!(made.success());
        let error = read(&mut session, &far.log(b"pipe"), 0, 9).unwrap_err();
        assert!(matches!(error, RemoteError::Far { .. }), "{dialect}: {error:?}");
        fs::write(far.log(b"a.log"), "x").unwrap();
        assert_eq!(read(&mut session, &far.log(b"a.log"), 0, 9).unwrap(), b"x");
    });
}

#[test]
fn a_file_that_grows_is_read_without_a_gap_or_a_repeat() {
    let far = Far::new(PLAIN);
    let path = far.log(b"a.log");
    let mut file = File::create(&path).unwrap();
    let writer = std::thread::spawn(move || {
        for n in 0..200_000u32 {
            file.write_all(&n.to_be_bytes()).unwrap();
        }
    });
    let mut session = far.connect();
    let mut bytes = Vec::new();
    while bytes.len() < 800_000 {
        let limit = if bytes.len() % 3 == 0 { 1 << 20 } else { 1000 };
        session.read(&path, bytes.len() as u64, limit, &mut bytes, &never()).unwrap();
    }
    writer.join().unwrap();
    assert!(bytes.chunks(4).zip(0u32..).all(|(bytes, n)| bytes == n.to_be_bytes()));
}

#[test]
fn waiting_ends_when_the_file_changes_and_tells_how() {
    in_all_dialects(|dialect, far| {
        let path = far.log(b"a.log");
        let mut session = far.connect();
        let most = Duration::from_secs(20);
        let mut wait = |last: Option<&Stat>, change: &(dyn Fn() + Sync)| {
            let begin = Instant::now();
            let waited = std::thread::scope(|scope| {
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(300));
                    change();
                });
                session.wait(&path, last, most, &never()).unwrap()
            });
            assert!(begin.elapsed() >= Duration::from_millis(300), "{dialect}: came too soon");
            assert!(begin.elapsed() < Duration::from_secs(15), "{dialect}: took {:?}", begin.elapsed());
            let Waited::Changed(stat) = waited else { panic!("{dialect}: not seen") };
            stat
        };
        let empty = wait(None, &|| drop(File::create(&path).unwrap()));
        assert_eq!(empty.as_ref().unwrap().size, 0);
        let grown = wait(empty.as_ref(), &|| fs::write(&path, "abc").unwrap());
        assert_eq!((grown.as_ref().unwrap().size, grown.as_ref().unwrap().id), (3, empty.unwrap().id));
        let other = wait(grown.as_ref(), &|| {
            fs::write(far.log(b"new"), "abc").unwrap();
            fs::rename(far.log(b"new"), &path).unwrap();
        });
        assert_ne!(other.as_ref().unwrap().id.inode, grown.unwrap().id.inode);
        assert_eq!(wait(other.as_ref(), &|| fs::remove_file(&path).unwrap()), None);
    });
}

#[test]
fn waiting_ends_after_its_time_when_nothing_changes() {
    in_all_dialects(|dialect, far| {
        let path = far.log(b"a.log");
        let mut session = far.connect();
        let begin = Instant::now();
        assert_eq!(
            session.wait(&path, None, Duration::from_millis(700), &never()).unwrap(),
            Waited::Unchanged
        );
        fs::write(&path, "abc").unwrap();
        let now = session.list(&path, &never()).unwrap().log;
        let most = Duration::from_millis(700);
        assert_eq!(
            session.wait(&path, now.as_ref(), most, &never()).unwrap(),
            Waited::Unchanged,
            "{dialect}"
        );
        assert!(begin.elapsed() >= Duration::from_millis(1400), "{dialect}: {:?}", begin.elapsed());
        assert!(begin.elapsed() < Duration::from_secs(15), "{dialect}: {:?}", begin.elapsed());
    });
}

#[test]
fn a_file_written_again_at_the_same_length_has_changed() {
    let far = Far::new(PLAIN);
    let path = far.log(b"a.log");
    fs::write(&path, "abc").unwrap();
    let mut session = far.connect();
    let now = session.list(&path, &never()).unwrap().log;
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(1)).unwrap();
    let waited = session.wait(&path, now.as_ref(), Duration::from_secs(9), &never()).unwrap();
    assert!(matches!(waited, Waited::Changed(Some(stat)) if stat.size == 3));
}
