//! Where a data file lies: the directories of its partition, and its path in the log.

use super::error::DeltaError;

/// What Hive, Spark and DuckDB write for a partition value that is null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The directory of a partition, `year=2019/month=01/day=22`, and the empty path for a table without
/// partitions.
///
/// Bytes outside `[A-Za-z0-9._-]` are percent-encoded, as Hive does, so that no value leaves the
/// dataset. Null becomes `__HIVE_DEFAULT_PARTITION__`, and so does the empty text: the protocol knows
/// no difference between them (section Partition Value Serialization).
///
/// # Errors
/// A name that no file system takes: over 255 bytes.
pub fn partition_path<'a>(
    partition: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Result<String, DeltaError> {
    let mut path = String::new();
    for (column, value) in partition {
        let mut part = escape(column, is_hive_safe);
        part.push('=');
        match value {
            None | Some("") => part.push_str(NULL),
            // A value that spells the mark of null must not be taken for it.
            Some(NULL) => part.push_str(&NULL.replacen('_', "%5F", 1)),
            Some(value) => part.push_str(&escape(value, is_hive_safe)),
        }
        if part.len() > 255 {
            return Err(DeltaError::Path { path: part, why: "a directory name has at most 255 bytes" });
        }
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&part);
    }
    Ok(path)
}

fn is_hive_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// The path as it stands in the log: a relative URI (section Add File and Remove File).
pub(super) fn to_log(path: &str) -> String {
    escape(path, |byte| is_hive_safe(byte) || matches!(byte, b'/' | b'=' | b'~'))
}

/// The path of a line of the log, decoded once. It must stay below the root of the dataset.
pub(super) fn from_log(uri: &str) -> Result<String, DeltaError> {
    let refuse = |why| DeltaError::Path { path: uri.to_owned(), why };
    // A scheme stands before the first slash and ends in a colon.
    if uri.split('/').next().is_some_and(|first| first.ends_with(':')) {
        return Err(refuse("weblog reads tables whose files lie in the table's own directory"));
    }
    let path = unescape(uri).ok_or_else(|| refuse("it is not UTF-8 when decoded"))?;
    check(&path)?;
    Ok(path)
}

/// Whether a path is relative, names a file, and stays below the directory it is relative to.
pub(super) fn check(path: &str) -> Result<(), DeltaError> {
    let refuse = |why| Err(DeltaError::Path { path: path.to_owned(), why });
    if path.starts_with('/') {
        return refuse("a path in the log is relative to the dataset");
    }
    if path.bytes().any(|byte| byte == 0 || byte == b'\n') {
        return refuse("it holds a NUL or a line feed");
    }
    for part in path.split('/') {
        match part {
            "" => return refuse("one of its parts is empty"),
            "." | ".." => return refuse("it must not leave the dataset"),
            _ => {}
        }
    }
    Ok(())
}

fn escape(text: &str, is_plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match is_plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Decodes `%2F` and the like. A percent sign without two digits stands for itself, as it does for other
/// readers. None if the result is not UTF-8.
fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let decoded = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        out.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(out).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_partition_has_a_directory_per_column() {
        let day = [("year", Some("2019")), ("month", Some("01")), ("day", None)];
        assert_eq!(partition_path(day).unwrap(), "year=2019/month=01/day=__HIVE_DEFAULT_PARTITION__");
        assert_eq!(partition_path([]).unwrap(), "");
    }

    #[test]
    fn a_value_cannot_leave_the_directory_nor_pass_for_null() {
        assert_eq!(partition_path([("host", Some("../../etc"))]).unwrap(), "host=..%2F..%2Fetc");
        assert_eq!(partition_path([("h", Some(NULL))]).unwrap(), "h=%5F_HIVE_DEFAULT_PARTITION__");
        assert!(partition_path([("h", Some(&*"x".repeat(300)))]).is_err());
    }

    #[test]
    fn a_path_in_the_log_that_leaves_the_dataset_is_refused() {
        for path in [
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/%2e%2e/x",
            "%2fetc",
            "s3://bucket/x",
            "file:/x",
            "",
            "a//b",
        ] {
            assert!(from_log(path).is_err(), "{path}");
        }
    }

    #[test]
    fn the_log_encodes_the_percent_signs_of_the_directory_names_again() {
        assert_eq!(to_log("h=a%20b/part 1.parquet"), "h=a%2520b/part%201.parquet");
        assert_eq!(from_log("h=a%2520b/part%201.parquet").unwrap(), "h=a%20b/part 1.parquet");
        assert_eq!(from_log("100%/a%zz").unwrap(), "100%/a%zz");
    }

    proptest! {
        #[test]
        fn any_path_comes_back_from_the_log_as_it_was(path in "[^/\0\n]{1,20}(/[^/\0\n]{1,20}){0,3}") {
            prop_assume!(path.split('/').all(|part| part != "." && part != ".."));
            prop_assert_eq!(from_log(&to_log(&path)).unwrap(), path);
        }

        #[test]
        fn any_value_gives_one_directory_and_can_be_told_from_it(value in "\\PC{1,20}|.{1,20}") {
            let path = partition_path([("column", Some(&*value))]).unwrap();
            prop_assert!(check(&path).is_ok() && !path.contains('/'));
            prop_assert_eq!(unescape(path.strip_prefix("column=").unwrap()).unwrap(), value);
        }

        #[test]
        fn no_text_from_a_log_gives_a_path_outside(uri in "[%2eEfF./a:]{0,24}") {
            if let Ok(path) = from_log(&uri) {
                prop_assert!(!path.starts_with('/') && path.split('/').all(|p| !matches!(p, "" | "." | "..")));
            }
        }
    }
}
