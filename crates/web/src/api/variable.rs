//! Environment variables of applications.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::ApplicationId;
use ops::{Error, Scope, VariableView, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create, update)).routes(routes!(bulk)).routes(routes!(delete))
}

impl Api {
    /// The number of an application.
    pub(super) async fn application_number(&self, scope: &Scope, id: ApplicationId) -> Result<i64, Error> {
        Ok(self.ops.application_fetch(scope, id).await?.number)
    }

    /// Puts variables, and answers them with the application's number.
    async fn variables_put(&self, scope: &Scope, id: ApplicationId, new: Vec<view::NewVariable>) -> Result<(Vec<VariableView>, i64), Refusal> {
        if new.iter().any(|variable| variable.is_preview == Some(true)) {
            return Err(Refusal::invalid([("is_preview".into(), "There are no previews yet: leave the field out.".into())]));
        }
        let put = self.ops.variable_put(scope, id.clone(), new.into_iter().map(Into::into).collect()).await;
        let put = put.map_err(|error| Refusal::from(error).renamed(|field| field.replace("variables.", "data.").replace("name", "key")))?;
        Ok((put, self.application_number(scope, id).await?))
    }
}

/// List an application's variables
#[utoipa::path(get, path = "/applications/{uuid}/envs", tag = "Applications", operation_id = "list-envs-by-application-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "All variables.", body = [view::EnvironmentVariable])))]
async fn list(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::EnvironmentVariable>> {
    let id: ApplicationId = known("application", &uuid)?;
    let (number, variables) = (api.application_number(&scope, id.clone()).await?, api.ops.variable_list(&scope, id).await?);
    Ok(Json(variables.into_iter().map(|variable| view::EnvironmentVariable::new(variable, number)).collect()))
}

/// Add a variable
#[utoipa::path(post, path = "/applications/{uuid}/envs", tag = "Applications", operation_id = "create-env-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::NewVariable,
    responses((status = 201, description = "The variable was added.", body = view::Uuid)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::NewVariable>) -> Made<view::Uuid> {
    let id: ApplicationId = known("application", &uuid)?;
    let present = api.ops.variable_list(&scope, id.clone()).await?;
    if present.iter().any(|variable| variable.name.as_str() == body.key.trim()) {
        return Err(Refusal::conflict("Environment variable already exists. Use PATCH request to update it."));
    }
    let (added, _) = api.variables_put(&scope, id, vec![body]).await?;
    made(view::Uuid { uuid: added.into_iter().find_map(|variable| variable.id).map(Into::into).unwrap_or_default() })
}

/// Change a variable
#[utoipa::path(patch, path = "/applications/{uuid}/envs", tag = "Applications", operation_id = "update-env-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::NewVariable,
    responses((status = 201, description = "The variable was changed.", body = view::EnvironmentVariable)))]
async fn update(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(uuid): Path<String>,
    Body(body): Body<view::NewVariable>,
) -> Made<view::EnvironmentVariable> {
    let id: ApplicationId = known("application", &uuid)?;
    let present = api.ops.variable_list(&scope, id.clone()).await?;
    if !present.iter().any(|variable| variable.name.as_str() == body.key.trim()) {
        return Err(Refusal::not_found("environment variable"));
    }
    let (changed, number) = api.variables_put(&scope, id, vec![body]).await?;
    let changed = changed.into_iter().next().ok_or_else(|| Refusal::not_found("environment variable"))?;
    made(view::EnvironmentVariable::new(changed, number))
}

/// Add or change several variables at once; all or none
#[utoipa::path(patch, path = "/applications/{uuid}/envs/bulk", tag = "Applications", operation_id = "update-envs-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByUuid), request_body = view::BulkVariables,
    responses((status = 201, description = "The variables were set.", body = [view::EnvironmentVariable])))]
async fn bulk(
    State(api): State<Api>,
    Caller(scope): Caller,
    Path(uuid): Path<String>,
    Body(body): Body<view::BulkVariables>,
) -> Made<Vec<view::EnvironmentVariable>> {
    let (variables, number) = api.variables_put(&scope, known("application", &uuid)?, body.data).await?;
    made(variables.into_iter().map(|variable| view::EnvironmentVariable::new(variable, number)).collect())
}

/// Remove a variable
#[utoipa::path(delete, path = "/applications/{uuid}/envs/{env_uuid}", tag = "Applications", operation_id = "delete-env-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByVariable), responses((status = 200, description = "The variable is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path((uuid, variable)): Path<(String, String)>) -> Answer<view::Message> {
    api.ops.variable_delete(&scope, known("application", &uuid)?, known("environment variable", &variable)?).await?;
    Ok(Json(view::Message::new("Environment variable deleted.")))
}
