//! What is seen while containers run: logs, use, events, terminals; and what the engine says of itself.

use crate::bench::{Bench, soon, until, with_engine};
use docker::{Error, EventKind, LogOptions, Stream};
use futures_util::{StreamExt, TryStreamExt};
use model::ContainerState;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn logs_come_line_by_line_with_their_stream_and_end_with_the_container() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("logs", "echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three")).await;
        let logs = bench.engine.container_logs(&name, LogOptions { follow: true, ..Default::default() }).await.expect("logs");
        let mut lines: Vec<_> = soon("the end of the logs", logs.try_collect::<Vec<_>>()).await.expect("the engine answers");
        lines.sort_by_key(|line| line.at);
        let said: Vec<_> = lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
        assert_eq!(said, [(Stream::Stdout, "one"), (Stream::Stderr, "two"), (Stream::Stdout, "three")]);
        let read = async |options| -> Vec<String> {
            let logs = bench.engine.container_logs(&name, options).await.expect("logs");
            logs.map_ok(|line| line.text).try_collect().await.expect("the engine answers")
        };
        assert_eq!(read(LogOptions { tail: Some(1), ..Default::default() }).await, ["three"]);
        assert_eq!(read(LogOptions { since: lines[2].at, ..Default::default() }).await, ["three"]);
    })
    .await;
}

#[tokio::test]
async fn a_line_without_end_does_not_fill_memory() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("long", "head -c 100000 /dev/zero | tr '\\0' x")).await;
        soon("the end", bench.engine.container_wait(&name)).await.expect("it ends");
        let logs = bench.engine.container_logs(&name, LogOptions::default()).await.expect("logs");
        let lengths: Vec<usize> = logs.map_ok(|line| line.text.len()).try_collect().await.expect("the engine answers");
        assert!(lengths.iter().all(|length| *length <= 16 * 1024), "{lengths:?}");
        assert_eq!(lengths.iter().sum::<usize>(), 100_000);
    })
    .await;
}

#[tokio::test]
async fn a_busy_container_shows_its_use() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("busy", "while :; do :; done")).await;
        let stats =
            until("use of a core", || bench.engine.container_stats(&name), |stats| matches!(stats, Ok(stats) if stats.cpu_percent_of_one_core > 5.0)).await;
        assert!(stats.is_ok_and(|stats| stats.memory_bytes > 0 && stats.memory_limit_bytes > stats.memory_bytes));
        let stream = bench.engine.stats_stream(&name).await.expect("samples");
        let two: Vec<_> = soon("two samples", stream.take(2).try_collect()).await.expect("the engine answers");
        assert!(two[0].at < two[1].at);
        bench.engine.container_stop(&name, 0).await.expect("it stops");
        assert!(matches!(soon("an answer", bench.engine.container_stats(&name)).await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_our_containers_is_told_as_it_happens() {
    with_engine(|bench| async move {
        let mut events = Box::pin(bench.engine.events());
        let name = bench.run(&bench.spec("web", "exit 5")).await;
        bench.engine.container_wait(&name).await.expect("it ends");
        bench.engine.container_remove(&name, 0).await.expect("it goes");
        let mut kinds = Vec::new();
        while kinds.last() != Some(&EventKind::Destroyed) {
            let event = soon("an event", events.next()).await.expect("the stream goes on").expect("the engine answers");
            assert_eq!((&event.container, event.application.as_ref()), (&name, Some(&bench.application)));
            kinds.push(event.kind);
        }
        let died = EventKind::Died { code: 5, out_of_memory: false };
        assert_eq!(kinds, [EventKind::Created, EventKind::Started, died, EventKind::Destroyed]);
    })
    .await;
}

#[tokio::test]
async fn want_of_memory_is_told_as_the_cause() {
    with_engine(|bench| async move {
        let mut events = Box::pin(bench.engine.events());
        let mut spec = bench.spec("hungry", "exec tail -c 200m /dev/zero");
        spec.limits.memory_bytes = Some(16 * 1024 * 1024);
        bench.run(&spec).await;
        let code = soon("the end", bench.engine.container_wait(&spec.name)).await.expect("it ends");
        let seen = bench.engine.container_inspect(&spec.name).await.expect("the engine answers").expect("it is there");
        assert_eq!(seen.state, ContainerState::Exited { code, out_of_memory: true });
        let died = soon("its end", async {
            loop {
                let event = events.next().await.expect("the stream goes on").expect("the engine answers");
                if matches!(event.kind, EventKind::Died { .. }) {
                    return event.kind;
                }
            }
        });
        assert_eq!(died.await, EventKind::Died { code, out_of_memory: true });
    })
    .await;
}

#[tokio::test]
async fn a_terminal_echoes_has_a_size_and_an_exit_code() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("shell", "sleep 600")).await;
        let mut terminal = bench.engine.container_terminal(&name, &["sh".into()], 40, 120).await.expect("a terminal");
        terminal.control.resize(41, 121).await.expect("it takes a size");
        terminal.input.write_all(b"stty size; exit 4\n").await.expect("it is typed");
        terminal.input.flush().await.expect("it is typed");
        let shown = soon("the end", async {
            let mut shown = Vec::new();
            while let Some(Ok(bytes)) = terminal.output.next().await {
                shown.extend_from_slice(&bytes);
            }
            String::from_utf8_lossy(&shown).into_owned()
        })
        .await;
        assert!(shown.contains("41 121"), "{shown}");
        assert_eq!(terminal.control.exit_code().await, Ok(4));
    })
    .await;
}

#[tokio::test]
async fn the_engine_says_what_it_is() {
    with_engine(|bench| async move {
        bench.engine.ping().await.expect("it answers");
        let facts = bench.engine.facts().await.expect("it answers");
        assert!(facts.processors > 0 && facts.memory_bytes > 0 && !facts.version.is_empty() && facts.root_directory.starts_with('/'), "{facts:?}");
    })
    .await;
}

/// How many processes in a container look like this.
async fn count(bench: &Bench, container: &str, process: &str) -> usize {
    let (mut found, argv) = (0, ["ps", "-o", "args"].map(str::to_owned));
    bench.engine.container_exec(container, &argv, |_, line| found += usize::from(line.trim() == process)).await.expect("it runs");
    found
}

#[tokio::test]
async fn a_terminal_that_is_dropped_hangs_up() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("shell", "sleep 600")).await;
        let terminal = bench.engine.container_terminal(&name, &["sh".into()], 24, 80).await.expect("a terminal");
        until("the shell", || count(&bench, &name, "sh"), |shells| *shells == 1).await;
        drop(terminal);
        until("its end", || count(&bench, &name, "sh"), |shells| *shells == 0).await;
    })
    .await;
}

#[tokio::test]
async fn a_program_that_nobody_waits_for_is_ended() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("exec", "sleep 600")).await;
        let (engine, container) = (bench.engine.clone(), name.clone());
        let run = tokio::spawn(async move { engine.container_exec(&container, &["sh", "-c", "sleep 601; true"].map(str::to_owned), |_, _| {}).await });
        until("the program", || count(&bench, &name, "sleep 601"), |programs| *programs == 1).await;
        run.abort();
        until("its end", || count(&bench, &name, "sleep 601"), |programs| *programs == 0).await;
    })
    .await;
}
