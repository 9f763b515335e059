//! Variables: what is shown, what is kept, what a release freezes.

use crate::fixture::{World, fields};
use model::{Operation, Secret};
use ops::{DeployRequest, Error, SharedOwner, SharedVariableForm, VariableForm};

fn form(name: &str, value: &str) -> VariableForm {
    VariableForm { name: name.into(), value: Some(Secret::new(value)), ..VariableForm::default() }
}

#[tokio::test]
async fn values_are_for_those_who_may_see_secrets_and_hidden_ones_for_nobody() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let hidden = VariableForm { hidden: Some(true), ..form("KEY", "hunter2-hunter2") };
    world.ops.variable_put(&ada.scope, id.clone(), vec![form("A", "1"), hidden]).await.expect("set");
    let (read, sensitive) = (world.token(&ada.scope, &["read"]).await, world.token(&ada.scope, &["read:sensitive"]).await);
    let carol = world.member(&ada, "carol", model::Role::Member).await;
    for (scope, shown) in [(&ada.scope, true), (&sensitive, true), (&read, false), (&carol, false)] {
        let listed = world.ops.variable_list(scope, id.clone()).await.expect("reads");
        assert_eq!(listed[0].value.is_some(), shown);
        assert_eq!(listed[1].value, None);
    }
    let text = world.ops.dotenv_show(&ada.scope, id.clone()).await.expect("reads");
    assert_eq!(text.expose(), "A=1\n");
    let again = VariableForm { hidden: Some(false), comment: Some("c".into()), value: None, ..form("KEY", "") };
    let put = world.ops.variable_put(&ada.scope, id.clone(), vec![again]).await.expect("set");
    assert!(put[0].hidden && put[0].value.is_none() && put[0].comment == "c", "what is hidden stays hidden");
    let kept = world.store.variable_list(&ada.scope, id).await.expect("reads");
    assert_eq!(kept[1].value.expose(), "hunter2-hunter2", "a value that is not given stays");
}

#[tokio::test]
async fn several_wrong_variables_are_told_by_their_place_and_none_is_set() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let forms = vec![form("A", "1"), form("2B", "x"), form("C", "a\0b")];
    assert_eq!(fields(world.ops.variable_put(&ada.scope, id.clone(), forms).await), ["variables.1.name", "variables.2.value"]);
    assert_eq!(fields(world.ops.variable_put(&ada.scope, id.clone(), vec![form("2B", "x")]).await), ["name"]);
    assert_eq!(world.ops.variable_list(&ada.scope, id).await.expect("reads"), []);
}

#[tokio::test]
async fn a_dotenv_text_round_trips_and_its_difference_is_told_first() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.image(&ada, "web").await;
    let built = VariableForm { build_time: Some(true), ..form("KEPT", "two\nlines and \"quotes\" $x #y") };
    let hidden = VariableForm { hidden: Some(true), ..form("HIDDEN", "never") };
    world.ops.variable_put(&ada.scope, id.clone(), vec![built, form("GONE", "1"), hidden]).await.expect("set");
    let text = world.ops.dotenv_show(&ada.scope, id.clone()).await.expect("reads");
    assert!(world.ops.dotenv_diff(&ada.scope, id.clone(), &text).await.expect("reads").is_empty(), "what was shown changes nothing");
    let edited = Secret::new(format!("{}NEW='x'\n", text.expose().replace("GONE=1\n", "")));
    let diff = world.ops.dotenv_diff(&ada.scope, id.clone(), &edited).await.expect("reads");
    let names = |list: &[model::EnvName]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!((names(&diff.added), names(&diff.changed), names(&diff.removed)), ("NEW".into(), String::new(), "GONE".into()));
    assert_eq!(world.ops.dotenv_replace(&ada.scope, id.clone(), &edited).await.expect("replaced"), diff);
    let kept = world.store.variable_list(&ada.scope, id.clone()).await.expect("reads");
    let seen: Vec<_> = kept.iter().map(|variable| (variable.name.as_str(), variable.build_time, variable.hidden)).collect();
    assert_eq!(seen, [("KEPT", true, false), ("HIDDEN", false, true), ("NEW", false, false)]);
    let Err(Error::Invalid { fields }) = world.ops.dotenv_replace(&ada.scope, id, &Secret::new("A=1\n2B=2")).await else { panic!("a bad line was taken") };
    assert!(fields[0].0 == "text" && fields[0].1.starts_with("line 2:"));
}

#[tokio::test]
async fn a_release_freezes_resolved_references_and_a_missing_one_is_named() {
    let world = World::empty().await;
    let ada = world.team("ada").await;
    let id = world.repository(&ada, "shop").await;
    let shared = |name: &str, value: &str| SharedVariableForm { name: name.into(), value: Some(Secret::new(value)), ..SharedVariableForm::default() };
    let put = |owner, form| world.ops.shared_variable_put(&ada.scope, owner, form);
    put(SharedOwner::Team, shared("HOST_NAME", "db.example.com")).await.expect("set");
    put(SharedOwner::Project(ada.project.clone()), shared("USER_NAME", "shop")).await.expect("set");
    let literal = VariableForm { literal: Some(true), ..form("RAW", "{{team.NOPE}}") };
    let forms = vec![form("URL", "x://{{project.USER_NAME}}@{{team.HOST_NAME}}/{{environment.DB}}"), literal, form("HOST", "127.0.0.1")];
    world.ops.variable_put(&ada.scope, id.clone(), forms).await.expect("set");
    let deploy = || world.ops.deployment_create(&ada.scope, id.clone(), DeployRequest::of(Operation::Deploy));
    let Err(Error::Invalid { fields }) = deploy().await else { panic!("a missing reference was frozen") };
    assert!(fields[0].0 == "variables.URL" && fields[0].1.contains("environment.DB"), "{fields:?}");
    assert_eq!(world.ops.application_show(&ada.scope, id.clone()).await.expect("reads").faults, fields);
    put(SharedOwner::Environment(ada.environment.clone()), shared("DB", "main")).await.expect("set");
    let queued = deploy().await.expect("queued");
    let release = queued.deployment.deployment.release.expect("a release");
    let spec = world.store.release_fetch(&ada.scope, release).await.expect("reads").spec;
    let value = |name: &str| spec.variables.iter().filter(|variable| variable.name.as_str() == name).map(|v| v.value.expose().to_owned()).collect::<Vec<_>>();
    assert_eq!(value("URL"), ["x://shop@db.example.com/main"]);
    assert_eq!(value("RAW"), ["{{team.NOPE}}"]);
    assert_eq!(value("HOST"), ["127.0.0.1"], "one's own takes the place of the given one");
    assert_eq!((value("WHARF_BRANCH"), value("WHARF_URL")), (vec!["main".to_owned()], vec!["http://shop.localhost:8080".to_owned()]));
    assert!(spec.variables.iter().filter(|variable| variable.name.as_str().starts_with("WHARF_")).all(|variable| !variable.build_time));
    let given = world.ops.variables_given(&ada.scope, id).await.expect("reads");
    assert!(given.iter().any(|(name, value)| name.as_str() == "WHARF_PROJECT" && value == "My project"));
}

#[tokio::test]
async fn a_shared_variable_of_another_team_is_not_there() {
    let world = World::empty().await;
    let (ada, bob) = (world.team("ada").await, world.team("bob").await);
    let form = SharedVariableForm { name: "A".into(), value: Some(Secret::new("1")), ..SharedVariableForm::default() };
    let foreign = world.ops.shared_variable_put(&bob.scope, SharedOwner::Project(ada.project.clone()), form.clone()).await;
    assert!(matches!(foreign, Err(Error::NotFound { kind: "project" })));
    world.ops.shared_variable_put(&ada.scope, SharedOwner::Team, form).await.expect("set");
    assert_eq!(world.ops.shared_variable_list(&bob.scope, SharedOwner::Team).await.expect("reads"), []);
}
