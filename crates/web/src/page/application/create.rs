//! A new application: what do you want to run? Nothing is created before the last step, and a repository is looked at first.

use super::setup::{choices, patch};
use crate::{
    App,
    app::form_status,
    component::{
        Button, Field, Icon, Mark, card,
        empty::empty,
        field::{self, error_line},
        icon, status,
    },
    error::{Answer, Failure},
    form::Typed,
    layout::Page,
    page::{
        door::whole,
        environment,
        settings::view::{Choice, of},
    },
    route,
    session::{self, Session},
};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use maud::{Markup, html};
use model::{BuildPack, EnvironmentId, Operation};
use ops::{DeployRequest, EnvironmentRow, LookRequest, NewApplicationForm, RepositoryLook};
use std::collections::HashMap;

/// What was found in the repository.
enum Looked {
    /// It was not looked at yet.
    NotYet,
    /// This is there.
    Found(Box<RepositoryLook>),
}

/// `GET /new`: in which environment?
pub async fn choose(State(app): State<App>, session: Session) -> Answer {
    let (projects, environments) = tokio::try_join!(app.ops.project_list(&session.scope), app.ops.environment_list_all(&session.scope))?;
    if let [only] = environments.as_slice() {
        return Ok(Redirect::to(&route::environment_part(&only.id, "new")).into_response());
    }
    let about = Page { title: "New application".into(), place: route::OVERVIEW.into(), ..Page::default() };
    let content = html! {
        header .head { div .title { h1 { "Where does it belong?" } } }
        @if environments.is_empty() { div .card { (empty(Icon::Project, "No project yet", "An application belongs to an environment of a project.", html! { (Button::link("New project", route::NEW_PROJECT).primary()) })) } }
        @for project in &projects {
            (card(&format!("project-{}", project.id), project.name.as_str(), html! {}, html! { div .rows {
                @for environment in environments.iter().filter(|row| row.project == project.id) {
                    a .row href=(route::environment_part(&environment.id, "new")) { (icon(Icon::Project)) (environment.name) span .push { (icon(Icon::Arrow)) } }
                }
            } }))
        }
    };
    app.page(&session, &about, content).await
}

/// `GET /environments/{id}/new`.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let environment = app.ops.environment_fetch(&session.scope, ops::known::<EnvironmentId>("environment", &id)?).await?;
    let source = query.get("source").map_or("git", String::as_str);
    let typed = Typed::default().with("source", source).with("generate_domain", true).with("is_auto_deploy_enabled", true);
    page(&app, &session, &environment, &typed, &Looked::NotYet).await
}

/// `POST /environments/{id}/new`: looks at the repository, creates, or creates and deploys.
pub async fn submit(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let environment = app.ops.environment_fetch(&session.scope, ops::known::<EnvironmentId>("environment", &id)?).await?;
    if typed.get("act") == "look" {
        return look(&app, &session, &environment, typed).await;
    }
    let typed = guessed(&app, &session, typed).await;
    let destination = match typed.get("destination") {
        "" => app.ops.destination_choose(&session.scope, None, None).await?.id,
        text => ops::known("destination", text)?,
    };
    let form = NewApplicationForm {
        environment: environment.id.clone(),
        destination,
        settings: patch(&typed),
        generate_domain: typed.on("generate_domain"),
        look: typed.get("source") == "git",
        hooks: Vec::new(),
    };
    match app.ops.application_create(&session.scope, form).await {
        Ok(application) if typed.get("act") == "deploy" => {
            let queued = app.ops.deployment_create(&session.scope, application.id.clone(), DeployRequest::of(Operation::Deploy)).await?;
            Ok(Redirect::to(&route::deployment(&queued.deployment.deployment.id)).into_response())
        }
        Ok(application) => Ok(session::done(&route::application(&application.id), "Created. Nothing runs yet: Deploy starts it.")),
        Err(error) => page(&app, &session, &environment, &typed.with_faults(Failure(error).faults()?), &Looked::NotYet).await,
    }
}

/// What was left open is filled by a look, where the repository lets itself be looked at; what is wrong with it is said when it is created.
async fn guessed(app: &App, session: &Session, typed: Typed) -> Typed {
    if typed.get("source") != "git" || !typed.get("build_pack").is_empty() {
        return typed;
    }
    match app.ops.application_look(&session.scope, request(&typed)).await {
        Ok(found) => filled(typed, &found),
        Err(_) => typed,
    }
}

fn request(typed: &Typed) -> LookRequest {
    let text = |name: &str| typed.get(name).to_owned();
    LookRequest {
        git_repository: text("git_repository"),
        git_branch: text("git_branch"),
        private_key_uuid: text("private_key_uuid"),
        base_directory: text("base_directory"),
    }
}

/// Looks at the repository; what was found fills the fields that are still empty.
async fn look(app: &App, session: &Session, environment: &EnvironmentRow, typed: Typed) -> Answer {
    match app.ops.application_look(&session.scope, request(&typed)).await {
        Ok(found) => {
            let typed = filled(typed, &found);
            page(app, session, environment, &typed, &Looked::Found(Box::new(found))).await
        }
        Err(error) => page(app, session, environment, &typed.with_faults(Failure(error).faults()?), &Looked::NotYet).await,
    }
}

fn filled(typed: Typed, found: &RepositoryLook) -> Typed {
    let mut typed = typed;
    let mut fill = |name: &str, value: Option<String>| {
        if let (true, Some(value)) = (typed.get(name).trim().is_empty(), value) {
            typed = typed.clone().with(name, value);
        }
    };
    fill("git_branch", found.default_branch.clone());
    if let Some(guess) = &found.guess {
        fill("build_pack", guess.build_pack.as_ref().map(ToString::to_string));
        fill("ports_exposes", guess.port.map(|port| port.to_string()));
        match &guess.pack {
            Some(BuildPack::Static(pack)) => fill("publish_directory", Some(format!("/{}", pack.publish_directory))),
            Some(BuildPack::Dockerfile(pack)) => fill("dockerfile_location", Some(format!("/{}", pack.location))),
            _ => {}
        }
    }
    typed
}

async fn page(app: &App, session: &Session, environment: &EnvironmentRow, typed: &Typed, looked: &Looked) -> Answer {
    let crumbs = environment::crumbs(app, session, environment).await?;
    let ((keys, registries), destinations) = (choices(app, session).await?, app.ops.destination_list(&session.scope).await?);
    let servers = app.ops.server_list(&session.scope).await?;
    let named = |id: &model::ServerId| servers.iter().find(|server| server.id == *id).map(|server| server.name.to_string()).unwrap_or_default();
    let places: Vec<Choice> = destinations.iter().map(|row| (row.id.to_string(), format!("{} ({})", named(&row.server), row.name))).collect();
    let place = format!("{} / {}", crumbs.first().map(|crumb| crumb.name.as_str()).unwrap_or_default(), environment.name);
    let about = Page { title: "New application".into(), crumbs, place: route::project(&environment.project), ..Page::default() };
    let address = route::environment_part(&environment.id, "new");
    let content = html! {
        header .head { div .title { h1 { "What do you want to run?" } } p .facts { span { "It goes into " (place) ". Nothing is created before the last step." } } }
        form .stack method="post" action=(address) data-draft="new" {
            (whole(typed))
            (kinds(typed.get("source")))
            div .cols {
                div .stack { (from(typed, &address, &keys, &registries, looked)) (run(typed, &places)) }
                (will(&place))
            }
        }
    };
    app.page_with(form_status(typed), session, &about, content).await
}

fn kinds(chosen: &str) -> Markup {
    let kinds = [
        ("git", Icon::Branch, "Git repository", "Build from GitHub, GitLab, Gitea, Bitbucket or any git"),
        ("image", Icon::Image, "Container image", "Run what a registry already has"),
        ("dockerfile", Icon::File, "Dockerfile", "Paste one, no repository needed"),
    ];
    html! {
        fieldset {
            legend { "Your application comes from" }
            div .choices.three { @for (value, shape, name, hint) in kinds {
                label .choice { input type="radio" name="source" value=(value) checked[value == chosen]; (icon(shape)) b { (name) } small { (hint) } }
            } }
        }
    }
}

fn from(typed: &Typed, address: &str, keys: &[Choice], registries: &[Choice], looked: &Looked) -> Markup {
    let none = |label: &str, known: &[Choice]| [vec![(String::new(), label.to_owned())], known.to_vec()].concat();
    html! {
        div .stack data-when="source=git" {
            (card("repository", "Git repository", html! {}, html! { div .body.form-grid {
                (field::text(&Field { mono: true, wide: true, example: "https://example.com/owner/name.git", ..of(typed, "git_repository", "Repository", "Over https, or ssh with a deploy key.") }))
                (field::select(&of(typed, "private_key_uuid", "Deploy key", "Only for private repositories over ssh."), &none("None", keys)))
                (field::text(&Field { mono: true, example: "/", ..of(typed, "base_directory", "Base directory", "Where the application is in the repository.") }))
                div .all { button .btn type="submit" name="act" value="look" hx-post=(address) hx-target="#detected" hx-select="#detected" hx-swap="outerHTML" hx-select-oob="#port" hx-disable="this" { (icon(Icon::Search)) "Look at the repository" } }
            } }))
            (detected(typed, looked))
        }
        div data-when="source=image" {
            (card("image", "Container image", html! {}, html! { div .body.form-grid {
                (field::text(&Field { mono: true, wide: true, example: "nginx:1.27", ..of(typed, "docker_registry_image_name", "Image", "With its tag, or a digest to stay at exactly one.") }))
                (field::select(&of(typed, "registry_uuid", "Credential", "Only for private images."), &none("None: a public image", registries)))
            } }))
        }
        div data-when="source=dockerfile" {
            (card("dockerfile-card", "Dockerfile", html! { span .small.faint { "built with an empty context" } }, html! { div .body {
                (field::area(&Field { example: "FROM nginx:1.27", ..of(typed, "dockerfile", "Dockerfile", "") }, 12))
            } }))
        }
    }
}

/// What was found, and the fields it filled.
fn detected(typed: &Typed, looked: &Looked) -> Markup {
    let packs = [("", "Dockerfile, unless something else is found"), ("dockerfile", "Dockerfile"), ("static", "Static files")]
        .map(|(value, label)| (value.to_owned(), label.to_owned()));
    let (branches, evidence, missing) = match looked {
        Looked::NotYet => (Vec::new(), Vec::new(), None),
        Looked::Found(found) => (found.branches.clone(), found.guess.as_ref().map(|guess| guess.evidence.clone()).unwrap_or_default(), found.no_guess.clone()),
    };
    let fault = typed.fault("git_repository").or(typed.fault("private_key_uuid"));
    let state = match looked {
        Looked::NotYet if fault.is_some() => status(Mark::Failed, "cannot be read"),
        Looked::NotYet => status(Mark::Waiting, "not looked at yet"),
        Looked::Found(_) => status(Mark::Done, crate::unit::count(branches.len(), "branch", "branches")),
    };
    html! {
        section .card id="detected" aria-labelledby="detected-title" {
            header { h2 id="detected-title" { "Found in the repository" } (state) }
            @if let Some(fault) = fault { div .body { (error_line("look-error", fault)) } }
            @if !evidence.is_empty() || missing.is_some() {
                ul .rows {
                    @for sentence in &evidence { li .row { (status(Mark::Done, "")) span .small { (sentence) } } }
                    @if let Some(missing) = missing { li .row { (status(Mark::Degraded, "")) span .small { (missing) } } }
                }
            }
            div .body.form-grid {
                (field::suggested(&Field { mono: true, example: "the default branch", ..of(typed, "git_branch", "Branch or tag", "") }, &branches))
                (field::select(&of(typed, "build_pack", "Build pack", ""), &packs))
                div .all.form-grid data-when="build_pack=dockerfile" {
                    (field::text(&Field { mono: true, example: "/Dockerfile", ..of(typed, "dockerfile_location", "Dockerfile", "Below the base directory.") }))
                }
                div .all.form-grid data-when="build_pack=static" {
                    (field::text(&Field { mono: true, example: "/", ..of(typed, "publish_directory", "Publish directory", "The folder that is served.") }))
                    (field::switch(&of(typed, "is_spa", "Single-page application", "Unknown paths answer with /index.html."), typed.on("is_spa")))
                }
            }
        }
    }
}

fn run(typed: &Typed, places: &[Choice]) -> Markup {
    card(
        "run",
        "How it runs",
        html! { span .small.faint { "everything else can be set later" } },
        html! { div .body.form-grid {
            (field::text(&Field { example: "taken from the source", ..of(typed, "name", "Name", "Others reach it under this name inside the environment.") }))
            div id="port" { (field::text(&Field { example: "asked of the image", ..of(typed, "ports_exposes", "Port it listens on", "") })) }
            (field::text(&Field { mono: true, example: "https://app.example.com", ..of(typed, "domains", "Domain", "Several with commas. You can leave it empty.") }))
            (field::switch(&of(typed, "generate_domain", "Without a domain, make one", "Under the server's wildcard domain."), typed.get("generate_domain") != "false"))
            @if places.len() > 1 { (field::select(&of(typed, "destination", "Runs on", ""), places)) }
        } },
    )
}

fn will(place: &str) -> Markup {
    let steps = [
        html! { "The application is added to " b { (place) } "." },
        html! { "Its source is fetched and built, or its image pulled." },
        html! { "A container starts and is asked for health from outside." },
        html! { "When it answers, traffic is switched to it." },
    ];
    html! {
        aside .will {
            section .card aria-labelledby="will-title" {
                header { h2 id="will-title" { "What will happen" } }
                ol .body { @for (at, step) in steps.iter().enumerate() { li { b .nth aria-hidden="true" { (at + 1) } span { (step) } } } }
                footer {
                    (Button::submit("Create only").named("act", "create").working("Creating ..."))
                    (Button::submit("Create and deploy").named("act", "deploy").primary().working("Creating ..."))
                }
            }
        }
    }
}
