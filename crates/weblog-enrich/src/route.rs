//! Routes: paths with their variable parts folded, so that there are few of them.
//!
//! [`shape`] folds what can be told from the form of a part alone: numbers, dates, hashes, titles.
//! It knows nothing of the site, so a name such as that of a user stays. A [`Learner`] sees the
//! paths of a site and folds what has too many values in one place; what it learnt is a
//! [`Dictionary`], a text file that a person can read and change, and that keeps the routes the
//! same from run to run and bounded in number.
//!
//! A template is a path whose parts can be placeholders in braces, such as `/product/{id}`. A last
//! part `*` stands for any parts or none. Every other placeholder stands for one part: `{id}`,
//! `{hash}`, `{date}`, `{year}`, `{month}`, `{day}` and `{email}` for one of that form, `{slug}`
//! and any other name for whatever is there.

mod dictionary;
mod error;
mod learner;
mod segment;
mod tree;

pub use dictionary::Dictionary;
pub use error::{RouteError, SyntaxError};
pub use learner::Learner;

use segment::parts;
use std::borrow::Cow;

/// The most parts of a path that a route has; the rest is `*`.
pub const MOST_PARTS: usize = 8;
/// The longest route in bytes.
pub const LONGEST: usize = 256;

/// The route of a path by the form of its parts alone. Paths are taken as decoded once.
///
/// Slashes that stand together count as one, and one at the end does not count. What does not
/// begin with a slash is no path and gives `*`. At most eight parts and 256 bytes are kept; the
/// rest is `/*`. Nothing is allocated where nothing is folded.
pub fn shape(path: &str) -> Cow<'_, str> {
    if !path.starts_with('/') {
        return Cow::Borrowed(if path.is_empty() { "/" } else { "*" });
    }
    if is_its_own_shape(path) {
        return Cow::Borrowed(path);
    }
    let mut route = String::with_capacity(path.len().min(LONGEST));
    let mut parts = parts(path);
    for _ in 0..MOST_PARTS {
        let Some(part) = parts.next() else { break };
        // Room is kept for the star.
        if route.len() + 1 + part.text().len() > LONGEST - 2 {
            route.push_str("/*");
            return Cow::Owned(route);
        }
        route.push('/');
        route.push_str(part.text());
    }
    if parts.next().is_some() {
        route.push_str("/*");
    }
    Cow::Owned(if route.is_empty() { "/".to_owned() } else { route })
}

fn is_its_own_shape(path: &str) -> bool {
    if path == "/" {
        return true;
    }
    // A part cut short by a parameter is not the whole.
    let is_plain =
        !path.contains(';') && path.len() <= LONGEST - 2 && !path.ends_with('/') && !path.contains("//");
    is_plain
        && parts(path)
            .take(MOST_PARTS + 1)
            .enumerate()
            .all(|(at, part)| at < MOST_PARTS && part.folded.is_none())
}

#[cfg(test)]
mod tests;
