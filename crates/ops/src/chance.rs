//! Time and chance, handed in at the start: real ones in a running Wharf, fixed ones in tests.

use jiff::Timestamp;
use std::sync::Arc;

/// Where time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn real() -> Self {
        Self(Arc::new(Timestamp::now))
    }
    /// A clock that says what this function says.
    pub fn of(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Where ids and secrets come from.
#[derive(Clone)]
pub struct Dice(Arc<Fill>);

impl Dice {
    /// The process's cryptographic generator.
    pub fn real() -> Self {
        Self(Arc::new(|bytes| rand::fill(bytes)))
    }
    /// Dice that this function throws; for tests.
    pub fn of(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }
    /// Random bytes.
    pub fn bytes<const COUNT: usize>(&self) -> [u8; COUNT] {
        let mut bytes = [0; COUNT];
        (self.0)(&mut bytes);
        bytes
    }
}
