//! Waiting for a condition with a deadline; the only way that tests wait.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

const PERIOD: Duration = Duration::from_millis(50);

/// Asks until the condition answers `Ok`, and returns its value.
///
/// # Errors
/// The time is over: the error says what was waited for and the last state seen, which is what the condition answered as `Err`.
pub async fn wait_for<T>(what: &str, within: Duration, mut condition: impl AsyncFnMut() -> Result<T, String>) -> Result<T> {
    let began = Instant::now();
    let mut ticks = tokio::time::interval(PERIOD);
    let mut seen = "nothing: the condition has not answered once".to_owned();
    loop {
        ticks.tick().await;
        let left = within.saturating_sub(began.elapsed());
        match tokio::time::timeout(left, condition()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(state)) => seen = state,
            Err(_) => {}
        }
        if left.is_zero() {
            bail!("waited {:.1} s in vain for {what}; last seen: {seen}", within.as_secs_f32());
        }
    }
}

/// Runs this to its end from where nothing can be waited for, as in a drop.
pub(crate) fn waited_for<F: Future<Output = Result<()>>>(work: impl FnOnce() -> F + Send + 'static) -> Result<()> {
    let ran = std::thread::spawn(move || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work()));
    ran.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the thread panicked")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_seen_last_is_said_when_the_time_is_over() {
        let mut asked = 0;
        let error = wait_for("a dozen", Duration::from_millis(90), async || {
            asked += 1;
            if asked > 1000 { Ok(()) } else { Err(format!("{} of them", if asked > 1 { "some" } else { "one" })) }
        })
        .await
        .expect_err("never so");
        assert_eq!(error.to_string(), "waited 0.1 s in vain for a dozen; last seen: some of them");
    }
}
