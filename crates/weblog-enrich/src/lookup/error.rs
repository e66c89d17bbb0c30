//! Why a table cannot be used, and what was wrong with rows that were left out.

use std::{fmt, io};

/// Why a table cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupError {
    /// It cannot be read.
    Read(io::Error),
    /// It has no header, and no row.
    Empty,
    /// A column that was asked for is not there.
    NoColumn {
        /// What was asked for.
        column: String,
        /// What there is.
        known: Vec<String>,
    },
    /// There is no column besides the key.
    OnlyKey {
        /// The key.
        column: String,
    },
    /// A column would take the place of a field of the schema.
    Reserved {
        /// The column.
        column: String,
        /// The field.
        field: String,
    },
    /// Two columns get one name.
    SameName {
        /// One column.
        first: String,
        /// The other.
        second: String,
        /// The name.
        name: String,
    },
    /// There are more rows than may be.
    TooManyRows {
        /// As many may be.
        most: usize,
    },
    /// There are more columns than may be.
    TooManyColumns {
        /// As many may be.
        most: usize,
    },
    /// There is more text than may be.
    TooLarge {
        /// As many bytes may be.
        most: u64,
    },
    /// No row could be used.
    NothingUseful(Faults),
}

impl fmt::Display for LookupError {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            LookupError::Read(error) => write!(formatter, "cannot read it: {error}"),
            LookupError::Empty => write!(formatter, "it is empty: expected a header and rows"),
            LookupError::NoColumn { column, known } => {
                write!(formatter, "no column {column:?}; there are {}", known.join(", "))
            }
            LookupError::OnlyKey { column } => write!(
                formatter,
                "no column besides {column:?}: expected commas, semicolons or tabs between columns"
            ),
            LookupError::Reserved { column, field } => write!(
                formatter,
                "the column {column:?} has the name of a field; name it otherwise (my_{field}={column}), or say \
                 that it is to replace the field ({field}={column})"
            ),
            LookupError::SameName { first, second, name } => {
                write!(formatter, "the columns {first:?} and {second:?} are both named {name}")
            }
            LookupError::TooManyRows { most } => write!(formatter, "more than {most} rows"),
            LookupError::TooManyColumns { most } => write!(formatter, "more than {most} columns"),
            LookupError::TooLarge { most } => write!(formatter, "more than {most} bytes"),
            LookupError::NothingUseful(faults) => write!(formatter, "no row can be used: {faults}"),
        }
    }
}

impl std::error::Error for LookupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let LookupError::Read(error) = self { Some(error) } else { None }
    }
}

/// The rows that were left out since they are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Fault,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line where it begins, from 1; for rows that were not read from text, its number.
    pub line: u64,
    /// The column, if it is one column's fault.
    pub column: Option<String>,
    /// What was expected there, and what was found.
    pub expected: String,
}

impl Faults {
    /// Counts one more; of several the one that stands first is kept.
    pub(super) fn add(faults: &mut Option<Faults>, fault: impl FnOnce() -> Fault, line: u64) {
        match faults {
            None => *faults = Some(Faults { count: 1, first: fault() }),
            Some(faults) => {
                faults.count += 1;
                if line < faults.first.line {
                    faults.first = fault();
                }
            }
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self.count {
            1 => write!(formatter, "1 row left out: {}", self.first),
            count => write!(formatter, "{count} rows left out; the first: {}", self.first),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(formatter, ", column {column}")?;
        }
        write!(formatter, ": expected {}", self.expected)
    }
}
