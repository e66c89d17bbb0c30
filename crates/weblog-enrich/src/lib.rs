//! Tour to come.
