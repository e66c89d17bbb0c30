#![no_main]

#[path = "../checks/w3c.rs"]
mod check;
#[path = "../checks/record.rs"]
mod record;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
