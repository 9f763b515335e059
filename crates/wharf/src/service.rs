//! `wharf service`: a systemd unit.

use crate::arguments::{Service, ServiceCommand};
use anyhow::Context;

/// Carries out `wharf service ...`.
pub(crate) fn run(service: Service) -> anyhow::Result<()> {
    let ServiceCommand::Install { unit, layer } = service.command;
    let program = std::env::current_exe().context("this program has no path")?;
    let text = render(&program.display().to_string(), &layer.as_arguments());
    std::fs::write(&unit, text).with_context(|| format!("{} cannot be written: run this as root", unit.display()))?;
    println!("Wrote {}. Start it now and with the machine:\n  systemctl daemon-reload\n  systemctl enable --now wharf", unit.display());
    Ok(())
}

/// The unit file. It restarts Wharf whenever it ends; applications and edge do not depend on it. Where memory runs out, the kernel takes applications first, and
/// a `git` that it takes does not end Wharf with it (systemd.exec, `OOMScoreAdjust`; systemd.service, `OOMPolicy`).
fn render(program: &str, arguments: &[String]) -> String {
    let command: Vec<String> = [program.to_owned(), "up".to_owned()].iter().chain(arguments).map(|word| quote(word)).collect();
    format!(
        "[Unit]\nDescription=Wharf\nAfter=network-online.target docker.service\nWants=network-online.target\n\n[Service]\nExecStart={}\nRestart=always\nRestartSec=1\nTimeoutStopSec=15\nOOMScoreAdjust=-500\nOOMPolicy=continue\nLimitNOFILE=65536\n\n[Install]\nWantedBy=multi-user.target\n",
        command.join(" ")
    )
}

/// A word as systemd reads it back: quoted, with its own specifiers and variables disarmed (systemd.service, "Command lines").
fn quote(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let plain = escaped.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.:,=%$".contains(c));
    if plain && !escaped.is_empty() { escaped } else { format!("\"{escaped}\"") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_with_spaces_and_specifiers_stay_one_word() {
        let unit = super::render("/usr/bin/wharf", &["--data".into(), "/srv/my %data $x \"q\"".into()]);
        assert!(unit.contains("ExecStart=/usr/bin/wharf up --data \"/srv/my %%data $$x \\\"q\\\"\"\n"), "{unit}");
    }
}
