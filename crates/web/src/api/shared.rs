//! Shared variables of the team, of projects and of environments.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::Secret;
use ops::{Scope, SharedOwner, SharedVariableForm, SharedVariableView, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(team_list, team_create))
        .routes(routes!(team_update, team_delete))
        .routes(routes!(project_list, project_create))
        .routes(routes!(project_update, project_delete))
        .routes(routes!(environment_list, environment_create))
        .routes(routes!(environment_update, environment_delete))
}

fn project(uuid: &str) -> Result<SharedOwner, ops::Error> {
    Ok(SharedOwner::Project(known("project", uuid)?))
}

impl Api {
    async fn environment_owner(&self, scope: &Scope, place: (String, String)) -> Result<SharedOwner, ops::Error> {
        Ok(SharedOwner::Environment(self.environment(scope, place).await?.id))
    }

    async fn shared_list(&self, scope: &Scope, owner: SharedOwner) -> Answer<Vec<view::SharedVariable>> {
        Ok(Json(self.ops.shared_variable_list(scope, owner).await?.into_iter().map(Into::into).collect()))
    }

    async fn shared_put(&self, scope: &Scope, owner: SharedOwner, form: SharedVariableForm) -> Result<view::SharedVariable, Refusal> {
        let name = form.name.trim().to_owned();
        let put = self.ops.shared_variable_put(scope, owner.clone(), form).await;
        put.map_err(|error| Refusal::from(error).at("name", "key"))?;
        let put = self.ops.shared_variable_list(scope, owner).await?.into_iter().find(|variable| variable.name.as_str() == name);
        put.map(Into::into).ok_or_else(|| Refusal::not_found("environment variable"))
    }

    async fn shared_create(&self, scope: &Scope, owner: SharedOwner, new: view::NewSharedVariable) -> Made<view::SharedVariable> {
        let present = self.ops.shared_variable_list(scope, owner.clone()).await?;
        if present.iter().any(|variable| variable.name.as_str() == new.key.trim()) {
            return Err(Refusal::conflict("Environment variable already exists. Use PATCH request to update it."));
        }
        made(self.shared_put(scope, owner, new.into()).await?)
    }

    async fn shared_update(&self, scope: &Scope, owner: SharedOwner, number: &str, patch: view::PatchSharedVariable) -> Answer<view::SharedVariable> {
        let present = self.ops.shared_variable_list(scope, owner.clone()).await?;
        let numbered = |variable: &SharedVariableView| variable.number.to_string() == number;
        let present = present.into_iter().find(numbered).ok_or_else(|| Refusal::not_found("environment variable"))?;
        if patch.key.is_some_and(|key| key.trim() != present.name.as_str()) {
            return Err(Refusal::invalid([("key".into(), "A name cannot be changed: add another variable and delete this one.".into())]));
        }
        let form = SharedVariableForm {
            name: present.name.into(),
            value: patch.value.map(Secret::new),
            hidden: patch.is_shown_once.unwrap_or(present.hidden),
            comment: patch.comment,
        };
        Ok(Json(self.shared_put(scope, owner, form).await?))
    }

    async fn shared_delete(&self, scope: &Scope, owner: SharedOwner, number: &str) -> Answer<view::Message> {
        let number = number.parse().map_err(|_| Refusal::not_found("environment variable"))?;
        self.ops.shared_variable_delete(scope, owner, number).await?;
        Ok(Json(view::Message::new("Environment variable deleted.")))
    }
}

/// List the shared variables of the team
#[utoipa::path(get, path = "/team/envs", tag = "Shared Environment Variables", operation_id = "list-team-shared-envs", security(("bearer" = ["read"])),
    responses((status = 200, description = "The shared variables.", body = [view::SharedVariable])))]
async fn team_list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::SharedVariable>> {
    api.shared_list(&scope, SharedOwner::Team).await
}

/// Add a shared variable of the team
#[utoipa::path(post, path = "/team/envs", tag = "Shared Environment Variables", operation_id = "create-team-shared-env", security(("bearer" = ["write"])),
    request_body = view::NewSharedVariable, responses((status = 201, description = "The variable was added.", body = view::SharedVariable)))]
async fn team_create(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::NewSharedVariable>) -> Made<view::SharedVariable> {
    api.shared_create(&scope, SharedOwner::Team, body).await
}

/// Change a shared variable of the team
#[utoipa::path(patch, path = "/team/envs/{env_id}", tag = "Shared Environment Variables", operation_id = "update-team-shared-env", security(("bearer" = ["write"])),
    params(view::ByTeamVariable), request_body = view::PatchSharedVariable,
    responses((status = 200, description = "The variable was changed.", body = view::SharedVariable)))]
async fn team_update(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(number): Path<String>,
    Body(body): Body<view::PatchSharedVariable>,
) -> Answer<view::SharedVariable> {
    api.shared_update(&scope, SharedOwner::Team, &number, body).await
}

/// Remove a shared variable of the team
#[utoipa::path(delete, path = "/team/envs/{env_id}", tag = "Shared Environment Variables", operation_id = "delete-team-shared-env", security(("bearer" = ["write"])),
    params(view::ByTeamVariable), responses((status = 200, description = "The variable is gone.", body = view::Message)))]
async fn team_delete(State(api): State<Api>, Caller(scope): Caller, Path(number): Path<String>) -> Answer<view::Message> {
    api.shared_delete(&scope, SharedOwner::Team, &number).await
}

/// List the shared variables of a project
#[utoipa::path(get, path = "/projects/{uuid}/envs", tag = "Shared Environment Variables", operation_id = "list-project-shared-envs", security(("bearer" = ["read"])),
    params(view::ByUuid),
    responses((status = 200, description = "The shared variables.", body = [view::SharedVariable])))]
async fn project_list(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::SharedVariable>> {
    api.shared_list(&scope, project(&uuid)?).await
}

/// Add a shared variable of a project
#[utoipa::path(post, path = "/projects/{uuid}/envs", tag = "Shared Environment Variables", operation_id = "create-project-shared-env", security(("bearer" = ["write"])),
    params(view::ByUuid),
    request_body = view::NewSharedVariable, responses((status = 201, description = "The variable was added.", body = view::SharedVariable)))]
async fn project_create(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(uuid): Path<String>,
    Body(body): Body<view::NewSharedVariable>,
) -> Made<view::SharedVariable> {
    api.shared_create(&scope, project(&uuid)?, body).await
}

/// Change a shared variable of a project
#[utoipa::path(patch, path = "/projects/{uuid}/envs/{env_id}", tag = "Shared Environment Variables", operation_id = "update-project-shared-env", security(("bearer" = ["write"])),
    params(view::ByProjectVariable), request_body = view::PatchSharedVariable,
    responses((status = 200, description = "The variable was changed.", body = view::SharedVariable)))]
async fn project_update(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path((uuid, number)): Path<(String, String)>,
    Body(body): Body<view::PatchSharedVariable>,
) -> Answer<view::SharedVariable> {
    api.shared_update(&scope, project(&uuid)?, &number, body).await
}

/// Remove a shared variable of a project
#[utoipa::path(delete, path = "/projects/{uuid}/envs/{env_id}", tag = "Shared Environment Variables", operation_id = "delete-project-shared-env", security(("bearer" = ["write"])),
    params(view::ByProjectVariable), responses((status = 200, description = "The variable is gone.", body = view::Message)))]
async fn project_delete(State(api): State<Api>, Caller(scope): Caller, Path((uuid, number)): Path<(String, String)>) -> Answer<view::Message> {
    api.shared_delete(&scope, project(&uuid)?, &number).await
}

/// List the shared variables of an environment
#[utoipa::path(get, path = "/projects/{uuid}/environments/{environment_name_or_uuid}/envs", tag = "Shared Environment Variables", operation_id = "list-environment-shared-envs", security(("bearer" = ["read"])),
    params(view::ByEnvironment),
    responses((status = 200, description = "The shared variables.", body = [view::SharedVariable])))]
async fn environment_list(State(api): State<Api>, Caller(scope): Caller, Path(place): Path<(String, String)>) -> Answer<Vec<view::SharedVariable>> {
    api.shared_list(&scope, api.environment_owner(&scope, place).await?).await
}

/// Add a shared variable of an environment
#[utoipa::path(post, path = "/projects/{uuid}/environments/{environment_name_or_uuid}/envs", tag = "Shared Environment Variables", operation_id = "create-environment-shared-env", security(("bearer" = ["write"])),
    params(view::ByEnvironment),
    request_body = view::NewSharedVariable, responses((status = 201, description = "The variable was added.", body = view::SharedVariable)))]
async fn environment_create(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(place): Path<(String, String)>,
    Body(body): Body<view::NewSharedVariable>,
) -> Made<view::SharedVariable> {
    api.shared_create(&scope, api.environment_owner(&scope, place).await?, body).await
}

/// Change a shared variable of an environment
#[utoipa::path(patch, path = "/projects/{uuid}/environments/{environment_name_or_uuid}/envs/{env_id}", tag = "Shared Environment Variables", operation_id = "update-environment-shared-env", security(("bearer" = ["write"])),
    params(view::ByEnvironmentVariable), request_body = view::PatchSharedVariable,
    responses((status = 200, description = "The variable was changed.", body = view::SharedVariable)))]
async fn environment_update(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path((uuid, environment, number)): Path<(String, String, String)>,
    Body(body): Body<view::PatchSharedVariable>,
) -> Answer<view::SharedVariable> {
    api.shared_update(&scope, api.environment_owner(&scope, (uuid, environment)).await?, &number, body).await
}

/// Remove a shared variable of an environment
#[utoipa::path(delete, path = "/projects/{uuid}/environments/{environment_name_or_uuid}/envs/{env_id}", tag = "Shared Environment Variables", operation_id = "delete-environment-shared-env", security(("bearer" = ["write"])),
    params(view::ByEnvironmentVariable), responses((status = 200, description = "The variable is gone.", body = view::Message)))]
async fn environment_delete(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path((uuid, environment, number)): Path<(String, String, String)>,
) -> Answer<view::Message> {
    api.shared_delete(&scope, api.environment_owner(&scope, (uuid, environment)).await?, &number).await
}
