//! wrk: as many requests as a server takes, over connections that are kept, from a core of its own.

use anyhow::{Context, Result, ensure};

/// The core that it runs on; what is measured runs on another.
pub(crate) const CORE: &str = "1";

/// A load.
pub(crate) struct Wrk {
    pub(crate) url: String,
    pub(crate) headers: Vec<String>,
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
}

/// What it saw.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Requests that got no answer, or one that is no success.
    pub(crate) failed: f64,
}

impl Wrk {
    /// Runs it to its end.
    pub(crate) async fn run(&self) -> Result<Seen> {
        let (connections, duration) = (format!("-c{}", self.connections), format!("-d{}s", self.seconds));
        let mut command = host::Command::new("taskset").args(["-c", CORE, "wrk", "-t1", &connections, &duration, "--latency"]);
        for header in &self.headers {
            command = command.args(["-H", header]);
        }
        let output = command.arg(&self.url).run().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "wrk ended with {}: {text}{}", output.status, String::from_utf8_lossy(&output.stderr));
        read(&text).with_context(|| format!("wrk says something else than expected: {text}"))
    }
}

fn read(text: &str) -> Result<Seen> {
    let after = |beginning: &str| text.lines().find_map(|line| line.trim().strip_prefix(beginning)).map(str::trim);
    let known = |beginning: &str| after(beginning).with_context(|| format!("no {beginning}"));
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in ")).context("no count of requests")?.0;
    let cut: f64 = after("Socket errors:").unwrap_or_default().split([' ', ',']).filter_map(|word| word.parse::<f64>().ok()).sum();
    let refused: f64 = after("Non-2xx or 3xx responses:").map_or(Ok(0.0), str::parse)?;
    Ok(Seen {
        requests: requests.parse()?,
        per_second: known("Requests/sec:")?.parse()?,
        p50_ms: milliseconds(known("50%")?)?,
        p99_ms: milliseconds(known("99%")?)?,
        failed: cut + refused,
    })
}

fn milliseconds(text: &str) -> Result<f64> {
    let end = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "us" => 0.001,
        "s" => 1000.0,
        "m" => 60_000.0,
        _ => 1.0,
    };
    Ok(number.parse::<f64>()? * factor)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_wrk_prints_is_read() {
        let text = "Running 5s test @ http://127.0.0.1:8080/\n  1 threads and 50 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     1.70ms    1.15ms  27.98ms   98.47%\n    Req/Sec    30.31k     2.34k   34.61k    70.00%\n  Latency Distribution\n     50%    1.58ms\n     75%    1.73ms\n     90%    1.95ms\n     99%  500.00us\n  150804 requests in 5.00s, 165.11MB read\n  Socket errors: connect 0, read 2, write 0, timeout 1\n  Non-2xx or 3xx responses: 4\nRequests/sec:  30156.37\nTransfer/sec:     33.02MB\n";
        let seen = super::read(text).expect("read");
        assert_eq!((seen.requests, seen.per_second, seen.p50_ms, seen.p99_ms, seen.failed), (150_804.0, 30156.37, 1.58, 0.5, 7.0));
    }
}
