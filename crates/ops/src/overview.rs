//! The first page: what needs attention, how many of what, and the projects.

use crate::{ApplicationItem, Error, Ops, Status, permit};
use model::{ApplicationId, DeploymentId, DeploymentStatus, Operation, Server};
use std::collections::BTreeMap;
use store::{DeploymentRow, ProjectRow, Scope};

/// Deployments on the first page.
const LATEST_COUNT: u32 = 10;

/// Something a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// The application.
    pub application: ApplicationId,
    /// Its name.
    pub name: String,
    /// What is the matter, as a sentence.
    pub sentence: String,
    /// The deployment to look at.
    pub deployment: Option<DeploymentId>,
}

/// A project with how its applications are.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectItem {
    /// The project.
    pub row: ProjectRow,
    /// The worst state among its applications; none without applications.
    pub worst: Option<Status>,
}

/// The first page.
#[derive(Debug, Clone)]
pub struct Overview {
    /// What needs attention, the worst first.
    pub attention: Vec<Attention>,
    /// Every application.
    pub applications: Vec<ApplicationItem>,
    /// How many run.
    pub running: usize,
    /// The projects.
    pub projects: Vec<ProjectItem>,
    /// The newest deployments.
    pub deployments: Vec<DeploymentRow>,
    /// Deployments that wait or run.
    pub open: Vec<DeploymentRow>,
    /// The servers.
    pub servers: Vec<Server>,
}

/// How bad a state is; higher is worse.
fn badness(status: &Status) -> u8 {
    match status {
        Status::Running => 0,
        Status::NeverDeployed => 1,
        Status::Stopped => 2,
        Status::Starting => 3,
        Status::Unknown { .. } => 4,
        Status::Degraded { .. } => 5,
        Status::Restarting { .. } => 6,
        Status::Exited { .. } => 7,
    }
}

/// What was tried, as a noun: a deployment, a restart.
pub fn noun(operation: Operation) -> &'static str {
    match operation {
        Operation::Deploy => "deployment",
        Operation::Delete => "deletion",
        other => other.as_str(),
    }
}

fn attention(item: &ApplicationItem) -> Option<Attention> {
    let latest = item.row.latest.as_ref();
    let failed = latest.filter(|latest| latest.status == DeploymentStatus::Failed);
    let sentence = match (&item.status, failed) {
        (Status::Exited { .. }, _) => "It ended by itself and nothing serves; its log has its last words.".to_owned(),
        (Status::Restarting { .. }, _) => "It ends soon after each start; its log says why.".to_owned(),
        (Status::Degraded { .. }, _) => "The others serve on; its log says what became of the rest.".to_owned(),
        (_, Some(latest)) => format!("Its last {} failed; what served before serves on.", noun(latest.operation)),
        _ => return None,
    };
    let application = &item.row.application;
    Some(Attention { application: application.id.clone(), name: application.name.to_string(), sentence, deployment: failed.map(|latest| latest.id.clone()) })
}

impl Ops {
    /// The first page.
    pub async fn overview(&self, scope: &Scope) -> Result<Overview, Error> {
        permit::read(scope)?;
        let mut applications = self.application_list(scope, None).await?;
        applications.sort_by(|a, b| badness(&b.status).cmp(&badness(&a.status)).then_with(|| a.row.application.name.cmp(&b.row.application.name)));
        let mut worst: BTreeMap<_, Status> = BTreeMap::new();
        for item in &applications {
            worst.entry(item.row.application.project.clone()).or_insert_with(|| item.status.clone());
        }
        let projects = self.store.project_list(scope).await?;
        Ok(Overview {
            attention: applications.iter().filter_map(attention).collect(),
            running: applications.iter().filter(|item| item.status == Status::Running).count(),
            applications,
            projects: projects.into_iter().map(|row| ProjectItem { worst: worst.get(&row.id).cloned(), row }).collect(),
            deployments: self.store.deployment_list(scope, None, None, LATEST_COUNT).await?,
            open: self.store.deployment_list_open(scope).await?,
            servers: self.store.server_list(scope).await?,
        })
    }
}
