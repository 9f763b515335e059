//! Teams and their members.

use super::{Answer, Api, body::Path, door::Caller, refusal::Refusal, view};
use axum::{Json, extract::State};
use ops::{Error, Scope};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(current))
        .routes(routes!(team))
        .routes(routes!(current_members))
        .routes(routes!(team_members))
        .routes(routes!(fetch))
        .routes(routes!(members))
}

impl Api {
    /// The token's own team with its members.
    async fn team_shown(&self, scope: &Scope) -> Result<view::Team, Error> {
        Ok(view::Team::new(self.ops.team_fetch(scope).await?, Some(self.ops.member_list(scope).await?)))
    }

    /// The token's own team, where this is its number.
    async fn own_team(&self, scope: &Scope, number: &str) -> Result<model::Team, Refusal> {
        let team = self.ops.team_fetch(scope).await?;
        if team.number.to_string() == number { Ok(team) } else { Err(Refusal::not_found("team")) }
    }
}

/// List the teams the token can see
#[utoipa::path(get, path = "/teams", tag = "Teams", operation_id = "list-teams", security(("bearer" = ["read"])),
    responses((status = 200, description = "The teams.", body = [view::Team])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Team>> {
    let (teams, own) = (api.ops.team_list(&scope).await?, api.team_shown(&scope).await?);
    Ok(Json(teams.into_iter().filter(|team| team.id != *scope.team()).map(|team| view::Team::new(team, None)).chain([own]).collect()))
}

/// The team the token acts in
#[utoipa::path(get, path = "/teams/current", tag = "Teams", operation_id = "get-current-team", security(("bearer" = ["read"])),
    responses((status = 200, description = "The team.", body = view::Team)))]
async fn current(State(api): State<Api>, Caller(scope): Caller) -> Answer<view::Team> {
    Ok(Json(api.team_shown(&scope).await?))
}

/// The team the token acts in
#[utoipa::path(get, path = "/team", tag = "Teams", operation_id = "get-token-team", security(("bearer" = ["read"])),
    responses((status = 200, description = "The team.", body = view::Team)))]
async fn team(state: State<Api>, caller: Caller) -> Answer<view::Team> {
    current(state, caller).await
}

/// The members of the team the token acts in
#[utoipa::path(get, path = "/teams/current/members", tag = "Teams", operation_id = "get-current-team-members", security(("bearer" = ["read"])),
    responses((status = 200, description = "The members.", body = [view::User])))]
async fn current_members(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::User>> {
    let members = api.ops.member_list(&scope).await?;
    Ok(Json(members.into_iter().map(|(user, role)| view::User::new(user, Some(role))).collect()))
}

/// The members of the team the token acts in
#[utoipa::path(get, path = "/team/members", tag = "Teams", operation_id = "get-token-team-members", security(("bearer" = ["read"])),
    responses((status = 200, description = "The members.", body = [view::User])))]
async fn team_members(state: State<Api>, caller: Caller) -> Answer<Vec<view::User>> {
    current_members(state, caller).await
}

/// A team by its number
#[utoipa::path(get, path = "/teams/{id}", tag = "Teams", operation_id = "get-team-by-id", security(("bearer" = ["read"])),
    params(view::ByTeam), responses((status = 200, description = "The team.", body = view::Team)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(id): Path<String>) -> Answer<view::Team> {
    api.own_team(&scope, &id).await?;
    Ok(Json(api.team_shown(&scope).await?))
}

/// The members of a team by its number
#[utoipa::path(get, path = "/teams/{id}/members", tag = "Teams", operation_id = "get-members-by-team-id", security(("bearer" = ["read"])),
    params(view::ByTeam), responses((status = 200, description = "The members.", body = [view::User])))]
async fn members(State(api): State<Api>, Caller(scope): Caller, Path(id): Path<String>) -> Answer<Vec<view::User>> {
    api.own_team(&scope, &id).await?;
    current_members(State(api), Caller(scope)).await
}
