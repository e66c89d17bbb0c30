//! Compiled log formats: a format string becomes a list of steps, and the steps read lines.
//!
//! - `apache`, `nginx`: the two languages of format strings, and what their words mean.
//! - `variable`: one word of a format: its shape and the field that it fills.
//! - `build`: [`Builder`], from literals and variables to a program; ambiguities become warnings.
//! - `plan`: which variable fills which field when several could.
//! - `step`: the fast way through a line, nom over the leaves of `leaf`, `number`, `list` and `time`.
//! - `slow`: the other way, for lines that do not fit at once; `explain`: the reject for those that never do.
//! - `outline`: what each directive of a format fills, for people.
//! - `strftime`: times in a format of the user's own.
//! - `emit`: from the fields of a line to a record in schema order.

use crate::{
    parser::is_clean,
    record::{Name, Record},
    reject::Reject,
    schema::Kind,
    time::Memo,
    zone::Zone,
};
use emit::Around;
use plan::{Emit, How};
use std::fmt;
use step::{Context, Literal, Slot, Step};

mod apache;
mod build;
mod emit;
mod error;
mod explain;
mod list;
mod nginx;
mod number;
mod outline;
mod plan;
mod slow;
mod step;
mod strftime;
mod time;
mod variable;

pub use build::Builder;
pub use error::BadFormat;
pub use outline::{Filled, Outline};
pub use strftime::{Part, Token};
pub use time::TimeShape;
pub use variable::{Shape, Unit, Variable};

/// How a server escapes what it writes, as nginx names it (ngx_http_log_module).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// `\xHH`, `\"` and their like; what is missing is `-`. Apache httpd always does it like this.
    #[default]
    Default,
    /// JSON's escapes; what is missing is empty.
    Json,
    /// None at all; what is missing is empty.
    None,
}

/// A compiled log format.
#[derive(Clone, Debug)]
pub struct Program {
    source: String,
    escape: Escape,
    /// The literal before the first field.
    prefix: Literal,
    steps: Box<[Step]>,
    /// The literal behind the last field and its closing quote.
    tail: Box<[u8]>,
    emits: Box<[Emit]>,
    warnings: Vec<String>,
}

/// Formats of at most so many variables need no memory of their own for a line.
const FEW: usize = 24;

impl Program {
    /// Compiles the format string of a `LogFormat` or `CustomLog` directive of Apache httpd
    /// (mod_log_config), given without the quotes around it. `\"` may stand for `"`, as in httpd.conf.
    ///
    /// # Errors
    /// A [`BadFormat`] with the place in the string and what was expected there.
    pub fn apache(format: &str) -> Result<Program, BadFormat> {
        apache::compile(format)
    }

    /// Compiles the format string of nginx's `log_format` directive (ngx_http_log_module), its quoted
    /// pieces joined.
    ///
    /// # Errors
    /// A [`BadFormat`] with the place in the string and what was expected there.
    pub fn nginx(format: &str, escape: Escape) -> Result<Program, BadFormat> {
        nginx::compile(format, escape)
    }

    /// Reads one line, given without its newline, into an empty record. The record comes out in schema
    /// order. `Ok(true)` says that the line has more at its end than the format names; it is in `extra`.
    ///
    /// # Errors
    /// A reject with the first byte that fits nothing, and what was expected there.
    #[inline]
    pub fn parse<'a>(
        &self,
        memo: &mut Memo,
        zone: Zone,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<bool, Reject> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut context = Context { memo, zone, clean: is_clean(line) };
        let mut few = [Slot::Null; FEW];
        let mut many;
        let slots = match few.get_mut(..self.steps.len()) {
            Some(slots) => slots,
            None => {
                many = vec![Slot::Null; self.steps.len()];
                &mut many[..]
            }
        };
        match self.forward(&mut context, line, slots) {
            Some(extra) => {
                self.emit(&mut context, slots, Around { extra, ..Around::default() }, record);
                Ok(!extra.is_empty())
            }
            None => {
                context.clean = false;
                self.parse_slowly(&mut context, line, record)
            }
        }
    }

    /// Reads one line by the slow path alone: the reference of the fast one.
    ///
    /// # Errors
    /// As [`Program::parse`].
    #[cold]
    pub fn parse_reference<'a>(
        &self,
        memo: &mut Memo,
        zone: Zone,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<bool, Reject> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.parse_slowly(&mut Context { memo, zone, clean: false }, line, record)
    }

    /// The fast way: every field once, from left to right. Gives what is left of the line.
    #[inline]
    fn forward<'a>(
        &self,
        context: &mut Context<'_>,
        line: &'a [u8],
        slots: &mut [Slot<'a>],
    ) -> Option<&'a [u8]> {
        if !self.prefix.begins(line) {
            return None;
        }
        let mut rest = &line[self.prefix.bytes.len()..];
        if (!context.clean || line.first() == Some(&b' ')) && self.is_soiled(line) {
            return None;
        }
        for (step, slot) in self.steps.iter().zip(slots) {
            let (value, len) = step.field(context, rest)?;
            (*slot, rest) = (value, &rest[len..]);
        }
        if rest.is_empty() {
            return Some(rest);
        }
        // A second line or the rest of a field may hide in what is left: the slow path sees to that.
        let balanced = memchr::memchr_iter(b'"', rest).count().is_multiple_of(2);
        let plain = rest[0] == b' ' && balanced && memchr::memchr(b'[', rest).is_none();
        plain.then(|| rest.trim_ascii())
    }

    /// The fields that lines of this format fill, in the order in which they are written.
    pub fn fields(&self) -> Vec<(Name<'static>, Kind)> {
        let mut fields = Vec::new();
        self.emits.iter().for_each(|emit| self.add_fields(emit, &mut fields));
        fields
    }

    /// Adds the fields that one value of the plan fills.
    fn add_fields(&self, emit: &Emit, fields: &mut Vec<(Name<'static>, Kind)>) {
        use crate::schema::Field::*;
        let known: &[_] = match emit.how {
            How::Rest => return,
            How::Request => &[Method, Target, Path, Query, Protocol, Request, RequestKind],
            How::Uri(_) => &[Target, Path, Query],
            How::Time if emit.target == plan::Target::Known(Time) => &[Time, UtcOffset],
            _ => {
                let name = match &emit.target {
                    plan::Target::Known(field) => Name::Known(*field),
                    plan::Target::Other(name) => Name::Other(name),
                };
                let shapes = emit.sources.iter().map(|at| &self.steps[usize::from(*at)].variable.shape);
                return fields.push((name, emit.kind(shapes)));
            }
        };
        fields.extend(known.iter().map(|field| (Name::Known(*field), field.info().kind)));
    }

    /// What of the format cannot be told apart for certain on every line, each in a sentence.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How the server escapes what it writes in this format.
    pub fn escape(&self) -> Escape {
        self.escape
    }

    /// The format as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}
