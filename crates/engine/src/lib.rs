//! Runs plans: queue, locks, journal, recovery, reconcilers.
