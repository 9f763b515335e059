//! Secrets that Wharf hands out: made from chance, shown once, kept as hashes.

use crate::chance::Dice;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::Secret;
use subtle::ConstantTimeEq;

/// A fresh secret of 256 bits, safe in addresses and headers.
pub(crate) fn fresh(dice: &Dice) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(dice.bytes::<32>()))
}

/// What the store keeps of a secret. A fast hash is right: the secret has 256 bits of chance.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// Compares hashes in constant time.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}
