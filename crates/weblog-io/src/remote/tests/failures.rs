//! Far machines that are not there, that go away, and that say nothing.

use super::*;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::AtomicBool;

/// Whether the process whose number was written to this file is there, also as a zombie.
fn is_there(far: &Far, file: &str) -> bool {
    let number: i32 = fs::read_to_string(far.dir.path().join(file)).unwrap().trim().parse().unwrap();
    rustix::process::test_kill_process(rustix::process::Pid::from_raw(number).unwrap()).is_ok()
}

#[test]
fn what_ssh_says_is_told_and_whether_trying_again_is_of_use() {
    for (said, status, permanent) in [
        ("me@web1.example: Permission denied (publickey).", 255, true),
        ("Host key verification failed.", 255, true),
        ("/home/me/.ssh/config: line 1: Bad configuration option: x", 255, true),
        ("ssh: connect to host web1.example port 22: Connection refused", 255, false),
        ("ssh: connect to host web1.example port 22: Connection timed out", 255, false),
        ("kex_exchange_identification: Connection closed by remote host", 255, false),
        ("/bin/rbash: line 1: sh: command not found", 127, true),
    ] {
        let far = Far::new(&format!("printf '%s\\r\\n' first '{said}' >&2; exit {status}"));
        let error = far.try_connect().unwrap_err();
        let expected = format!("first; {said}");
        assert!(matches!(&error, RemoteError::Connect { said, .. } if *said == expected), "{error:?}");
        assert_eq!((error.is_permanent(), error.ends_session()), (permanent, true), "{error:?}");
    }
}

#[test]
fn what_a_login_prints_before_it_ends_is_told_when_ssh_says_nothing() {
    let far = Far::new("printf 'This account is \\033[1mnot available.\\n'; exit 1");
    let error = far.try_connect().unwrap_err();
    assert_eq!(error.to_string(), "no connection: This account is \\u{1b}[1mnot available.");
    assert!(error.is_permanent());
    let far = Far::new("exit 3");
    assert_eq!(far.try_connect().unwrap_err().to_string(), "no connection: ssh ended with status 3");
    let far = Far::new("kill -9 $$");
    assert_eq!(far.try_connect().unwrap_err().to_string(), "no connection: ssh was killed");
}

#[test]
fn a_program_that_is_not_there_is_a_permanent_error() {
    let mut far = Far::new(PLAIN);
    far.options.program = far.dir.path().join("none");
    let error = far.try_connect().unwrap_err();
    assert!(error.is_permanent() && error.to_string().starts_with("cannot start"), "{error}");
}

#[test]
fn a_flood_of_words_does_not_block_and_its_end_is_kept() {
    let far = Far::new(
        "i=0; while [ $i -lt 20000 ]; do echo 'all work and no play' >&2; i=$((i+1)); done; echo last >&2; exec sh",
    );
    let mut session = far.connect();
    session.list(&far.log(b"a.log"), &never()).unwrap();
    assert!(session.said().ends_with("all work and no play; last"));
}

#[test]
fn noise_without_end_is_given_up() {
    let far = Far::new("while echo 'mirror, mirror on the wall, who is the longest of us all'; do :; done");
    assert!(matches!(far.try_connect(), Err(RemoteError::Protocol { .. })));
}

#[test]
fn a_connection_cut_anywhere_is_gone_and_gives_no_wrong_byte() {
    let content: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let far = Far::new(PLAIN);
    fs::write(far.log(b"a.log"), &content).unwrap();
    // In each byte of the first answers, and then in steps of what a pipe gave at once, no more than 4 KiB.
    let mut gone = 0;
    for (size, count) in
        (0..1200).step_by(31).map(|count| (1, count)).chain((1..300).step_by(23).map(|n| (4096, n)))
    {
        far.ssh(&format!(
            "sh | {{ dd bs={size} count={count} 2>/dev/null; echo 'send disconnect: Broken pipe' >&2; kill -9 $$; }}"
        ));
        let mut session = match far.try_connect() {
            Ok(session) => session,
            Err(RemoteError::Connect { permanent: false, .. }) => continue,
            Err(error) => panic!("{error:?}"),
        };
        loop {
            let mut read = Vec::new();
            match session.read(&far.log(b"a.log"), 3, 1 << 20, &mut read, &never()) {
                Ok(_) => assert!(read == content[3..]),
                Err(RemoteError::Gone { said }) => {
                    assert!(said.ends_with("Broken pipe") && read.is_empty());
                    break gone += 1;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        assert!(matches!(session.list(Path::new("/x"), &never()), Err(RemoteError::Gone { .. })));
    }
    assert!(gone > 20, "{gone}");
}

#[test]
fn a_machine_that_says_nothing_is_given_up_and_its_process_reaped() {
    let mut far = Far::new("echo $$ >\"$here/number\"; exec sleep 1000");
    far.options.alive = Duration::from_millis(100);
    far.options.connect_timeout = Duration::from_millis(300);
    let begin = Instant::now();
    let error = far.try_connect().unwrap_err();
    assert!(matches!(error, RemoteError::Silent { .. }) && !error.is_permanent(), "{error:?}");
    assert!((500..15_000).contains(&(begin.elapsed().as_millis() as u64)), "{:?}", begin.elapsed());
    assert!(!is_there(&far, "number"));
}

#[test]
fn a_session_that_falls_silent_is_given_up() {
    // The far shell stops itself, as a machine whose cable was pulled.
    let mut far = Far::new("echo $$ >\"$here/number\"; exec sh");
    let mut session = far.connect();
    fs::write(far.log(b"a.log"), "x").unwrap();
    session.list(&far.log(b"a.log"), &never()).unwrap();
    drop(session);
    assert!(!is_there(&far, "number"));
    far.options.alive = Duration::from_millis(200);
    let mut session = far.connect();
    let number = fs::read_to_string(far.dir.path().join("number")).unwrap();
    std::process::Command::new("kill").args(["-STOP", number.trim()]).status().unwrap();
    let begin = Instant::now();
    let error = session.wait(&far.log(b"a.log"), None, Duration::from_secs(60), &never()).unwrap_err();
    assert!(matches!(error, RemoteError::Silent { .. }), "{error:?}");
    assert!((500..15_000).contains(&(begin.elapsed().as_millis() as u64)), "{:?}", begin.elapsed());
    assert!(!is_there(&far, "number"));
}

#[test]
fn a_long_wait_is_kept_alive_by_signs_of_life() {
    let mut far = Far::new(PLAIN);
    far.options.alive = Duration::from_secs(1);
    let most = Duration::from_secs(5);
    assert_eq!(far.connect().wait(&far.log(b"a"), None, most, &never()).unwrap(), Waited::Unchanged);
}

#[test]
fn a_request_to_stop_ends_a_wait_at_once_and_the_process_with_it() {
    let far = Far::new("echo $$ >\"$here/number\"; exec sh");
    for kind in 0..3 {
        let mut session = far.connect();
        let (stop, flag) = (Stop::new().unwrap(), AtomicBool::new(false));
        let (output, reader) = UnixStream::pair().unwrap();
        let until = match kind {
            0 => Until { stop_fd: Some(stop.as_fd()), ..Until::default() },
            1 => Until { output: Some(output.as_fd()), ..Until::default() },
            _ => Until { stop: Some(&flag), ..Until::default() },
        };
        if kind == 2 {
            flag.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        let begin = Instant::now();
        let asked = stop.clone();
        let error = std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(200));
                asked.request();
                drop(reader);
            });
            session.wait(&far.log(b"a.log"), None, Duration::from_secs(60), &until).unwrap_err()
        });
        match kind {
            1 => assert!(matches!(error, RemoteError::OutputClosed), "{error:?}"),
            _ => assert!(matches!(error, RemoteError::Stopped), "{error:?}"),
        }
        assert!(begin.elapsed() < Duration::from_secs(15));
        assert!(!is_there(&far, "number"));
    }
}

#[test]
fn dropping_a_session_leaves_no_process_behind() {
    let far = Far::new("echo $$ >\"$here/number\"; exec sh");
    let session = far.connect();
    assert!(is_there(&far, "number"));
    drop(session);
    assert!(!is_there(&far, "number"));
}
