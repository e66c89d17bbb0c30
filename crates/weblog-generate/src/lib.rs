//! Access-log traffic to try things on: made up, realistic, and the same for the same seed.
//!
//! A [`Generator`] lets a small world run: a shop with a blog and an API (`site`) that people visit
//! (`visitor`) and work in (`staff`), that crawlers, feed readers, scripts and a monitor call on (`robots`),
//! and that scanners knock at (`scanner`). Visits (`visit`) begin by the rhythm of day and week where the
//! visitors live (`arrivals`, `rhythm`), each with one address (`address`) and one agent (`agents`), and
//! many are under way at once (`generator`). Every request (`hit`) may meet a failing server (`outage`),
//! becomes a line (`line`), and now and then the line is damaged (`damage`).
//!
//! # Promises
//!
//! - The same [`Options`] give the same bytes on every machine and in every build of this version: chance is
//!   drawn from a published generator (`random`) and choices are made in integers. A test holds the hash.
//! - Lines come in the order in which a server would write them; the time never goes back.
//! - The format and the share of malformed lines change how the traffic is written, not the traffic.
//! - A line is made without allocating, once its buffer and the list of visits have grown.
//!
//! # Whose addresses these are
//!
//! Nobody's, as far as that can be had together with a map of countries: addresses that are by convention never
//! given to a host, in blocks of large providers, and ranges reserved for documentation. The module
//! `address` has the reasoning. The names of the site and its partners end in `.example`; search engines,
//! social networks and known bots appear by their own names, because reports should recognise them.
//! Attacks come from documentation ranges only.
//!
//! # What it is not
//!
//! A load model: sizes, shares and pauses are plausible, not fitted to any one site. Clocks are UTC.

mod address;
mod agents;
mod arrivals;
mod damage;
mod generator;
mod hit;
mod line;
mod options;
mod outage;
mod random;
mod rhythm;
mod robots;
mod scanner;
mod site;
mod staff;
mod visit;
mod visitor;

#[cfg(test)]
mod tests;

pub use generator::Generator;
pub use options::{Counts, Format, Options, Spike};
