//! `docs/src/performance.md`, made from the figures. Nobody writes a figure into it by hand.

use super::{figures_of, text};
use crate::workspace;
use anyhow::Result;
use serde_json::Value;
use std::fmt::Write;

/// The parts in the page's order: name, title, and how it is measured.
const PARTS: &[(&str, &str, &str)] = &[
    (
        "deploy",
        "Deploy",
        "The same Dockerfile on a warm cache, through Wharf and by hand. Wharf's time runs from the request to the API until the new container answers at its domain: fetching the commit, building, starting, asking whether it is healthy, switching the route. By hand it runs from `docker build` until the container that `docker run` started answers. `Until the old container is gone` is the whole deployment.",
    ),
    (
        "edge",
        "Edge",
        "The built-in proxy, nginx and Caddy, each on one core, with wrk (50 connections, HTTP/1.1) and one backend for all on another; turn by turn, so that noise meets all alike. p99 is that of the full load. Where the load's own core is full before the proxy's is, requests per second of processor time tell the difference.",
    ),
    (
        "routes",
        "Route changes under load",
        "The route moves between two backends a hundred times a second, while wrk sends as many requests as are taken over four connections and another client sends 200 a second over kept and new connections. Beside it the same load while nothing changes.",
    ),
    (
        "log",
        "Log line to browser",
        "Each line carries the time at which the container wrote it; the other end is the moment at which the log page's live stream has it, and beside it the moment at which `docker logs --follow` has it. A run is the median of 20 lines.",
    ),
    ("death", "Container death to page", "From the request that kills the container to the status on its page, and beside it to the end of `docker wait`."),
    (
        "page",
        "Pages",
        "500 applications are defined. One request after the other over the loopback, compressed as for a browser, and beside it not compressed; each run is two seconds.",
    ),
    ("start", "Start", "From the start of the process to the last byte of the overview, on data of an instance that is set up."),
    (
        "memory",
        "Memory",
        "Three seconds after the start. Resident memory includes the parts of the executable that were read; the anonymous part is what Wharf allocated itself.",
    ),
    (
        "instructions",
        "Instructions",
        "Counted by callgrind in the release binary, and held by a ratchet: `cargo xtask bench ratchet` fails where one of them grows by more than 5 %.",
    ),
];

/// Writes the page.
pub fn write(record: &Value) -> Result<()> {
    let file = workspace::root().join("docs/src/performance.md");
    std::fs::write(&file, page(record))?;
    println!("{} is made anew.", file.display());
    Ok(())
}

fn page(record: &Value) -> String {
    let mut page = format!(
        "# Performance\n\n{}\n\nEach figure is the median of its runs, then the least and the most; peers were measured in the same run. `cargo xtask bench --document` measures and makes this page; `make bench` measures, prints, and writes `target/bench.json`.\n",
        machine(&record["machine"])
    );
    for (part, title, how) in PARTS {
        let rows: String = figures_of(record, part).map(row).collect();
        if !rows.is_empty() {
            page += &format!("\n## {title}\n\n{how}\n\n| | Wharf | Beside it | Ratio | Goal |\n|---|---|---|---|---|\n{rows}");
        }
    }
    page
}

fn machine(machine: &Value) -> String {
    let (processor, distribution, kernel) = (text(machine, "processor"), text(machine, "distribution"), text(machine, "kernel"));
    let mut words =
        format!("Measured on {} cores ({processor}) with {} GiB of memory, {distribution}, Linux {kernel}", machine["cores"], machine["memory_gib"]);
    for (name, version) in machine["programs"].as_object().into_iter().flatten() {
        let _ = write!(words, ", {name} {}", version.as_str().unwrap_or_default());
    }
    words + "."
}

fn row(figure: &Value) -> String {
    let unit = text(figure, "unit");
    let peers = figure["peers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let beside: Vec<String> = peers.iter().map(|peer| format!("{} {}", text(peer, "name"), text(peer, "shown"))).collect();
    let ratios: Vec<String> = peers.iter().map(|peer| peer["ratio"].as_f64().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"))).collect();
    let goals = figure["goals"].as_array().map(Vec::as_slice).unwrap_or_default();
    let goals: Vec<String> = goals.iter().map(|goal| format!("{}: {}", text(goal, "goal"), if goal["met"] == true { "met" } else { "**missed**" })).collect();
    format!("| {} | {} {unit} | {} | {} | {} |\n", text(figure, "name"), text(figure, "shown"), beside.join("<br>"), ratios.join("<br>"), goals.join("<br>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_figure_is_a_row_of_its_part() {
        let figure = json!({
            "part": "edge", "name": "requests", "unit": "/s", "shown": "900 (800 to 950)",
            "peers": [{"name": "nginx", "shown": "1000", "ratio": 0.9}, {"name": "Caddy", "shown": "300", "ratio": 3.0}],
            "goals": [{"goal": "at least 0.9 x nginx", "met": true}, {"goal": "at least 4 x Caddy", "met": false}],
        });
        let machine = json!({"cores": 2, "processor": "A", "memory_gib": 24.0, "distribution": "D", "kernel": "6.1", "programs": {"nginx": "1.2"}});
        let page = page(&json!({"machine": machine, "figures": [figure]}));
        assert!(
            page.contains(
                "| requests | 900 (800 to 950) /s | nginx 1000<br>Caddy 300 | 0.90<br>3.00 | at least 0.9 x nginx: met<br>at least 4 x Caddy: **missed** |"
            ),
            "{page}"
        );
        assert!(page.contains("Measured on 2 cores (A) with 24.0 GiB of memory, D, Linux 6.1, nginx 1.2."), "{page}");
        assert!(page.contains("## Edge") && !page.contains("## Memory"));
    }
}
