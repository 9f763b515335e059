//! The reader of Dockerfiles.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::trees::dockerfile(bytes));
