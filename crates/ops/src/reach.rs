//! Where the names of an application's domains lead: what name servers say, and whether that is this machine.

use crate::{Error, Ops, permit};
use futures_util::future::join_all;
use model::{ApplicationId, Domain};
use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Duration,
};
use store::Scope;

/// How long name servers may take to answer.
const LOOK_LIMIT: Duration = Duration::from_secs(3);

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// To this machine, at this address.
    Here(IpAddr),
    /// To the machine of whoever asks: a name below `localhost`.
    Local,
    /// To an address that is none of this machine's own.
    Elsewhere(IpAddr),
    /// No name server knows it.
    Nowhere,
    /// A wildcard: no one name stands for it.
    Wildcard,
}

impl Ops {
    /// The domains of an application and where their names lead now. Name servers are asked.
    pub async fn domains_reach(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<(Domain, Reach)>, Error> {
        permit::read(scope)?;
        let domains = self.store.application_fetch(scope, application).await?.application.settings.domains;
        let reached = join_all(domains.iter().map(|domain| reach(domain.host.as_str()))).await;
        Ok(domains.into_iter().zip(reached).collect())
    }
}

async fn reach(host: &str) -> Reach {
    if host.starts_with("*.") {
        return Reach::Wildcard;
    }
    // Names below localhost lead to the visitor's own machine by definition (RFC 6761), whatever a name server says.
    if host == "localhost" || host.ends_with(".localhost") {
        return Reach::Local;
    }
    let Ok(Ok(found)) = tokio::time::timeout(LOOK_LIMIT, tokio::net::lookup_host((host, 80))).await else { return Reach::Nowhere };
    let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    match (addresses.iter().find(|address| is_own(**address)), addresses.first()) {
        (Some(own), _) => Reach::Here(*own),
        (None, Some(first)) => Reach::Elsewhere(*first),
        (None, None) => Reach::Nowhere,
    }
}

/// Whether an address is one of this machine's: only those can be bound.
fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind(SocketAddr::new(address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_are_told_apart_by_where_they_lead() {
        assert_eq!(reach("*.example.com").await, Reach::Wildcard);
        assert_eq!(reach("shop.localhost").await, Reach::Local);
        assert_eq!(reach("127.0.0.1").await, Reach::Here([127, 0, 0, 1].into()));
        assert_eq!(reach("192.0.2.7").await, Reach::Elsewhere([192, 0, 2, 7].into()));
        assert_eq!(reach("no-such-name.invalid").await, Reach::Nowhere);
    }
}
