//! Servers and what runs on them.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made, view,
};
use axum::{Json, extract::State};
use model::ServerId;
use ops::{Error, Scope, ServerPatch, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(fetch, update)).routes(routes!(resources)).routes(routes!(domains))
}

impl Api {
    /// A server as it is now.
    async fn server_seen(&self, scope: &Scope, server: model::Server) -> Result<view::Server, Error> {
        let reachable = self.ops.engines_down(scope).await?.iter().all(|down| down.server != server.id);
        Ok(view::Server::new(server, reachable, self.ops.builds_at_once()))
    }
}

/// List servers
#[utoipa::path(get, path = "/servers", tag = "Servers", operation_id = "list-servers", security(("bearer" = ["read"])),
    responses((status = 200, description = "All servers.", body = [view::Server])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Server>> {
    let mut servers = Vec::new();
    for server in api.ops.server_list(&scope).await? {
        servers.push(api.server_seen(&scope, server).await?);
    }
    Ok(Json(servers))
}

/// A server
#[utoipa::path(get, path = "/servers/{uuid}", tag = "Servers", operation_id = "get-server-by-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The server.", body = view::Server)))]
async fn fetch(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Server> {
    let server = api.ops.server_fetch(&scope, known("server", &uuid)?).await?;
    Ok(Json(api.server_seen(&scope, server).await?))
}

/// Rename and describe a server, change its wildcard domain
#[utoipa::path(patch, path = "/servers/{uuid}", tag = "Servers", operation_id = "update-server-by-uuid", security(("bearer" = ["root"])),
    params(view::ByUuid), request_body = view::PatchServer, responses((status = 201, description = "The server was changed.", body = view::Server)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::PatchServer>) -> Made<view::Server> {
    let id: ServerId = known("server", &uuid)?;
    let patch = ServerPatch { name: body.name, description: body.description, wildcard: body.wildcard_domain };
    let updated = api.ops.server_update(&scope, id.clone(), patch).await;
    updated.map_err(|error| super::refusal::Refusal::from(error).at("wildcard", "wildcard_domain"))?;
    let server = api.ops.server_fetch(&scope, id).await?;
    made(api.server_seen(&scope, server).await?)
}

/// List what runs on a server
#[utoipa::path(get, path = "/servers/{uuid}/resources", tag = "Servers", operation_id = "get-resources-by-server-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "All resources.", body = [view::Resource])))]
async fn resources(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::Resource>> {
    let server = api.ops.server_fetch(&scope, known("server", &uuid)?).await?;
    let items = api.ops.application_list(&scope, None).await?;
    Ok(Json(items.into_iter().filter(|item| item.row.server == server.id).map(Into::into).collect()))
}

/// List the domains that lead to a server
#[utoipa::path(get, path = "/servers/{uuid}/domains", tag = "Servers", operation_id = "get-domains-by-server-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "The domains by address.", body = [view::ServerDomains])))]
async fn domains(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::ServerDomains>> {
    let server = api.ops.server_fetch(&scope, known("server", &uuid)?).await?;
    let rows = api.ops.server_applications(&scope, server.id).await?;
    let domains: Vec<String> = rows.into_iter().flat_map(|row| row.application.settings.domains).map(|domain| domain.host.into()).collect();
    Ok(Json(if domains.is_empty() { Vec::new() } else { vec![view::ServerDomains { ip: server.address, domains }] }))
}
