//! weblog
fn main() {}
