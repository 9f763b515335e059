//! The edge's HTTP front, over a socket.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::front::front(bytes));
