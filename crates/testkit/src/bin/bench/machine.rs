//! What the figures are measured on: the machine, and the versions of the programs beside Wharf. Nothing that names one machine.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;

/// Programs whose versions are told: how each is asked.
const PROGRAMS: [(&str, &[&str]); 5] = [
    ("Docker", &["docker", "version", "--format", "{{.Server.Version}}"]),
    ("nginx", &["nginx", "-v"]),
    ("Caddy", &["caddy", "version"]),
    ("wrk", &["wrk", "-v"]),
    ("Valgrind", &["valgrind", "--version"]),
];

/// Processor, cores, memory, kernel, distribution, and the programs' versions.
pub(crate) async fn describe() -> Result<Value> {
    let read = |path: &str| fs::read_to_string(path).with_context(|| format!("{path} cannot be read"));
    let (processor, memory, release) = (read("/proc/cpuinfo")?, read("/proc/meminfo")?, read("/etc/os-release")?);
    let kernel = read("/proc/sys/kernel/osrelease")?;
    let kilobytes: f64 = after(&memory, "MemTotal:").trim_end_matches("kB").trim().parse().unwrap_or_default();
    Ok(json!({
        "processor": after(&processor, "model name").trim_start_matches([':', ' ', '\t']),
        "cores": std::thread::available_parallelism()?.get(),
        "memory_gib": (kilobytes / 1024.0 / 1024.0).ceil() as u64,
        "kernel": kernel.trim().split('-').next(),
        "distribution": after(&release, "PRETTY_NAME=").trim_matches('"'),
        "programs": programs().await,
    }))
}

/// The rest of the first line that begins with this.
fn after<'a>(text: &'a str, beginning: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(beginning)).unwrap_or_default().trim()
}

async fn programs() -> Value {
    let mut versions = serde_json::Map::new();
    for (name, argv) in PROGRAMS {
        let Some((program, arguments)) = argv.split_first() else { continue };
        // wrk says its version and then that it was used wrongly; nginx says it on standard error.
        let said = host::Command::new(*program).args(arguments.iter().copied()).run().await;
        let said = said.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
        versions.insert(name.into(), version(&String::from_utf8_lossy(&said)).into());
    }
    Value::Object(versions)
}

/// The first number with a point in it.
fn version(said: &str) -> String {
    let words = said.split(|character: char| !(character.is_ascii_digit() || character == '.'));
    words.map(|word| word.trim_matches('.')).find(|word| word.contains('.')).unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (said, version) in [("nginx version: nginx/1.22.1", "1.22.1"), ("v2.11.4 h1:XKx=", "2.11.4"), ("wrk debian/4.1.0-3+b2 [epoll] Copyright", "4.1.0")]
        {
            assert_eq!(super::version(said), version);
        }
    }
}
