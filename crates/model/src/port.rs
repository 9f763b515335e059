//! Ports of containers and of hosts.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, str::FromStr};

/// A TCP or UDP port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Port(u16);

impl Port {
    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Port {
    type Error = Invalid;
    fn try_from(number: u16) -> Result<Self, Invalid> {
        if number == 0 { Err(Invalid::new("a port is a number from 1 to 65535")) } else { Ok(Self(number)) }
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> u16 {
        port.0
    }
}

impl FromStr for Port {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.starts_with('+') {
            return Err(Invalid::new("a port is a number from 1 to 65535"));
        }
        text.parse::<u16>().map_err(|_| Invalid::new("a port is a number from 1 to 65535"))?.try_into()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The transport of a published port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP, the default.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// `tcp` or `udp`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// A port of the host published to a port of the container, written `[address:]host:container[/udp]` as compose files write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortMapping {
    /// The host's address to bind; all when absent.
    pub address: Option<IpAddr>,
    /// The host's port.
    pub host: Port,
    /// The container's port.
    pub container: Port,
    /// TCP or UDP.
    pub transport: Transport,
}

impl FromStr for PortMapping {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("a port mapping looks like 8080:80, 127.0.0.1:8080:80 or 53:53/udp");
        let (ports, transport) = match text.trim().rsplit_once('/') {
            Some((ports, "tcp")) => (ports, Transport::Tcp),
            Some((ports, "udp")) => (ports, Transport::Udp),
            Some(_) => return Err(wrong()),
            None => (text.trim(), Transport::Tcp),
        };
        let (rest, container) = ports.rsplit_once(':').ok_or_else(wrong)?;
        let (address, host) = match rest.rsplit_once(':') {
            Some((address, host)) => (Some(address.trim_matches(['[', ']']).parse().map_err(|_| wrong())?), host),
            None => (None, rest),
        };
        Ok(Self { address, host: host.parse()?, container: container.parse()?, transport })
    }
}

impl fmt::Display for PortMapping {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(IpAddr::V6(address)) => write!(formatter, "[{address}]:")?,
            Some(address) => write!(formatter, "{address}:")?,
            None => {}
        }
        write!(formatter, "{}:{}", self.host, self.container)?;
        if self.transport == Transport::Udp { formatter.write_str("/udp") } else { Ok(()) }
    }
}

impl TryFrom<String> for PortMapping {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<PortMapping> for String {
    fn from(mapping: PortMapping) -> String {
        mapping.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_print_as_they_are_written() {
        for text in ["8080:80", "127.0.0.1:8080:80", "53:53/udp", "[::1]:8080:80"] {
            assert_eq!(text.parse::<PortMapping>().map(|mapping| mapping.to_string()), Ok(text.to_owned()));
        }
        for bad in ["80", "0:80", "a:b", "80:80/sctp", "1.2.3:80:80", "80:70000", "+80:80"] {
            assert!(bad.parse::<PortMapping>().is_err(), "{bad}");
        }
    }
}
