//! Tokens of the API.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use ops::TokenForm;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// List the team's tokens, without their secrets
#[utoipa::path(get, path = "/tokens", tag = "Tokens", operation_id = "list-tokens", security(("bearer" = ["root"])),
    responses((status = 200, description = "All tokens.", body = [view::Token])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Token>> {
    Ok(Json(api.ops.token_list(&scope).await?.into_iter().map(Into::into).collect()))
}

/// Make a token that may do no more than this one; it is shown this once
#[utoipa::path(post, path = "/tokens", tag = "Tokens", operation_id = "create-token", security(("bearer" = ["root"])), request_body = view::NewToken,
    responses((status = 201, description = "The token was made.", body = view::FreshToken)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::NewToken>) -> Made<view::FreshToken> {
    let fault = || Refusal::invalid([("expires_at".into(), "A time looks like 2030-01-31T12:00:00Z.".into())]);
    let expires = body.expires_at.map(|text| text.parse().map_err(|_| fault())).transpose()?;
    let form = TokenForm { name: body.name, abilities: body.abilities, expires };
    let token = api.ops.token_create(&scope, form).await.map_err(|error| Refusal::from(error).at("expires", "expires_at"))?;
    made(view::FreshToken { token: token.expose().to_owned() })
}

/// Revoke a token
#[utoipa::path(delete, path = "/tokens/{id}", tag = "Tokens", operation_id = "delete-token-by-id", security(("bearer" = ["root"])),
    params(view::ByToken), responses((status = 200, description = "The token serves no longer.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(id): Path<String>) -> Answer<view::Message> {
    api.ops.token_delete(&scope, id.parse().map_err(|_| Refusal::not_found("token"))?).await?;
    Ok(Json(view::Message::new("Token deleted.")))
}
