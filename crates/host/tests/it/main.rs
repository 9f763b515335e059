//! Programs that really run.

use host::{Command, Error, Stream};
use model::Secret;
use std::{
    path::Path,
    time::{Duration, Instant},
};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn arguments_reach_the_program_as_they_are() {
    let output = Command::new("printf").args(["%s|", "a b", "$HOME", ";id", "*"]).run().await.expect("runs");
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), "a b|$HOME|;id|*|");
}

#[tokio::test]
async fn a_program_sees_only_the_variables_it_is_given() {
    let output = Command::new("env").env("GIVEN", "1").secret_env("HIDDEN", Secret::new("2")).run().await.expect("runs");
    let mut names: Vec<_> = text(&output.stdout).lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect();
    names.retain(|name| !["PATH", "HOME", "LANG"].contains(&name.as_str()));
    names.sort();
    assert_eq!(names, ["GIVEN", "HIDDEN"]);
}

#[tokio::test]
async fn input_status_and_both_outputs_come_through() {
    let output = Command::new("sh").args(["-c", "cat; echo no >&2; exit 3"]).input("hello").run().await.expect("runs");
    assert_eq!((output.status.code(), text(&output.stdout), text(&output.stderr)), (Some(3), "hello".into(), "no\n".into()));
}

#[tokio::test]
async fn output_beyond_the_limit_is_read_and_dropped() {
    let output = Command::new("head").args(["-c", "3000000", "/dev/zero"]).output_length_bytes(1000).run().await.expect("runs");
    assert!(output.status.success() && output.truncated);
    assert_eq!(output.stdout.len(), 1000);
}

#[tokio::test]
async fn a_program_that_does_not_read_its_input_is_no_error() {
    let output = Command::new("true").input(vec![b'x'; 1 << 20]).run().await.expect("runs");
    assert!(output.status.success());
}

#[tokio::test]
async fn lines_arrive_with_their_stream() {
    let mut lines = Vec::new();
    let command = Command::new("sh").args(["-c", "echo one; echo two >&2; printf three"]);
    let status = command.stream(|stream, line| lines.push((stream, line.to_owned())));
    assert!(status.await.expect("runs").success());
    lines.sort_by_key(|(_, line)| line.clone());
    let expected = [(Stream::Stdout, "one"), (Stream::Stdout, "three"), (Stream::Stderr, "two")];
    assert_eq!(lines, expected.map(|(stream, line)| (stream, line.to_owned())));
}

#[tokio::test]
async fn what_cannot_start_is_told_apart() {
    assert!(matches!(Command::new("no-such-program").run().await, Err(Error::NotFound { program }) if program == "no-such-program"));
    let plain = tempfile::NamedTempFile::new().expect("a file");
    assert!(matches!(Command::new(plain.path()).run().await, Err(Error::Denied { .. })));
    assert!(matches!(Command::new("true").directory("/no/such").run().await, Err(Error::NoDirectory { .. })));
}

/// Whether a process runs: it is there and no zombie.
fn runs(pid: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

async fn until_gone(pid: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while runs(pid) {
        assert!(Instant::now() < deadline, "process {pid} still runs");
        // The pause between two looks.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_timeout_kills_the_program_and_its_children() {
    let mut child = String::new();
    let command = Command::new("sh").args(["-c", "sleep 600 & echo $!; wait"]).timeout(Duration::from_millis(300));
    let result = command.stream(|_, line| child = line.to_owned()).await;
    assert!(matches!(result, Err(Error::Timeout { .. })));
    assert!(!child.is_empty());
    until_gone(&child).await;
}

#[tokio::test]
async fn dropping_the_run_kills_the_program_and_its_children() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let run = tokio::spawn(async move {
        let command = Command::new("sh").args(["-c", "sleep 600 & echo $!; wait"]);
        command.stream(|_, line| sender.send(line.to_owned()).expect("receiver is there")).await
    });
    let child = receiver.recv().await.expect("the child's id");
    assert!(runs(&child));
    run.abort();
    until_gone(&child).await;
}

#[tokio::test]
async fn a_program_that_never_stops_writing_is_ended_where_that_is_wanted() {
    let output = Command::new("yes").output_length_bytes(1000).ends_when_full().run().await.expect("ends");
    assert!(output.truncated && !output.status.success());
    assert_eq!(output.stdout.len(), 1000);
}

#[test]
fn debug_shows_neither_values_nor_input() {
    let command = Command::new("git").env("PLAIN", "canary1").secret_env("HIDDEN", Secret::new("canary2")).input("canary3");
    assert!(!format!("{command:?}").contains("canary"));
}
