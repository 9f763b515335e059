//! Whether names lead anywhere.

use super::{Finding, State, finding};
use std::time::Duration;

/// Names that are looked up.
const NAMES_LIMIT: usize = 5;
const NAME_LIMIT: Duration = Duration::from_secs(3);

/// Looks names up, each once.
pub(super) async fn names(mut hosts: Vec<String>) -> Vec<Finding> {
    // Names below localhost lead here by definition (RFC 6761), whatever a name server says.
    hosts.retain(|host| !host.starts_with("*.") && host != "localhost" && !host.ends_with(".localhost"));
    hosts.sort();
    hosts.dedup();
    let mut findings = vec![images_host().await];
    for host in hosts.into_iter().take(NAMES_LIMIT) {
        let what = format!("Name {host}");
        findings.push(match address_of(&host).await {
            Some(address) => finding(&what, State::Ok, format!("It leads to {address}"), None),
            None => {
                finding(&what, State::Warn, "No name server knows it from here", Some(&format!("add an A record for {host} that names this server's address")))
            }
        });
    }
    findings
}

/// Whether this machine can look names up at all, by the name that images without another come from.
async fn images_host() -> Finding {
    let host = model::image::DOCKER_HUB;
    match address_of(host).await {
        Some(_) => finding("DNS", State::Ok, format!("{host} is known"), None),
        None => finding(
            "DNS",
            State::Warn,
            format!("{host} is not known here, so images cannot be pulled from it"),
            Some("check the name servers in /etc/resolv.conf"),
        ),
    }
}

async fn address_of(host: &str) -> Option<std::net::IpAddr> {
    let looked = tokio::time::timeout(NAME_LIMIT, tokio::net::lookup_host((host, 80))).await;
    looked.ok()?.ok()?.next().map(|address| address.ip())
}
