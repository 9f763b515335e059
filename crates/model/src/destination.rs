//! Destinations: the networks of servers.

use crate::{DestinationId, Invalid, Name, Record, ServerId, TeamId, parsed_text};

/// Longest name of a network, in bytes; the engine's own bound.
const NETWORK_LENGTH_BYTES: usize = 255;
/// Networks that an engine has anyway, and what its API takes for something else than a name.
const NETWORKS_OF_ENGINES: [&str; 6] = ["bridge", "host", "none", "default", "ingress", "docker_gwbridge"];

/// A network of a server, where resources run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its id.
    pub id: DestinationId,
    /// The server.
    pub server: ServerId,
    /// Whose it is.
    pub team: TeamId,
    /// Its name.
    pub name: Name,
    /// The engine's name of the network.
    pub network: String,
    /// The one its server began with: applications that name none run there, so it cannot be deleted.
    pub protected: bool,
    /// Its number and times.
    pub record: Record,
}

parsed_text!(
    /// A name for a network of an engine: letters, digits, `_`, `.` and `-`, beginning with a letter or a digit; none that every engine has.
    NetworkName,
    |text| {
        let text = text.trim();
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !first || text.len() > NETWORK_LENGTH_BYTES || !text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
            return Err(Invalid::new("a network's name has letters, digits, underscores, dots and hyphens, and begins with a letter or a digit"));
        }
        if NETWORKS_OF_ENGINES.contains(&text) {
            return Err(Invalid::new(format!("{text} is a network that every engine has: choose another name")));
        }
        Ok(text.to_owned())
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_a_name_that_the_engine_takes_and_that_is_not_its_own() {
        for good in ["shop", "shop_1.2-x", "1", "Host"] {
            assert_eq!(good.parse::<NetworkName>().map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "-x", ".x", "a b", "a/b", "container:x", "host", "none", "bridge", "default", "ä", &"x".repeat(256)] {
            assert!(bad.parse::<NetworkName>().is_err(), "{bad}");
        }
    }
}
