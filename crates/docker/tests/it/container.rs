//! Containers, on a real engine.

use crate::bench::{Bench, soon, until, with_engine};
use docker::{ContainerMount, Error, FileToPut, Stream};
use model::{ContainerState, MountPath, Secret, application::RestartPolicy};

fn path(text: &str) -> MountPath {
    text.parse().expect("valid")
}

async fn output(bench: &Bench, name: &str, argv: &[&str]) -> (i64, Vec<(Stream, String)>) {
    let mut lines = Vec::new();
    let argv: Vec<_> = argv.iter().map(|word| (*word).to_owned()).collect();
    let code = bench.engine.container_exec(name, &argv, |stream, line| lines.push((stream, line.to_owned()))).await.expect("it runs");
    (code, lines)
}

#[tokio::test]
async fn every_step_twice_is_once() {
    with_engine(|bench| async move {
        let (engine, spec) = (&bench.engine, bench.spec("web", "sleep 600"));
        for _ in 0..2 {
            engine.network_ensure(&bench.network).await.expect("a network");
        }
        let first = engine.container_create(&spec).await.expect("a container");
        assert_eq!(engine.container_create(&spec).await, Ok(first.clone()));
        for _ in 0..2 {
            engine.container_start(&spec.name).await.expect("it starts");
        }
        let seen = engine.observe(&bench.application, &bench.network).await.expect("the engine answers");
        assert_eq!(seen.containers.len(), 1);
        assert_eq!((&seen.containers[0].id, seen.containers[0].state.running()), (&first, true));
        assert!(seen.containers[0].address.is_some() && seen.containers[0].started.is_some());
        let mut other = spec.clone();
        other.labels.configuration = "another".into();
        assert!(matches!(engine.container_create(&other).await, Err(Error::Conflict { .. })));
        for _ in 0..2 {
            engine.container_stop(&spec.name, 0).await.expect("it stops");
        }
        for _ in 0..2 {
            engine.container_remove(&spec.name, 0).await.expect("it goes");
        }
        for _ in 0..2 {
            engine.network_remove(&bench.network).await.expect("it goes");
        }
    })
    .await;
}

#[tokio::test]
async fn files_land_with_their_mode_and_directories_above_keep_theirs() {
    with_engine(|bench| async move {
        let spec = bench.spec("files", "sleep 600");
        bench.engine.network_ensure(&bench.network).await.expect("a network");
        bench.engine.container_create(&spec).await.expect("a container");
        let file = |at: &str, mode, content: &str| FileToPut { path: path(at), mode, content: Secret::new(content) };
        for _ in 0..2 {
            bench.engine.container_put_files(&spec.name, &[file("/new/deep/secret", 0o600, "s3cret")]).await.expect("they land");
        }
        bench.engine.container_start(&spec.name).await.expect("it starts");
        output(&bench, &spec.name, &["mkdir", "-m", "1777", "/tmp"]).await;
        bench.engine.container_put_files(&spec.name, &[file("/tmp/script", 0o755, "#!/bin/sh\necho ran\n")]).await.expect("they land");
        let (code, lines) = output(&bench, &spec.name, &["stat", "-c", "%a %u", "/new/deep/secret", "/tmp/script", "/tmp", "/new/deep"]).await;
        let modes: Vec<_> = lines.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!((code, modes), (0, vec!["600 0", "755 0", "1777 0", "755 0"]));
        assert_eq!(output(&bench, &spec.name, &["/tmp/script"]).await.1, [(Stream::Stdout, "ran".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_program_in_a_container_tells_its_exit_code_and_gets_no_shell() {
    with_engine(|bench| async move {
        let name = bench.run(&bench.spec("exec", "sleep 600")).await;
        assert_eq!(output(&bench, &name, &["echo", "$HOME; id"]).await, (0, vec![(Stream::Stdout, "$HOME; id".to_owned())]));
        assert_eq!(output(&bench, &name, &["sh", "-c", "echo no >&2; exit 7"]).await, (7, vec![(Stream::Stderr, "no".to_owned())]));
    })
    .await;
}

#[tokio::test]
async fn how_a_container_ended_is_told() {
    with_engine(|bench| async move {
        let mut spec = bench.spec("hook", "echo done; exit 3");
        spec.labels.kind = model::observed::ContainerKind::Hook;
        bench.engine.network_ensure(&bench.network).await.expect("a network");
        bench.engine.container_create(&spec).await.expect("a container");
        assert!(matches!(bench.engine.container_wait(&spec.name).await, Err(Error::Conflict { .. })), "it has not begun");
        bench.run(&spec).await;
        assert_eq!(soon("the end", bench.engine.container_wait(&spec.name)).await, Ok(3));
        assert_eq!(bench.engine.container_wait(&spec.name).await, Ok(3), "asked again, it says the same");
        let seen = bench.engine.container_inspect(&spec.name).await.expect("the engine answers").expect("it is there");
        assert_eq!((seen.state, seen.kind), (ContainerState::Exited { code: 3, out_of_memory: false }, model::observed::ContainerKind::Hook));
    })
    .await;
}

#[tokio::test]
async fn restarts_by_the_engine_are_counted() {
    with_engine(|bench| async move {
        let mut spec = bench.spec("loop", "exit 1");
        spec.restart = RestartPolicy::UnlessStopped;
        bench.run(&spec).await;
        let look = || bench.engine.container_inspect(&spec.name);
        until("a second restart", look, |seen| matches!(seen, Ok(Some(seen)) if seen.restarts >= 2)).await.expect("the engine answers");
    })
    .await;
}

#[tokio::test]
async fn variables_volumes_limits_and_aliases_reach_the_container() {
    with_engine(|bench| async move {
        let volume = format!("data-{}", bench.application);
        bench.engine.volume_ensure(&volume, &bench.application).await.expect("a volume");
        let mut spec = bench.spec("full", "echo \"$GREETING\" > /data/said; sleep 600");
        spec.variables = vec![("GREETING".parse().expect("valid"), Secret::new("a 'b' $c\nd"))];
        spec.mounts = vec![ContainerMount::Volume { name: volume.clone(), path: path("/data") }];
        spec.limits = model::application::Limits { memory_bytes: Some(64 * 1024 * 1024), cpu_thousandths: Some(500) };
        spec.aliases = vec!["friend".into()];
        spec.exposed = vec!["8080".parse().expect("valid")];
        let name = bench.run(&spec).await;
        until("the file", || output(&bench, &name, &["cat", "/data/said"]), |(code, lines)| *code == 0 && lines.len() == 2).await;
        assert_eq!(output(&bench, &name, &["ping", "-c1", "-W5", "friend"]).await.0, 0);
        let stats = bench.engine.container_stats(&name).await.expect("it runs");
        assert_eq!(stats.memory_limit_bytes, 64 * 1024 * 1024);
        assert!(matches!(bench.engine.volume_remove(&volume).await, Err(Error::Conflict { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_taken_port_is_named() {
    with_engine(|bench| async move {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = taken.local_addr().expect("an address").port();
        let mut spec = bench.spec("port", "sleep 600");
        spec.port_mappings = vec![format!("127.0.0.1:{port}:80").parse().expect("valid")];
        bench.engine.network_ensure(&bench.network).await.expect("a network");
        bench.engine.container_create(&spec).await.expect("a container");
        assert_eq!(bench.engine.container_start(&spec.name).await, Err(Error::PortTaken { port }));
    })
    .await;
}

#[tokio::test]
async fn what_is_absent_is_told_apart() {
    with_engine(|bench| async move {
        let engine = &bench.engine;
        assert_eq!(engine.container_inspect("absent").await, Ok(None));
        assert_eq!(engine.container_remove("absent", 0).await, Ok(()));
        assert_eq!(engine.container_stop("absent", 0).await, Ok(()));
        assert_eq!(engine.volume_remove("absent").await, Ok(()));
        assert!(matches!(engine.container_start("absent").await, Err(Error::NotFound { .. })));
        assert!(matches!(engine.container_inspect("a/../b").await, Err(Error::Invalid { .. })));
        engine.network_ensure(&bench.network).await.expect("a network");
        let mut spec = bench.spec("imageless", "true");
        spec.image = "no-such-image:none".into();
        assert!(matches!(engine.container_create(&spec).await, Err(Error::NotFound { .. })));
    })
    .await;
}
