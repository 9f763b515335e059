//! Many ask at once: what happens to one application happens one after the other, and each of those who asked is told the truth.

use crate::world::{SOON, WITHIN, World, saying};
use serde_json::{Value, json};
use testkit::{Answer, wait_for};

const ROUNDS: usize = 4;

/// Deployments of an application that ran at once, in words; ends and begins are those that people are told.
fn overlaps(deployments: &[Value]) -> Vec<String> {
    let time = |deployment: &Value, field: &str| deployment[field].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let mut ran: Vec<_> = deployments.iter().filter_map(|one| Some((time(one, "started_at")?, time(one, "finished_at")?))).collect();
    ran.sort();
    ran.windows(2).filter(|pair| pair[1].0 < pair[0].1).map(|pair| format!("{:?} and {:?}", pair[0], pair[1])).collect()
}

/// Two deployments, a rollback and a stop with a start, asked for at the same moment.
async fn all_at_once(world: &World, application: &str, release: i64) -> Vec<Answer> {
    let post = async |path: String, body: Value| world.api.post(&path, body).await.expect("answers");
    let forced = || post("/deploy".into(), json!({"uuid": application, "force": true}));
    let on = |verb: &str, body: Value| post(format!("/applications/{application}/{verb}"), body);
    let (first, back, stop, second, start) =
        tokio::join!(forced(), on("rollback", json!({"release": release})), on("stop", json!({})), forced(), on("start", json!({})));
    vec![first, back, stop, second, start]
}

#[tokio::test]
async fn what_is_asked_of_one_application_at_once_happens_one_after_the_other() {
    let Some(world) = World::new().await else { return };
    let application = world.dockerfile_application("web", &saying("release 1.")).await;
    let first = world.deploy(&application).await;
    world.patch(&application, json!({"dockerfile": saying("release 2.")})).await;
    world.deploy(&application).await;
    let release = first["release"].as_i64().expect("a number");
    for _ in 0..ROUNDS {
        for answer in all_at_once(&world, &application, release).await {
            assert!(answer.status == 200 || answer.status == 409, "{answer:?}");
        }
    }
    let ended = wait_for("all of it to end", WITHIN, async || {
        let deployments = world.deployments(&application).await;
        let open = deployments.iter().filter(|one| one["finished_at"].is_null()).count();
        if open == 0 { Ok(deployments) } else { Err(format!("{open} are open")) }
    });
    let ended = ended.await.expect("ended");
    assert_eq!(overlaps(&ended), Vec::<String>::new());
    let odd = ended.iter().filter(|one| !["finished", "failed", "cancelled-by-user"].contains(&one["status"].as_str().unwrap_or_default()));
    assert_eq!(odd.count(), 0, "{ended:#?}");
    assert!(ended.iter().all(|one| one["status"] != "failed"), "nothing was wrong with any of them: {ended:#?}");

    // What was asked for last is what visitors see.
    world.patch(&application, json!({"dockerfile": saying("release 3.")})).await;
    world.deploy(&application).await;
    world.says("web.localhost", "release 3.").await;
    world.settled(1).await;
}

#[tokio::test]
async fn an_application_that_is_deleted_while_it_is_deployed_and_rolled_back_is_gone_with_all_of_it() {
    let Some(world) = World::new().await else { return };
    for round in 0..ROUNDS {
        let application = world.dockerfile_application("web", &saying("release 1.")).await;
        let first = world.deploy(&application).await;
        world.patch(&application, json!({"dockerfile": saying("release 2.")})).await;
        world.deploy(&application).await;
        let path = format!("/applications/{application}");
        let release = first["release"].as_i64().expect("a number");
        let (answers, deleted) = tokio::join!(all_at_once(&world, &application, release), async { world.api.delete(&path).await.expect("answers") });
        assert_eq!(deleted.status, 200, "{deleted:?}");
        for answer in answers {
            assert!([200, 404, 409].contains(&answer.status), "{answer:?}");
        }
        let gone = wait_for("the application to be gone", SOON, async || {
            let known = world.api.get(&path).await.map_err(|error| error.to_string())?.status;
            let left = world.wharf.engine().labelled(&format!("wharf.resource={application}")).await.map_err(|error| error.to_string())?;
            if known == 404 && left.is_empty() { Ok(()) } else { Err(format!("{known}: {}", left.join(", "))) }
        });
        gone.await.unwrap_or_else(|error| panic!("round {round}: {error:#}"));
        assert_eq!(world.wharf.visit("web.localhost", "/").await.expect("answers").status, 404);
    }
    world.settled(0).await;
}
