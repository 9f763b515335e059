//! `wharf doctor`: what this machine lacks, and how to mend it.

use crate::{
    config::{self, Layer},
    control,
};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Prints every finding of the running Wharf; the exit code says whether all is well.
pub(crate) async fn doctor(layer: Layer) -> anyhow::Result<ExitCode> {
    let config = config::resolve(layer)?;
    let answer = control::ask(&config.data, "/doctor", &json!({})).await?;
    let findings: Vec<&Value> = answer["findings"].as_array().into_iter().flatten().collect();
    for finding in &findings {
        print!("{}", render(finding));
    }
    let well = findings.iter().all(|finding| finding["well"] == true);
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn render(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let word = if finding["well"] == true { "well" } else { "needs you" };
    let fix = finding["fix"].as_str().map(|fix| format!("           fix: {fix}\n")).unwrap_or_default();
    format!("{word:<9}  {}: {}\n{}", text("what"), text("sentence"), if finding["well"] == true { "" } else { &fix })
}
