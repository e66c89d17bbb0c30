//! Most tests drive the looks themselves, so that what happens between two looks is exact and nothing is slept for.
use super::*;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use tempfile::TempDir;

/// How many histories are tried.
const CASES: u32 = 300;

/// A directory to follow files in, and a follower that looks only when told to.
struct Bench {
    dir: TempDir,
    follower: Follower,
    notices: Vec<Notice>,
}

fn manual() -> FollowOptions {
    let poll = Duration::from_secs(3600);
    FollowOptions { start: StartAt::Beginning, poll, inotify: false, ..FollowOptions::default() }
}

impl Bench {
    fn of(dir: TempDir, names: &[&str], options: FollowOptions) -> Self {
        let inputs = names.iter().map(|name| Input::Path(dir.path().join(name))).collect();
        Self { follower: Follower::new(inputs, options), dir, notices: Vec::new() }
    }

    fn new(names: &[&str]) -> Self {
        Self::of(TempDir::new().unwrap(), names, manual())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// How far each file of the first input was read.
    fn positions(&self) -> Vec<Position> {
        self.follower.saved().remove(0).unwrap().files
    }

    fn append(&self, name: &str, text: &str) {
        append(&self.path(name), text);
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn copytruncate(&self, to: &str) {
        fs::copy(self.path("log"), self.path(to)).unwrap();
        File::options().write(true).open(self.path("log")).unwrap().set_len(0).unwrap();
    }

    fn packed(&self, name: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&fs::read(self.path(name)).unwrap()).unwrap();
        encoder.finish().unwrap()
    }

    /// Compresses a file as gzip does.
    fn compress(&self, name: &str) {
        fs::write(self.path(&format!("{name}.gz")), self.packed(name)).unwrap();
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Ends it, and goes on in another one with what was saved.
    fn restart(self) -> Self {
        let saved = self.follower.saved().into_iter().flatten();
        let names: Vec<PathBuf> =
            (0..saved.clone().count()).map(|at| self.follower.name(at).to_owned()).collect();
        let inputs = names
            .into_iter()
            .zip(saved)
            .map(|(path, saved)| Input::Known { path, memory: Memory::Saved(saved) });
        let options = FollowOptions { clock: clock(), whole_lines: true, ..manual() };
        Self { follower: Follower::new(inputs.collect(), options), dir: self.dir, notices: Vec::new() }
    }

    /// One look at everything; what it gives.
    fn look(&mut self) -> String {
        self.follower.looked = None;
        let mut all = Vec::new();
        let mut lines = Vec::new();
        loop {
            lines.clear();
            let gave = self.follower.gather(&mut lines).is_some();
            all.extend_from_slice(&lines);
            let told = !self.follower.notices.is_empty();
            self.notices.extend(self.follower.notices.drain(..));
            if !gave && !told {
                return String::from_utf8(all).unwrap();
            }
        }
    }

    fn warnings(&self) -> Vec<String> {
        let prefix = format!("{}/", self.dir.path().display());
        let warnings = self.notices.iter().filter(|notice| notice.is_warning());
        warnings.map(|notice| notice.to_string().replace(&prefix, "")).collect()
    }
}

/// Lines that begin with a number are that old.
fn clock() -> Clock {
    Clock::new(|bytes| {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(&bytes[..digits]).ok()?.parse::<i64>().ok().map(|seconds| seconds * 1_000_000)
    })
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_growing_file_gives_each_line_once() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n2\n");
    assert_eq!(bench.look(), "1\n2\n");
    assert_eq!(bench.look(), "");
    bench.append("log", "3\n");
    assert_eq!(bench.look(), "3\n");
    assert_eq!(bench.notices, []);
}

#[test]
fn following_begins_at_the_last_lines_asked_for() {
    let dir = TempDir::new().unwrap();
    append(&dir.path().join("log"), "1\n2\n3\n");
    let mut bench = Bench::of(dir, &["log"], FollowOptions { start: StartAt::LastLines(2), ..manual() });
    assert_eq!(bench.look(), "2\n3\n");
    bench.append("log", "4\n");
    assert_eq!(bench.look(), "4\n");
}

#[test]
fn a_partial_line_is_held_until_its_newline() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.append("a", "a1\na2 be");
    bench.append("b", "b1 be");
    assert_eq!(bench.look(), "a1\n");
    bench.append("b", "gun\n");
    assert_eq!(bench.look(), "b1 begun\n");
    bench.append("a", "gun\na3");
    assert_eq!(bench.look(), "a2 begun\n");
}

#[test]
fn the_old_file_is_read_to_its_end_before_the_new_one() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.append("log", "2\n");
    bench.rename("log", "log.1");
    bench.append("log", "4\n");
    bench.append("log.1", "3\n");
    assert_eq!(bench.look(), "2\n3\n4\n");
    assert!(matches!(&bench.notices[..], [Notice::Rotated { between, .. }] if between.is_empty()));
}

#[test]
fn a_writer_that_has_not_reopened_yet_is_still_read() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.rename("log", "log.1");
    bench.append("log", "");
    assert_eq!(bench.look(), "");
    bench.append("log.1", "2\n");
    assert_eq!(bench.look(), "2\n");
    bench.append("log.1", "3\n");
    bench.append("log", "4\n");
    assert_eq!(bench.look(), "3\n4\n");
}

#[test]
fn three_rotations_between_two_looks_lose_nothing() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log.1", "older\n");
    bench.append("log", "1\n");
    assert_eq!(bench.look(), "1\n");
    for line in 2..=4 {
        for number in (1..=4).rev() {
            let _ =
                fs::rename(bench.path(&format!("log.{number}")), bench.path(&format!("log.{}", number + 1)));
        }
        bench.append("log", &format!("end of {}\n", line - 1));
        bench.rename("log", "log.1");
        bench.append("log", &format!("{line}\n"));
    }
    assert_eq!(bench.look(), "end of 1\n2\nend of 2\n3\nend of 3\n4\n");
    assert_eq!(bench.warnings(), [""; 0]);
}

#[test]
fn dated_rotations_between_two_looks_are_read_in_their_order() {
    let mut bench = Bench::new(&["access.log"]);
    bench.append("access.log", "1\n");
    bench.look();
    for (line, date) in [(2, "20260101"), (3, "20260102"), (4, "20260103")] {
        bench.rename("access.log", &format!("access-{date}.log"));
        bench.append("access.log", &format!("{line}\n"));
    }
    assert_eq!(bench.look(), "2\n3\n4\n");
}

#[test]
fn a_generation_that_is_gone_is_reported_as_a_gap() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.rename("log", "log.3");
    bench.append("log.1", "3\n");
    bench.append("log", "4\n");
    // It may be that the renaming is not over yet.
    assert_eq!(bench.look(), "");
    thread::sleep(Duration::from_millis(1010));
    assert_eq!(bench.look(), "3\n4\n");
    assert!(bench.notices.iter().any(|notice| matches!(notice, Notice::Gap { bytes: None, .. })));
}

#[test]
fn files_that_were_there_before_and_backups_are_not_read() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log.2", "old\n");
    let lines = "a line of the usual length, with time, target and all\n".repeat(3);
    bench.append("log", &lines);
    assert_eq!(bench.look(), lines);
    fs::copy(bench.path("log"), bench.path("log.20260101")).unwrap();
    bench.append("log.bak", "backup\n");
    bench.rename("log", "log.1");
    bench.append("log", "3\n");
    assert_eq!(bench.look(), "3\n");
}

#[test]
fn a_truncated_file_begins_again_and_says_so() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "a long line\n");
    bench.look();
    fs::write(bench.path("log"), "new\n").unwrap();
    assert_eq!(bench.look(), "new\n");
    assert_eq!(bench.warnings(), ["log: truncated after 12 bytes read, starting at 0 again"]);
}

#[test]
fn a_file_truncated_and_grown_past_the_old_place_is_found_out() {
    for fresh in ["B\n".repeat(3), "B\n".repeat(9)] {
        let mut bench = Bench::new(&["log"]);
        bench.append("log", "A\nA\nA\n");
        bench.look();
        fs::write(bench.path("log"), &fresh).unwrap();
        assert_eq!(bench.look(), fresh);
        assert_eq!(bench.warnings().len(), 1);
    }
}

#[test]
fn the_same_head_does_not_hide_a_truncation() {
    let head = format!("{}\n", "#".repeat(2000));
    let mut bench = Bench::new(&["log"]);
    bench.append("log", &format!("{head}1\n"));
    bench.look();
    let fresh = format!("{head}2\n3\n");
    fs::write(bench.path("log"), &fresh).unwrap();
    assert_eq!(bench.look(), fresh);
}

#[test]
fn copytruncate_reads_the_rest_from_the_copy() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n2 be");
    assert_eq!(bench.look(), "1\n");
    bench.append("log", "gun\n3\n");
    bench.copytruncate("log.1");
    bench.append("log", "4\n");
    assert_eq!(bench.look(), "2 begun\n3\n4\n");
    assert_eq!(bench.warnings(), [""; 0]);
    let copy = Some(bench.path("log.1"));
    let told = Notice::Truncated { path: bench.path("log"), offset: 6, copy };
    assert!(bench.notices.contains(&told), "{:?}", bench.notices);
}

#[test]
fn several_copytruncates_between_two_looks_lose_nothing() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.append("log", "2\n");
    bench.copytruncate("log.1");
    bench.append("log", "3\n");
    bench.rename("log.1", "log.2");
    bench.copytruncate("log.1");
    bench.append("log", "4 is long enough to be past the old place\n");
    assert_eq!(bench.look(), "2\n3\n4 is long enough to be past the old place\n");
    bench.append("log", "5\n");
    assert_eq!(bench.look(), "5\n");
}

#[test]
fn a_file_that_was_empty_at_the_last_look_is_found_in_its_copy() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "");
    bench.look();
    bench.append("log", "1\n");
    bench.copytruncate("log.1");
    bench.append("log", "2\n");
    assert_eq!(bench.look(), "1\n2\n");
}

#[test]
fn a_hole_of_nul_bytes_after_copytruncate_is_skipped_and_counted() {
    for size in [1001, 100_000_000] {
        let mut bench = Bench::new(&["log"]);
        let writer = File::create(bench.path("log")).unwrap();
        writer.write_all_at(b"1\n", 0).unwrap();
        bench.look();
        writer.set_len(0).unwrap();
        writer.write_all_at(b"2\n", size).unwrap();
        assert_eq!(bench.look(), "2\n");
        assert!(bench.warnings().contains(&format!("log: skipped {size} NUL bytes at the start")));
        writer.write_all_at(b"3\n", size + 2).unwrap();
        assert_eq!(bench.look(), "3\n");
    }
}

#[test]
fn a_held_line_is_given_when_the_file_is_truncated() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\nunfinished");
    bench.look();
    fs::write(bench.path("log"), "2\n").unwrap();
    assert_eq!(bench.look(), "unfinished\n2\n");
}

#[test]
fn a_held_line_of_a_rotated_file_waits_for_its_end_but_not_forever() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "un");
    bench.look();
    bench.rename("log", "log.1");
    bench.append("log", "2\n");
    assert_eq!(bench.look(), "2\n");
    bench.append("log.1", "finished\nunfin");
    assert_eq!(bench.look(), "unfinished\n");
    bench.follower.options.poll = Duration::from_millis(1);
    thread::sleep(Duration::from_millis(10));
    assert_eq!(bench.look(), "unfin\n");
}

#[test]
fn a_file_that_lost_its_name_is_closed_in_the_end() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    fs::remove_file(bench.path("log")).unwrap();
    bench.append("log", "2\n");
    assert_eq!(bench.look(), "2\n");
    assert_eq!(bench.positions().len(), 2);
    (bench.follower.options.poll, bench.follower.options.linger) = (Duration::ZERO, Duration::ZERO);
    bench.look();
    assert_eq!(bench.positions().len(), 1);
}

#[test]
fn many_rotations_keep_a_bounded_number_of_files_open() {
    let mut bench = Bench::new(&["log"]);
    for line in 0..100 {
        bench.append("log", &format!("{line}\n"));
        assert_eq!(bench.look(), format!("{line}\n"));
        bench.rename("log", &format!("log.{line}"));
    }
    assert!(bench.positions().len() <= 34);
    assert_eq!(bench.warnings(), [""; 0]);
}

#[test]
fn a_file_is_waited_for_and_read_from_its_first_byte() {
    let dir = TempDir::new().unwrap();
    let mut bench = Bench::of(dir, &["sub/log"], FollowOptions { start: StartAt::LastLines(1), ..manual() });
    assert_eq!(bench.look(), "");
    assert!(matches!(bench.notices[..], [Notice::Waiting { .. }]));
    fs::create_dir(bench.path("sub")).unwrap();
    bench.append("sub/log", "1\n2\n");
    assert_eq!(bench.look(), "1\n2\n");
    assert!(matches!(bench.notices[..], [_, Notice::Appeared { .. }]));
}

#[test]
fn a_deleted_file_is_followed_again_when_it_is_recreated() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    let mut writer = OpenOptions::new().append(true).open(bench.path("log")).unwrap();
    fs::remove_file(bench.path("log")).unwrap();
    writer.write_all(b"2\n").unwrap();
    assert_eq!(bench.look(), "2\n");
    bench.follower.options.poll = Duration::from_millis(1);
    thread::sleep(Duration::from_millis(3));
    bench.look();
    assert!(matches!(bench.notices[..], [Notice::Disappeared { .. }]));
    bench.append("log", "3\n");
    assert_eq!(bench.look(), "3\n");
    assert_eq!(bench.warnings(), [""; 0]);
}

#[test]
fn a_swapped_directory_is_followed_by_name() {
    let mut bench = Bench::new(&["logs/log"]);
    fs::create_dir(bench.path("logs")).unwrap();
    bench.append("logs/log", "1\n");
    bench.look();
    bench.append("logs/log", "2\n");
    bench.rename("logs", "logs.old");
    fs::create_dir(bench.path("logs")).unwrap();
    bench.append("logs/log", "3\n");
    bench.append("logs/log.1", "not ours\n");
    assert_eq!(bench.look(), "2\n3\n");
}

#[test]
fn a_swapped_link_and_a_rotated_target_are_followed() {
    let mut bench = Bench::new(&["link"]);
    bench.append("a", "1\n");
    symlink("a", bench.path("link")).unwrap();
    assert_eq!(bench.look(), "1\n");
    bench.append("a", "2\n");
    bench.append("b", "3\n");
    symlink("b", bench.path("new")).unwrap();
    bench.rename("new", "link");
    assert_eq!(bench.look(), "2\n3\n");
    for (to, line) in [("b.1", "4\n"), ("b.2", "5\n")] {
        let _ = fs::rename(bench.path("b.1"), bench.path(to));
        bench.rename("b", "b.1");
        bench.append("b", line);
    }
    assert_eq!(bench.look(), "4\n5\n");
    symlink("a", bench.path("new")).unwrap();
    bench.rename("new", "link");
    bench.append("a", "6\n");
    assert_eq!(bench.look(), "6\n");
}

#[test]
fn a_long_line_passes_in_pieces_and_other_files_wait_for_its_end() {
    let mut bench = Bench::new(&["a", "b"]);
    let piece = "x".repeat(3 << 20);
    bench.append("a", &piece);
    bench.append("b", "b1\n");
    assert_eq!(bench.look(), piece);
    assert_eq!(bench.look(), "");
    bench.append("a", "end\na2\n");
    assert_eq!(bench.look(), "end\na2\nb1\n");
}

#[test]
fn a_long_line_that_stays_quiet_is_cut_when_others_wait() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.append("a", &"x".repeat(3 << 20));
    bench.append("b", "b1\n");
    bench.look();
    bench.follower.options.poll = Duration::from_millis(1);
    thread::sleep(Duration::from_millis(10));
    assert_eq!(bench.look(), "\nb1\n");
    assert_eq!(bench.warnings(), ["a: a line over 1 MiB stayed unfinished and was cut"]);
}

#[test]
fn a_file_without_newlines_does_not_fill_the_memory() {
    let mut bench = Bench::new(&["log"]);
    File::create(bench.path("log")).unwrap().write_all_at(&vec![b'x'; 20 << 20], 0).unwrap();
    let (mut lines, mut total) = (Vec::new(), 0);
    while total < 20 << 20 {
        lines.clear();
        bench.follower.gather(&mut lines).unwrap();
        assert!(lines.len() < 3 << 20);
        total += lines.len();
    }
}

#[test]
fn positions_tell_the_start_of_the_unfinished_line() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\npart");
    bench.look();
    let position = bench.positions().remove(0);
    assert_eq!((position.offset, position.read), (2, 6));
    assert_eq!(position.head, Mark::of(b"1\npart"));
}

#[test]
fn what_is_no_file_is_told_once_and_tried_again() {
    let mut bench = Bench::new(&["log"]);
    fs::create_dir(bench.path("log")).unwrap();
    bench.look();
    bench.look();
    assert_eq!(bench.warnings(), ["log: not a regular file"]);
    fs::remove_dir(bench.path("log")).unwrap();
    bench.append("log", "1\n");
    assert_eq!(bench.look(), "1\n");
}

/// A follower in a thread of its own, as a command runs it.
struct Running {
    events: mpsc::Receiver<(Instant, Event, Vec<u8>)>,
    stop: File,
}

fn run(inputs: Vec<Input>, options: FollowOptions, output: Option<File>) -> Running {
    let (send, events) = mpsc::channel();
    let (stopped, stop) = rustix::pipe::pipe().unwrap();
    thread::spawn(move || {
        let mut follower = Follower::new(inputs, options);
        let output = output.as_ref().map(AsFd::as_fd);
        let until = Until { stop_fd: Some(stopped.as_fd()), output, ..Until::default() };
        let mut lines = Vec::new();
        loop {
            let event = follower.next(&mut lines, &until).unwrap();
            let last = matches!(event, Event::Stopped | Event::OutputClosed | Event::End);
            if send.send((Instant::now(), event, lines.clone())).is_err() || last {
                return;
            }
        }
    });
    Running { events, stop: File::from(stop) }
}

impl Running {
    fn next(&self) -> (Instant, Event, String) {
        let (at, event, lines) = self.events.recv_timeout(Duration::from_secs(5)).expect("an event in time");
        (at, event, String::from_utf8(lines).unwrap())
    }
}

fn automatic() -> FollowOptions {
    FollowOptions { start: StartAt::Beginning, ..FollowOptions::default() }
}

#[test]
fn following_works_alike_with_and_without_inotify() {
    for inotify in [true, false] {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("log");
        append(&path, "1\n");
        let options = FollowOptions { inotify, poll: Duration::from_millis(20), ..automatic() };
        let running = run(vec![Input::Path(path.clone())], options, None);
        assert_eq!(running.next().2, "1\n");
        append(&path, "2\n");
        assert_eq!(running.next().2, "2\n");
        fs::rename(&path, dir.path().join("log.1")).unwrap();
        append(&path, "3\n");
        let mut seen = String::new();
        while seen != "3\n" {
            seen.push_str(&running.next().2);
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn inotify_brings_a_line_long_before_the_poll_does() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log");
    append(&path, "");
    let running = run(
        vec![Input::Path(path.clone())],
        FollowOptions { poll: Duration::from_secs(60), ..automatic() },
        None,
    );
    thread::sleep(Duration::from_millis(100));
    let mut delays = Vec::new();
    for _ in 0..50 {
        let written = Instant::now();
        append(&path, "line\n");
        delays.push(running.next().0 - written);
        thread::sleep(Duration::from_millis(2));
    }
    delays.sort();
    assert!(delays[25] < Duration::from_millis(20), "{delays:?}");
}

#[test]
fn a_stop_gives_the_unfinished_line_first() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log");
    append(&path, "1\npart");
    let mut running = run(vec![Input::Path(path)], automatic(), None);
    assert_eq!(running.next().2, "1\n");
    running.stop.write_all(b"x").unwrap();
    assert_eq!(running.next().2, "part\n");
    assert_eq!(running.next().1, Event::Stopped);
}

#[test]
fn a_stop_flag_set_by_nobody_watching_is_seen_at_the_next_poll() {
    let dir = TempDir::new().unwrap();
    let mut follower = Follower::new(vec![Input::Path(dir.path().join("log"))], automatic());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            stop.store(true, Ordering::Relaxed);
        });
        let (mut lines, until) = (Vec::new(), Until { stop: Some(&stop), ..Until::default() });
        assert!(matches!(follower.next(&mut lines, &until), Ok(Event::Notice(Notice::Waiting { .. }))));
        assert_eq!(follower.next(&mut lines, &until).unwrap(), Event::Stopped);
    });
}

#[test]
fn a_closed_output_ends_the_following_though_no_line_comes() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log");
    append(&path, "1\n");
    let (reader, output) = rustix::pipe::pipe().unwrap();
    let running = run(vec![Input::Path(path)], automatic(), Some(File::from(output)));
    assert_eq!(running.next().2, "1\n");
    thread::sleep(Duration::from_millis(20));
    let closed = Instant::now();
    drop(reader);
    let (at, event, _) = running.next();
    assert_eq!(event, Event::OutputClosed);
    assert!(at - closed < Duration::from_millis(200));
}

#[test]
fn a_pipe_is_passed_on_line_by_line_until_it_is_closed() {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    let mut writer = File::from(writer);
    let input = Input::Open { name: "-".into(), file: File::from(reader) };
    let running = run(vec![input], FollowOptions::default(), None);
    writer.write_all(b"1\n2").unwrap();
    assert_eq!(running.next().2, "1\n");
    writer.write_all(b"2\n3").unwrap();
    assert_eq!(running.next().2, "22\n");
    drop(writer);
    assert_eq!(running.next().2, "3\n");
    assert_eq!(running.next().1, Event::End);
}

#[test]
fn a_regular_file_given_open_is_followed_without_its_name() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log");
    append(&path, "1\n2\n");
    let input = Input::Open { name: "-".into(), file: File::open(&path).unwrap() };
    let running = run(vec![input], FollowOptions { start: StartAt::LastLines(1), ..automatic() }, None);
    assert_eq!(running.next().2, "2\n");
    append(&path, "3\n");
    assert_eq!(running.next().2, "3\n");
}

/// Numbers `0..` written by a writer that rotates with `rotate` every few milliseconds, as they were followed.
fn numbers_through(rotations: usize, poll: Duration, inotify: bool, rotate: fn(&Path)) -> (Vec<u64>, u64) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("log");
    append(&path, "start\n");
    let options = FollowOptions { poll, inotify, ..automatic() };
    let mut running = run(vec![Input::Path(path.clone())], options, None);
    assert_eq!(running.next().2, "start\n");
    let mut written = 0;
    for _ in 0..rotations {
        let mut writer = OpenOptions::new().append(true).create(true).open(&path).unwrap();
        let until = Instant::now() + Duration::from_millis(10);
        while Instant::now() < until {
            writer.write_all(format!("{written}\n").as_bytes()).unwrap();
            written += 1;
        }
        rotate(&path);
    }
    append(&path, "end\n");
    let mut all = String::new();
    while !all.ends_with("end\n") {
        all.push_str(&running.next().2);
    }
    running.stop.write_all(b"x").unwrap();
    (all.lines().filter_map(|line| line.parse().ok()).collect(), written)
}

fn shift(path: &Path) {
    for number in (1..40).rev() {
        let of = |number| path.with_file_name(format!("log.{number}"));
        let _ = fs::rename(of(number), of(number + 1));
    }
}

#[test]
fn a_fast_writer_that_rotates_by_rename_loses_doubles_and_reorders_nothing() {
    for (poll, inotify) in [(20, true), (35, false)] {
        let (seen, written) = numbers_through(40, Duration::from_millis(poll), inotify, |path| {
            shift(path);
            fs::rename(path, path.with_file_name("log.1")).unwrap();
        });
        assert!(seen.iter().copied().eq(0..written), "{} of {written} with inotify {inotify}", seen.len());
    }
}

#[test]
fn a_fast_writer_that_rotates_by_copytruncate_loses_doubles_and_reorders_nothing() {
    for (poll, inotify) in [(20, true), (35, false)] {
        let (seen, written) = numbers_through(40, Duration::from_millis(poll), inotify, |path| {
            shift(path);
            fs::copy(path, path.with_file_name("log.1")).unwrap();
            File::options().write(true).open(path).unwrap().set_len(0).unwrap();
        });
        assert!(seen.iter().copied().eq(0..written), "{} of {written} with inotify {inotify}", seen.len());
    }
}

#[test]
fn a_named_pipe_waits_for_its_writer_and_ends_with_it() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let running = run(vec![Input::Path(path.clone())], automatic(), None);
    thread::sleep(Duration::from_millis(20));
    let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
    writer.write_all(b"1\n").unwrap();
    assert_eq!(running.next().2, "1\n");
    drop(writer);
    assert_eq!(running.next().1, Event::End);
}

#[test]
fn a_file_compressed_between_two_looks_is_read() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.append("log", "2\n");
    bench.rename("log", "log-20260101");
    bench.append("log", "3\n");
    bench.rename("log", "log-20260102");
    bench.compress("log-20260102");
    bench.append("log", "4\n");
    assert_eq!(bench.look(), "2\n3\n4\n");
    assert_eq!(bench.warnings(), [""; 0]);
}

#[test]
fn a_file_that_is_being_compressed_is_read_once() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.rename("log", "log.3");
    for name in ["log.2", "log.1"] {
        bench.append(name, &format!("all of {name}\n"));
        let half = bench.packed(name);
        fs::write(bench.path(&format!("{name}.gz")), &half[..half.len() - 9]).unwrap();
    }
    bench.append("log", "4\n");
    assert_eq!(bench.look(), "all of log.2\nall of log.1\n4\n");
    bench.compress("log.3");
    bench.compress("log.2");
    bench.compress("log.1");
    bench.rename("log", "log.0");
    bench.append("log", "5\n");
    assert_eq!(bench.look(), "5\n");
    assert_eq!(bench.warnings(), [""; 0]);
}

#[test]
fn a_copy_that_is_compressed_at_once_gives_what_the_truncation_took() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.look();
    bench.append("log", "2\n");
    bench.copytruncate("log.1");
    bench.compress("log.1");
    bench.append("log", "3\n");
    assert_eq!(bench.look(), "2\n3\n");
}

#[test]
fn a_line_that_comes_late_to_a_file_that_was_closed_is_read() {
    let dir = TempDir::new().unwrap();
    append(&dir.path().join("log"), "1\n");
    let mut bench = Bench::of(dir, &["log"], FollowOptions { linger: Duration::ZERO, ..manual() });
    assert_eq!(bench.look(), "1\n");
    bench.rename("log", "log.1");
    bench.append("log", "2\n");
    assert_eq!(bench.look(), "2\n");
    bench.look();
    bench.append("log.1", "late\n");
    thread::sleep(Duration::from_millis(1010));
    assert_eq!(bench.look(), "late\n");
    assert_eq!(bench.look(), "");
}

#[test]
fn an_ordinary_rotation_with_compression_is_no_gap() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log.1", "older\n");
    bench.append("log", "1\n");
    bench.look();
    fs::remove_file(bench.path("log.1")).unwrap();
    bench.append("log.2.gz", "what log.1 was");
    bench.rename("log", "log.1");
    bench.append("log", "2\n");
    assert_eq!(bench.look(), "2\n");
    assert_eq!(bench.warnings(), [""; 0]);
}

#[test]
fn marks_are_fnv_1a_hashes() {
    assert_eq!(Mark::of(b""), Mark { length: 0, hash: 0xcbf2_9ce4_8422_2325 });
    assert_eq!(Mark::of(b"a"), Mark { length: 1, hash: 0xaf63_dc4c_8601_ec8c });
    assert_eq!(Mark::of(b"foobar"), Mark { length: 6, hash: 0x8594_4171_f739_67e8 });
}

#[derive(Debug, Clone, Copy)]
enum Deed {
    Write,
    WriteInHalves,
    Look,
    Rotate,
    /// Rename and create, while the writer keeps the old file until its next `Rotate`.
    RotateUnderTheWriter,
    CopyTruncate,
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() })]
    #[test]
    fn whatever_happens_between_looks_each_line_comes_once_and_in_order(
        deeds in proptest::collection::vec(0usize..8, 1..60), numbered: bool, by_copy: bool,
    ) {
        use Deed::*;
        let mut bench = Bench::new(&["log"]);
        let path = bench.path("log");
        let open = || OpenOptions::new().append(true).create(true).open(&path).unwrap();
        let mut writer = open();
        let (mut expected, mut seen, mut rotations) = (String::new(), String::new(), 0);
        bench.look();
        for (at, deed) in deeds.iter().enumerate() {
            let line = format!("line {at} {}\n", "x".repeat(40 + at * 7 % 50));
            // One name is rotated in one way; to copy and to rename between the same two looks is nobody's habit.
            let rotate = if by_copy { [CopyTruncate; 2] } else { [Rotate, RotateUnderTheWriter] };
            let deed = [Write, Write, Write, WriteInHalves, Look, Look, rotate[0], rotate[1]][*deed];
            let mut make_room = || {
                rotations += 1;
                if !numbered {
                    return path.with_file_name(format!("log-2026{rotations:04}"));
                }
                shift(&path);
                path.with_file_name("log.1")
            };
            match deed {
                Write => writer.write_all(line.as_bytes()).unwrap(),
                WriteInHalves => {
                    writer.write_all(&line.as_bytes()[..3]).unwrap();
                    seen += &bench.look();
                    writer.write_all(&line.as_bytes()[3..]).unwrap();
                }
                Look => seen += &bench.look(),
                Rotate | RotateUnderTheWriter => {
                    fs::rename(&path, make_room()).unwrap();
                    let new = open();
                    if matches!(deed, Rotate) { writer = new; }
                }
                CopyTruncate => {
                    fs::copy(&path, make_room()).unwrap();
                    if at % 2 == 0 {
                        seen += &bench.look();
                    }
                    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
                }
            }
            if matches!(deed, Write | WriteInHalves) { expected += &line; }
        }
        seen += &bench.look();
        proptest::prop_assert_eq!(seen, expected);
    }
}

#[test]
fn a_backup_of_a_file_that_was_hardly_read_is_not_taken_for_its_past() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "");
    bench.look();
    bench.append("log", "1\n");
    fs::copy(bench.path("log"), bench.path("log.20260101")).unwrap();
    assert_eq!(bench.look(), "1\n");
    bench.append("log", "2\n");
    fs::copy(bench.path("log"), bench.path("log.20260102")).unwrap();
    assert_eq!(bench.look(), "2\n");
    assert_eq!(bench.notices, []);
}

#[test]
fn a_copy_that_is_not_followed_by_its_truncation_yet_is_not_read_twice() {
    let mut bench = Bench::new(&["log"]);
    let lines: Vec<String> = (0..4).map(|n| format!("line {n} {}\n", "x".repeat(50))).collect();
    bench.append("log", &lines[0]);
    bench.look();
    bench.append("log", &lines[1]);
    bench.copytruncate("log.20260101");
    bench.append("log", &lines[2]);
    fs::copy(bench.path("log"), bench.path("log.20260102")).unwrap();
    assert_eq!(bench.look(), lines[1..3].concat());
    File::options().write(true).open(bench.path("log")).unwrap().set_len(0).unwrap();
    bench.append("log", &lines[3]);
    assert_eq!(bench.look(), lines[3]);
}

#[test]
fn a_run_goes_on_where_an_earlier_one_was_stopped() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n2\nhal");
    assert_eq!(bench.look(), "1\n2\n");
    let mut bench = bench.restart();
    bench.append("log", "f\n3\n");
    assert_eq!(bench.look(), "half\n3\n");
    assert!(matches!(bench.notices[..], [Notice::Resumed { offset: 4, .. }]), "{:?}", bench.notices);
}

#[test]
fn rotations_while_stopped_are_found_by_content_whatever_their_names_are() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log.1", "old\n");
    bench.append("log.2", "older\n");
    bench.compress("log.2");
    bench.append("log", "1 first\n");
    assert_eq!(bench.look(), "1 first\n");
    let mut bench = bench.restart();
    bench.append("log", "2\n");
    bench.rename("log", "log.archive");
    bench.append("log", "3 third\n");
    bench.rename("log", "log-x");
    bench.compress("log-x");
    bench.append("log", "4\n");
    bench.rename("log", "log.monday");
    bench.rename("log.1", "log.17");
    bench.append("log", "5\n");
    assert_eq!(bench.look(), "2\n3 third\n4\n5\n");
    assert_eq!(bench.warnings(), [""; 0]);
    let mut bench = bench.restart();
    bench.append("log.monday", "late\n");
    bench.compress("log.monday");
    bench.append("log.17", "later\n");
    bench.append("log", "6\n");
    assert_eq!(bench.look(), "later\nlate\n6\n");
}

#[test]
fn a_copytruncate_while_stopped_is_read_from_the_copy() {
    for compressed in [false, true] {
        let mut bench = Bench::new(&["log"]);
        bench.append("log", "1\n");
        assert_eq!(bench.look(), "1\n");
        let mut bench = bench.restart();
        bench.append("log", "2\n");
        bench.copytruncate("log.1");
        if compressed {
            bench.compress("log.1");
        }
        bench.append("log", "3\n");
        assert_eq!(bench.look(), "2\n3\n");
        assert_eq!(bench.warnings(), [""; 0]);
    }
}

#[test]
fn a_file_that_vanished_while_stopped_is_told_with_its_last_byte() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n2\n");
    bench.look();
    let mut bench = bench.restart();
    fs::remove_file(bench.path("log")).unwrap();
    bench.append("log", "3\n");
    assert_eq!(bench.look(), "3\n");
    assert_eq!(
        bench.warnings(),
        ["log: the file that was read to byte 4 is gone; what was written to it after that is lost"]
    );
}

#[test]
fn a_file_truncated_while_stopped_begins_again() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n2\n");
    bench.look();
    let mut bench = bench.restart();
    fs::write(bench.path("log"), "3 is longer\n").unwrap();
    assert_eq!(bench.look(), "3 is longer\n");
    assert_eq!(bench.warnings().len(), 1);
}

#[test]
fn a_name_that_was_missing_when_stopped_is_read_from_its_first_byte() {
    let mut bench = Bench::new(&["log"]);
    bench.look();
    let mut bench = bench.restart();
    bench.append("log", "1\n");
    assert_eq!(bench.look(), "1\n");
}

#[test]
fn files_that_are_found_later_are_read_from_their_first_byte_and_their_rotated_ones_are_not() {
    let mut bench = Bench::new(&["a.log"]);
    let dir = bench.dir.path().to_owned();
    let find = move || fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    bench.follower =
        std::mem::replace(&mut bench.follower, Follower::new(Vec::new(), manual())).discover(find);
    bench.append("a.log", "a1\n");
    assert_eq!(bench.look(), "a1\n");
    bench.append("b.log", "b1\n");
    bench.rename("a.log", "a.log.1");
    bench.append("a.log", "a2\n");
    thread::sleep(Duration::from_millis(1010));
    assert_eq!(bench.look(), "a2\nb1\n");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() })]
    #[test]
    fn whatever_happens_while_it_is_stopped_each_line_comes_once_and_in_order(
        deeds in proptest::collection::vec(0usize..9, 1..60), numbered: bool, by_copy: bool,
    ) {
        let mut bench = Bench::new(&["log"]);
        bench.follower = Follower::new(
            vec![Input::Path(bench.path("log"))],
            FollowOptions { clock: clock(), whole_lines: true, ..manual() },
        );
        let path = bench.path("log");
        let open = || OpenOptions::new().append(true).create(true).open(&path).unwrap();
        let mut writer = open();
        let (mut expected, mut seen, mut rotations) = (String::new(), String::new(), 0);
        bench.look();
        let mut packed = false;
        for (at, deed) in deeds.iter().enumerate() {
            match deed {
                0..=2 => {
                    let line = format!("{at} line {}\n", "x".repeat(40 + at * 7 % 50));
                    writer.write_all(line.as_bytes()).unwrap();
                    expected += &line;
                }
                3 => seen += &bench.look(),
                4..=5 => bench = bench.restart(),
                // Of an empty file nothing can be known, and it is nobody's habit to rotate one.
                6..=7 if fs::metadata(&path).unwrap().len() > 0 => {
                    rotations += 1;
                    let to = match numbered {
                        false => path.with_file_name(format!("log-2026{rotations:04}")),
                        true => {
                            for number in (1..=40).rev() {
                                for end in ["", ".gz"] {
                                    let of = |n| path.with_file_name(format!("log.{n}{end}"));
                                    let _ = fs::rename(of(number), of(number + 1));
                                }
                            }
                            path.with_file_name("log.1")
                        }
                    };
                    packed = false;
                    if by_copy {
                        fs::copy(&path, to).unwrap();
                        File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
                    } else {
                        fs::rename(&path, to).unwrap();
                        writer = open();
                    }
                }
                8 if rotations > 0 && !packed => {
                    packed = true;
                    let newest = if numbered { "log.1".into() } else { format!("log-2026{rotations:04}") };
                    bench.compress(&newest);
                }
                _ => {}
            }
        }
        seen += &bench.look();
        proptest::prop_assert_eq!(seen, expected, "{:?}", bench.notices);
        let is_loss = |notice: &Notice| matches!(notice, Notice::Gap { .. } | Notice::Gone { .. });
        proptest::prop_assert!(!bench.notices.iter().any(is_loss), "{:?}", bench.notices);
    }
}

#[test]
fn two_files_with_the_same_few_bytes_are_two_files() {
    let mut bench = Bench::new(&["log"]);
    bench.append("log", "1\n");
    bench.rename("log", "log.20260101");
    bench.append("log", "2\n");
    assert_eq!(bench.look(), "2\n");
    bench.rename("log", "log.20260102");
    bench.append("log.20260103", "1\n");
    bench.append("log", "3\n");
    assert_eq!(bench.look(), "1\n3\n");
}

#[test]
fn an_empty_last_file_that_was_compressed_is_no_gap() {
    for text in ["", "a line that is as long as a line is, with a time and a request and all that\n"] {
        let mut bench = Bench::new(&["log"]);
        bench.append("log.1", "old\n");
        bench.append("log", "");
        bench.look();
        bench.append("log", text);
        for number in 1..=4 {
            for old in (1..=5).rev() {
                for end in ["", ".gz"] {
                    let name = |n| format!("log.{n}{end}");
                    let _ = fs::rename(bench.path(&name(old)), bench.path(&name(old + 1)));
                }
            }
            bench.rename("log", "log.1");
            bench.compress("log.1");
            bench.append("log", &format!("{number}\n"));
        }
        assert_eq!(bench.look(), format!("{text}1\n2\n3\n4\n"));
        assert_eq!(bench.warnings(), [""; 0]);
    }
}
