//! Tour.
pub mod address;
pub mod agent;
pub mod country_table;
pub mod geo;
mod enricher;
mod fragment;
mod sources;
pub use enricher::Enricher;
pub use sources::Sources;
