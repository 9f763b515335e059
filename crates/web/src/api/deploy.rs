//! Deploying by uuid or by tag, several at once.

use super::{
    Answer, Api,
    body::{Object, Reader, pairs},
    door::Caller,
    refusal::Refusal,
    view,
};
use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use model::{ApplicationId, Operation};
use ops::{DeployRequest, Error, Scope};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Most applications of one request.
const APPLICATIONS_COUNT: usize = 100;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(deploy))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

impl Api {
    /// The applications that a request names, each once. What is not the team's is not there.
    async fn applications_named(&self, scope: &Scope, asked: &view::DeployBody) -> Result<Vec<ApplicationId>, Refusal> {
        let bad = |message: &str| Refusal::new(StatusCode::BAD_REQUEST, message);
        let mut ids: Vec<ApplicationId> = match (asked.uuid.as_deref().filter(|text| !text.is_empty()), asked.tag.as_deref().filter(|text| !text.is_empty())) {
            (Some(_), Some(_)) => return Err(bad("You can only use uuid or tag, not both.")),
            (None, None) => return Err(bad("You must provide uuid or tag.")),
            (Some(uuids), None) => words(uuids).take(APPLICATIONS_COUNT).filter_map(|uuid| uuid.parse().ok()).collect(),
            (None, Some(tags)) => {
                let mut tagged = Vec::new();
                for tag in words(tags).take(APPLICATIONS_COUNT) {
                    tagged.extend(self.ops.tag_applications(scope, tag).await?);
                }
                tagged
            }
        };
        ids.sort();
        ids.dedup();
        ids.truncate(APPLICATIONS_COUNT);
        Ok(ids)
    }

    async fn deploy_one(&self, scope: &Scope, id: &ApplicationId, asked: &view::DeployBody) -> Result<view::DeployedOne, Error> {
        let force = asked.force.unwrap_or(false);
        let request = DeployRequest { force, commit: asked.commit.clone(), ..DeployRequest::of(Operation::Deploy) };
        let queued = self.ops.deployment_create(scope, id.clone(), request).await?;
        let name = queued.deployment.application_name;
        let message =
            if queued.existed { format!("Application {name} deployment is already queued.") } else { format!("Application {name} deployment queued.") };
        Ok(view::DeployedOne { message, resource_uuid: id.to_string(), deployment_uuid: Some(queued.deployment.deployment.id.into()) })
    }
}

/// Deploy applications by uuid or by tag
#[utoipa::path(method(get, post), path = "/deploy", tag = "Deployments", operation_id = "deploy-by-tag-or-uuid", security(("bearer" = ["deploy"])),
    params(view::DeployQuery), request_body = view::DeployBody, responses((status = 200, description = "What was queued.", body = view::Deployed)))]
async fn deploy(State(api): State<Api>, Caller(scope): Caller, RawQuery(query): RawQuery, Object(mut body): Object) -> Answer<view::Deployed> {
    body.extend(pairs(query.as_deref()).into_iter().filter(|(name, _)| view::DEPLOY_FIELDS.contains(&name.as_str())));
    let asked: view::DeployBody = Reader::new(body).whole()?;
    if asked.pr.or(asked.pull_request_id).is_some_and(|number| number != 0) {
        return Err(Refusal::invalid([("pr".into(), "There are no previews yet: leave the field out.".into())]));
    }
    if asked.docker_tag.as_ref().is_some_and(|tag| !tag.is_empty()) {
        return Err(Refusal::invalid([("docker_tag".into(), "It names the image of a preview, and there are no previews yet: leave the field out.".into())]));
    }
    let ids = api.applications_named(&scope, &asked).await?;
    let mut deployments = Vec::new();
    for id in &ids {
        match api.deploy_one(&scope, id, &asked).await {
            Ok(one) => deployments.push(one),
            Err(Error::NotFound { .. }) => {}
            Err(error) if ids.len() == 1 => return Err(error.into()),
            Err(error) => deployments.push(view::DeployedOne { message: error.to_string(), resource_uuid: id.to_string(), deployment_uuid: None }),
        }
    }
    if deployments.is_empty() { Err(Refusal::new(StatusCode::NOT_FOUND, "No resources found.")) } else { Ok(Json(view::Deployed { deployments })) }
}
