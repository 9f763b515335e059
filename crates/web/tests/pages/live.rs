//! The live stream says what changed, with the partials of the page, and resumes after the last line it brought.

use crate::fixture::World;
use axum::{
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt;
use ops::NamedForm;
use std::time::Duration;

/// Reads a stream until its text holds this.
async fn until(body: &mut Body, wanted: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.contains(wanted) {
            let frame = body.frame().await.expect("goes on").expect("reads");
            text.push_str(&String::from_utf8_lossy(frame.data_ref().expect("data")));
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(10), read).await;
    assert!(done.is_ok(), "the stream said {text}");
    text
}

async fn open(world: &World, cookie: &str, of: &str) -> Body {
    let request = Request::get(format!("/live?of={of}")).header(header::COOKIE, cookie).header(header::ACCEPT, "text/event-stream");
    let response = world.respond(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(response.headers().get(header::CONTENT_ENCODING), None);
    response.into_body()
}

#[tokio::test]
async fn a_change_draws_the_partial_of_its_page_again() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let mut body = open(&world, &team.cookie, &format!("project:{}", team.project)).await;
    until(&mut body, "id=\"project-environments\"").await;
    world.ops.environment_create(&team.scope, team.project.clone(), NamedForm { name: "staging".into(), description: String::new() }).await.expect("made");
    let text = until(&mut body, "staging").await;
    assert!(text.starts_with("event: partial"), "{text}");
}

#[tokio::test]
async fn a_stream_begins_with_what_is_and_repeats_nothing() {
    let world = World::new().await;
    let team = world.team("ada").await;
    let mut body = open(&world, &team.cookie, &format!("deployment:{}", team.deployment)).await;
    let text = until(&mut body, "log-state").await;
    for id in ["deployment-head", "deployment-track", "plan"] {
        assert_eq!(text.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}
