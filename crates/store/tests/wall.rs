//! The store through its public face: the tenant wall, the queue, the journal, and what a restart finds.

use jiff::{SignedDuration, Timestamp};
use model::{
    Abilities, Ability, ApplicationId, BuildPack, Cause, DeploymentId, DeploymentStatus, ImageReference, Operation, Phase, Plan, ReleaseId, Secret, Settings,
    Source, Spec, Step, StepState, Variable, VariableId, deployment::CauseKind,
};
use std::sync::atomic::{AtomicU8, Ordering};
use store::{Constraint, Error, HookSecrets, NewAccount, NewApplication, NewDeployment, NewRelease, NewToken, Scope, Store, TakenDomain};

static NEXT: AtomicU8 = AtomicU8::new(1);

fn chance() -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[0] = NEXT.fetch_add(1, Ordering::Relaxed);
    bytes[5] = bytes[0];
    bytes
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

struct Team {
    scope: Scope,
    environment: model::EnvironmentId,
    destination: model::DestinationId,
}

async fn team(store: &Store, name: &str) -> Team {
    let new = NewAccount {
        user: model::UserId::from_chance(chance()),
        name: name.parse().expect("valid"),
        email: format!("{name}@example.com").parse().expect("valid"),
        password_hash: "x".into(),
        team: model::TeamId::from_chance(chance()),
        project: model::ProjectId::from_chance(chance()),
        environment: model::EnvironmentId::from_chance(chance()),
        server: model::ServerId::from_chance(chance()),
        destination: model::DestinationId::from_chance(chance()),
        network: "wharf".into(),
        wildcard: "localhost".parse().expect("valid"),
    };
    let (user, environment, destination) = (new.user.clone(), new.environment.clone(), new.destination.clone());
    store.account_create(new, at(0)).await.expect("made");
    let hash = vec![NEXT.fetch_add(1, Ordering::Relaxed)];
    let session = store::NewSession {
        id: model::SessionId::from_chance(chance()),
        token_hash: hash.clone(),
        user,
        address: "127.0.0.1".into(),
        agent: "test".into(),
        expires: at(1_000_000),
    };
    store.session_create(session, at(0)).await.expect("opened");
    let (scope, ..) = store.session_authenticate(hash, at(1), SignedDuration::from_hours(24)).await.expect("reads").expect("signed in");
    Team { scope, environment, destination }
}

fn settings() -> Settings {
    let reference: ImageReference = "busybox".parse().expect("valid");
    Settings::new(Source::Image { reference, credential: None }, BuildPack::Image)
}

async fn application(store: &Store, team: &Team, settings: Settings) -> Result<ApplicationId, Error> {
    let id = ApplicationId::from_chance(chance());
    let new = NewApplication {
        id: id.clone(),
        environment: team.environment.clone(),
        destination: team.destination.clone(),
        name: "web".parse().expect("valid"),
        slug: "web".parse().expect("valid"),
        description: String::new(),
        settings,
        hooks: HookSecrets { deploy: Secret::new("hook"), ..HookSecrets::default() },
        deploy_hook_hash: id.as_str().as_bytes().to_vec(),
    };
    store.application_create(&team.scope, new, at(2)).await?;
    Ok(id)
}

fn deployment(application: &ApplicationId, operation: Operation) -> NewDeployment {
    let spec = Spec { slug: "web".parse().expect("valid"), settings: settings(), variables: Vec::new(), mounts: Vec::new() };
    NewDeployment {
        id: DeploymentId::from_chance(chance()),
        application: application.clone(),
        operation,
        fresh_release: Some(NewRelease { id: ReleaseId::from_chance(chance()), spec, commit: None }),
        release: None,
        force: false,
        with_volumes: false,
        cause: Cause { by: CauseKind::Push, actor: "Ada".into() },
        supersedes: operation == Operation::Deploy,
    }
}

fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opens");
    (folder, store)
}

#[tokio::test]
async fn another_teams_rows_look_like_missing_ones() {
    let (_folder, store) = open();
    let (ada, bob) = (team(&store, "ada").await, team(&store, "bob").await);
    let id = application(&store, &ada, settings()).await.expect("made");
    let queued = deployment(&id, Operation::Deploy);
    let (deployment_id, release) = (queued.id.clone(), queued.fresh_release.as_ref().expect("one").id.clone());
    store.deployment_create(&ada.scope, queued, at(3)).await.expect("queued");
    let missing = |result: Result<(), Error>| assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
    missing(store.application_fetch(&bob.scope, id.clone()).await.map(|_| ()));
    missing(store.application_hooks(&bob.scope, id.clone()).await.map(|_| ()));
    missing(store.application_forget(&bob.scope, id.clone(), at(4)).await);
    missing(store.application_update(&bob.scope, id.clone(), "x".parse().expect("valid"), String::new(), settings(), at(4)).await);
    missing(store.application_move(&bob.scope, id.clone(), bob.environment.clone(), at(4)).await);
    missing(store.application_move(&ada.scope, id.clone(), bob.environment.clone(), at(4)).await);
    missing(store.deployment_fetch(&bob.scope, deployment_id.clone()).await.map(|_| ()));
    missing(store.deployment_cancel(&bob.scope, deployment_id.clone(), at(4)).await.map(|_| ()));
    missing(store.work_fetch(&bob.scope, deployment_id.clone()).await.map(|_| ()));
    missing(store.log_list(&bob.scope, deployment_id.clone(), 0, 10).await.map(|_| ()));
    missing(store.release_fetch(&bob.scope, release.clone()).await.map(|_| ()));
    missing(store.deployment_create(&bob.scope, deployment(&id, Operation::Stop), at(4)).await);
    missing(store.environment_delete(&bob.scope, ada.environment.clone(), at(4)).await);
    missing(store.metric_list(&bob.scope, id.clone(), at(0)).await.map(|_| ()));
    assert_eq!(store.step_list(&bob.scope, deployment_id).await.expect("reads"), []);
    assert_eq!(store.variable_list(&bob.scope, id).await.expect("reads"), []);
    assert_eq!(store.application_list(&bob.scope).await.expect("reads"), []);
    assert!(store.event_list_after(&bob.scope, 0, 100).await.expect("reads").iter().all(|event| event.team == *bob.scope.team()));
}

#[tokio::test]
async fn a_domain_belongs_to_one_application_and_foreign_owners_are_not_named() {
    let (_folder, store) = open();
    let (ada, bob) = (team(&store, "ada").await, team(&store, "bob").await);
    let mut with_domain = settings();
    with_domain.domains = vec!["https://shop.example.com".parse().expect("valid")];
    let shop = application(&store, &ada, with_domain.clone()).await.expect("made");
    let own = application(&store, &ada, with_domain.clone()).await;
    let taken = |result: Result<_, Error>| if let Err(Error::Conflict(Constraint::Domains(taken))) = result { taken } else { panic!("it was given again") };
    let named =
        |application: Option<&str>| [TakenDomain { domain: "shop.example.com".into(), application: application.map(|name| (shop.clone(), name.to_owned())) }];
    assert_eq!(taken(own), named(Some("web")));
    assert_eq!(taken(application(&store, &bob, with_domain).await), named(None));
}

#[tokio::test]
async fn the_queue_runs_one_deployment_of_an_application_at_a_time_and_newer_pushes_win() {
    let (_folder, store) = open();
    let ada = team(&store, "ada").await;
    let id = application(&store, &ada, settings()).await.expect("made");
    let queued: Vec<_> = (0..3).map(|_| deployment(&id, Operation::Deploy)).collect();
    for (number, new) in queued.iter().enumerate() {
        store.deployment_create(&ada.scope, new.clone(), at(3 + number as i64)).await.expect("queued");
    }
    let work = store.work_claim(at(10)).await.expect("claims").expect("one is queued");
    assert_eq!(work.deployment.id, queued[2].id, "the two older pushes gave way");
    assert!(store.work_claim(at(10)).await.expect("claims").is_none());
    store.deployment_create(&ada.scope, deployment(&id, Operation::Restart), at(11)).await.expect("queued");
    assert!(store.work_claim(at(12)).await.expect("claims").is_none(), "the first one runs still");
    assert_eq!(store.work_interrupted().await.expect("reads").len(), 1);
    store.work_finish(&work.scope, work.deployment.id.clone(), DeploymentStatus::Finished, None, at(13)).await.expect("ends");
    assert!(store.work_finish(&work.scope, work.deployment.id, DeploymentStatus::Failed, None, at(13)).await.is_err(), "an end is final");
    assert!(store.work_claim(at(14)).await.expect("claims").is_some_and(|work| work.deployment.operation == Operation::Restart));
    let rows = store.deployment_list(&ada.scope, Some(id), None, 10).await.expect("reads");
    assert_eq!(rows.iter().map(|row| row.release_number).collect::<Vec<_>>(), [Some(4), Some(3), Some(2), Some(1)]);
}

#[tokio::test]
async fn nobody_is_asked_for_only_starts_what_is_still_meant_to_run() {
    use model::application::Desired;
    let (_folder, store) = open();
    let ada = team(&store, "ada").await;
    let id = application(&store, &ada, settings()).await.expect("made");
    let first = deployment(&id, Operation::Deploy);
    let release = first.fresh_release.as_ref().expect("one").id.clone();
    store.deployment_create(&ada.scope, first, at(3)).await.expect("queued");
    let unasked = || NewDeployment { fresh_release: None, release: Some(release.clone()), supersedes: false, ..deployment(&id, Operation::Start) };
    let create = async |at_second| store.deployment_create_unasked(&ada.scope, unasked(), at(at_second)).await.expect("asked");
    assert!(!create(4).await, "a deployment is queued");
    let work = store.work_claim(at(5)).await.expect("claims").expect("queued");
    let switched = |desired| store.application_switch(&work.scope, id.clone(), Some(release.clone()), desired, vec!["web-1".into()]);
    switched(Desired::Running).await.expect("switched");
    store.work_finish(&work.scope, work.deployment.id.clone(), DeploymentStatus::Finished, None, at(6)).await.expect("ends");
    switched(Desired::Stopped).await.expect("stopped");
    assert!(!create(7).await, "a person stopped it meanwhile");
    switched(Desired::Running).await.expect("running");
    assert!(create(8).await, "it is meant to run and nothing is under way");
    assert!(!create(9).await, "the start is queued already");
}

#[tokio::test]
async fn a_restart_finds_plan_journal_and_secrets_as_they_were() {
    let (folder, store) = open();
    let ada = team(&store, "ada").await;
    let id = application(&store, &ada, settings()).await.expect("made");
    let variable = Variable {
        id: VariableId::from_chance(chance()),
        name: "TOKEN".parse().expect("valid"),
        value: Secret::new("canary-in-the-mine"),
        build_time: false,
        run_time: true,
        literal: false,
        multiline: false,
        hidden: true,
        comment: String::new(),
    };
    store.variable_put(&ada.scope, id.clone(), vec![variable.clone()], at(3)).await.expect("put");
    store.deployment_create(&ada.scope, deployment(&id, Operation::Deploy), at(4)).await.expect("queued");
    let work = store.work_claim(at(5)).await.expect("claims").expect("queued");
    let plan = Plan {
        summary: "First".into(),
        prepare: vec![Step::EnsureNetwork { network: "wharf".into() }],
        cutover: vec![Step::SwitchRoutes { release: None, containers: Vec::new() }],
        cleanup: Vec::new(),
        undo: Vec::new(),
    };
    store.plan_save(&work.scope, work.deployment.id.clone(), plan.clone()).await.expect("saved");
    store.step_begin(&work.scope, work.deployment.id.clone(), 0, at(6)).await.expect("begun");
    store.step_end(&work.scope, work.deployment.id.clone(), 0, StepState::Done, None, at(7)).await.expect("ended");
    drop(store);
    let store = Store::open(folder.path()).expect("opens again");
    let again = store.work_interrupted().await.expect("reads").pop().expect("was running");
    assert_eq!(store.deployment_plan(&again.scope, again.deployment.id.clone()).await.expect("reads"), Some(plan));
    let steps = store.step_list(&again.scope, again.deployment.id.clone()).await.expect("reads");
    assert_eq!(
        steps.iter().map(|step| (step.phase, step.state)).collect::<Vec<_>>(),
        [(Phase::Prepare, StepState::Done), (Phase::Cutover, StepState::Waiting)]
    );
    store.step_end(&again.scope, again.deployment.id.clone(), 1, StepState::Done, None, at(8)).await.expect("ended");
    store.step_begin(&again.scope, again.deployment.id.clone(), 0, at(9)).await.expect("begun again");
    let steps = store.step_list(&again.scope, again.deployment.id).await.expect("reads");
    assert_eq!(steps.iter().map(|step| step.state).collect::<Vec<_>>(), [StepState::Running, StepState::Waiting], "what rests on it waits again");
    assert_eq!(store.variable_list(&ada.scope, id).await.expect("reads"), [variable]);
    for entry in std::fs::read_dir(folder.path()).expect("lists") {
        let bytes = std::fs::read(entry.expect("entry").path()).expect("reads");
        assert!(!bytes.windows(18).any(|window| window == b"canary-in-the-mine"), "a secret lies in the clear");
    }
}

#[tokio::test]
async fn a_token_says_what_it_may_do_and_a_setup_secret_serves_once() {
    let (_folder, store) = open();
    let ada = team(&store, "ada").await;
    let new = NewToken { name: "ci".parse().expect("valid"), secret_hash: vec![7], abilities: Abilities([Ability::Deploy].into()), expires: Some(at(100)) };
    let number = store.token_create(&ada.scope, new, at(1)).await.expect("made");
    let (scope, hash) = store.token_authenticate(number, at(2)).await.expect("reads").expect("known");
    assert_eq!((hash, scope.allows(Ability::Deploy), scope.allows(Ability::Read)), (vec![7], true, false));
    assert!(store.token_authenticate(number, at(101)).await.expect("reads").is_none(), "it has expired");
    store.setup_secret_set(vec![9], at(50)).await.expect("set");
    assert!(!store.setup_secret_serves(vec![9], at(3)).await.expect("reads"), "an owner exists");
}

#[tokio::test]
async fn every_statement_in_the_source_prepares_against_the_schema() {
    let (folder, store) = open();
    drop(store);
    let statements = statements_in(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(statements.len() > 100, "found only {}", statements.len());
    let open = |name| rusqlite::Connection::open(folder.path().join(name)).expect("opens");
    let (main, logs) = (open("wharf.db"), open("logs.db"));
    for statement in statements {
        if let (Err(why), Err(_)) = (main.prepare(&statement), logs.prepare(&statement)) {
            panic!("{why}: {statement}");
        }
    }
}

/// String literals that begin like a statement; those with `{` are put together at run time and are covered by the tests that call them.
fn statements_in(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("lists") {
        let path = entry.expect("entry").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("reads");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let literals = text.split('"').skip(1).step_by(2).filter(|literal| !literal.contains('{'));
        found.extend(literals.filter(|literal| ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| literal.starts_with(verb))).map(str::to_owned));
    }
    found
}
