//! What a client of Coolify does, from a project to its deletion: each answer is held against Coolify's shapes.

use crate::world::{SOON, WITHIN, World};
use serde_json::{Value, json};
use testkit::coolify::{all_fit, fits};
use testkit::{Answer, Repository, wait_for};

/// A site that says its text, and what it was given, and writes a line when it starts.
fn dockerfile(text: &str) -> String {
    let serve = "echo it has started; echo $GREETING > /www/greeting; cp /etc/app.conf /www/conf; exec httpd -f -p 8080 -h /www";
    format!("FROM busybox:latest\nRUN mkdir /www && echo '{text}' > /www/index.html\nCMD [\"sh\", \"-c\", \"{serve}\"]\n")
}

/// Every field that a client knows, with what Coolify has for it where nobody chose otherwise.
fn everything(repository: &Repository, place: &Value) -> Value {
    let mut body = json!({
        "name": "shop", "description": "From outside", "git_repository": repository.url_http(), "git_branch": "main", "git_commit_sha": "HEAD",
        "build_pack": "dockerfile", "ports_exposes": "8080", "domains": "http://shop.localhost", "autogenerate_domain": true, "instant_deploy": false,
        "force_domain_override": false, "is_static": false, "is_spa": false, "publish_directory": "", "base_directory": "/", "dockerfile_location": "/Dockerfile",
        "redirect": "both", "is_force_https_enabled": true, "is_auto_deploy_enabled": true, "use_build_server": false, "is_http_basic_auth_enabled": false,
        "custom_docker_run_options": null, "watch_paths": null, "pre_deployment_command": "", "post_deployment_command": "", "custom_labels": "",
        "install_command": "", "build_command": "", "start_command": "", "static_image": "nginx:alpine", "noindex_domains": [], "tags": ["coolify"],
    });
    let checks = json!({
        "health_check_enabled": true, "health_check_path": "/", "health_check_method": "GET", "health_check_return_code": 200, "health_check_scheme": "http",
        "health_check_host": "localhost", "health_check_interval": 1, "health_check_timeout": 5, "health_check_retries": 10, "health_check_start_period": 5,
        "limits_memory": "128m", "limits_memory_swap": "0", "limits_memory_swappiness": 60, "limits_memory_reservation": "0", "limits_cpus": "0.5",
        "limits_cpuset": null, "limits_cpu_shares": 1024,
    });
    for fields in [checks, place.clone()] {
        body.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
    }
    body
}

fn uuid(answer: &Value) -> String {
    answer["uuid"].as_str().unwrap_or_else(|| panic!("no uuid: {answer:#}")).to_owned()
}

struct Client(World);

impl Client {
    async fn get(&self, shape: &str, path: &str) -> Value {
        let answer = self.0.api.get(path).await.and_then(Answer::ok).unwrap_or_else(|why| panic!("GET {path}: {why}"));
        fits(shape, &answer);
        answer
    }

    /// Posts, and is answered with this status and in this shape.
    async fn post(&self, (status, shape): (u16, &str), path: &str, body: Value) -> Value {
        let answer = self.0.api.post(path, body).await.expect("answers");
        assert_eq!(answer.status, status, "POST {path}: {}", answer.text);
        fits(shape, &answer.json);
        answer.json
    }

    /// Polls a deployment until it is finished, as clients do.
    async fn finished(&self, queued: &Value) -> Value {
        let uuid = queued["deployment_uuid"].as_str().unwrap_or_else(|| panic!("nothing was queued: {queued:#}"));
        let ended = self.0.api.deployment_finished(uuid, WITHIN).await.expect("finished");
        fits("deployment", &ended);
        let lines: Vec<Value> = serde_json::from_str(ended["logs"].as_str().expect("logs")).expect("a list of lines");
        assert!(lines.iter().all(|line| line["output"].is_string() && line["timestamp"].is_string() && line["order"].is_i64()), "{lines:#?}");
        ended
    }

    async fn deploy(&self, application: &str) -> Value {
        let deployed = self.post((200, "deployed"), &format!("/deploy?uuid={application}&force=false"), Value::Null).await;
        self.finished(&deployed["deployments"][0]).await
    }

    async fn act(&self, application: &str, act: &str) {
        let queued = self.post((200, "queued"), &format!("/applications/{application}/{act}"), Value::Null).await;
        self.finished(&queued).await;
    }

    /// Waits until an application's status is this one.
    async fn is(&self, application: &str, status: &str) {
        let at = format!("/applications/{application}");
        let what = format!("{status} of {application}");
        let seen = wait_for(&what, SOON, async || {
            let seen = self.get("application", &at).await["status"].as_str().unwrap_or_default().to_owned();
            if seen == status { Ok(()) } else { Err(seen) }
        });
        seen.await.expect("the status");
    }

    async fn delete(&self, application: &str) {
        let at = format!("/applications/{application}");
        let gone = self.0.api.delete(&format!("{at}?delete_volumes=true&docker_cleanup=true")).await.and_then(Answer::ok).expect("queued");
        fits("message", &gone);
        let gone = wait_for("the application to be gone", WITHIN, async || match self.0.api.get(&at).await {
            Ok(answer) if answer.status == 404 => Ok(()),
            other => Err(format!("{other:?}")),
        });
        gone.await.expect("deleted");
    }

    async fn says(&self, path: &str, text: &str) {
        let page = self.0.wharf.visit("shop.localhost", path).await.expect("a page");
        assert!(page.status == 200 && page.text.contains(text), "{path} says no {text}: {page:?}");
    }
}

#[tokio::test]
async fn a_client_of_coolify_walks_from_a_project_to_its_deletion() {
    let Some(world) = World::new().await else { return };
    let repository = world.forge.create_empty("team/shop").await.expect("a repository");
    repository.commit("main", &[("Dockerfile", &dockerfile("the first"))], "First").await.expect("a commit");
    let client = Client(world);
    let project = uuid(&client.post((201, "uuid"), "/projects", json!({"name": "Shop", "description": "d"})).await);
    let staging = uuid(&client.post((201, "uuid"), &format!("/projects/{project}/environments"), json!({"name": "staging"})).await);
    let server = uuid(&client.0.api.get("/servers").await.and_then(Answer::ok).expect("servers")[0]);
    assert_eq!(client.get("server", &format!("/servers/{server}")).await["settings"]["is_reachable"], true);
    let place = json!({"project_uuid": project, "environment_name": "production", "server_uuid": server});
    let application = uuid(&client.post((201, "uuid"), "/applications/public", everything(&repository, &place)).await);

    set_up(&client, &application).await;
    client.deploy(&application).await;
    client.is(&application, "running:healthy").await;
    client.says("/", "the first").await;
    client.says("/greeting", "hello there").await;
    client.says("/conf", "colour = blue").await;
    let logs = client.get("logs", &format!("/applications/{application}/logs?lines=50&show_timestamps=false")).await;
    assert_eq!(logs["logs"], "it has started\n");

    there_and_back(&client, &application, &repository).await;
    for (act, status) in [("stop", "exited:unhealthy"), ("start", "running:healthy"), ("restart", "running:healthy")] {
        client.act(&application, act).await;
        client.is(&application, status).await;
    }
    let moved = client.post((200, "moved"), &format!("/applications/{application}/move"), json!({"environment_uuid": staging})).await;
    assert_eq!((moved["environment_uuid"].as_str(), moved["project_uuid"].as_str()), (Some(staging.as_str()), Some(project.as_str())));
    clone_elsewhere(&client, &application, &server).await;
    client.delete(&application).await;
    client.0.settled(0).await;
    let gone = client.0.api.delete(&format!("/projects/{project}")).await.and_then(Answer::ok).expect("deleted");
    assert_eq!(gone, json!({"message": "Project deleted."}));
}

/// Variables in bulk, and storage of both kinds.
async fn set_up(client: &Client, application: &str) {
    let at = format!("/applications/{application}");
    let bulk =
        json!({"data": [{"key": "GREETING", "value": "hello there", "is_preview": false, "is_literal": true, "is_multiline": false, "is_shown_once": false}]});
    let set = client.0.api.patch(&format!("{at}/envs/bulk"), bulk).await.expect("answers");
    assert_eq!(set.status, 201, "{}", set.text);
    all_fit("variable", &set.json);
    for storage in [
        json!({"type": "persistent", "name": "data", "mount_path": "/data", "host_path": null}),
        json!({"type": "file", "mount_path": "/etc/app.conf", "content": "colour = blue\n", "is_directory": false}),
    ] {
        let made = client.0.api.post(&format!("{at}/storages"), storage).await.expect("answers");
        assert!(made.status == 201 && made.json["id"].is_i64(), "{}", made.text);
    }
    let storages = client.get("storages", &format!("{at}/storages")).await;
    let count = |kind: &str| storages[kind].as_array().map(Vec::len);
    assert_eq!((count("persistent_storages"), count("file_storages")), (Some(1), Some(1)));
}

/// A second commit goes live, and the first comes back by the name that the list gives it.
async fn there_and_back(client: &Client, application: &str, repository: &Repository) {
    repository.commit("main", &[("Dockerfile", &dockerfile("the second"))], "Second").await.expect("a commit");
    client.deploy(application).await;
    client.says("/", "the second").await;
    let images = client.get("rollback_images", &format!("/applications/{application}/rollback-images")).await;
    let earlier = images["images"].as_array().expect("images").iter().find(|image| image["is_current"] == false).expect("an earlier image")["tag"].clone();
    assert_ne!(earlier, images["current"]);
    let queued = client.post((200, "queued"), &format!("/applications/{application}/rollback"), json!({"commit": earlier})).await;
    let ended = client.finished(&queued).await;
    assert_eq!(ended["rollback"], true);
    client.says("/", "the first").await;
    let page = client.get("deployments", &format!("/deployments/applications/{application}?skip=0&take=2")).await;
    assert_eq!((page["count"].as_i64(), page["deployments"].as_array().map(Vec::len)), (Some(3), Some(2)));
}

/// A copy runs on a destination of its own: on its network, and on no other.
async fn clone_elsewhere(client: &Client, application: &str, server: &str) {
    let network = format!("shop-{}", &server[..8]);
    let body = json!({"name": "Market", "network": network});
    let destination = uuid(&client.post((201, "destination"), &format!("/servers/{server}/destinations"), body).await);
    let copy = json!({"destination_uuid": destination, "name": "market", "clone_volumes": false});
    let copy = uuid(&client.post((201, "cloned"), &format!("/applications/{application}/clone"), copy).await);
    let fqdn = client.get("application", &format!("/applications/{copy}")).await["fqdn"].as_str().expect("a domain").to_owned();
    client.deploy(&copy).await;
    let page = client.0.wharf.visit(fqdn.trim_start_matches("http://"), "/greeting").await.expect("a page");
    assert!(page.text.contains("hello there"), "the edge reaches every network: {page:?}");
    let containers = client.0.containers(&copy).await;
    let networks: Vec<_> = containers[0]["NetworkSettings"]["Networks"].as_object().expect("networks").keys().collect();
    assert_eq!(networks, [&network]);
    let used = client.0.api.delete(&format!("/destinations/{destination}")).await.expect("answers");
    assert_eq!((used.status, used.json["conflicts"][0]["resource_uuid"].as_str()), (409, Some(copy.as_str())), "{}", used.text);
    client.delete(&copy).await;
    let gone = client.0.api.delete(&format!("/destinations/{destination}")).await.and_then(Answer::ok).expect("deleted");
    assert_eq!(gone, json!({"message": "Deleted."}));
}
