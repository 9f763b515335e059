//! A team, an application and their scope, with fixed ids.

use jiff::{SignedDuration, Timestamp};
use model::{
    ApplicationId, BuildPack, Cause, DeploymentId, ImageReference, Operation, ReleaseId, Secret, Settings, Source, Spec, Variable, VariableId,
    deployment::CauseKind,
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use store::{Error, HookSecrets, NewAccount, NewApplication, NewDeployment, NewEvent, NewRelease, NewSession, Scope, Store};

/// The key of every store here, so that sealed values of older schemas open.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// The session everybody is signed in with.
const SESSION: [u8; 1] = [1];
/// Length of an event's sentence: each of them fills several pages.
const SENTENCE_BYTES: usize = 9000;

pub fn chance(number: u8) -> [u8; 24] {
    [number; 24]
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

/// Lays the key into a folder.
pub fn lay_key(folder: &Path) {
    let path = folder.join("wharf.key");
    fs::write(&path, KEY).expect("a key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("private");
}

pub fn application() -> ApplicationId {
    ApplicationId::from_chance(chance(9))
}

pub fn deployment() -> DeploymentId {
    DeploymentId::from_chance(chance(10))
}

/// Makes an account with a team and signs it in.
pub async fn settle(store: &Store) -> Scope {
    let new = NewAccount {
        user: model::UserId::from_chance(chance(1)),
        name: "ada".parse().expect("valid"),
        email: "ada@example.com".parse().expect("valid"),
        password_hash: "x".into(),
        team: model::TeamId::from_chance(chance(2)),
        project: model::ProjectId::from_chance(chance(3)),
        environment: model::EnvironmentId::from_chance(chance(4)),
        server: model::ServerId::from_chance(chance(5)),
        destination: model::DestinationId::from_chance(chance(6)),
        network: "wharf".into(),
        wildcard: "localhost".parse().expect("valid"),
    };
    let user = new.user.clone();
    store.account_create(new, at(0)).await.expect("made");
    let id = model::SessionId::from_chance(chance(7));
    let session = NewSession { id, token_hash: SESSION.to_vec(), user, address: "127.0.0.1".into(), agent: "test".into(), expires: at(100_000_000) };
    store.session_create(session, at(0)).await.expect("opened");
    scope(store).await.expect("signed in")
}

/// The scope of the one who is signed in, if the store knows them.
pub async fn scope(store: &Store) -> Option<Scope> {
    let found = store.session_authenticate(SESSION.to_vec(), at(1), SignedDuration::from_hours(24)).await.expect("reads");
    found.map(|(scope, ..)| scope)
}

/// Makes an application with a secret and a deployment that waits.
pub async fn furnish(store: &Store, scope: &Scope) {
    let reference: ImageReference = "busybox".parse().expect("valid");
    let settings = Settings::new(Source::Image { reference, credential: None }, BuildPack::Image);
    let new = NewApplication {
        id: application(),
        environment: model::EnvironmentId::from_chance(chance(4)),
        destination: model::DestinationId::from_chance(chance(6)),
        name: "web".parse().expect("valid"),
        slug: "web".parse().expect("valid"),
        description: String::new(),
        settings: settings.clone(),
        hooks: HookSecrets { deploy: Secret::new("hook"), ..HookSecrets::default() },
        deploy_hook_hash: vec![3],
    };
    store.application_create(scope, new, at(2)).await.expect("made");
    store.variable_put(scope, application(), vec![variable()], at(3)).await.expect("put");
    let spec = Spec { slug: "web".parse().expect("valid"), settings, variables: Vec::new(), mounts: Vec::new() };
    let queued = NewDeployment {
        id: deployment(),
        application: application(),
        operation: Operation::Deploy,
        fresh_release: Some(NewRelease { id: ReleaseId::from_chance(chance(11)), spec, commit: None }),
        release: None,
        force: false,
        with_volumes: false,
        cause: Cause { by: CauseKind::Push, actor: "Ada".into() },
        supersedes: true,
    };
    store.deployment_create(scope, queued, at(4)).await.expect("queued");
}

pub fn variable() -> Variable {
    Variable {
        id: VariableId::from_chance(chance(12)),
        name: "TOKEN".parse().expect("valid"),
        value: Secret::new("sealed long ago"),
        build_time: false,
        run_time: true,
        literal: false,
        multiline: false,
        hidden: true,
        comment: String::new(),
    }
}

/// Commits one more numbered fact.
pub async fn commit(store: &Store, scope: &Scope, number: usize) -> Result<(), Error> {
    let sentence = format!("{number:04}{}", "x".repeat(SENTENCE_BYTES));
    store.event_record(scope, NewEvent::of(scope, "test.fact", sentence), at(5)).await
}

/// The numbers of the facts a store holds, in order.
pub async fn facts(store: &Store, scope: &Scope) -> Result<Vec<usize>, Error> {
    let events = store.event_list_after(scope, 0, 10_000).await?;
    let numbers = events.iter().filter(|event| event.kind == "test.fact").map(|event| event.sentence[..4].parse().expect("a number"));
    Ok(numbers.collect())
}
