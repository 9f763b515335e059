//! The real binary, started, killed and started again, deploys an example on the real engine.

use serde_json::json;
use std::path::Path;
use std::time::Duration;
use testkit::{TestEngine, TestForge, TestWharf};

const WITHIN: Duration = Duration::from_secs(120);

#[tokio::test]
async fn an_example_is_deployed_and_outlives_a_kill_of_wharf() {
    if TestEngine::required().await.is_none() {
        return;
    }
    let mut wharf = TestWharf::start().await.expect("Wharf");
    let api = wharf.setup().await.expect("an account");
    let forge = TestForge::start().await.expect("a forge");
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
    let repository = forge.create("team/hello", &files).await.expect("a repository");
    let fields = json!({
        "name": "hello", "git_repository": repository.url_http(), "git_branch": "main", "build_pack": "static", "ports_exposes": "80",
        "domains": "http://hello.localhost",
    });
    let application = wharf.application(&api, "public", fields).await.expect("an application");
    api.deploy_finished(&application, WITHIN).await.expect("deployed");
    let page = wharf.visit("hello.localhost", "/").await.expect("a page");
    assert!(page.status == 200 && page.text.contains("Hello from your own server"), "{page:?}");

    wharf.kill().await;
    assert_eq!(wharf.visit("hello.localhost", "/").await.expect("a page").status, 200, "the application outlives Wharf");
    wharf.start_again().await.expect("started again");
    assert_eq!(wharf.orphans().await.expect("listed"), [] as [String; 0]);
    wharf.terminate().await.expect("stopped in time");
}
