//! What people get wrong: each is said at its field or step, with what to do next, and loses nothing.

use crate::world::{World, git, saying};
use serde_json::{Value, json};
use testkit::Answer;

/// Why a deployment of an application with these fields fails.
async fn reason(world: &World, kind: &str, fields: Value) -> String {
    let application = world.application(kind, fields).await;
    let failed = world.deploy_failing(&application).await;
    failed["reason"].as_str().unwrap_or_default().to_owned()
}

fn says(reason: &str, words: &[&str]) {
    let lower = reason.to_lowercase();
    assert!(words.iter().all(|word| lower.contains(word)), "{words:?} are not in: {reason}");
}

#[tokio::test]
async fn a_repository_that_cannot_be_deployed_says_why_before_it_is_saved_or_when_it_is_deployed() {
    let Some(world) = World::new().await else { return };
    let repository = world.example("hello").await;
    let empty = world.forge.create_empty("team/empty").await.expect("a repository");
    let refused = async |fields: Value, field: &str, words: &[&str]| {
        let mut body = world.wharf.place(&world.api).await.expect("a place");
        body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        says(&fault(&world.api.post("/applications/public", body).await.expect("answers"), field), words);
    };

    let mut missing = git(&repository, "missing", "static", 80);
    missing["git_repository"] = repository.url_http().replace("hello", "nowhere").into();
    refused(missing, "git_repository", &["no repository"]).await;
    refused(git(&empty, "empty", "static", 80), "git_repository", &["empty"]).await;
    refused(git(&repository, "plain", "dockerfile", 80), "dockerfile_location", &["no dockerfile", "static"]).await;
    let mut gone = git(&repository, "gone", "static", 80);
    gone["git_branch"] = "gone".into();
    refused(gone, "git_branch", &["gone", "main"]).await;
    world.forge.require_credentials(Some(("ada", "password")));
    refused(git(&repository, "locked", "static", 80), "git_repository", &["credential"]).await;
    world.forge.require_credentials(None);

    // What changes after it was saved, and what could not be told then, the deployment tells.
    let locked = world.application("public", git(&repository, "locked", "static", 80)).await;
    world.forge.require_credentials(Some(("ada", "password")));
    says(world.deploy_failing(&locked).await["reason"].as_str().unwrap_or_default(), &["credential"]);
    world.forge.require_credentials(None);
    world.forge.set_unavailable(true);
    says(&reason(&world, "public", git(&repository, "down", "static", 80)).await, &["503"]);
}

#[tokio::test]
async fn a_build_that_fails_and_an_image_that_is_absent_say_so() {
    let Some(world) = World::new().await else { return };
    let broken = world.dockerfile_application("broken", "FROM busybox:latest\nRUN echo out of paint >&2; exit 9\n").await;
    let failed = world.deploy_failing(&broken).await;
    says(failed["reason"].as_str().unwrap_or_default(), &["9"]);
    let log = world.log_of(failed["deployment_uuid"].as_str().expect("a uuid")).await;
    assert!(log.contains("out of paint"), "{log}");
    let fields =
        json!({"name": "absent", "docker_registry_image_name": "127.0.0.1:5000/nobody/absent", "docker_registry_image_tag": "1", "ports_exposes": "80"});
    says(&reason(&world, "dockerimage", fields).await, &["absent", "check"]);
    // The next deployment goes on as if nothing had been.
    world.patch(&broken, json!({"dockerfile": saying("mended")})).await;
    world.deploy(&broken).await;
    world.says("broken.localhost", "mended").await;
    world.settled(1).await;
}

#[tokio::test]
async fn a_host_port_that_somebody_has_is_said_and_the_old_release_serves_on() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("old")).await;
    world.deploy(&application).await;
    let taken = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    world.patch(&application, json!({"ports_mappings": format!("{port}:8080")})).await;
    let failed = world.deploy_failing(&application).await;
    says(failed["reason"].as_str().unwrap_or_default(), &[&port.to_string(), "port"]);
    world.says("web.localhost", "old").await;
    world.settled(1).await;
}

/// The faults of a field.
fn fault(answer: &Answer, field: &str) -> String {
    assert_eq!(answer.status, 422, "{answer:?}");
    answer.json["errors"][field][0].as_str().unwrap_or_else(|| panic!("no fault at {field}: {answer:?}")).to_owned()
}

#[tokio::test]
async fn wrong_fields_are_told_at_the_field_and_lose_nothing() {
    let Some(world) = World::new().await else { return };
    let repository = world.example("websocket").await;
    let application = world.git_application(&repository, "web", "dockerfile", 8080).await;
    let path = format!("/applications/{application}");
    let patch = async |fields: Value| world.api.patch(&path, fields).await.expect("answers");
    for (field, value) in [
        ("domains", "http://not a domain"),
        ("ports_exposes", "eighty"),
        ("limits_memory", "much"),
        ("health_check_path", "no slash"),
        ("base_directory", "../.."),
        ("git_branch", "--upload-pack=x"),
        ("git_repository", "ext::sh -c x"),
        ("replicas", "none"),
        ("ports_mappings", "80"),
        ("dockerfile_target_build", "a b"),
    ] {
        let said = fault(&patch(json!({field: value})).await, field);
        assert!(said.len() > 15, "{field}: {said}");
    }
    let other = json!({"name": "other", "dockerfile": saying("other"), "ports_exposes": "8080", "domains": "http://web.localhost"});
    let mut body = world.wharf.place(&world.api).await.expect("a place");
    body.as_object_mut().expect("an object").extend(other.as_object().expect("an object").clone());
    let refused = world.api.post("/applications/dockerfile", body).await.expect("answers");
    assert!([409, 422].contains(&refused.status) && refused.text.contains("web.localhost"), "{refused:?}");
    let named = world.api.post(&format!("{path}/envs"), json!({"key": "not a name", "value": "x"})).await.expect("answers");
    fault(&named, "key");
    assert_eq!(world.field(&application, "fqdn").await, "http://web.localhost");
}

#[tokio::test]
async fn a_domain_that_leads_to_another_application_still_is_said_before_anything_starts() {
    let Some(world) = World::new().await else { return };
    let first = world.dockerfile_application("first", &saying("the first")).await;
    world.deploy(&first).await;
    // Saved, and not live yet.
    world.patch(&first, json!({"domains": "http://elsewhere.localhost"})).await;
    let second = world.dockerfile_application("second", &saying("the second")).await;
    world.patch(&second, json!({"domains": "http://first.localhost"})).await;
    let failed = world.deploy_failing(&second).await;
    let reason = failed["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("http://first.localhost leads to first until that is deployed"), "{reason}");
    assert!(world.containers(&second).await.is_empty(), "nothing was started");
    world.says("first.localhost", "the first").await;

    world.deploy(&first).await;
    world.deploy(&second).await;
    world.says("first.localhost", "the second").await;
    world.says("elsewhere.localhost", "the first").await;
}

#[tokio::test]
async fn what_a_shell_would_run_reaches_the_container_as_it_was_written() {
    let Some(world) = World::new().await else { return };
    let canary = world.wharf.data().join("canary");
    let touch = format!("touch {} || touch /canary", canary.display());
    let written = ["$(CMD)", "`CMD`", "a;CMD", "a&&CMD", "a|CMD", "'CMD'", "\"$(CMD)\"", "--upload-pack=CMD", "${IFS}$(CMD)", "<script>CMD</script>", "a\nCMD"];
    let payloads: Vec<String> = written.iter().map(|payload| payload.replace("CMD", &touch)).collect();
    let arguments: String = (0..payloads.len()).map(|number| format!("ARG P{number}\nRUN printf %s \"$P{number}\" > /www/{number}\n")).collect();
    let dockerfile =
        format!("FROM busybox:latest\nRUN mkdir /www && echo here > /www/index.html\n{arguments}CMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n");
    let application = world.dockerfile_application("web", &dockerfile).await;
    let path = format!("/applications/{application}");
    for (number, payload) in payloads.iter().enumerate() {
        let variable = json!({"key": format!("P{number}"), "value": payload, "is_buildtime": true, "is_runtime": true, "is_multiline": true});
        world.api.post(&format!("{path}/envs"), variable).await.expect("answers").ok().expect("taken");
    }
    let file = json!({"type": "file", "mount_path": "/www/file", "content": payloads.join("\n")});
    world.api.post(&format!("{path}/storages"), file).await.expect("answers").ok().expect("taken");
    let command = format!("echo {}", payloads[0]);
    world.patch(&application, json!({"pre_deployment_command": command, "post_deployment_command": command, "description": payloads[9]})).await;
    world.deploy(&application).await;
    world.says("web.localhost", "here").await;

    let container = world.containers(&application).await[0]["Id"].as_str().expect("an id").to_owned();
    let seen = world.wharf.engine().get(&format!("/containers/{container}/json")).await.expect("inspected");
    let variables: Vec<&str> = seen["Config"]["Env"].as_array().expect("variables").iter().filter_map(Value::as_str).collect();
    for (number, payload) in payloads.iter().enumerate() {
        let variable = format!("P{number}={payload}");
        assert!(variables.contains(&variable.as_str()), "{variable:?} is not among {variables:?}");
        assert_eq!(world.wharf.visit("web.localhost", &format!("/{number}")).await.expect("answers").text, *payload, "as a build argument");
    }
    assert_eq!(world.wharf.visit("web.localhost", "/file").await.expect("answers").text, payloads.join("\n"));
    assert!(!canary.exists(), "a payload ran on the host");
    let inside = world.wharf.engine().get(&format!("/containers/{container}/archive?path=/canary")).await;
    assert!(inside.is_err(), "a payload ran in the container");
}
