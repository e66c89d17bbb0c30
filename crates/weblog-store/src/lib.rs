//! The dataset.
