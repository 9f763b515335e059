//! Applications: is it up, what changed?

pub mod act;
pub mod create;
pub mod domain;
pub mod overview;
pub mod preview;
pub mod release;
pub mod runtime;
pub mod setup;
pub mod view;
pub mod webhook;

use crate::{App, error::Failure, page::application::view::Head, route, session::Session};
use model::ApplicationId;

/// Everything that the head of an application's pages says.
///
/// # Errors
/// Not found where it is not the caller's.
pub async fn head(app: &App, session: &Session, id: ApplicationId) -> Result<Head, Failure> {
    let scope = &session.scope;
    let page = app.ops.application_show(scope, id.clone()).await?;
    let own = &page.row.application;
    let (siblings, environments, variables, server) = tokio::try_join!(
        app.ops.application_rows(scope, Some(own.environment.clone())),
        app.ops.environment_list(scope, own.project.clone()),
        app.ops.variable_list(scope, id),
        app.ops.server_fetch(scope, page.row.server.clone()),
    )?;
    let siblings = siblings.into_iter().map(|row| row.application).filter(|other| other.id != own.id);
    let environments = environments.into_iter().filter(|other| other.id != own.environment);
    Ok(Head {
        siblings: siblings.map(|other| (other.name.to_string(), route::application(&other.id))).collect(),
        environments: environments.map(|other| (other.name.to_string(), route::environment(&other.id))).collect(),
        variables: variables.len(),
        server: server.name.to_string(),
        writable: session.writes(),
        trusted: ops::sees_logs(scope),
        page,
    })
}
