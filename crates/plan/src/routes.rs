//! The route table of a server: every application's domains to the containers that serve it.

use model::{ApplicationId, Host, PathPrefix, Port, Route, RouteTable, Scheme, Settings, Target, Upstream, domain::WwwRedirect};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

/// An application as the route table sees it.
#[derive(Debug, Clone)]
pub struct RoutedApplication<'a> {
    /// Its id.
    pub application: ApplicationId,
    /// The settings whose domains are live.
    pub settings: &'a Settings,
    /// The port it listens on: the settings' own or the one its image names.
    pub exposed_port: Option<Port>,
    /// The containers that serve; none answers 503.
    pub containers: Vec<ServingContainer>,
    /// Requests wait: two copies cannot run at once and one is being replaced.
    pub held: bool,
}

/// A container that serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingContainer {
    /// Its name.
    pub name: String,
    /// Its address on a network the edge reaches.
    pub address: IpAddr,
}

/// A route table and what did not fit into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routing {
    /// The table, ordered by host and path.
    pub table: RouteTable,
    /// Domains that another application already has.
    pub conflicts: Vec<Conflict>,
}

/// A domain that two applications claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The host.
    pub host: Host,
    /// The path.
    pub path: PathPrefix,
    /// The application that has it: the older one.
    pub held_by: ApplicationId,
    /// The application that does not get it.
    pub wanted_by: ApplicationId,
}

/// Computes the route table of applications given oldest first. Where two claim the same host and path the older has it, and the conflict is told. A
/// redirect that only follows from the `www` setting gives way to any domain a person set.
pub fn route_table(generation: u64, applications: &[RoutedApplication]) -> Routing {
    let mut routes: BTreeMap<(Host, PathPrefix), Route> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for route in applications.iter().flat_map(own_routes) {
        let place = (route.host.clone(), route.path.clone());
        match routes.get(&place) {
            None => drop(routes.insert(place, route)),
            Some(held) if held.application == route.application => {}
            Some(held) => {
                conflicts.push(Conflict { host: route.host, path: route.path, held_by: held.application.clone(), wanted_by: route.application });
            }
        }
    }
    for route in applications.iter().flat_map(www_routes) {
        routes.entry((route.host.clone(), route.path.clone())).or_insert(route);
    }
    Routing { table: RouteTable { generation, routes: routes.into_values().collect() }, conflicts }
}

/// The routes of the domains that a person set.
fn own_routes(application: &RoutedApplication) -> Vec<Route> {
    let Settings { domains, www, strip_prefix, .. } = application.settings;
    let route = |domain: &model::Domain| {
        let serves = |host: &Host| domains.iter().any(|other| other.host == *host && covers(&other.path, &domain.path));
        let preferred = counterpart(&domain.host).filter(|other| redirects(*www, &domain.host) && serves(other));
        let target = match preferred {
            Some(host) => Target::Redirect { host },
            None if application.held => Target::Hold,
            None => Target::Upstreams { upstreams: upstreams(application, domain.port) },
        };
        Route {
            application: application.application.clone(),
            host: domain.host.clone(),
            path: domain.path.clone(),
            strip_prefix: *strip_prefix && !domain.path.is_root(),
            https_only: domain.scheme == Scheme::Https,
            target,
        }
    };
    domains.iter().map(route).collect()
}

/// The redirects from the other of `example.com` and `www.example.com` where a person set only the preferred one. Nothing is ever redirected to a host
/// that nobody set: it may not exist.
fn www_routes(application: &RoutedApplication) -> Vec<Route> {
    let www = application.settings.www;
    let preferred = application.settings.domains.iter().filter(|domain| www != WwwRedirect::Both && !redirects(www, &domain.host));
    let redirect = |domain: &model::Domain| {
        Some(Route {
            application: application.application.clone(),
            host: counterpart(&domain.host)?,
            path: domain.path.clone(),
            strip_prefix: false,
            https_only: domain.scheme == Scheme::Https,
            target: Target::Redirect { host: domain.host.clone() },
        })
    };
    preferred.filter_map(redirect).collect()
}

/// Whether the setting sends this host's visitors to the other one.
fn redirects(www: WwwRedirect, host: &Host) -> bool {
    match www {
        WwwRedirect::Both => false,
        WwwRedirect::Www => !host.as_str().starts_with("www."),
        WwwRedirect::NonWww => host.as_str().starts_with("www."),
    }
}

/// The other of `example.com` and `www.example.com`; none for wildcards and names that grow too long.
fn counterpart(host: &Host) -> Option<Host> {
    match host.as_str().strip_prefix("www.") {
        Some(bare) => bare.parse().ok(),
        None if host.as_str().starts_with("*.") => None,
        None => format!("www.{host}").parse().ok(),
    }
}

/// Whether requests below `path` are below `prefix` too.
fn covers(prefix: &PathPrefix, path: &PathPrefix) -> bool {
    prefix.is_root() || path.as_str().strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn upstreams(application: &RoutedApplication, own_port: Option<Port>) -> Vec<Upstream> {
    let Some(port) = own_port.or(application.exposed_port) else { return Vec::new() };
    let upstream = |container: &ServingContainer| Upstream { container: container.name.clone(), address: SocketAddr::new(container.address, port.number()) };
    let mut upstreams: Vec<Upstream> = application.containers.iter().map(upstream).collect();
    upstreams.sort_by(|a, b| a.container.cmp(&b.container));
    upstreams
}

#[cfg(test)]
mod tests;
