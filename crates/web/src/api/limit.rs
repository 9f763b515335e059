//! How often one token may ask.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Requests of one token within a minute that change something; Coolify's figure for all.
pub const REQUESTS_PER_MINUTE: u32 = 200;
/// How many times more requests may only read: who follows a deployment asks several times a second.
const READS_FACTOR: u32 = 5;
const WINDOW: Duration = Duration::from_secs(60);
/// Tokens counted at once; the oldest windows are forgotten beyond it.
const TOKENS_COUNT: usize = 10_000;

/// Counts requests per token in windows of a minute.
#[derive(Debug)]
pub(crate) struct RateLimit {
    per_minute: u32,
    windows: Mutex<HashMap<(i64, Kind), Window>>,
}

/// What a request does. Each kind is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Only reads.
    Read,
    /// Changes something.
    Change,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Instant,
    count: u32,
}

/// What is left of a token's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Whether this request is within it.
    pub(crate) allowed: bool,
    /// Requests in all.
    pub(crate) limit: u32,
    /// Requests left.
    pub(crate) remaining: u32,
    /// Seconds until it begins anew.
    pub(crate) reset_seconds: u64,
}

impl RateLimit {
    /// A limit of so many requests.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, windows: Mutex::new(HashMap::new()) }
    }

    /// Counts a request of this token at this moment.
    pub(crate) fn take(&self, token: i64, kind: Kind, now: Instant) -> Allowance {
        let limit = if kind == Kind::Read { self.per_minute.saturating_mul(READS_FACTOR) } else { self.per_minute };
        let counted = (token, kind);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= TOKENS_COUNT && !windows.contains_key(&counted) {
            windows.retain(|_, window| now.duration_since(window.began) < WINDOW);
            if windows.len() >= TOKENS_COUNT {
                windows.clear();
            }
        }
        let window = windows.entry(counted).or_insert(Window { began: now, count: 0 });
        if now.duration_since(window.began) >= WINDOW {
            *window = Window { began: now, count: 0 };
        }
        window.count = window.count.saturating_add(1);
        let left = WINDOW.saturating_sub(now.duration_since(window.began));
        Allowance { allowed: window.count <= limit, limit, remaining: limit.saturating_sub(window.count), reset_seconds: left.as_secs().max(1) }
    }
}

impl Allowance {
    /// Says it in an answer's headers.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(self.remaining));
        if !self.allowed {
            headers.insert(HeaderName::from_static("x-ratelimit-reset"), HeaderValue::from(self.reset_seconds));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_ends_and_another_token_is_not_touched() {
        let (limit, start) = (RateLimit::new(2), Instant::now());
        let change = |token, now| limit.take(token, Kind::Change, now);
        assert!(change(1, start).allowed);
        assert_eq!(change(1, start).remaining, 0);
        assert!(!change(1, start + Duration::from_secs(59)).allowed);
        assert!(change(2, start).allowed);
        assert!(limit.take(1, Kind::Read, start).allowed, "reads are counted apart");
        assert!(change(1, start + WINDOW).allowed);
    }
}
