//! Places where a debug build dies when the environment says so: the tests of the law that anything may die at any moment.
//!
//! `WHARF_FAILPOINT=<step kind>:before_begin|after_begin|after_apply|after_end` or `docker:<verb>`; `:n` behind it waits for the n-th time.

#[cfg(debug_assertions)]
static PASSED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Aborts the process where a debug build was told to die here.
#[cfg(debug_assertions)]
pub(crate) fn failpoint(place: &str, moment: &str) {
    let Ok(wanted) = std::env::var("WHARF_FAILPOINT") else { return };
    let (name, time) = match wanted.rsplit_once(':') {
        Some((name, number)) if number.parse::<usize>().is_ok() => (name, number.parse().unwrap_or(1)),
        _ => (wanted.as_str(), 1),
    };
    if name.split_once(':') == Some((place, moment)) && PASSED.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 == time {
        std::process::abort();
    }
}

/// Release builds have no such places.
#[cfg(not(debug_assertions))]
pub(crate) fn failpoint(_place: &str, _moment: &str) {}
