//! Starting, stopping, and the command line.

use crate::world::{SOON, World, binary, git};
use host::Command;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};
use testkit::{TestEngine, TestWharf, wait_for};

#[tokio::test]
async fn a_second_wharf_on_the_same_data_says_so_and_ends() {
    let Some(world) = World::new().await else { return };
    let second = Command::new(binary()).args(world.wharf.arguments().expect("arguments")).run().await.expect("runs");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && said.contains("runs on") && said.contains("already"), "{said}");
}

#[tokio::test]
async fn sigterm_ends_wharf_within_ten_seconds_while_applications_answer() {
    let Some(mut world) = World::new().await else { return };
    let repository = world.example("hello").await;
    let application = world.git_application(&repository, "hello", "static", 80).await;
    world.deploy(&application).await;
    // A client that follows logs must not hold it up.
    let token = world.wharf.token("root").await.expect("a token");
    let url = format!("{}/api/v1/applications/{application}/logs?follow=true", world.wharf.url());
    let following = reqwest::Client::new().get(url).bearer_auth(token).send().await.expect("followed");
    let began = Instant::now();
    let status = world.wharf.terminate().await.expect("ends");
    assert!(status.success() && began.elapsed() < Duration::from_secs(10), "{status} after {:?}", began.elapsed());
    drop(following);
    assert_eq!(world.wharf.visit("hello.localhost", "/").await.expect("a page").status, 200);
    world.wharf.start_again().await.expect("starts again");
    assert_eq!(world.field(&application, "status").await, "running:healthy");
}

#[tokio::test]
async fn an_upgrade_that_waits_on_disk_keeps_nobody_from_deploying() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = folder.path().join("wharf");
    std::fs::copy(binary(), &path).expect("copied");
    let Some(world) = World::with(|builder| builder.binary(&path)).await else { return };
    std::fs::remove_file(&path).expect("removed");
    let repository = world.example("hello").await;
    let application = world.git_application(&repository, "hello", "static", 80).await;
    world.deploy(&application).await;
    world.says("hello.localhost", "Hello").await;
}

#[tokio::test]
async fn config_says_where_each_setting_comes_from() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wharf.toml"), "http-port = 8081\n").expect("written");
    let data = folder.path().to_str().expect("text");
    let command = Command::new(binary()).args(["config", "--data", data, "--listen", "127.0.0.1:9"]).env("WHARF_HTTPS_PORT", "8444");
    let printed = String::from_utf8(command.run().await.expect("runs").stdout).expect("text");
    for expected in
        ["listen = \"127.0.0.1:9\"  # flag --listen", "http-port = 8081  # file ", "https-port = 8444  # environment WHARF_HTTPS_PORT", "builds = 2  # default"]
    {
        assert!(printed.contains(expected), "{expected} is not in\n{printed}");
    }
}

#[tokio::test]
async fn a_key_file_that_others_may_read_is_refused() {
    let Some(mut world) = World::new().await else { return };
    world.wharf.terminate().await.expect("ends");
    let files = std::fs::read_dir(world.wharf.data()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let key = files.into_iter().find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains("key"))).expect("a key file");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("changed");
    let refused = Command::new(binary()).args(world.wharf.arguments().expect("arguments")).run().await.expect("runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("chmod 600"), "{said}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("changed");
    world.wharf.start_again().await.expect("starts again");
}

#[tokio::test]
async fn the_setup_address_serves_once_and_nobody_else() {
    if TestEngine::required().await.is_none() {
        return;
    }
    let wharf = TestWharf::builder().binary(binary()).start().await.expect("Wharf starts");
    let log = wharf.log();
    let address = log.split_whitespace().find(|word| word.contains("/setup/")).unwrap_or_else(|| panic!("no setup address in\n{log}"));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let open = async |address: &str| client.get(address).send().await.expect("answers").status().as_u16();
    assert_eq!(open(address).await, 200);
    assert_eq!(open(&format!("{}/setup/somebodyelsesguess", wharf.url())).await, 404);
    wharf.setup().await.expect("an account");
    assert_ne!(open(address).await, 200, "it has served");
    let form = [("name", "Eve"), ("email", "eve@example.org"), ("password", "correct horse battery staple 9")];
    let taken = client.post(address).form(&form).send().await.expect("answers").status();
    assert!(!taken.is_success(), "{taken}");
    assert!(wharf.setup().await.is_err(), "there is an owner already");
}

/// `wharf` on a person's machine: a home of its own and no terminal.
struct Shell {
    home: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a home") }
    }

    /// Runs a command and answers its exit code and what it printed.
    async fn run(&self, arguments: &[&str], input: &str) -> (i32, String) {
        let command = Command::new(binary()).args(arguments.iter().copied()).env("HOME", self.home.path().to_str().expect("text")).input(input);
        let output = command.run().await.expect("runs");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap_or(-1), said)
    }

    /// Runs a command that must end with this code.
    async fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let (ended, said) = self.run(arguments, "").await;
        assert_eq!(ended, code, "wharf {}: {said}", arguments.join(" "));
        said
    }
}

#[tokio::test]
async fn the_command_line_does_what_its_tour_says() {
    let Some(world) = World::new().await else { return };
    let repository = world.forge.create_empty("team/shop").await.expect("a repository");
    let dockerfile =
        "FROM busybox:latest\nCOPY page /www/index.html\nCMD [\"sh\", \"-c\", \"echo open for ${#CUSTOMERS} letters; httpd -f -p 8080 -h /www\"]\n";
    repository.commit("main", &[("Dockerfile", dockerfile), ("page", "first")], "First").await.expect("a commit");
    let shell = Shell::new();
    assert!(shell.ends(3, &["whoami"]).await.contains("wharf login"), "nobody is signed in");
    let (code, said) = shell.run(&["login", &world.wharf.url(), "--token-stdin"], "1|wrong").await;
    assert_eq!(code, 3, "{said}");
    let token = world.wharf.token("root").await.expect("a token");
    let (code, said) = shell.run(&["login", &world.wharf.url(), "--token-stdin"], &token).await;
    assert_eq!(code, 0, "{said}");
    assert!(shell.ends(0, &["whoami"]).await.contains("owner@example.org"));
    shell.ends(0, &["apps", "create", "--name", "shop", "--git", &repository.url_http(), "--port", "8080", "--domains", "http://shop.localhost"]).await;
    shell.ends(0, &["env", "set", "shop", "CUSTOMERS=everybody"]).await;
    let said = shell.ends(0, &["deploy", "shop", "--follow"]).await;
    assert!(said.contains("finished"), "{said}");
    assert!(shell.ends(0, &["apps"]).await.contains("shop"));
    assert!(shell.ends(0, &["logs", "shop"]).await.contains("open for 9 letters"));
    shell.ends(7, &["exec", "shop", "--", "sh", "-c", "exit 7"]).await;
    assert!(shell.ends(0, &["exec", "shop", "--", "cat", "/www/index.html"]).await.contains("first"));
    passes_input_through(&shell).await;
    assert!(shell.ends(4, &["deploy", "nowhere"]).await.contains("nowhere"));

    repository.commit("main", &[("page", "second")], "Second").await.expect("a commit");
    shell.ends(0, &["deploy", "shop", "--follow"]).await;
    world.says("shop.localhost", "second").await;
    shell.ends(0, &["rollback", "shop", "--follow"]).await;
    world.says("shop.localhost", "first").await;
    repository.commit("main", &[("Dockerfile", "FROM busybox:latest\nRUN echo out of paint >&2; exit 9\n")], "Break").await.expect("a commit");
    let said = shell.ends(5, &["deploy", "shop", "--follow"]).await;
    assert!(said.contains("out of paint") && said.contains("failed"), "{said}");
    assert!(shell.ends(0, &["deployments", "shop"]).await.contains("failed"));
    world.says("shop.localhost", "first").await;
    variables_travel(&shell).await;
    follows_logs(&world, &shell, &token).await;
}

/// Without a terminal `wharf exec` is a program like any other in a pipe.
async fn passes_input_through(shell: &Shell) {
    let exec = async |argv: &[&str], input: Vec<u8>| {
        let command = Command::new(binary()).args(["exec", "shop", "--"]).args(argv.iter().copied()).env("HOME", shell.home.path()).input(input);
        command.output_length_bytes(4 * 1024 * 1024).run().await.expect("runs")
    };
    assert_eq!(exec(&["cat"], b"hi\n".to_vec()).await.stdout, b"hi\n");
    // More than every buffer on the way holds, and every byte there is.
    let bytes: Vec<u8> = (0..2 * 1024 * 1024).map(|at: u32| (at % 251) as u8 ^ (at >> 16) as u8).collect();
    let copied = exec(&["cat"], bytes.clone()).await;
    assert!(copied.status.success() && copied.stdout == bytes, "{} of {} bytes: {}", copied.stdout.len(), bytes.len(), String::from_utf8_lossy(&copied.stderr));
    let counted = exec(&["sh", "-c", "wc -c; echo trouble >&2; exit 3"], b"12345".to_vec()).await;
    assert_eq!((counted.status.code(), String::from_utf8_lossy(&counted.stdout).trim(), counted.stderr.as_slice()), (Some(3), "5", b"trouble\n".as_slice()));
    // What reads nothing is not held up by what it is given.
    assert_eq!(exec(&["true"], bytes).await.status.code(), Some(0));
}

async fn variables_travel(shell: &Shell) {
    let file = shell.home.path().join(".env.shop");
    let path = file.to_str().expect("text");
    shell.ends(0, &["env", "pull", "shop", path]).await;
    let text = std::fs::read_to_string(&file).expect("pulled");
    assert!(text.contains("CUSTOMERS=everybody"), "{text}");
    std::fs::write(&file, "CUSTOMERS='every body'\nOPEN=yes\n").expect("written");
    shell.ends(0, &["env", "push", "shop", path]).await;
    let listed = shell.ends(0, &["env", "list", "shop", "--values"]).await;
    assert!(listed.contains("every body") && listed.contains("OPEN=yes"), "{listed}");
    shell.ends(0, &["env", "unset", "shop", "OPEN"]).await;
    assert!(!shell.ends(0, &["env", "list", "shop"]).await.contains("OPEN"));
}

async fn follows_logs(world: &World, shell: &Shell, token: &str) {
    let file = shell.home.path().join("followed");
    let variables = [("WHARF_URL", world.wharf.url()), ("WHARF_TOKEN", token.to_owned())];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut following = testkit::Running::start(&binary(), ["logs", "shop", "-f"], &variables, &file).expect("starts");
    let seen = async || match following.log() {
        log if log.contains("open for") => Ok(()),
        log => Err(log),
    };
    wait_for("the log to be followed", SOON, seen).await.expect("followed");
    following.kill().await;
}

#[tokio::test]
async fn an_engine_that_is_absent_is_said_and_waited_for() {
    if TestEngine::required().await.is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("engine.sock");
    let Some(world) = World::with(|builder| builder.arg("--engine-socket").arg(socket.to_str().expect("text"))).await else { return };
    let repository = world.example("hello").await;
    let application = world.application("public", git(&repository, "hello", "static", 80)).await;
    let deployment = world.api.deploy(&application).await.expect("queued");
    let waits = async || match world.log_of(&deployment).await {
        log if log.contains("container engine") => Ok(log),
        log => Err(log),
    };
    wait_for("the deployment to say what it waits for", SOON, waits).await.expect("said");
    let said = world.api.get(&format!("/deployments/{deployment}")).await.expect("answers").ok().expect("a deployment");
    assert!(["queued", "in_progress"].contains(&said["status"].as_str().unwrap_or_default()), "{said:#}");
    // The engine appears where it was expected.
    std::os::unix::fs::symlink(world.wharf.engine().socket(), &socket).expect("linked");
    world.api.deployment_finished(&deployment, crate::world::WITHIN).await.expect("deployed");
    world.says("hello.localhost", "Hello").await;
    std::fs::remove_file(&socket).expect("unlinked");
}

#[tokio::test]
async fn the_doctor_looks_at_a_machine_on_which_no_wharf_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let (data, socket) = (folder.path().join("data"), folder.path().join("engine.sock"));
    let shell = Shell::new();
    let arguments = ["doctor", "--data", data.to_str().expect("text"), "--engine-socket", socket.to_str().expect("text"), "--listen", &address];
    let said = shell.ends(1, &arguments).await;
    for expected in [
        "No Wharf runs on ",
        "broken   Container engine: ",
        "there is no socket at ",
        &format!("broken   Port {}: ", taken.local_addr().expect("bound").port()),
        "fix: ",
        "Disk: ",
        "Data folder: ",
        "DNS: ",
        "Clock: ",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
    assert!(!data.exists(), "a look makes nothing");
}
