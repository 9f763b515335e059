//! Setup, signing in, sessions, tokens.

use crate::fixture::{PASSWORD, World, fields, form};
use model::Secret;
use ops::{AccountForm, Error, SetupForm, TokenForm};

#[tokio::test]
async fn the_setup_address_serves_once_and_only_a_day() {
    let world = World::empty().await;
    let first = world.ops.setup_begin().await.expect("begins").expect("no account yet");
    let second = world.ops.setup_begin().await.expect("begins").expect("no account yet");
    let refused = world.ops.setup_complete(Some(first.expose()), form("eve"), "", "").await;
    assert!(matches!(refused, Err(Error::NotFound { kind: "setup address" })), "an earlier one no longer serves");
    world.pass(24 * 3600 + 1);
    assert!(world.ops.setup_check(second.expose()).await.is_err(), "it is too old");
    let third = world.ops.setup_begin().await.expect("begins").expect("no account yet");
    let session = world.ops.setup_complete(Some(third.expose()), form("ada"), "192.0.2.1", "browser").await.expect("set up");
    let (scope, user, _) = world.ops.session_authenticate(session.token.expose()).await.expect("reads").expect("signed in");
    assert_eq!((user.name.as_str(), scope.role()), ("ada", model::Role::Owner));
    assert!(world.ops.setup_check(third.expose()).await.is_err(), "it is used up");
    assert_eq!(world.ops.setup_begin().await.expect("reads"), None);
    assert!(matches!(world.ops.setup_complete(None, form("eve"), "", "").await, Err(Error::Conflict { .. })));
}

#[tokio::test]
async fn setup_tells_every_field_at_once() {
    let world = World::empty().await;
    let wrong = SetupForm { name: " ".into(), email: "nobody".into(), password: Secret::new("short") };
    assert_eq!(fields(world.ops.setup_complete(None, wrong, "", "").await), ["name", "email", "password"]);
    let weak = SetupForm { password: Secret::new("password1234"), ..form("ada") };
    let Err(Error::Invalid { fields }) = world.ops.setup_complete(None, weak, "", "").await else { panic!("a weak password was taken") };
    assert!(fields[0].1.starts_with("too easy to guess"), "{fields:?}");
}

#[tokio::test]
async fn five_wrong_passwords_in_a_minute_lock_an_account_for_that_minute_whoever_knows_it() {
    let world = World::empty().await;
    world.team("ada").await;
    let wrong = || world.ops.sign_in("ada@example.com", Secret::new("wrong-password"), "192.0.2.1", "");
    for _ in 0..5 {
        let Err(Error::Unauthenticated { why }) = wrong().await else { panic!("a wrong password was taken") };
        assert_eq!(why, "e-mail address or password is wrong");
    }
    assert!(matches!(wrong().await, Err(Error::TooMany { retry_after_seconds: 60 })));
    assert!(matches!(world.sign_in("ada").await, Err(Error::TooMany { .. })));
    world.pass(61);
    world.sign_in("ada").await.expect("the minute is over");
}

#[tokio::test]
async fn unknown_addresses_answer_like_wrong_passwords_and_count_against_where_they_come_from() {
    let world = World::empty().await;
    world.team("ada").await;
    for number in 0..20 {
        let tried = world.ops.sign_in(&format!("nobody{number}@example.com"), Secret::new(PASSWORD), "192.0.2.66", "").await;
        assert!(matches!(tried, Err(Error::Unauthenticated { why }) if why == "e-mail address or password is wrong"));
    }
    let tried = world.ops.sign_in("ada@example.com", Secret::new(PASSWORD), "192.0.2.66", "").await;
    assert!(matches!(tried, Err(Error::TooMany { .. })));
    world.sign_in("ada").await.expect("from elsewhere she signs in");
}

#[tokio::test]
async fn sessions_end_by_age_by_idleness_and_by_hand() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let bob = world.team("bob").await;
    let other = world.sign_in("ada").await.expect("signed in");
    let listed = world.ops.session_list(&ada.scope).await.expect("reads");
    assert_eq!(listed.len(), 2);
    let (_, _, id) = world.ops.session_authenticate(other.expose()).await.expect("reads").expect("signed in");
    assert!(matches!(world.ops.session_revoke(&bob.scope, id.clone()).await, Err(Error::NotFound { .. })), "another person's session");
    world.ops.session_revoke(&ada.scope, id.clone()).await.expect("revoked");
    assert!(world.ops.session_authenticate(other.expose()).await.expect("reads").is_none());
    world.ops.sign_out(&ada.scope, id).await.expect("signing out twice is once");
    for _ in 0..5 {
        world.pass(6 * 24 * 3600);
        let live = world.ops.session_authenticate(ada.session.expose()).await.expect("reads");
        assert_eq!(live.is_some(), world.ops.now().as_second() < 1_800_000_000 + 30 * 24 * 3600);
    }
    assert!(world.ops.session_authenticate(bob.session.expose()).await.expect("reads").is_none(), "idle for more than seven days");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let other = world.sign_in("ada").await.expect("signed in");
    let (_, _, own) = world.ops.session_authenticate(ada.session.expose()).await.expect("reads").expect("signed in");
    let wrong = world.ops.password_change(&ada.scope, Some(own.clone()), Secret::new("no"), Secret::new("short")).await;
    assert_eq!(fields(wrong), ["current_password", "password"]);
    world.ops.password_change(&ada.scope, Some(own), Secret::new(PASSWORD), Secret::new("another-Fine-7-phrase")).await.expect("changed");
    assert!(world.ops.session_authenticate(other.expose()).await.expect("reads").is_none());
    assert!(world.ops.session_authenticate(ada.session.expose()).await.expect("reads").is_some());
    assert!(world.sign_in("ada").await.is_err());
}

#[tokio::test]
async fn a_person_takes_another_name_freely_and_another_address_with_their_password() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let change = |name: &str, email: &str, password: &str| {
        world.ops.account_update(&ada.scope, AccountForm { name: name.into(), email: email.into(), current_password: Secret::new(password) })
    };
    change("Ada Pier", "ada@example.com", "").await.expect("a name takes no password");
    let me = world.ops.me(&ada.scope).await.expect("reads");
    assert_eq!((me.name.as_str(), me.email.as_str()), ("Ada Pier", "ada@example.com"));
    assert_eq!(fields(change(" ", "nobody", "").await), ["name", "email"]);
    assert_eq!(fields(change("Ada Pier", "pier@example.com", "").await), ["current_password"]);
    assert_eq!(fields(change("Ada Pier", "pier@example.com", "wrong").await), ["current_password"]);
    assert_eq!(fields(change("Ada Pier", "bob@example.com", PASSWORD).await), ["email"], "an address has one account");
    change("Ada Pier", "pier@example.com", PASSWORD).await.expect("changed");
    world.sign_in("pier").await.expect("she signs in with the new address");
    assert!(world.sign_in("ada").await.is_err(), "the old one is nobody's");
    assert_eq!(world.ops.me(&bob.scope).await.expect("reads").email.as_str(), "bob@example.com");
}

#[tokio::test]
async fn wrong_passwords_for_another_address_are_bounded_like_signing_in() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let guess = || AccountForm { name: "ada".into(), email: "eve@example.com".into(), current_password: Secret::new("wrong-password") };
    for _ in 0..5 {
        assert_eq!(fields(world.ops.account_update(&ada.scope, guess()).await), ["current_password"]);
    }
    assert!(matches!(world.ops.account_update(&ada.scope, guess()).await, Err(Error::TooMany { .. })));
}

#[tokio::test]
async fn tokens_are_told_once_and_wrong_ones_all_answer_alike() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let form = |abilities: &[&str], expires| TokenForm { name: "ci".into(), abilities: abilities.iter().map(|text| (*text).to_owned()).collect(), expires };
    let soon = world.ops.now() + jiff::SignedDuration::from_secs(60);
    let token = world.ops.token_create(&ada.scope, form(&["deploy"], Some(soon))).await.expect("made");
    let (number, secret) = token.expose().split_once('|').expect("number and secret");
    assert!(secret.len() >= 40);
    world.ops.token_authenticate(token.expose()).await.expect("authenticates");
    for wrong in ["", "x", "1", "x|y", "99|secret", &format!("{number}|{secret}x"), &format!("{number}|")] {
        let Err(Error::Unauthenticated { why }) = world.ops.token_authenticate(wrong).await else { panic!("{wrong} was taken") };
        assert_eq!(why, "the token is wrong or has ended");
    }
    world.pass(61);
    assert!(world.ops.token_authenticate(token.expose()).await.is_err(), "it has ended");
    let invalid = TokenForm { name: String::new(), abilities: vec!["fly".into()], expires: Some(soon) };
    assert_eq!(fields(world.ops.token_create(&ada.scope, invalid).await), ["name", "abilities", "expires"]);
    let listed = world.ops.token_list(&ada.scope).await.expect("reads");
    assert_eq!(listed[0].number.to_string(), number);
    let owner = world.ops.token_create_for_owner(form(&["root"], None)).await.expect("made");
    assert_eq!(world.ops.token_authenticate(owner.expose()).await.expect("authenticates").team(), ada.scope.team());
}

#[tokio::test]
async fn a_token_does_no_more_than_its_person_may_today() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let carol = world.member(&ada, "carol", model::Role::Admin).await;
    let form = TokenForm { name: "t".into(), abilities: vec!["root".into()], expires: None };
    let token = world.ops.token_create(&carol, form).await.expect("made");
    let scope = world.ops.token_authenticate(token.expose()).await.expect("authenticates");
    assert!(ops::allows(&scope, model::Ability::Deploy));
    world.store.member_put(&ada.scope, carol.user().expect("a person").clone(), model::Role::Member).await.expect("changed");
    let scope = world.ops.token_authenticate(token.expose()).await.expect("authenticates");
    assert!(!ops::allows(&scope, model::Ability::Deploy) && ops::allows(&scope, model::Ability::Read) && !ops::sees_secrets(&scope));
}

#[tokio::test]
async fn the_api_is_switched_by_the_team_that_set_the_instance_up() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    assert!(world.ops.api_enabled().await.expect("reads"));
    assert!(matches!(world.ops.api_disable(&bob.scope).await, Err(Error::Forbidden { .. })));
    world.ops.api_disable(&ada.scope).await.expect("switched");
    assert!(!world.ops.api_enabled().await.expect("reads"));
    world.ops.api_enable(&ada.scope).await.expect("switched");
    assert!(world.ops.api_enabled().await.expect("reads"));
}
