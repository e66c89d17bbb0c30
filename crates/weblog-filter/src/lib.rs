//! Which records are meant: expressions over the fields of a record, moments in time, and the names of
//! files that records are divided into. No I/O, no output, no clock.
//!
//! A tour, in the order in which an expression meets the files:
//!
//! - `syntax`: the grammar, nom from the text to a tree of what was typed, with its place in the text.
//! - `literal`: what may stand on the right of an operator: numbers with units, classes of statuses, times,
//!   networks, words, text in quotes.
//! - [`when`]: moments as people give them, `2h`, `today`, `2025-01-06 08:00`.
//! - `compile`: fields are looked up and values brought into the form in which they are compared.
//! - [`expression`]: [`Expression`], the compiled tree, and how it is evaluated.
//! - `check`: one value against one test; `operand`: any value as text or as a number; [`network`]: addresses.
//! - [`names`]: the field that a typo was meant to be.
//! - [`path`]: names of files made from what records say.
//! - [`error`]: what is wrong with an expression, and where.

pub mod error;
pub mod expression;
pub mod names;
pub mod network;
pub mod path;
pub mod when;

mod check;
mod compile;
mod literal;
mod operand;
mod syntax;

pub use error::BadExpression;
pub use expression::{Expression, FieldName, LAST};
pub use operand::time;
pub use path::PathPattern;
pub use when::{Clock, When};
