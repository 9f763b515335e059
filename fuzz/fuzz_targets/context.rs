//! The way of an archive into a build context.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::trees::context(bytes));
