//! A host is reached by ssh, runs containers, and suffers what a test does to it.

use std::time::{Duration, Instant};
use testkit::{Line, TestEngine, TestHost, wait_for};

const WITHIN: Duration = Duration::from_secs(30);

async fn over_ssh(host: &TestHost, words: &[&str]) -> Result<String, String> {
    let output = host.ssh(words).await.expect("a command").run().await.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[tokio::test]
async fn a_host_is_reached_by_its_key_and_runs_containers_and_builds_of_its_own() {
    let Some(host) = TestHost::required().await else { return };
    assert_eq!(over_ssh(&host, &["id", "-un"]).await.expect("let in"), host.user());
    let said = over_ssh(&host, &["docker", "run", "--rm", "--memory", "64m", "busybox", "echo", "within"]).await.expect("ran");
    assert_eq!(said, "within");
    host.run(&["mkdir", "/tmp/build"]).await.expect("a folder");
    host.run(&["sh", "-c", "printf 'FROM busybox\\nRUN echo built > /word\\n' > /tmp/build/Dockerfile"]).await.expect("a file");
    over_ssh(&host, &["docker", "build", "--quiet", "--tag", "built", "/tmp/build"]).await.expect("built");
    assert_eq!(over_ssh(&host, &["docker", "run", "--rm", "built", "cat", "/word"]).await.expect("ran"), "built");

    host.change_host_key().await.expect("another key");
    let refused = async || over_ssh(&host, &["true"]).await.err().filter(|error| error.contains("HOST IDENTIFICATION HAS CHANGED")).ok_or("let in".to_owned());
    wait_for("ssh to refuse the other key", WITHIN, refused).await.expect("refused");
}

#[tokio::test]
async fn a_line_is_unplugged_and_plugged_in_again() {
    let Some(mut host) = TestHost::required().await else { return };
    host.set_line(Line::Unplugged).await.expect("unplugged");
    over_ssh(&host, &["true"]).await.expect_err("nobody answers");
    host.set_line(Line::Good).await.expect("plugged in");
    over_ssh(&host, &["docker", "pull", "--quiet", "busybox"]).await.expect("reached, and reaches the registry");
}

#[tokio::test]
async fn a_lossy_line_loses_packets_and_still_works() {
    let Some(mut host) = TestHost::required().await else { return };
    host.set_line(Line::Lossy(30)).await.expect("lossy");
    let sends = host.ssh(&["head", "-c", "2000000", "/dev/zero"]).await.expect("a command");
    let arrived = wait_for("a connection over the lossy line", WITHIN, async || over_ssh(&host, &["echo", "heard"]).await);
    let (_, heard) = tokio::join!(sends.run(), arrived);
    assert_eq!(heard.expect("heard"), "heard");
    let counted = host.run(&["iptables", "-w", "-t", "mangle", "-nvxL", "PREROUTING"]).await.expect("counted");
    let lost = counted.lines().find(|line| line.contains("statistic")).and_then(|line| line.split_whitespace().next()).expect("the rule").to_owned();
    assert_ne!(lost, "0", "{counted}");
    host.set_line(Line::Good).await.expect("good again");
    assert!(!host.run(&["iptables", "-w", "-t", "mangle", "-S"]).await.expect("listed").contains("statistic"));
}

#[tokio::test]
async fn a_slow_line_passes_what_it_can_each_way() {
    let Some(mut host) = TestHost::required().await else { return };
    let (bytes, kilobits) = (300_000, 1000);
    host.set_line(Line::Slow(kilobits)).await.expect("slow");
    let least = Duration::from_secs(2);
    let began = Instant::now();
    let out = host.ssh(&["head", "-c", &bytes.to_string(), "/dev/zero"]).await.expect("a command").run().await.expect("ran");
    assert_eq!(out.stdout.len(), bytes, "{}", String::from_utf8_lossy(&out.stderr));
    assert!(began.elapsed() > least, "{:?} out", began.elapsed());
    let began = Instant::now();
    let inwards = host.ssh(&["wc", "-c"]).await.expect("a command").input(vec![0; bytes]).run().await.expect("ran");
    assert_eq!(String::from_utf8_lossy(&inwards.stdout).trim(), bytes.to_string());
    assert!(began.elapsed() > least, "{:?} in", began.elapsed());
    host.set_line(Line::Good).await.expect("good again");
    let began = Instant::now();
    over_ssh(&host, &["head", "-c", &bytes.to_string(), "/dev/zero"]).await.expect("ran");
    assert!(began.elapsed() < least, "{:?} on a good line", began.elapsed());
}

#[tokio::test]
async fn a_reboot_keeps_what_is_on_disk_and_starts_what_should_run() {
    let Some(mut host) = TestHost::required().await else { return };
    let (address, known) = (host.address().to_owned(), host.known_host().await.expect("a key"));
    over_ssh(&host, &["docker", "run", "--detach", "--name", "kept", "--restart", "always", "busybox", "sleep", "1000"]).await.expect("started");
    host.run(&["touch", "/etc/kept"]).await.expect("written");
    host.reboot().await.expect("rebooted");
    assert_eq!((host.address(), host.known_host().await.expect("a key")), (address.as_str(), known));
    host.run(&["test", "-f", "/etc/kept"]).await.expect("still there");
    let running = async || {
        over_ssh(&host, &["docker", "inspect", "--format", "{{.State.Running}}", "kept"]).await.and_then(|said| if said == "true" { Ok(()) } else { Err(said) })
    };
    wait_for("the container to run again", WITHIN, running).await.expect("runs");
}

#[tokio::test]
async fn an_engine_stops_and_starts_while_its_host_stays() {
    let Some(host) = TestHost::required().await else { return };
    host.stop_engine().await.expect("stopped");
    over_ssh(&host, &["true"]).await.expect("the host is there");
    over_ssh(&host, &["docker", "version"]).await.expect_err("the engine is not");
    host.start_engine().await.expect("started");
    over_ssh(&host, &["docker", "version"]).await.expect("the engine is back");
}

#[tokio::test]
async fn a_full_disk_fails_what_needs_room_until_it_is_freed() {
    let Some(mut host) = TestHost::with_disk(128 << 20).await else { return };
    host.disk().expect("a disk").fill(1 << 20).expect("filled");
    over_ssh(&host, &["docker", "pull", "--quiet", "busybox"]).await.expect_err("it wants 2 MB");
    let error = over_ssh(&host, &["dd", "if=/dev/zero", "of=/var/lib/docker/written", "bs=1M", "count=2"]).await.expect_err("full");
    assert!(error.contains("No space left on device"), "{error}");
    host.disk().expect("a disk").free().expect("freed");
    over_ssh(&host, &["docker", "pull", "--quiet", "busybox"]).await.expect("pulled");
    host.reboot().await.expect("rebooted");
    over_ssh(&host, &["docker", "image", "inspect", "busybox"]).await.expect("kept");
}

#[tokio::test]
async fn nothing_of_a_host_is_left() {
    let Some(host) = TestHost::required().await else { return };
    let engine = TestEngine::required().await.expect("an engine");
    over_ssh(&host, &["docker", "run", "--detach", "busybox", "sleep", "1000"]).await.expect("started");
    let label = host.label();
    assert_eq!(engine.labelled(&label).await.expect("listed").len(), 2, "its container and its network");
    drop(host);
    assert_eq!(engine.labelled(&label).await.expect("listed"), [] as [String; 0]);
}
