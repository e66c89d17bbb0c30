//! SQL over logs.
