//! What was asked for: the kind of thing, the campaign that brought the visit, and whether it was
//! a scanner looking for a weakness.
//!
//! - [`asset_class`] tells the kind of thing from the path (`data/assets.tsv`).
//! - [`campaign`] reads the parameters that advertisers put on links.
//! - [`probe`] names what a scanner was after (`data/probes.tsv`).
//!
//! Paths are given as the field `path` has them, decoded once; queries as sent.

mod asset;
mod campaign;
mod probe;

pub use asset::{AssetClass, asset_class};
pub use campaign::{Campaign, campaign};
pub use probe::{Request, probe};

/// The text up to a bound in bytes, whole characters only.
fn cut(text: &str, bound: usize) -> &str {
    let end = (0..=bound.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests;
