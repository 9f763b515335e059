//! Secrets at rest: AES-256-GCM-SIV records under a key file beside the store.
//!
//! A record is a version byte, a 96-bit random nonce and the ciphertext with its tag. GCM-SIV keeps its promise even where a nonce repeats. The additional
//! data names table, row and column, so that a record copied to another place does not open.

use crate::Error;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use model::Secret;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

const VERSION: u8 = 1;
const KEY_LENGTH_BYTES: usize = 32;

/// Seals and opens secrets.
pub struct Sealer {
    key: LessSafeKey,
}

impl Sealer {
    /// Reads the key file, or makes one (mode 0600) where there is none and `may_create` says that no store exists that would need the old one.
    ///
    /// # Errors
    /// [`Error::Key`] where the file is readable by others, malformed, or missing while a store exists.
    pub fn from_file(path: &Path, may_create: bool) -> Result<Self, Error> {
        match fs::metadata(path) {
            Ok(facts) if facts.mode() & 0o077 != 0 => {
                Err(Error::Key(format!("the key file {} can be read by others (mode {:o}): run chmod 600 on it", path.display(), facts.mode() & 0o777)))
            }
            Ok(_) => Self::from_text(&fs::read(path)?, path),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound && may_create => Self::create(path),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Err(Error::Key(format!(
                "the key file {} is missing, and the store's secrets cannot be opened without it: restore it from your backup",
                path.display()
            ))),
            Err(why) => Err(why.into()),
        }
    }

    fn create(path: &Path) -> Result<Self, Error> {
        use base64::Engine;
        let mut bytes = [0; KEY_LENGTH_BYTES];
        rand::fill(&mut bytes).map_err(|_| Error::Key("the system gives no random bytes".into()))?;
        // Written beside and renamed: half a key would keep a first start that failed from ever being tried again.
        let beside = path.with_extension("key.new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(base64::engine::general_purpose::STANDARD.encode(bytes).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        Self::from_bytes(&bytes)
    }

    fn from_text(text: &[u8], path: &Path) -> Result<Self, Error> {
        use base64::Engine;
        let malformed = || Error::Key(format!("the key file {} is not a Wharf key: restore it from your backup", path.display()));
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim_ascii()).map_err(|_| malformed())?;
        if bytes.len() == KEY_LENGTH_BYTES { Self::from_bytes(&bytes) } else { Err(malformed()) }
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, bytes).map_err(|_| Error::Key("the key has the wrong length".into()))?;
        Ok(Self { key: LessSafeKey::new(key) })
    }

    /// Seals a text for one place: table, row, column.
    ///
    /// # Errors
    /// [`Error::Key`] where the system gives no random bytes.
    pub fn seal(&self, table: &'static str, row: &str, column: &str, text: &str) -> Result<Vec<u8>, Error> {
        let unsealed = || Error::Key("sealing failed".into());
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| unsealed())?;
        let mut body = text.as_bytes().to_vec();
        let place = place(table, row, column);
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.as_bytes()), &mut body).map_err(|_| unsealed())?;
        let mut record = Vec::with_capacity(1 + NONCE_LEN + body.len());
        record.push(VERSION);
        record.extend_from_slice(&nonce);
        record.append(&mut body);
        Ok(record)
    }

    /// Opens a record of that place.
    ///
    /// # Errors
    /// [`Error::Sealed`] where it was sealed by another key, for another place, or changed.
    pub fn open(&self, table: &'static str, row: &str, column: &str, record: &[u8]) -> Result<Secret, Error> {
        let refused = || Error::Sealed { table };
        let (version, rest) = record.split_first().ok_or_else(refused)?;
        if *version != VERSION || rest.len() < NONCE_LEN {
            return Err(refused());
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let mut body = body.to_vec();
        let place = place(table, row, column);
        let text = self.key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut body).map_err(|_| refused())?;
        String::from_utf8(text.to_vec()).map(Secret::new).map_err(|_| refused())
    }
}

fn place(table: &str, row: &str, column: &str) -> String {
    format!("{table}\0{row}\0{column}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_record_opens_only_in_its_place_and_unchanged() {
        let folder = tempfile::tempdir().expect("a folder");
        let sealer = Sealer::from_file(&folder.path().join("key"), true).expect("a key");
        let record = sealer.seal("variables", "a", "value", "hunter2").expect("sealed");
        assert_eq!(sealer.open("variables", "a", "value", &record).map(|secret| secret.expose().to_owned()).ok(), Some("hunter2".into()));
        assert!(sealer.open("variables", "b", "value", &record).is_err());
        let mut changed = record.clone();
        *changed.last_mut().expect("bytes") ^= 1;
        assert!(sealer.open("variables", "a", "value", &changed).is_err());
        assert!(sealer.open("variables", "a", "value", &[]).is_err());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        Sealer::from_file(&path, true).expect("a key");
        Sealer::from_file(&path, false).expect("the same key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changed");
        assert!(matches!(Sealer::from_file(&path, false), Err(Error::Key(why)) if why.contains("chmod 600")));
        assert!(Sealer::from_file(&folder.path().join("other"), false).is_err());
    }
}
