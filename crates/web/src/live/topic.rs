//! What a page's live stream shows, and the partials it is made of.

use crate::{
    App,
    error::Failure,
    page::{activity, application, deployment, environment, overview, project},
    route,
    session::Session,
};
use maud::Markup;
use model::{ApplicationId, DeploymentId, EnvironmentId, ProjectId};

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// The overview, and lists of projects.
    Overview,
    /// A project.
    Project(ProjectId),
    /// An environment.
    Environment(EnvironmentId),
    /// An application's own pages.
    Application(ApplicationId),
    /// The deployments of an application.
    Deployments(ApplicationId),
    /// The deployments of the team.
    Team,
    /// What happened in the team.
    Activity,
    /// One deployment, its log too.
    Deployment(DeploymentId),
    /// What an application's containers write.
    Logs(ApplicationId),
}

/// Partials by the id of their element.
pub type Shown = Vec<(&'static str, Markup)>;

impl Topic {
    /// Reads `deployment:<id>` and its like.
    ///
    /// # Errors
    /// Not found for another word.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let (word, id) = text.split_once(':').unwrap_or((text, ""));
        Ok(match word {
            "overview" => Self::Overview,
            "deployments" if id.is_empty() => Self::Team,
            "activity" => Self::Activity,
            "project" => Self::Project(ops::known("project", id)?),
            "environment" => Self::Environment(ops::known("environment", id)?),
            "application" => Self::Application(ops::known("application", id)?),
            "deployments" => Self::Deployments(ops::known("application", id)?),
            "deployment" => Self::Deployment(ops::known("deployment", id)?),
            "logs" => Self::Logs(ops::known("application", id)?),
            _ => return Err(Failure::missing("stream")),
        })
    }

    /// Where to go when what is watched is gone.
    pub fn beyond(&self) -> &'static str {
        match self {
            Self::Project(_) => route::PROJECTS,
            Self::Deployment(_) => route::DEPLOYMENTS,
            _ => route::OVERVIEW,
        }
    }

    /// The partials as they are now.
    ///
    /// # Errors
    /// Not found where it is not the caller's.
    pub async fn render(&self, app: &App, session: &Session) -> Result<Shown, Failure> {
        let scope = &session.scope;
        match self {
            Self::Overview => {
                let (seen, environments, live) =
                    tokio::try_join!(app.ops.overview(scope), app.ops.environment_list_all(scope), app.ops.deployments_live(scope, None))?;
                Ok(vec![
                    ("overview-head", overview::head(&seen, session)),
                    ("attention", overview::attention(&seen)),
                    ("overview-projects", overview::projects(&seen, &environments, session)),
                    ("overview-deployments", overview::recent(&seen, &live, session)),
                ])
            }
            Self::Project(id) => {
                let (environments, applications) = tokio::try_join!(app.ops.environment_list(scope, id.clone()), app.ops.application_list(scope, None))?;
                Ok(vec![("project-environments", project::berths(&environments, &applications, session))])
            }
            Self::Environment(id) => {
                let (row, applications) = tokio::try_join!(app.ops.environment_fetch(scope, id.clone()), app.ops.application_list(scope, Some(id.clone())))?;
                Ok(vec![("environment", environment::card_of(&row, applications.iter(), true, session))])
            }
            Self::Application(id) => application_partials(app, session, id).await,
            Self::Logs(id) => {
                let head = application::head(app, session, id.clone()).await?;
                Ok(vec![("application-head", application::view::title(&head))])
            }
            Self::Deployments(id) => deployments(app, session, id).await,
            Self::Team => team(app, session).await,
            Self::Activity => Ok(vec![("events", activity::newest(app, session, None).await?.1)]),
            Self::Deployment(id) => one_deployment(app, session, id).await,
        }
    }
}

async fn application_partials(app: &App, session: &Session, id: &ApplicationId) -> Result<Shown, Failure> {
    let head = application::head(app, session, id.clone()).await?;
    let live = app.ops.deployments_live(&session.scope, Some(id.clone())).await?;
    Ok(vec![
        ("application-head", application::view::title(&head)),
        ("application-faults", application::overview::faults(&head)),
        ("application-release", application::overview::live_release(&head, session.now)),
        ("application-deployments", application::overview::deployments(&head, &live, session.now)),
        ("application-changes", application::view::not_live(&head)),
    ])
}

async fn deployments(app: &App, session: &Session, id: &ApplicationId) -> Result<Shown, Failure> {
    let head = application::head(app, session, id.clone()).await?;
    let rows = app.ops.deployment_list(&session.scope, Some(id.clone()), None, 50).await?;
    let live = app.ops.deployments_live(&session.scope, Some(id.clone())).await?;
    Ok(vec![("application-head", application::view::title(&head)), ("deployment-rows", deployment::list::own(&rows, &live, session.now))])
}

async fn team(app: &App, session: &Session) -> Result<Shown, Failure> {
    let (rows, live) = tokio::try_join!(app.ops.deployment_list(&session.scope, None, None, 50), app.ops.deployments_live(&session.scope, None))?;
    Ok(vec![("team-deployments", deployment::list::team(&rows, &live, session.now))])
}

/// A deployment's partials, what came of it too once it ended.
async fn one_deployment(app: &App, session: &Session, id: &DeploymentId) -> Result<Shown, Failure> {
    let page = app.ops.deployment_show(&session.scope, id.clone()).await?;
    let serving = match &page.application.application.live_release {
        Some(live) => app
            .ops
            .release_list(&session.scope, page.row.deployment.application.clone(), 100)
            .await?
            .into_iter()
            .find(|item| item.id == *live)
            .map(|item| item.number),
        None => None,
    };
    let ended = page.row.deployment.status.ended();
    let tail =
        if ended && page.log_allowed { app.ops.deployment_log_tail(&session.scope, id.clone(), deployment::show::SHOWN_LINES).await? } else { Vec::new() };
    let evidence = deployment::show::evidence(&page.steps, &tail);
    Ok(vec![
        ("deployment-head", deployment::view::head(&page.row, &page.steps, page.live, serving, session.now)),
        ("deployment-track", deployment::show::progress_track(&page, session.now)),
        ("deployment-outcome", deployment::view::outcome(&page, &evidence)),
        ("plan", deployment::show::steps(&page, serving, session.now)),
        ("log-state", crate::component::log::state(!ended, page.row.deployment.status == model::DeploymentStatus::Failed)),
    ])
}
