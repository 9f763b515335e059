//! Pages over many applications, as long as the server takes for them: from the request to the last byte, over the loopback, one at a time.

use crate::RUNS;
use crate::browser::Browser;
use crate::figure::{Figure, Goal, Values};
use crate::fleet;
use crate::wrk::Wrk;
use anyhow::{Result, ensure};
use testkit::{Api, TestWharf};

const SECONDS: u32 = 2;
/// What browsers accept, so that the page is compressed as it is for them.
const BROWSERS: &str = "Accept-Encoding: gzip, deflate, br, zstd";

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let wharf = TestWharf::start().await?;
    let api = wharf.setup().await?;
    fleet::define(&wharf, &api).await?;
    let browser = Browser::sign_in(&wharf).await?;
    let mut figures = Vec::new();
    for (name, path) in [("overview", "/".to_owned()), ("environment", environment(&api).await?)] {
        let last = format!("application-{:03}", fleet::APPLICATIONS - 1);
        ensure!(browser.page(&path).await?.contains(&last), "{path} does not show every application");
        let url = format!("{}{path}", wharf.url());
        figures.extend(of_page(name, &url, &browser.header()).await?);
    }
    Ok(figures)
}

async fn environment(api: &Api) -> Result<String> {
    let project = api.get("/projects").await?.ok()?[0]["uuid"].as_str().unwrap_or_default().to_owned();
    let environments = api.get(&format!("/projects/{project}/environments")).await?.ok()?;
    Ok(format!("/environments/{}", environments[0]["uuid"].as_str().unwrap_or_default()))
}

/// The page compressed, and beside it without compression.
async fn of_page(name: &str, url: &str, cookie: &str) -> Result<Vec<Figure>> {
    let (mut compressed, mut plain) = ((Values::default(), Values::default()), (Values::default(), Values::default()));
    for _ in 0..RUNS {
        for (headers, (p50, p99)) in [(vec![cookie, BROWSERS], &mut compressed), (vec![cookie], &mut plain)] {
            let headers = headers.into_iter().map(str::to_owned).collect();
            let seen = Wrk { url: url.to_owned(), headers, connections: 1, seconds: SECONDS }.run().await?;
            ensure!(seen.failed == 0.0, "{url}: {seen:?}");
            p50.push(seen.p50_ms);
            p99.push(seen.p99_ms);
        }
    }
    let name = format!("{name} page, {} applications", fleet::APPLICATIONS);
    Ok(vec![
        Figure::new(format!("{name}, p50"), "ms", compressed.0).beside("not compressed", plain.0),
        Figure::new(format!("{name}, p99"), "ms", compressed.1).beside("not compressed", plain.1).aim(Goal::AtMost(20.0)),
    ])
}
