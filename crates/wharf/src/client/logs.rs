//! What containers say.

use super::api::Api;
use clap::Args;
use futures_util::StreamExt;
use reqwest::Method;
use std::io::Write;

/// `wharf logs`.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Name or uuid of the application
    app: String,
    /// Stay and print new lines as they come
    #[arg(long, short)]
    follow: bool,
    /// How many of the last lines
    #[arg(long, short = 'n', default_value_t = 100)]
    lines: u32,
    /// Put the time before each line
    #[arg(long, short)]
    timestamps: bool,
}

/// Carries out `wharf logs`.
pub(super) async fn run(logs: Logs) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    let app = api.app(&logs.app).await?;
    let path = format!("/applications/{}/logs?lines={}&show_timestamps={}", app.uuid, logs.lines, logs.timestamps);
    if !logs.follow {
        let answer = api.get(&path).await?;
        print!("{}", answer["logs"].as_str().unwrap_or_default());
        return Ok(());
    }
    let mut stream = api.send(Method::GET, &format!("{path}&follow=true"), None).await?.bytes_stream();
    let mut out = std::io::stdout();
    while let Some(part) = stream.next().await {
        out.write_all(&part?)?;
        out.flush()?;
    }
    Ok(())
}
