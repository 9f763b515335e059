//! Texts of forms: labels, headers, lists, numbers with units.

#[path = "../../crates/ops/src/application/units.rs"]
mod units;

/// Every kind of text; what is taken of labels and headers is written and read back to the same.
pub fn forms(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Ok(labels) = units::labels(text) {
        let written: String = labels.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        assert_eq!(units::labels(&written), Ok(labels), "{text:?} is written as {written:?}");
    }
    if let Ok(headers) = units::headers(text) {
        assert!(headers.iter().all(|(name, value)| !format!("{name}{value}").contains(['\r', '\n', '\0'])), "{text:?} is more than one line");
        let written: String = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        assert_eq!(units::headers(&written), Ok(headers), "{text:?} is written as {written:?}");
    }
    let _ = (units::lines(text), units::members(text), units::flag(text), units::number::<i64>(text), units::between(text, 1, 100));
    if let Ok(Some(memory)) = units::memory(text) {
        assert_eq!(units::memory(&memory.to_string()), Ok(Some(memory)), "{text:?}");
    }
    let _ = units::processors(text);
}
