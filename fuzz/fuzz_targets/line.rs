#![no_main]

#[path = "../checks/line.rs"]
mod check;
#[path = "../checks/record.rs"]
mod record;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::check(data));
