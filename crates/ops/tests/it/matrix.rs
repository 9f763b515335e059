//! Every public function with every kind of caller. A function without a line here fails the first test.

use crate::fixture::{Team, World, form, patch};
use futures_util::future::BoxFuture;
use model::{
    ApplicationId, DeploymentId, EnvironmentId, KeyId, Operation, ProjectId, RegistryId, ReleaseId, Role, Secret, SessionId, StorageId, TagId, VariableId,
};
use ops::*;
use std::{collections::BTreeSet, fs, path::Path};

/// What a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Read,
    Write,
    Deploy,
    WriteAndDeploy,
    ReadOrDeploy,
    Logs,
    Secrets,
    Root,
    Person,
    Instance,
}

/// Whether a function names something of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touches {
    /// A thing: another team's is not there.
    Thing,
    /// The caller's own.
    Own,
}
use Takes::*;
use Touches::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Owner,
    Admin,
    Member,
    ReadToken,
    SensitiveToken,
    WriteToken,
    DeployToken,
    RootToken,
    OtherTeam,
}
const CALLERS: [Caller; 9] = [
    Caller::Owner,
    Caller::Admin,
    Caller::Member,
    Caller::ReadToken,
    Caller::SensitiveToken,
    Caller::WriteToken,
    Caller::DeployToken,
    Caller::RootToken,
    Caller::OtherTeam,
];

/// The law, written once more and apart from the code that holds it.
fn may(caller: Caller, takes: Takes) -> bool {
    use Caller::*;
    match takes {
        Read => !matches!(caller, WriteToken | DeployToken),
        Write => matches!(caller, Owner | Admin | WriteToken | RootToken | OtherTeam),
        Deploy => matches!(caller, Owner | Admin | DeployToken | RootToken | OtherTeam),
        ReadOrDeploy => caller != WriteToken,
        WriteAndDeploy | Root => matches!(caller, Owner | Admin | RootToken | OtherTeam),
        Logs => matches!(caller, Owner | Admin | ReadToken | SensitiveToken | RootToken | OtherTeam),
        Secrets => matches!(caller, Owner | Admin | SensitiveToken | RootToken | OtherTeam),
        Person => matches!(caller, Owner | Admin | Member | OtherTeam),
        Instance => matches!(caller, Owner | Admin | RootToken),
    }
}

/// What is there to be touched.
#[derive(Clone)]
struct Things {
    team: Team,
    application: ApplicationId,
    deployment: DeploymentId,
    release: ReleaseId,
    empty: ProjectId,
    staging: EnvironmentId,
    key: KeyId,
    registry: RegistryId,
    tag: TagId,
    variable: VariableId,
    shared: i64,
    mount: StorageId,
    token: i64,
    session: SessionId,
}

type Run = Box<dyn Fn(Ops, Scope, Things) -> BoxFuture<'static, Result<(), Error>>>;

struct Line {
    name: &'static str,
    takes: Takes,
    touches: Touches,
    run: Run,
}

macro_rules! lines {
    ($($name:ident($takes:expr, $touches:expr): |$t:ident| ($($argument:expr),*);)+) => {
        vec![$(Line {
            name: stringify!($name),
            takes: $takes,
            touches: $touches,
            run: Box::new(|ops, scope, $t| Box::pin(async move {
                let _ = &$t;
                ops.$name(&scope $(, $argument)*).await.map(drop)
            })),
        }),+]
    };
}

fn named() -> NamedForm {
    NamedForm { name: "Another name".into(), description: String::new() }
}

fn deploy() -> DeployRequest {
    DeployRequest { force: true, ..DeployRequest::of(Operation::Deploy) }
}

fn variable(name: &str) -> VariableForm {
    VariableForm { name: name.into(), value: Some(Secret::new("1")), ..VariableForm::default() }
}

fn lines() -> Vec<Line> {
    let mut lines = lines! {
        team_fetch(Read, Own): |t| ();
        team_list(Read, Own): |t| ();
        member_list(Read, Own): |t| ();
        me(Read, Own): |t| ();
        overview(Read, Own): |t| ();
        search(Read, Own): |t| ("web");
        sign_out(Person, Own): |t| (t.session);
        session_list(Person, Own): |t| ();
        account_update(Person, Own): |t| (AccountForm::default());
        password_change(Person, Own): |t| (None, Secret::new("wrong"), Secret::new("another-Fine-7-phrase"));
        token_create(Read, Own): |t| (TokenForm { name: String::new(), abilities: vec![], expires: None });
        token_list(Root, Own): |t| ();
        token_delete(Root, Thing): |t| (t.token);
        api_enable(Instance, Own): |t| ();
        api_disable(Instance, Own): |t| ();
        project_list(Read, Own): |t| ();
        project_fetch(Read, Thing): |t| (t.team.project);
        project_create(Write, Own): |t| (named());
        project_update(Write, Thing): |t| (t.empty, named());
        project_delete(Write, Thing): |t| (t.empty);
        environment_list(Read, Thing): |t| (t.team.project);
        environment_list_all(Read, Own): |t| ();
        environment_fetch(Read, Thing): |t| (t.staging);
        environment_find(Read, Thing): |t| (t.team.project, "staging");
        environment_create(Write, Thing): |t| (t.team.project, named());
        environment_update(Write, Thing): |t| (t.staging, named());
        environment_delete(Write, Thing): |t| (t.staging);
        server_list(Read, Own): |t| ();
        server_fetch(Read, Thing): |t| (t.team.server);
        server_applications(Read, Thing): |t| (t.team.server);
        server_update(Root, Thing): |t| (t.team.server, ServerPatch::default());
        server_facts(Read, Thing): |t| (t.team.server);
        edge_status(Read, Thing): |t| (t.team.server);
        engines_down(Read, Own): |t| ();
        destination_list(Read, Own): |t| ();
        destination_fetch(Read, Thing): |t| (t.team.destination);
        destination_choose(Read, Thing): |t| (Some(&t.team.server), Some(&t.team.destination));
        destination_create(Write, Thing): |t| (t.team.server, DestinationForm { name: String::new(), network: "shop".into() });
        destination_rename(Write, Thing): |t| (t.team.destination, "Shop");
        destination_delete(Write, Thing): |t| (t.team.destination);
        reconcilers(Root, Own): |t| ();
        doctor(Root, Own): |t| ();
        events_after(Read, Own): |t| (0);
        event_newest(Read, Own): |t| ();
        key_list(Read, Own): |t| ();
        key_fetch(Read, Thing): |t| (t.key);
        key_private(Secrets, Thing): |t| (t.key);
        key_create(Write, Own): |t| (KeyForm { name: "k".into(), ..KeyForm::default() });
        key_update(Write, Thing): |t| (t.key, named(), None);
        key_delete(Write, Thing): |t| (t.key);
        registry_list(Read, Own): |t| ();
        registry_create(Write, Own): |t| (RegistryForm::default());
        registry_delete(Write, Thing): |t| (t.registry);
    };
    lines.extend(application_lines());
    lines.extend(deployment_lines());
    lines
}

fn application_lines() -> Vec<Line> {
    lines! {
        tag_list(Read, Own): |t| ();
        tag_list_of(Read, Thing): |t| (t.application);
        tag_attach(Write, Thing): |t| (t.application, "other");
        tag_detach(Write, Thing): |t| (t.application, t.tag);
        tag_create(Write, Own): |t| ("other");
        tag_rename(Write, Thing): |t| (t.tag, named());
        tag_delete(Write, Thing): |t| (t.tag);
        tag_applications(ReadOrDeploy, Own): |t| ("blue");
        application_look(Write, Own): |t| (LookRequest::default());
        application_list(Read, Thing): |t| (Some(t.staging));
        application_rows(Read, Thing): |t| (Some(t.staging));
        application_fetch(Read, Thing): |t| (t.application);
        application_show(Read, Thing): |t| (t.application);
        application_status(Read, Thing): |t| (t.application);
        application_statuses(Read, Own): |t| ();
        application_create(Write, Thing): |t| (NewApplicationForm {
            environment: t.staging.clone(),
            destination: t.team.destination.clone(),
            settings: patch(&[("docker_registry_image_name", "busybox")]),
            generate_domain: true,
            look: false,
            hooks: Vec::new(),
        });
        application_update(Write, Thing): |t| (t.application, patch(&[("replicas", "2")]), false);
        application_move(Write, Thing): |t| (t.application, t.staging);
        application_discard(Write, Thing): |t| (t.application);
        application_clone(Write, Thing): |t| (t.application, CloneRequest { name: "c".into(), environment: t.staging, destination: None, with_variables: true });
        application_delete(Write, Thing): |t| (t.application, DeleteRequest::default());
        application_delete_preview(Read, Thing): |t| (t.application, true);
        hooks_show(Secrets, Thing): |t| (t.application);
        hook_set(WriteAndDeploy, Thing): |t| (t.application, "github", Secret::new("a-long-secret"));
        variable_list(Read, Thing): |t| (t.application);
        variable_put(Write, Thing): |t| (t.application, vec![variable("B")]);
        variable_delete(Write, Thing): |t| (t.application, t.variable);
        variables_given(Read, Thing): |t| (t.application);
        dotenv_show(Secrets, Thing): |t| (t.application);
        dotenv_diff(Write, Thing): |t| (t.application, &Secret::new("A=2"));
        dotenv_replace(Write, Thing): |t| (t.application, &Secret::new("A=2"));
        shared_variable_list(Read, Thing): |t| (SharedOwner::Project(t.team.project));
        shared_variable_put(Write, Thing): |t| (SharedOwner::Project(t.team.project), SharedVariableForm { name: "B".into(), ..SharedVariableForm::default() });
        shared_variable_delete(Write, Thing): |t| (SharedOwner::Project(t.team.project), t.shared);
        mount_list(Read, Thing): |t| (t.application);
        mount_put(Write, Thing): |t| (t.application, None, "/other", MountForm::Volume { name: String::new() });
        mount_delete(Write, Thing): |t| (t.application, t.mount);
    }
}

fn deployment_lines() -> Vec<Line> {
    lines! {
        deployment_create(Deploy, Thing): |t| (t.application, deploy());
        deployment_show(Read, Thing): |t| (t.deployment);
        deployment_fetch(Read, Thing): |t| (t.deployment);
        deployment_list(Read, Thing): |t| (Some(t.application), None, 10);
        deployment_count(Read, Thing): |t| (t.application);
        deployment_list_open(Read, Own): |t| ();
        deployment_cancel(Deploy, Thing): |t| (t.deployment);
        deployment_log(Logs, Thing): |t| (t.deployment, 0);
        deployment_log_tail(Logs, Thing): |t| (t.deployment, 10);
        release_list(Read, Thing): |t| (t.application, 10);
        rollback_preview(Read, Thing): |t| (t.application, t.release);
        release_compare(Read, Thing): |t| (t.application, t.release.clone(), t.release);
        deployment_preview(Read, Thing): |t| (t.application);
        deployments_live(Read, Thing): |t| (Some(t.application));
        domains_reach(Read, Thing): |t| (t.application);
        events_before(Read, Thing): |t| (None, Some(t.application), 10);
        container_logs(Logs, Thing): |t| (t.application, LogRequest::default());
        container_pipe(Root, Thing): |t| (t.application, None, &["true".to_owned()]);
        container_terminal(Root, Thing): |t| (t.application, None, 24, 80);
        container_program(Root, Thing): |t| (t.application, None, &["true".to_owned()], (24, 80));
        container_stats(Read, Thing): |t| (t.application);
        metric_list(Read, Thing): |t| (t.application);
        session_revoke(Person, Thing): |t| (t.session);
    }
}

/// Functions without a scope: they make one, belong to the operator's own socket, or touch no team's data.
const OPEN: [&str; 20] = [
    "setup_begin",
    "setup_done",
    "setup_check",
    "setup_complete",
    "account_create",
    "sign_in",
    "session_authenticate",
    "token_authenticate",
    "token_create_for_owner",
    "api_enabled",
    "hook_deploy",
    "webhook_receive",
    "doctor_local",
    "new",
    "options",
    "builds_at_once",
    "now",
    "changes",
    "line_changes",
    "status_changes",
];
/// Pure helpers over what the caller has already.
const PURE: [&str; 1] = ["urls"];

/// Names of the public functions of `impl Ops` blocks, with whether they take a scope.
fn functions() -> Vec<(String, bool)> {
    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("reads").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                sources(&entry, found);
            } else {
                found.push(fs::read_to_string(&entry).expect("reads"));
            }
        }
    }
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let blocks = texts.iter().flat_map(|text| text.split("\nimpl Ops {").skip(1).map(|rest| rest.split("\n}\n").next().unwrap_or(rest)));
    let mut found = Vec::new();
    for block in blocks {
        for part in block.split("\n    pub ").skip(1).filter(|part| part.starts_with("fn ") || part.starts_with("async fn ")) {
            let name: String = part.split("fn ").nth(1).expect("a name").chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let signature = part.split(" -> ").next().unwrap_or(part);
            found.push((name, signature.contains("scope: &Scope")));
        }
    }
    found
}

#[test]
fn every_public_function_has_a_line() {
    let lines: BTreeSet<&str> = lines().iter().map(|line| line.name).collect();
    let functions = functions();
    assert!(functions.len() > 90, "the sources were not read: {}", functions.len());
    for (name, scoped) in &functions {
        let known = if *scoped { lines.contains(name.as_str()) } else { OPEN.contains(&name.as_str()) || PURE.contains(&name.as_str()) };
        assert!(known, "{name} has no line: say what it takes");
    }
    for name in lines.iter().chain(&OPEN).chain(&PURE) {
        assert!(functions.iter().any(|(known, _)| known == name), "{name} is gone: remove its line");
    }
}

async fn furnish(world: &World, team: Team) -> Things {
    let (ops, scope) = (&world.ops, &team.scope);
    let application = world.image(&team, "web").await;
    let put = ops.variable_put(scope, application.clone(), vec![variable("A")]).await.expect("set");
    let owner = || SharedOwner::Project(team.project.clone());
    let shared = SharedVariableForm { name: "S".into(), value: Some(Secret::new("1")), ..SharedVariableForm::default() };
    ops.shared_variable_put(scope, owner(), shared).await.expect("set");
    let queued = ops.deployment_create(scope, application.clone(), deploy()).await.expect("queued").deployment.deployment;
    let token = TokenForm { name: "t".into(), abilities: vec!["read".into()], expires: None };
    ops.token_create(scope, token).await.expect("made");
    let registry = RegistryForm { username: "u".into(), password: Secret::new("p"), ..RegistryForm::default() };
    Things {
        deployment: queued.id,
        release: queued.release.expect("a release"),
        empty: ops.project_create(scope, NamedForm { name: "Empty".into(), ..NamedForm::default() }).await.expect("made"),
        staging: ops.environment_create(scope, team.project.clone(), NamedForm { name: "staging".into(), ..NamedForm::default() }).await.expect("made"),
        key: ops.key_create(scope, KeyForm { name: "k".into(), ..KeyForm::default() }).await.expect("made").id,
        registry: ops.registry_create(scope, registry).await.expect("made"),
        tag: ops.tag_attach(scope, application.clone(), "blue").await.expect("made").id,
        variable: put[0].id.clone().expect("an id"),
        shared: ops.shared_variable_list(scope, owner()).await.expect("reads")[0].number,
        mount: ops.mount_put(scope, application.clone(), None, "/data", MountForm::Volume { name: String::new() }).await.expect("set"),
        token: ops.token_list(scope).await.expect("reads")[0].number,
        session: ops.session_authenticate(team.session.expose()).await.expect("reads").expect("signed in").2,
        application,
        team,
    }
}

async fn callers(world: &World, team: &Team) -> Vec<(Caller, Scope)> {
    let mut callers = Vec::new();
    for caller in CALLERS {
        let scope = match caller {
            Caller::Owner => team.scope.clone(),
            Caller::Admin => world.member(team, "alan", Role::Admin).await,
            Caller::Member => world.member(team, "carol", Role::Member).await,
            Caller::ReadToken => world.token(&team.scope, &["read"]).await,
            Caller::SensitiveToken => world.token(&team.scope, &["read:sensitive"]).await,
            Caller::WriteToken => world.token(&team.scope, &["write"]).await,
            Caller::DeployToken => world.token(&team.scope, &["deploy"]).await,
            Caller::RootToken => world.token(&team.scope, &["root"]).await,
            Caller::OtherTeam => world.team("bob").await.scope,
        };
        callers.push((caller, scope));
    }
    callers
}

/// What is wrong with the answer a caller got.
fn fault(line: &Line, caller: Caller, answer: &Result<(), Error>) -> Option<String> {
    // Sessions are a person's own, in whichever team.
    let foreign = match line.name {
        "session_revoke" => caller != Caller::Owner,
        _ => caller == Caller::OtherTeam,
    };
    let well = match answer {
        Err(Error::Forbidden { .. }) => !may(caller, line.takes),
        Err(Error::NotFound { .. }) => may(caller, line.takes) && line.touches == Thing && foreign,
        Err(Error::Internal { .. }) => false,
        _ => may(caller, line.takes) && !(line.touches == Thing && foreign),
    };
    (!well).then(|| format!("{} as {caller:?}: {answer:?}", line.name))
}

#[tokio::test]
async fn who_may_not_is_refused_and_nothing_has_changed() {
    let world = World::empty().await.still().await;
    let team = world.team("ada").await;
    let callers = callers(&world, &team).await;
    let things = furnish(&world, team.clone()).await;
    let changes = |world: &World| *world.store.changes().borrow();
    let mut faults = Vec::new();
    for line in lines() {
        for (caller, scope) in &callers {
            if may(*caller, line.takes) && (line.touches == Own || *caller != Caller::OtherTeam) {
                continue;
            }
            let before = changes(&world);
            let answer = (line.run)(world.ops.clone(), scope.clone(), things.clone()).await;
            faults.extend(fault(&line, *caller, &answer));
            if changes(&world) != before && line.name != "password_change" {
                faults.push(format!("{} as {caller:?} wrote to the store", line.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn who_may_is_let_through() {
    let world = World::empty().await.still().await;
    let team = world.team("ada").await;
    let callers = callers(&world, &team).await;
    let things = furnish(&world, team.clone()).await;
    let mut faults = Vec::new();
    for line in lines() {
        let reads = matches!(line.takes, Read | Logs | Secrets) && line.name != "token_create";
        for (caller, scope) in &callers {
            if !may(*caller, line.takes) || (line.touches == Thing && *caller == Caller::OtherTeam) {
                continue;
            }
            let apart = if reads { None } else { Some(World::copy(world.folder.path()).await.still().await) };
            let ops = apart.as_ref().map_or(&world.ops, |apart| &apart.ops);
            let answer = (line.run)(ops.clone(), scope.clone(), things.clone()).await;
            let token_mints = line.name == "token_create" && matches!(caller, Caller::ReadToken | Caller::SensitiveToken);
            if !(token_mints && matches!(answer, Err(Error::Forbidden { .. }))) {
                faults.extend(fault(&line, *caller, &answer));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_second_account_has_a_network_of_its_own() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    world.ops.account_create(form("bob")).await.expect("made");
    assert!(matches!(world.ops.account_create(form("bob")).await, Err(Error::Conflict { .. })));
    let bob = world.scope(&world.sign_in("bob").await.expect("signed in")).await;
    let of_ada = world.ops.destination_list(&ada.scope).await.expect("reads").remove(0);
    let of_bob = world.ops.destination_list(&bob).await.expect("reads").remove(0);
    assert_ne!(of_ada.network, of_bob.network);
}
