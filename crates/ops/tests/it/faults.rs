//! The clock moves: sessions, tokens and bounds on signing in hold what they promise, and lock nobody out.

use crate::fixture::World;
use model::Secret;
use ops::TokenForm;

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn a_clock_that_goes_back_ends_no_session_and_no_token_and_locks_nobody_out() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let form = TokenForm { name: "script".into(), abilities: vec!["read".into()], expires: None };
    let token = world.ops.token_create(&ada.scope, form).await.expect("made");
    for _ in 0..4 {
        world.ops.sign_in("ada@example.com", Secret::new("wrong-password"), "192.0.2.7", "").await.expect_err("wrong");
    }
    world.ops.token_authenticate(token.expose()).await.expect("serves");
    for back in [3600, DAY, 300 * DAY] {
        world.pass(-back);
        assert!(world.ops.session_authenticate(ada.session.expose()).await.expect("reads").is_some(), "{back} s back");
        world.ops.token_authenticate(token.expose()).await.expect("serves");
        for _ in 0..4 {
            world.ops.sign_in("ada@example.com", Secret::new("wrong-password"), "192.0.2.7", "").await.expect_err("wrong");
        }
        world.sign_in("ada").await.unwrap_or_else(|error| panic!("{back} s back: {error}"));
        assert!(!world.ops.session_list(&ada.scope).await.expect("reads").is_empty());
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_ends_sessions_and_lets_people_sign_in_again() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    world.pass(400 * DAY);
    assert!(world.ops.session_authenticate(ada.session.expose()).await.expect("reads").is_none());
    let session = world.sign_in("ada").await.expect("signed in");
    world.pass(-400 * DAY);
    assert!(world.ops.session_authenticate(session.expose()).await.expect("reads").is_some());
    world.sign_in("ada").await.expect("signed in again");
}
