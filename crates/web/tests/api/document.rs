//! The OpenAPI document.

use crate::world::{World, operations};
use std::collections::BTreeSet;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn the_document_is_the_one_that_is_checked_in() {
    let document = format!("{:#}\n", web::api::document());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(SNAPSHOT, &document).expect("written");
    }
    let known = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(document == known, "the API has changed: look at it, then run the test with UPDATE_OPENAPI=1 and commit docs/openapi.json");
}

#[test]
fn every_operation_has_an_id_of_its_own_a_summary_and_its_refusals() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let place = format!("{} {}", operation.method, operation.path);
        let id = operation.said["operationId"].as_str().unwrap_or_default().to_owned();
        assert!(!id.is_empty() && ids.insert(id), "{place}");
        assert!(operation.said["summary"].is_string(), "{place}");
        let responses = operation.said["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('2') || status == "101"), "{place}");
        if operation.said.get("security").is_some() {
            assert!(["401", "403", "429"].iter().all(|status| responses.contains_key(*status)), "{place}");
        }
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_served_without_a_token() {
    let world = World::new().await;
    let served = world.raw("GET", "/api/v1/openapi.json", "", "").await;
    assert_eq!(served.json(), web::api::document());
    let page = world.raw("GET", "/docs/api", "", "").await;
    assert!(page.status.is_success() && page.text.contains("/api/v1/applications/public") && !page.text.contains("style="));
}
