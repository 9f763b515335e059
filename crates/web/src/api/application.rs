//! Applications: listed, made, changed, moved, cloned, deleted.

use super::{
    Answer, Api, Made,
    body::{Body, Path, Query},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::{Ability, ApplicationId, EnvironmentId, Operation, Secret};
use ops::{ApplicationItem, ApplicationRow, CloneRequest, DeleteRequest, DeployRequest, Error, NewApplicationForm, Scope, allows, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(create_public))
        .routes(routes!(create_deploy_key))
        .routes(routes!(create_dockerfile))
        .routes(routes!(create_docker_image))
        .routes(routes!(fetch, update, delete))
        .routes(routes!(relocate))
        .routes(routes!(copy))
        .routes(routes!(changes))
}

impl Api {
    /// The team's applications, of one environment or of all.
    pub(super) async fn applications(&self, scope: &Scope, environment: Option<EnvironmentId>) -> Result<Vec<view::Application>, Error> {
        let (items, keys) = (self.ops.application_list(scope, environment).await?, self.ops.key_list(scope).await?);
        Ok(items.into_iter().map(|item| view::Application::new(item, &keys, None)).collect())
    }

    async fn application(&self, scope: &Scope, id: ApplicationId) -> Result<ApplicationItem, Error> {
        let row = self.ops.application_fetch(scope, id.clone()).await?;
        Ok(ApplicationItem { status: self.ops.application_status(scope, id).await?, urls: self.ops.urls(&row.application), row })
    }

    /// Makes an application of this kind, once everything it takes is known to be allowed.
    async fn application_make(&self, scope: &Scope, mut new: view::NewApplication, source: &str) -> Made<view::MadeApplication> {
        may_deploy(scope, new.instant_deploy || !new.hooks.is_empty())?;
        let environment = self.ops.environment_find(scope, known("project", &new.project_uuid)?, &new.environment).await?;
        let server = new.server_uuid.as_deref().map(|uuid| known("server", uuid)).transpose()?;
        let destination = new.destination_uuid.as_deref().map(|uuid| known("destination", uuid)).transpose()?;
        let destination = self.ops.destination_choose(scope, server.as_ref(), destination.as_ref()).await?;
        new.settings.set("source", source);
        let form = NewApplicationForm {
            environment: environment.id,
            destination: destination.id,
            settings: new.settings,
            generate_domain: new.autogenerate_domain,
            look: source == "git",
            hooks: new.hooks.into_iter().map(|(forge, secret)| (forge, Secret::new(secret))).collect(),
        };
        let application = self.ops.application_create(scope, form).await?;
        for tag in &new.tags {
            self.ops.tag_attach(scope, application.id.clone(), tag).await?;
        }
        if new.instant_deploy {
            self.ops.deployment_create(scope, application.id.clone(), DeployRequest::of(Operation::Deploy)).await?;
        }
        made(application.into())
    }
}

fn may_deploy(scope: &Scope, wanted: bool) -> Result<(), Refusal> {
    if wanted && !allows(scope, Ability::Deploy) { Err(Refusal::lacks(Ability::Deploy.as_str())) } else { Ok(()) }
}

/// An application's place can be named, but changes in other ways.
fn stays(row: &ApplicationRow, places: &[(&'static str, String)]) -> Result<(), Refusal> {
    let elsewhere = |(field, named): &&(&'static str, String)| match *field {
        "project_uuid" => named != row.application.project.as_str(),
        "environment_uuid" => named != row.application.environment.as_str(),
        "environment_name" => named != row.environment_name.as_str(),
        "server_uuid" => named != row.server.as_str(),
        _ => named != row.application.destination.as_str(),
    };
    let sentence = |field: &str| match field {
        "server_uuid" | "destination_uuid" => "An application stays on its destination: POST /applications/{uuid}/clone makes a copy on another.",
        _ => "POST /applications/{uuid}/move moves it to another environment.",
    };
    let faults: Vec<_> = places.iter().filter(elsewhere).map(|(field, _)| ((*field).to_owned(), sentence(field).to_owned())).collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::invalid(faults)) }
}

/// List applications
#[utoipa::path(get, path = "/applications", tag = "Applications", operation_id = "list-applications", security(("bearer" = ["read"])),
    params(view::ApplicationsQuery), responses((status = 200, description = "All applications.", body = [view::Application])))]
async fn list(State(api): State<Api>, Caller(scope): Caller, Query(query): Query<view::ApplicationsQuery>) -> Answer<Vec<view::Application>> {
    let (mut items, keys) = (api.ops.application_list(&scope, None).await?, api.ops.key_list(&scope).await?);
    if let Some(tag) = query.tag {
        let tagged = api.ops.tag_applications(&scope, &tag).await?;
        items.retain(|item| tagged.contains(&item.row.application.id));
    }
    Ok(Json(items.into_iter().map(|item| view::Application::new(item, &keys, None)).collect()))
}

/// Make an application from a public repository
#[utoipa::path(post, path = "/applications/public", tag = "Applications", operation_id = "create-public-application", security(("bearer" = ["write"])),
    request_body = view::PublicApplication, responses((status = 201, description = "The application was made.", body = view::MadeApplication)))]
async fn create_public(State(api): State<Api>, Caller(scope): Caller, Body(new): Body<view::New<view::PublicApplication>>) -> Made<view::MadeApplication> {
    api.application_make(&scope, new.0, "git").await
}

/// Make an application from a repository that a deploy key opens
#[utoipa::path(post, path = "/applications/private-deploy-key", tag = "Applications", operation_id = "create-private-deploy-key-application",
    security(("bearer" = ["write"])), request_body = view::DeployKeyApplication,
    responses((status = 201, description = "The application was made.", body = view::MadeApplication)))]
async fn create_deploy_key(
    State(api): State<Api>,
    Caller(scope): Caller,
    Body(new): Body<view::New<view::DeployKeyApplication>>,
) -> Made<view::MadeApplication> {
    api.application_make(&scope, new.0, "git").await
}

/// Make an application from a Dockerfile
#[utoipa::path(post, path = "/applications/dockerfile", tag = "Applications", operation_id = "create-dockerfile-application",
    security(("bearer" = ["write"])), request_body = view::DockerfileApplication,
    responses((status = 201, description = "The application was made.", body = view::MadeApplication)))]
async fn create_dockerfile(
    State(api): State<Api>,
    Caller(scope): Caller,
    Body(new): Body<view::New<view::DockerfileApplication>>,
) -> Made<view::MadeApplication> {
    api.application_make(&scope, new.0, "dockerfile").await
}

/// Make an application from an image
#[utoipa::path(post, path = "/applications/dockerimage", tag = "Applications", operation_id = "create-dockerimage-application",
    security(("bearer" = ["write"])), request_body = view::DockerImageApplication,
    responses((status = 201, description = "The application was made.", body = view::MadeApplication)))]
async fn create_docker_image(
    State(api): State<Api>,
    Caller(scope): Caller,
    Body(new): Body<view::New<view::DockerImageApplication>>,
) -> Made<view::MadeApplication> {
    api.application_make(&scope, new.0, "image").await
}

/// An application
#[utoipa::path(get, path = "/applications/{uuid}", tag = "Applications", operation_id = "get-application-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The application.", body = view::Application)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Application> {
    let id: ApplicationId = known("application", &uuid)?;
    let item = api.application(&scope, id.clone()).await?;
    let hooks = if ops::sees_secrets(&scope) { Some(api.ops.hooks_show(&scope, id).await?) } else { None };
    Ok(Json(view::Application::new(item, &api.ops.key_list(&scope).await?, hooks)))
}

/// Change an application; the change is live after a deployment
#[utoipa::path(patch, path = "/applications/{uuid}", tag = "Applications", operation_id = "update-application-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::ApplicationChanges, responses((status = 200, description = "The application was changed.", body = view::Uuid)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::PatchApplication>) -> Answer<view::Uuid> {
    let id: ApplicationId = known("application", &uuid)?;
    stays(&api.ops.application_fetch(&scope, id.clone()).await?, &body.places)?;
    may_deploy(&scope, body.instant_deploy)?;
    for (forge, secret) in body.hooks {
        let set = api.ops.hook_set(&scope, id.clone(), forge, Secret::new(secret)).await;
        set.map_err(|error| Refusal::from(error).at("secret", &format!("manual_webhook_secret_{forge}")))?;
    }
    api.ops.application_update(&scope, id.clone(), body.settings, true).await?;
    if body.instant_deploy {
        api.ops.deployment_create(&scope, id, DeployRequest::of(Operation::Deploy)).await?;
    }
    Ok(Json(view::Uuid { uuid }))
}

/// Delete an application with all that is its own
#[utoipa::path(delete, path = "/applications/{uuid}", tag = "Applications", operation_id = "delete-application-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid, view::DeleteQuery), responses((status = 200, description = "The deletion was queued.", body = view::Deleting)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Query(query): Query<view::DeleteQuery>) -> Answer<view::Deleting> {
    let request = DeleteRequest { with_volumes: query.delete_volumes.unwrap_or(true), typed_name: None };
    let queued = api.ops.application_delete(&scope, known("application", &uuid)?, request).await?;
    Ok(Json(view::Deleting { message: "Application deletion request queued.", deployment_uuid: queued.deployment.deployment.id.into() }))
}

/// Move an application to another environment
#[utoipa::path(post, path = "/applications/{uuid}/move", tag = "Applications", operation_id = "move-application-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::MoveBody, responses((status = 200, description = "The application was moved.", body = view::Moved)))]
async fn relocate(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::MoveBody>) -> Answer<view::Moved> {
    let id: ApplicationId = known("application", &uuid)?;
    api.ops.application_move(&scope, id.clone(), known("environment", &body.environment_uuid)?).await?;
    let now = api.ops.application_fetch(&scope, id).await?.application;
    let (project_uuid, environment_uuid) = (now.project.into(), now.environment.into());
    Ok(Json(view::Moved { message: "Application moved.", uuid, project_uuid, environment_uuid }))
}

/// Copy an application with its settings and storage
#[utoipa::path(post, path = "/applications/{uuid}/clone", tag = "Applications", operation_id = "clone-application-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::CloneBody, responses((status = 201, description = "The copy was made.", body = view::Cloned)))]
async fn copy(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::CloneBody>) -> Made<view::Cloned> {
    let original = api.ops.application_fetch(&scope, known("application", &uuid)?).await?.application;
    if body.clone_volumes == Some(true) {
        return Err(Refusal::invalid([("clone_volumes".into(), "What is in volumes cannot be copied yet: leave the field out.".into())]));
    }
    let request = CloneRequest {
        name: body.name.unwrap_or_else(|| format!("{} copy", original.name)),
        environment: body.environment_uuid.as_deref().map_or(Ok(original.environment), |uuid| known("environment", uuid))?,
        destination: body.destination_uuid.as_deref().map(|uuid| known("destination", uuid)).transpose()?,
        with_variables: body.clone_variables.unwrap_or(true),
    };
    let copy = api.ops.application_clone(&scope, original.id, request).await?;
    made(view::Cloned { uuid: copy.id.into(), message: "Application cloned." })
}

/// What of an application's settings is not live yet
#[utoipa::path(get, path = "/applications/{uuid}/changes", tag = "Applications", operation_id = "list-changes-by-application-uuid",
    security(("bearer" = ["read"])), params(view::ByUuid), responses((status = 200, description = "The changes.", body = view::Changes)))]
async fn changes(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Changes> {
    let page = api.ops.application_show(&scope, known("application", &uuid)?).await?;
    let faults = page.faults.into_iter().map(|(field, sentence)| view::Fault { field, sentence }).collect();
    Ok(Json(view::Changes { changes: page.changes.into_iter().map(Into::into).collect(), faults }))
}
