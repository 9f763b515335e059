//! Containers that serve, and the counts that decide when one may stop.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// A container's counts. They outlive the tables that name it.
#[derive(Debug, Default)]
pub(crate) struct Container {
    in_flight: AtomicU64,
    requests: AtomicU64,
    failures: AtomicU64,
}

impl Container {
    /// Counts a request in, until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(self.clone())
    }

    /// Requests in flight.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// It could not be reached for a request.
    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// It answered a request.
    pub(crate) fn answered(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }
}

/// A request in flight at a container: held until its response, or the connection it was upgraded to, has ended.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Container>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The containers of the current table, and those of older ones that still have requests in flight.
#[derive(Debug, Default)]
pub(crate) struct Containers(Mutex<HashMap<String, Arc<Container>>>);

/// The counts of all containers.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) in_flight: BTreeMap<String, u64>,
    pub(crate) requests: BTreeMap<String, u64>,
    pub(crate) failures: BTreeMap<String, u64>,
}

impl Containers {
    /// The container of this name.
    pub(crate) fn named(&self, name: &str) -> Arc<Container> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(container) = all.get(name) {
            return container.clone();
        }
        all.entry(name.to_owned()).or_default().clone()
    }

    /// Forgets containers that the table no longer names and that have nothing in flight.
    pub(crate) fn keep(&self, named: &HashSet<&str>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|name, container| named.contains(name.as_str()) || container.in_flight() > 0);
    }

    /// What is counted now.
    pub(crate) fn counts(&self) -> Counts {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |count: fn(&Container) -> u64| all.iter().map(|(name, container)| (name.clone(), count(container))).collect();
        Counts {
            in_flight: of(Container::in_flight),
            requests: of(|container| container.requests.load(Ordering::Relaxed)),
            failures: of(|container| container.failures.load(Ordering::Relaxed)),
        }
    }
}
