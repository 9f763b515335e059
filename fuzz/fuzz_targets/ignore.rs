//! The reader of ignore files.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::trees::ignore(bytes));
