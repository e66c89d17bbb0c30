//! What a record gains from what is known beyond the log: where the client is, whose network it
//! comes from, and what its agent says of itself.
//!
//! - [`address`] reads addresses as servers and proxies log them.
//! - [`country_table`] knows the country of an address out of a table inside the program.
//! - [`geo`] asks address databases that the user has, of any vendor, several at once.
//! - [`agent`] tells browser, system, device and bot from a user agent.
//!
//! [`Enricher`] puts it together for records; no file is opened but those that [`Sources`] names.

pub mod address;
pub mod agent;
pub mod country_table;
mod enricher;
mod fragment;
pub mod geo;
mod sources;
pub use enricher::Enricher;
pub use sources::Sources;
