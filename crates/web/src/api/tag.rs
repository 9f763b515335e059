//! Tags.

use super::{
    Answer, Api, Made,
    body::{Body, Path},
    door::Caller,
    made,
    refusal::Refusal,
    view,
};
use axum::{Json, extract::State};
use model::{ApplicationId, TagId};
use ops::{NamedForm, error::known};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update, delete)).routes(routes!(list_of, attach)).routes(routes!(detach))
}

/// List tags
#[utoipa::path(get, path = "/tags", tag = "Tags", operation_id = "list-tags", security(("bearer" = ["read"])),
    responses((status = 200, description = "All tags.", body = [view::Tag])))]
async fn list(State(api): State<Api>, Caller(scope): Caller) -> Answer<Vec<view::Tag>> {
    Ok(Json(api.ops.tag_list(&scope).await?.into_iter().map(Into::into).collect()))
}

/// Make a tag
#[utoipa::path(post, path = "/tags", tag = "Tags", operation_id = "create-tag", security(("bearer" = ["write"])), request_body = view::TagName,
    responses((status = 201, description = "The tag was made.", body = view::Tag)))]
async fn create(State(api): State<Api>, Caller(scope): Caller, Body(body): Body<view::TagName>) -> Made<view::Tag> {
    let name = body.name.trim().to_lowercase();
    if api.ops.tag_list(&scope).await?.iter().any(|tag| tag.name.as_str() == name) {
        return Err(Refusal::conflict("Tag with this name already exists."));
    }
    made(api.ops.tag_create(&scope, &body.name).await?.into())
}

/// Rename a tag
#[utoipa::path(patch, path = "/tags/{uuid}", tag = "Tags", operation_id = "update-tag-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::TagName, responses((status = 200, description = "The tag was renamed.", body = view::Tag)))]
async fn update(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::TagName>) -> Answer<view::Tag> {
    let id: TagId = known("tag", &uuid)?;
    api.ops.tag_rename(&scope, id.clone(), NamedForm { name: body.name, description: String::new() }).await?;
    let tag = api.ops.tag_list(&scope).await?.into_iter().find(|tag| tag.id == id);
    Ok(Json(tag.ok_or_else(|| Refusal::not_found("tag"))?.into()))
}

/// Delete a tag; what carries it stays
#[utoipa::path(delete, path = "/tags/{uuid}", tag = "Tags", operation_id = "delete-tag-by-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), responses((status = 200, description = "The tag is gone.", body = view::Message)))]
async fn delete(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<view::Message> {
    api.ops.tag_delete(&scope, known("tag", &uuid)?).await?;
    Ok(Json(view::Message::new("Tag deleted.")))
}

/// List an application's tags
#[utoipa::path(get, path = "/applications/{uuid}/tags", tag = "Applications", operation_id = "list-tags-by-application-uuid", security(("bearer" = ["read"])),
    params(view::ByUuid), responses((status = 200, description = "Its tags.", body = [view::Tag])))]
async fn list_of(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>) -> Answer<Vec<view::Tag>> {
    let tags = api.ops.tag_list_of(&scope, known("application", &uuid)?).await?;
    Ok(Json(tags.into_iter().map(Into::into).collect()))
}

/// Put tags on an application; what does not exist is made
#[utoipa::path(post, path = "/applications/{uuid}/tags", tag = "Applications", operation_id = "create-tag-by-application-uuid", security(("bearer" = ["write"])),
    params(view::ByUuid), request_body = view::TagNames, responses((status = 201, description = "All its tags.", body = [view::Tag])))]
async fn attach(State(api): State<Api>, Caller(scope): Caller, Path(uuid): Path<String>, Body(body): Body<view::TagNames>) -> Made<Vec<view::Tag>> {
    let id: ApplicationId = known("application", &uuid)?;
    let names: Vec<String> = body.tag_name.into_iter().chain(body.tag_names.unwrap_or_default()).collect();
    if names.is_empty() {
        return Err(Refusal::invalid([("tag_name".into(), "The tag name field is required.".into())]));
    }
    for name in &names {
        api.ops.tag_attach(&scope, id.clone(), name).await.map_err(|error| Refusal::from(error).at("name", "tag_name"))?;
    }
    made(api.ops.tag_list_of(&scope, id).await?.into_iter().map(Into::into).collect())
}

/// Take a tag off an application
#[utoipa::path(delete, path = "/applications/{uuid}/tags/{tag_uuid}", tag = "Applications", operation_id = "delete-tag-by-application-uuid",
    security(("bearer" = ["write"])), params(view::ByTag), responses((status = 200, description = "The tag was taken off.", body = view::Message)))]
async fn detach(State(api): State<Api>, Caller(scope): Caller, Path((uuid, tag)): Path<(String, String)>) -> Answer<view::Message> {
    api.ops.tag_detach(&scope, known("application", &uuid)?, known("tag", &tag)?).await?;
    Ok(Json(view::Message::new("Tag removed.")))
}
