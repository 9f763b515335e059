//! Domains, images, git addresses, commands, ports, names and paths.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::values::values(bytes));
