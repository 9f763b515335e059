//! What an instance takes when it does nothing: empty, with many applications, and after their pages were looked at.

use crate::RUNS;
use crate::browser::Browser;
use crate::figure::{Figure, Goal, Values};
use crate::{fleet, process};
use anyhow::{Context, Result};
use std::time::Duration;
use testkit::TestWharf;

/// How long a Wharf that has started is left alone before its memory is read: its reconcilers have run by then.
const SETTLED_AFTER: Duration = Duration::from_secs(3);
/// Pages looked at before the memory is read once more.
const PAGES: usize = 20;

/// Values of several starts.
#[derive(Default)]
struct Taken {
    resident: Values,
    anonymous: Values,
}

impl Taken {
    fn take(&mut self, wharf: &TestWharf) -> Result<()> {
        let memory = process::memory(wharf.pid().context("Wharf does not run")?)?;
        self.resident.push(memory.resident);
        self.anonymous.push(memory.anonymous);
        Ok(())
    }

    fn figures(self, what: &str, goal: Option<f64>) -> [Figure; 2] {
        let resident = Figure::new(format!("resident memory, {what}"), "MB", self.resident);
        let resident = match goal {
            Some(limit) => resident.aim(Goal::AtMost(limit)),
            None => resident,
        };
        [resident, Figure::new(format!("anonymous part of it, {what}"), "MB", self.anonymous)]
    }
}

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let mut wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    let browser = Browser::sign_in(&wharf).await?;
    let (mut empty, mut full, mut used) = (Taken::default(), Taken::default(), Taken::default());
    for _ in 0..RUNS {
        restart(&mut wharf).await?;
        empty.take(&wharf)?;
    }
    fleet::define(&wharf, &api).await?;
    for _ in 0..RUNS {
        restart(&mut wharf).await?;
        full.take(&wharf)?;
        for _ in 0..PAGES {
            browser.page("/").await?;
        }
        used.take(&wharf)?;
    }
    let many = format!("{} applications", fleet::APPLICATIONS);
    let used = used.figures(&format!("{many} and {PAGES} pages shown"), None);
    Ok(empty.figures("empty", Some(30.0)).into_iter().chain(full.figures(&many, Some(50.0))).chain(used).collect())
}

async fn restart(wharf: &mut TestWharf) -> Result<()> {
    wharf.terminate().await?;
    wharf.start_again().await?;
    tokio::time::sleep(SETTLED_AFTER).await;
    Ok(())
}
