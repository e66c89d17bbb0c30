//! What went wrong with a query.

use crate::scan::ScanError;
use std::fmt;

/// Why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum QueryError {
    /// What DuckDB says about the statement or the data. May have several lines: the last ones show the
    /// place in the statement, with carets under it.
    Sql(String),
    /// The statement is none that runs without trust.
    Refused(String),
    /// Somebody stopped it.
    Interrupted,
    /// A scan failed.
    Scan(ScanError),
    /// A file cannot be attached.
    Attach(String),
    /// A question needs a column that is not there.
    Missing(String),
    /// DuckDB could not be set up.
    Setup(String),
}

impl QueryError {
    /// The error without the place in a statement that nobody wrote but this crate.
    pub(crate) fn without_place(self) -> Self {
        match self {
            QueryError::Sql(message) => {
                QueryError::Sql(message.split("\n\nLINE ").next().unwrap_or_default().to_owned())
            }
            other => other,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::Sql(message)
            | QueryError::Refused(message)
            | QueryError::Attach(message)
            | QueryError::Missing(message) => f.write_str(message),
            QueryError::Interrupted => f.write_str("interrupted"),
            QueryError::Scan(error) => error.fmt(f),
            QueryError::Setup(message) => write!(f, "cannot set up SQL: {message}"),
        }
    }
}

impl std::error::Error for QueryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            QueryError::Scan(error) => error.source(),
            _ => None,
        }
    }
}

impl From<duckdb::Error> for QueryError {
    fn from(error: duckdb::Error) -> Self {
        let message = match error {
            duckdb::Error::DuckDBFailure(_, Some(message)) => message,
            duckdb::Error::NulError(_) => "a NUL character in the SQL".into(),
            // What DuckDB says to a statement without any word in it.
            duckdb::Error::DuckDBFailure(_, None) => "there is no statement in the SQL".into(),
            other => other.to_string(),
        };
        match message {
            message if message.starts_with("INTERRUPT") => QueryError::Interrupted,
            message => QueryError::Sql(in_our_words(&message)),
        }
    }
}

/// Candidates of one kind that are shown.
const CANDIDATES: usize = 6;

/// DuckDB's message without advice that cannot be followed here, and without its longest lists.
fn in_our_words(message: &str) -> String {
    if let Some((what, rest)) = message.split_once(" is not in the catalog, but it exists in the ") {
        let extension = rest.split_whitespace().next().unwrap_or_default();
        let name = what.split('"').nth(1).unwrap_or(what);
        let zone = match extension {
            "icu" => "; times are UTC here: use local_time(time, 'Europe/Berlin') for another zone",
            _ => "",
        };
        return format!("`{name}` is in DuckDB's extension {extension}, which weblog does not have{zone}");
    }
    let advice = match message {
        _ if message.starts_with("Permission Error") => {
            "\nOnly the inputs can be read; name the file as an input, or trust the SQL with --trust-sql."
        }
        _ if message.starts_with("Out of Memory") => "\n--memory sets how much may be used.",
        _ => "",
    };
    let mut said = String::new();
    let mut candidates = 0;
    for line in message.lines() {
        let is_candidate = line.starts_with('\t') && !line.starts_with("\tCandidate");
        if !is_candidate && candidates > CANDIDATES {
            said.push_str(&format!("\t… and {} more\n", candidates - CANDIDATES));
        }
        candidates = if is_candidate { candidates + 1 } else { 0 };
        if candidates <= CANDIDATES && !(line.is_empty() && said.ends_with("\n\n")) {
            said.push_str(line);
            said.push('\n');
        }
    }
    format!("{}{advice}", said.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_candidates_are_cut_and_the_place_stays() {
        let candidates: String = (0..40).map(|at| format!("\t\"-\"(x{at})\n")).collect();
        let message = format!(
            "Binder Error: no\n\tCandidate functions:\n{candidates}\n\nLINE 1: select x\n               ^"
        );
        let said = in_our_words(&message);
        assert!(said.lines().count() < 15, "{said}");
        assert!(said.contains("… and 34 more"), "{said}");
        assert!(said.ends_with("LINE 1: select x\n               ^"), "{said}");
    }

    #[test]
    fn advice_to_install_extensions_is_left_out() {
        let message = "Catalog Error: Scalar Function with name \"age2\" is not in the catalog, but it exists in the icu extension.\n\nPlease try installing";
        let said = in_our_words(message);
        assert!(
            said.contains("`age2`") && said.contains("local_time") && !said.contains("install"),
            "{said}"
        );
    }
}
