use super::*;
use tempfile::TempDir;

fn saved(offset: u64) -> Saved {
    let id = FileId {
        device: 1,
        inode: 2,
        born: Some(UNIX_EPOCH + Duration::from_nanos(1_766_000_000_123_456_789)),
    };
    let head = Mark::of(b"head");
    let position =
        Position { path: "a.log.1".into(), id, offset, read: offset + 3, head, tail: Mark::of(b"tail") };
    let beside = Beside { id: FileId { born: None, ..id }, head, size: u64::MAX };
    Saved { files: vec![position], beside: vec![beside] }
}

#[test]
fn what_is_saved_is_read_again_and_other_names_are_kept() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    let mut file = StateFile::open(&path).unwrap();
    assert_eq!(file.get("a.log"), None);
    file.save([("a.log".into(), saved(1))], None).unwrap();
    file.save([("a.log".into(), saved(7))], None).unwrap();
    drop(file);
    let mut file = StateFile::open(&path).unwrap();
    file.save([("b.log".into(), saved(9))], None).unwrap();
    file.sync().unwrap();
    drop(file);
    let file = StateFile::open(&path).unwrap();
    assert_eq!((file.get("a.log"), file.get("b.log")), (Some(&saved(7)), Some(&saved(9))));
}

#[test]
fn only_one_process_uses_it() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    let _first = StateFile::open(&path).unwrap();
    assert!(matches!(StateFile::open(&path), Err(StateError::InUse { .. })));
}

#[test]
fn a_line_cut_anywhere_is_as_if_it_was_never_begun() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    let mut file = StateFile::open(&path).unwrap();
    file.save([("a".into(), saved(1))], None).unwrap();
    let first = file.length as usize;
    file.save([("a".into(), saved(2))], None).unwrap();
    drop(file);
    let bytes = fs::read(&path).unwrap();
    for cut in first..bytes.len() {
        for zeros in [0, 5] {
            fs::write(&path, [&bytes[..cut], &vec![0; if cut == first { zeros } else { 0 }]].concat())
                .unwrap();
            let mut file = StateFile::open(&path).unwrap();
            assert_eq!(file.get("a"), Some(&saved(1)), "cut at {cut}");
            file.save([("a".into(), saved(3))], None).unwrap();
            drop(file);
            assert_eq!(StateFile::open(&path).unwrap().get("a"), Some(&saved(3)), "cut at {cut}");
        }
    }
}

#[test]
fn a_changed_byte_is_never_guessed_away() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    let mut file = StateFile::open(&path).unwrap();
    file.save([("a".into(), saved(1))], None).unwrap();
    file.save([("a".into(), saved(2))], None).unwrap();
    drop(file);
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        match StateFile::open(&path) {
            Err(StateError::Corrupt { .. } | StateError::Newer { .. }) => {}
            // The last newline: the last line is then an unfinished one.
            Ok(file) => assert_eq!((at, file.get("a")), (bytes.len() - 1, Some(&saved(1)))),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    for text in ["some notes\n", "some notes", "weblog-state 2 0 {}\n"] {
        fs::write(&path, text).unwrap();
        assert!(StateFile::open(&path).is_err(), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_long_file_is_replaced_by_a_short_one() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    let mut file = StateFile::open(&path).unwrap();
    let mut offset = 0;
    while fs::metadata(&path).unwrap().len() >= file.length && offset < 20_000 {
        offset += 1;
        file.save([("a".into(), saved(offset))], None).unwrap();
        if file.length < 1000 && offset > 10 {
            break;
        }
    }
    assert!(offset > 1000 && file.length < 1000, "{offset} {}", file.length);
    assert!(matches!(StateFile::open(&path), Err(StateError::InUse { .. })));
    file.save([("a".into(), saved(0))], None).unwrap();
    drop(file);
    assert_eq!(StateFile::open(&path).unwrap().get("a"), Some(&saved(0)));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn the_size_of_the_output_is_known_of_the_same_file_only() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("state");
    let output = File::create(dir.path().join("out")).unwrap();
    let other = File::create(dir.path().join("other")).unwrap();
    output.set_len(12).unwrap();
    StateFile::open(&path).unwrap().save([("a".into(), saved(1))], Some((&output, 0))).unwrap();
    output.set_len(20).unwrap();
    let file = StateFile::open(&path).unwrap();
    assert_eq!((file.written_to(&output), file.written_to(&other)), (Some(12), None));
}
