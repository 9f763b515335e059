//! Ids: 24 characters `[a-z][a-z0-9]{23}`, random, safe in URLs, labels, container and host names.

use crate::Invalid;

const LENGTH: usize = 24;

fn checked(text: &str) -> Result<String, Invalid> {
    let mut characters = text.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_lowercase());
    if first && text.len() == LENGTH && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new("an id is 24 lower-case letters and digits, beginning with a letter"))
    }
}

/// Spells an id from chance: 24 random bytes, each folded into the alphabet. The bias (256 over 36) is harmless at 120 bits.
pub fn spell(chance: [u8; LENGTH]) -> String {
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    chance.iter().enumerate().map(|(at, byte)| if at == 0 { LETTERS[*byte as usize % 26] as char } else { ALPHABET[*byte as usize % 36] as char }).collect()
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        crate::parsed_text!($(#[$meta])* $name, checked);

        impl $name {
            /// A new id from 24 random bytes.
            pub fn from_chance(chance: [u8; LENGTH]) -> Self {
                Self(spell(chance))
            }
            /// The first eight characters: enough to tell neighbours apart in a name that people read.
            pub fn short(&self) -> &str {
                &self.0[..8]
            }
        }
    )+};
}

ids! {
    /// A Wharf instance: what it owns on an engine carries this id.
    InstanceId,
    /// A team.
    TeamId,
    /// A person with an account.
    UserId,
    /// A project.
    ProjectId,
    /// An environment of a project.
    EnvironmentId,
    /// An application.
    ApplicationId,
    /// A server.
    ServerId,
    /// A destination: a network of a server.
    DestinationId,
    /// A release.
    ReleaseId,
    /// A deployment.
    DeploymentId,
    /// A private key.
    KeyId,
    /// A credential of an image registry.
    RegistryId,
    /// A variable.
    VariableId,
    /// A persistent volume, file mount or host-path mount.
    StorageId,
    /// A tag.
    TagId,
    /// A signed-in session.
    SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelt_id_parses() {
        let id = ApplicationId::from_chance(std::array::from_fn(|n| (n * 11) as u8));
        assert_eq!(id.as_str().parse::<ApplicationId>(), Ok(id.clone()));
        assert_eq!(id.short().len(), 8);
    }

    #[test]
    fn other_shapes_are_refused() {
        for bad in ["", "short", "1bcdefghijklmnopqrstuvwx", "Abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwxy", "abcdefghijklmnopqrstuv/x"] {
            assert!(bad.parse::<ApplicationId>().is_err(), "{bad}");
        }
    }
}
