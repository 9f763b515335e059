//! Which repositories an instance reaches out to.

use super::SourcePolicy;
use crate::Error;
use model::{GitUrl, git::GitTransport};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

const SSH_PORT: u16 = 22;
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long each address of a host that has several may take to answer over ssh.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// An open door: the settings with which git may go through it.
pub(super) struct Door {
    /// The one transport that is allowed.
    pub(super) transport: &'static str,
    /// Settings besides.
    pub(super) settings: Vec<String>,
    /// Where ssh goes, whatever the host's name says a moment later.
    pub(super) ssh: Option<SshPlace>,
}

/// An address that was checked, and the name that the host's key is pinned under.
pub(super) struct SshPlace {
    pub(super) address: IpAddr,
    pub(super) name: String,
}

/// Opens the door to a repository, if the policy lets it.
pub(super) async fn open(url: &GitUrl, policy: SourcePolicy) -> Result<Door, Error> {
    let closed = |what: String, setting| Err(Error::NotAllowed { what, setting });
    let (transport, port) = match url.transport() {
        GitTransport::Ssh => ("protocol.ssh.allow=always", SSH_PORT),
        GitTransport::File if policy.allow_local => ("protocol.file.allow=always", 0),
        GitTransport::File => return closed("reading a repository from this machine's files".to_owned(), "--allow-local-git"),
        GitTransport::Https => ("protocol.https.allow=always", 443),
        GitTransport::Http => ("protocol.http.allow=always", 80),
    };
    let mut door = Door { transport, settings: Vec::new(), ssh: None };
    if policy.allow_private || url.transport() == GitTransport::File {
        return Ok(door);
    }
    let (host, port) = authority(url, port);
    let addresses = resolve(&host, port).await?;
    if let Some(address) = addresses.iter().find(|address| is_private(**address)) {
        return closed(format!("reaching {host}, which is at the private address {address},"), "--allow-private-sources");
    }
    // Git goes to the addresses that were checked, whatever the name says a moment later.
    if url.transport() == GitTransport::Ssh {
        door.ssh = Some(SshPlace { address: answering(&addresses, &host, port).await?, name: pinned_name(&host, port) });
        return Ok(door);
    }
    let list: Vec<_> = addresses.iter().map(|address| if address.is_ipv6() { format!("[{address}]") } else { address.to_string() }).collect();
    door.settings.push(format!("http.curloptResolve={host}:{port}:{}", list.join(",")));
    if url.transport() == GitTransport::Http {
        // Over https a redirect needs a certificate at its end; over plain http it could lead into the private network.
        door.settings.push("http.followRedirects=false".to_owned());
    }
    Ok(door)
}

/// The first address that takes connections: ssh is given one, and this machine may have no way to the others.
async fn answering(addresses: &BTreeSet<IpAddr>, host: &str, port: u16) -> Result<IpAddr, Error> {
    let mut why = "its name has no address".to_owned();
    for address in addresses {
        match tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::TcpStream::connect((*address, port))).await {
            Ok(Ok(_)) => return Ok(*address),
            Ok(Err(error)) => why = error.to_string(),
            Err(_) => why = "it does not answer".to_owned(),
        }
    }
    Err(Error::Unreachable { host: host.to_owned(), why })
}

/// What ssh itself pins a host's key under.
fn pinned_name(host: &str, port: u16) -> String {
    let host = host.trim_matches(['[', ']']);
    if port == SSH_PORT { host.to_owned() } else { format!("[{host}]:{port}") }
}

fn authority(url: &GitUrl, usual: u16) -> (String, u16) {
    let port = url::Url::parse(url.as_str()).ok().and_then(|url| url.port()).unwrap_or(usual);
    (url.host().unwrap_or_default(), port)
}

async fn resolve(host: &str, port: u16) -> Result<BTreeSet<IpAddr>, Error> {
    let unreachable = |why: String| Error::Unreachable { host: host.to_owned(), why };
    let name = host.trim_matches(['[', ']']).to_owned();
    match tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((name, port))).await {
        Ok(Ok(found)) => Ok(found.map(|address| address.ip()).collect()),
        Ok(Err(_)) => Err(unreachable("its name is not known".to_owned())),
        Err(_) => Err(unreachable("looking up its name took too long".to_owned())),
    }
}

/// Whether an address is this machine, its network, or nobody's: anything but the public internet.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_private_v6(address), is_private_v4),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [first, second, _, _, _, _, seventh, eighth] = address.segments();
    let embedded = |high: u16, low: u16| is_private_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || (first == 0x64 && second == 0xff9b && embedded(seventh, eighth))
        || (first == 0x2002 && embedded(second, address.segments()[2]))
        || address.segments()[..6].iter().all(|segment| *segment == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_public_are_private() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "ff02::1",
            "::127.0.0.1",
        ] {
            assert!(is_private(address.parse().expect("an address")), "{address}");
        }
        for address in ["1.1.1.1", "140.82.121.4", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"] {
            assert!(!is_private(address.parse().expect("an address")), "{address}");
        }
    }
}
