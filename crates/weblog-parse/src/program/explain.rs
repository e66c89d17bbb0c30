//! Why a line does not fit a format: the reject that names the place and what was expected there.

use super::Program;
use crate::{
    lenient::{Cursor, foreign},
    reject::{Reason, Reject},
    schema::Field,
};

/// Where a line stopped fitting, and what was expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) at: usize,
    pub(super) step: usize,
    pub(super) missing: Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The literal before a step, or the one behind the last.
    Literal,
    /// The opening quote or bracket.
    Open(u8),
    /// The closing one.
    Close(u8),
    Field,
    End,
}

impl Program {
    /// The reject of a line. `inside` is what was read of it, and begins at `offset`.
    #[cold]
    pub(super) fn reject(&self, line: &[u8], inside: &[u8], offset: usize, failure: Failure) -> Reject {
        if let Some(at) = second_line(inside) {
            return glued(offset + at);
        }
        if let Some(reject) = foreign::explain(line).filter(|reject| reject.reason == Reason::ErrorLog) {
            return reject;
        }
        let variable = |at: usize| self.steps.get(at).map(|step| &step.variable);
        let before = |at: usize| match at.checked_sub(1).and_then(variable) {
            Some(variable) => format!(" after {}", variable.source),
            None => " at the beginning".into(),
        };
        let literal = |bytes: &[u8], at: usize| format!("the literal `{}`{}", readable(bytes), before(at));
        let expected = match (failure.missing, self.steps.get(failure.step)) {
            (Missing::Literal, Some(step)) if self.literal_before(failure.step).is_empty() => {
                format!("{}: {}", step.variable.source, step.variable.shape.expected())
            }
            (Missing::Literal, _) => literal(&self.literal_before(failure.step), failure.step),
            (Missing::Open(byte), _) => {
                format!("`{}` before {}", char::from(byte), self.source_of(failure.step))
            }
            (Missing::Close(byte), _) => {
                format!("`{}` after {}", char::from(byte), self.source_of(failure.step))
            }
            (Missing::Field, Some(step)) => {
                format!("{}: {}", step.variable.source, step.variable.shape.expected())
            }
            (Missing::Field | Missing::End, _) => {
                format!("a blank or the end of the line{}", before(failure.step))
            }
        };
        let claim = variable(failure.step).and_then(|variable| variable.claim);
        let reason = match (failure.missing, claim) {
            _ if failure.at >= inside.len() => Reason::Truncated,
            (Missing::Field, Some(Field::Time)) => Reason::BadTime,
            (Missing::Field, Some(Field::Status)) => Reason::BadStatus,
            (Missing::Field, Some(Field::Bytes | Field::ResponseBytes | Field::RequestBytes)) => {
                Reason::BadBytes
            }
            (Missing::Open(_) | Missing::Close(_), Some(Field::Request)) => Reason::BadRequest,
            _ => Reason::MissingField,
        };
        Reject::at(offset + failure.at, reason, expected)
    }

    fn source_of(&self, step: usize) -> &str {
        self.steps.get(step).map_or("", |step| &step.variable.source)
    }

    /// The whole literal before a step, as the format has it.
    fn literal_before(&self, step: usize) -> Box<[u8]> {
        match step.checked_sub(1) {
            Some(before) => self.steps[before].until.bytes.clone(),
            None => self.prefix.bytes.clone(),
        }
    }
}

/// A literal with its control characters shown, its quotes as they are.
pub(super) fn readable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

pub(super) fn glued(at: usize) -> Reject {
    Reject::at(at, Reason::Glued, "the rest of the line, not the time of a second one")
}

/// Where the time of a second line stands, in the servers' own shape.
pub(super) fn second_line(line: &[u8]) -> Option<usize> {
    let first = Cursor { line, at: 0 }.second_line()?;
    Cursor { line, at: first + 1 }.second_line()
}
