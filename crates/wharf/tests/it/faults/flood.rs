//! Programs that write as fast as they can: Wharf's memory stays flat, and the disk is bounded.

use super::{SERVE, running};
use crate::world::{SOON, World, saying};
use futures_util::StreamExt;
use serde_json::json;
use std::path::Path;
use testkit::wait_for;

const MEGABYTE: u64 = 1 << 20;
/// What Wharf's memory may grow by while a flood comes in.
const GROWTH_BYTES: u64 = 96 * MEGABYTE;
/// Three log files of 10 MB, and the line that goes over.
const LOGS_BYTES: u64 = 31 * MEGABYTE;
/// What the log of a deployment may take on disk, with the indexes and what is not yet merged.
const DEPLOYMENT_LOG_BYTES: u64 = 96 * MEGABYTE;

/// The memory that Wharf holds.
fn memory(world: &World) -> u64 {
    let process = world.wharf.pid().expect("it runs");
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("readable");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).expect("a number") * 1024
}

fn flat(what: &str, before: u64, after: u64) {
    eprintln!("{what}: {} MB before, {} MB after", before / MEGABYTE, after / MEGABYTE);
    assert!(after < before + GROWTH_BYTES, "{what}: from {before} to {after} bytes");
}

fn size(folder: &Path, prefix: &str) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|file| file.file_name().to_string_lossy().starts_with(prefix));
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

#[tokio::test]
async fn an_application_that_floods_its_log_costs_neither_memory_nor_disk() {
    let Some(world) = World::new().await else { return };
    let line = "0123456789 ".repeat(20);
    let application = world.dockerfile_application("flood", &running(&format!("{SERVE}; yes '{line}' | head -n 600000; {SERVE} -p 8081 -f"))).await;
    let before = memory(&world);
    world.deploy(&application).await;
    let id = world.container_ids(&application).await[0].clone();
    let container = world.wharf.engine().get(&format!("/containers/{id}/json")).await.expect("inspected");
    let file = Path::new(container["LogPath"].as_str().expect("a path")).to_owned();
    let (folder, name) = (file.parent().expect("a folder"), file.file_name().expect("a name").to_string_lossy().into_owned());

    // One listens and reads it all, another one listens and reads nothing.
    let token = world.wharf.token("root").await.expect("a token");
    let url = format!("{}/api/v1/applications/{application}/logs?follow=true", world.wharf.url());
    let listen = async || reqwest::Client::new().get(&url).bearer_auth(&token).send().await.expect("answers").bytes_stream();
    let (mut reads, _idle) = (listen().await, listen().await);
    let hears = async {
        let mut heard = 0;
        while heard < 4 * MEGABYTE {
            heard += reads.next().await.expect("it goes on").expect("bytes").len() as u64;
        }
    };
    tokio::time::timeout(SOON, hears).await.expect("the flood is heard");
    let rotated = async || match size(folder, &name) {
        bytes if bytes > 21 * MEGABYTE => Ok(()),
        bytes => Err(format!("{bytes} bytes")),
    };
    wait_for("the log to go round", SOON, rotated).await.expect("it floods");
    flat("the application's flood", before, memory(&world));
    assert!(size(folder, &name) <= LOGS_BYTES, "{} bytes of log", size(folder, &name));
    let tail = world.api.get(&format!("/applications/{application}/logs?lines=100")).await.expect("answers").ok().expect("its last lines");
    assert!(tail.to_string().contains("0123456789"), "{tail}");
    flat("a look at its end", before, memory(&world));
    world.is(&application, "running:healthy", "running").await;
    world.says("flood.localhost", "here").await;
}

#[tokio::test]
async fn a_command_that_floods_the_log_of_a_deployment_is_cut_and_the_end_is_still_told() {
    let Some(world) = World::new().await else { return };
    let script = "line=$(head -c 7000 /dev/zero | tr '\\000' x); yes $line | head -n 8000";
    let application = world.dockerfile_application("web", &saying("here")).await;
    let command = json!({"pre_deployment_command": format!("sh -c \"{script}\"")});
    world.patch(&application, command).await;
    let before = memory(&world);
    let ended = world.deploy(&application).await;
    flat("the command's flood", before, memory(&world));
    let bytes = size(world.wharf.data(), "logs.db");
    assert!(bytes < DEPLOYMENT_LOG_BYTES, "{bytes} bytes");
    let id = ended["deployment_uuid"].as_str().expect("a uuid");
    let page = world.page(&format!("/deployments/{id}")).await;
    assert!(page.contains("is not kept: it is too much") && page.contains("Finished"), "the end of the log is not told");
    world.says("web.localhost", "here").await;
}
