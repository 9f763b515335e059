//! Chance, for ids.

/// Random bytes for an id.
pub(crate) fn chance() -> [u8; 24] {
    rand::random()
}
