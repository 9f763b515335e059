//! The reader and the writer of `.env` texts.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::values::dotenv(bytes));
