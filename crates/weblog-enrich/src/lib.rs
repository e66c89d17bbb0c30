//! What a record gains from what is known beyond the log: where the client is, whose network it
//! comes from, and what its agent says of itself.
//!
//! - [`address`] reads addresses as servers and proxies log them, and knows the special ones.
//! - [`cidr`] reads ranges of addresses, and finds the narrowest around an address.
//! - [`lookup`] joins a table of the user's own.
//! - [`proxies`] finds the client behind proxies that are trusted.
//! - [`country_table`] knows the country of an address out of a table inside the program.
//! - [`geo`] asks address databases that the user has, of any vendor, several at once, and notices
//!   when they are replaced on disk.
//! - [`agent`] tells browser, system, device and bot from a user agent, and from client hints.
//! - [`referer`] tells where a visit came from.
//! - [`request`] tells what was asked for, by which campaign, and what a scanner was after.
//! - [`route`] folds the variable parts of paths, so that there are few of them.
//! - [`privacy`] makes addresses unreadable and takes secrets out of what clients sent.
//! - [`verify`] tells a bot from who only calls himself by its name.
//!
//! [`Enricher`] puts it together for records, out of what an [`Enrichment`] holds; no file is opened but those
//! that are named.

pub mod address;
pub mod agent;
pub mod cidr;
pub mod country_table;
mod enricher;
mod enrichment;
mod fields;
mod fragment;
pub mod geo;
pub mod lookup;
pub mod privacy;
pub mod proxies;
pub mod referer;
pub mod request;
pub mod route;
mod sources;
pub mod verify;
pub use enricher::Enricher;
pub use enrichment::Enrichment;
pub use fields::Group;
pub use sources::Sources;
