//! `wharf doctor`: what this machine lacks, and how to mend it. The running Wharf knows most; without one the machine is looked at for a start.

use crate::{
    config::{self, Config, Layer},
    control,
};
use engine::{Checkup, Finding, State};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::process::ExitCode;

/// A name below the wildcard domain, which stands for those of applications.
const ANY_APPLICATION: &str = "any-application";

/// Prints every finding; the exit code says whether anything is broken.
pub(crate) async fn doctor(layer: Layer) -> anyhow::Result<ExitCode> {
    let config = config::resolve(layer)?;
    let findings = match control::ask(&config.data, "/doctor", &json!({})).await {
        Ok(answer) => answer["findings"].as_array().cloned().unwrap_or_default(),
        Err(why) if is_absence(&why) => {
            println!("No Wharf runs on {}: this is what a start would meet.\n", config.data.display());
            engine::examine(&checkup(&config)).await.iter().map(as_json).collect()
        }
        Err(why) => return Err(why),
    };
    for finding in &findings {
        print!("{}", render(finding));
    }
    let is_broken = findings.iter().any(|finding| finding["state"] == word(State::Bad));
    Ok(if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Whether nobody listens; that this user may not ask is another matter.
fn is_absence(why: &anyhow::Error) -> bool {
    let kind = why.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    matches!(kind, Some(ErrorKind::NotFound | ErrorKind::ConnectionRefused))
}

fn checkup(config: &Config) -> Checkup {
    let public = config.public_url.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
    let wildcard = format!("{ANY_APPLICATION}.{}", config.wildcard.as_str().trim_start_matches("*."));
    Checkup {
        data: config.data.clone(),
        docker_socket: config.engine_socket.clone(),
        listen: config.listen,
        http_port: config.http_port,
        https_port: config.https_port,
        names: public.into_iter().chain([wildcard]).collect(),
    }
}

/// A finding as it goes over the control socket.
pub(crate) fn as_json(finding: &Finding) -> Value {
    json!({"what": finding.what, "state": word(finding.state), "sentence": finding.sentence, "fix": finding.fix})
}

fn word(state: State) -> &'static str {
    match state {
        State::Ok => "well",
        State::Warn => "warning",
        State::Bad => "broken",
    }
}

fn render(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let fix = finding["fix"].as_str().filter(|_| text("state") != word(State::Ok)).map(|fix| format!("         fix: {fix}\n"));
    format!("{:<7}  {}: {}\n{}", text("state"), text("what"), text("sentence"), fix.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_stands_below_what_is_not_well() {
        let finding = |state| Finding { what: "Clock".into(), state, well: state == State::Ok, sentence: "It is off".into(), fix: Some("set it".into()) };
        assert_eq!(render(&as_json(&finding(State::Ok))), "well     Clock: It is off\n");
        assert_eq!(render(&as_json(&finding(State::Bad))), "broken   Clock: It is off\n         fix: set it\n");
    }
}
