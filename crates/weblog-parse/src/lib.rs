//! tour later
pub mod record;
pub mod schema;
pub use record::{Instant, Name, Record, Value};
pub use schema::{Field, FieldInfo, Kind, SCHEMA};
