//! Texts of forms: labels, headers, lists, numbers with units.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::forms::forms(bytes));
