//! Webhooks of every forge.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::delivery::delivery(bytes));
