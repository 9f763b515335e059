//! The table as requests see it: hosts hashed, paths sorted, upstreams shared with the table before.

use crate::{container::Containers, upstream::Upstream};
use model::{Route, RouteTable, Target};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A compiled [`RouteTable`].
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// What it was compiled from.
    pub(crate) source: RouteTable,
    exact: HashMap<String, Vec<Entry>>,
    /// By what follows the `*.`.
    wildcard: HashMap<String, Vec<Entry>>,
    upstreams: HashMap<model::Upstream, Arc<Upstream>>,
}

/// A route of a host.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The path below which it matches; empty for the whole site.
    pub(crate) prefix: String,
    /// Whether the prefix is removed.
    pub(crate) strip_prefix: bool,
    /// Whether plain HTTP is redirected.
    pub(crate) https_only: bool,
    /// Where requests go.
    pub(crate) goal: Goal,
}

/// A compiled [`Target`].
#[derive(Debug)]
pub(crate) enum Goal {
    Upstreams(Balance),
    Hold,
    Redirect(String),
}

/// The upstreams of a route.
#[derive(Debug)]
pub(crate) struct Balance {
    upstreams: Vec<Arc<Upstream>>,
    turn: AtomicUsize,
}

impl Balance {
    /// The upstream with the fewest requests in flight; ties take turns. Those that refused a connection lately come last, those in `tried` never.
    pub(crate) fn choose(&self, tried: &[Arc<Upstream>], now_ms: impl FnOnce() -> u64) -> Option<&Arc<Upstream>> {
        if let [only] = self.upstreams.as_slice() {
            return (!tried.iter().any(|one| Arc::ptr_eq(one, only))).then_some(only);
        }
        let (count, now_ms) = (self.upstreams.len().max(1), now_ms());
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        let candidates = (0..self.upstreams.len()).map(|step| &self.upstreams[first.wrapping_add(step) % count]);
        candidates
            .filter(|upstream| !tried.iter().any(|one| Arc::ptr_eq(one, upstream)))
            .min_by_key(|upstream| (upstream.avoided(now_ms), upstream.in_flight()))
    }

    /// Whether there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.upstreams.is_empty()
    }
}

impl Table {
    /// Compiles a table. Upstreams that the previous one has too keep their pools.
    pub(crate) fn compile(source: RouteTable, previous: &Table, containers: &Containers) -> Self {
        let mut table = Self::default();
        for route in &source.routes {
            let goal = match &route.target {
                Target::Upstreams { upstreams } => Goal::Upstreams(table.balance(upstreams, previous, containers)),
                Target::Hold => Goal::Hold,
                Target::Redirect { host } => Goal::Redirect(host.to_string()),
            };
            table.insert(route, goal);
        }
        for entries in table.exact.values_mut().chain(table.wildcard.values_mut()) {
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.prefix.len()));
        }
        Self { source, ..table }
    }

    fn balance(&mut self, upstreams: &[model::Upstream], previous: &Table, containers: &Containers) -> Balance {
        let mut shared = Vec::with_capacity(upstreams.len());
        for upstream in upstreams {
            let entry = self.upstreams.entry(upstream.clone()).or_insert_with(|| {
                let kept = previous.upstreams.get(upstream).cloned();
                kept.unwrap_or_else(|| Arc::new(Upstream::new(upstream.address, containers.named(&upstream.container))))
            });
            shared.push(entry.clone());
        }
        Balance { upstreams: shared, turn: AtomicUsize::new(0) }
    }

    fn insert(&mut self, route: &Route, goal: Goal) {
        let (hosts, name) = match route.host.as_str().strip_prefix("*.") {
            Some(parent) => (&mut self.wildcard, parent),
            None => (&mut self.exact, route.host.as_str()),
        };
        let prefix = if route.path.is_root() { String::new() } else { route.path.to_string() };
        let entry = Entry { prefix, strip_prefix: route.strip_prefix, https_only: route.https_only, goal };
        hosts.entry(name.to_owned()).or_default().push(entry);
    }

    /// The route of a request: the longest path of the exact host, else of the wildcard one label up. The host is in lower case.
    pub(crate) fn route(&self, host: &str, path: &str) -> Option<&Entry> {
        let below = |entries: &'_ Vec<Entry>| entries.iter().position(|entry| is_below(path, &entry.prefix));
        if let Some(entries) = self.exact.get(host)
            && let Some(at) = below(entries)
        {
            return entries.get(at);
        }
        let (_, parent) = host.split_once('.')?;
        let entries = self.wildcard.get(parent)?;
        below(entries).and_then(|at| entries.get(at))
    }

    /// The names of all containers it routes to.
    pub(crate) fn containers(&self) -> HashSet<&str> {
        self.upstreams.keys().map(|upstream| upstream.container.as_str()).collect()
    }

    /// Closes the idle connections of upstreams that the next table no longer has.
    pub(crate) fn retire_all_but(&self, next: &Table) {
        let gone = self.upstreams.iter().filter(|(upstream, _)| !next.upstreams.contains_key(upstream));
        gone.for_each(|(_, upstream)| upstream.retire());
    }

    /// Every upstream.
    pub(crate) fn upstreams(&self) -> impl Iterator<Item = &Arc<Upstream>> {
        self.upstreams.values()
    }
}

/// Whether a path is the prefix or below it: `/api` and `/api/x`, not `/apis`.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
