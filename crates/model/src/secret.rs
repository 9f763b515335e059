//! A value that must not be seen: it has no `Display`, prints as `[redacted]` and is wiped when dropped.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A secret text. Reading it takes the word [`Secret::expose`], which a search finds.
///
/// It serialises as its text so that a sealed record can hold it; never serialise one into an answer, a log or an event.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Values of at most this many characters are not masked in logs: masking `1` or `true` would eat the log.
pub const UNMASKED_LENGTH_CHARACTERS: usize = 5;

/// Replaces secret values in text that people will read.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    values: Vec<Secret>,
}

impl Mask {
    /// A mask over these values, each of their lines too; short ones are left out.
    pub fn over<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut values: Vec<Secret> = secrets
            .into_iter()
            .flat_map(|secret| std::iter::once(secret.expose()).chain(secret.expose().lines()).map(str::trim).map(str::to_owned).collect::<Vec<_>>())
            .filter(|value| value.chars().count() > UNMASKED_LENGTH_CHARACTERS)
            .map(Secret::new)
            .collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.expose().len()));
        values.dedup_by(|a, b| a.expose() == b.expose());
        Self { values }
    }

    /// The text with every secret value replaced by `[hidden]`.
    pub fn apply(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, secret| if text.contains(secret.expose()) { text.replace(secret.expose(), "[hidden]") } else { text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }

    #[test]
    fn long_values_and_their_lines_are_masked_and_short_ones_are_not() {
        let secrets = [Secret::new("-----KEY\nabcdefgh\n-----END"), Secret::new("true"), Secret::new("abcdef")];
        let mask = Mask::over(&secrets);
        assert_eq!(mask.apply("x abcdefgh y true z abcdef"), "x [hidden] y true z [hidden]");
    }
}
