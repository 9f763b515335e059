//! What handlers share, and how they answer with a page.

use crate::{
    error::{Answer, Failure},
    layout::{self, Berth, Page, Viewer},
    page::state,
    route,
    session::Session,
};
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse},
};
use jiff::Timestamp;
use maud::Markup;
use model::Team;
use ops::{ApplicationItem, Ops, Overview, ProjectRow};
use std::sync::Arc;

/// How the dashboard is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether `X-Forwarded-For` and `X-Forwarded-Proto` are believed: only where a proxy of ours stands before the dashboard.
    pub trust_forwarded: bool,
    /// Whether cookies are for TLS only, whatever the request says.
    pub secure_cookies: bool,
}

/// Operations and options.
#[derive(Clone)]
pub struct App {
    /// What a person may do.
    pub ops: Ops,
    /// How it is served.
    pub options: Arc<Options>,
}

impl App {
    /// An application over these operations.
    pub fn new(ops: Ops, options: Options) -> Self {
        Self { ops, options: Arc::new(options) }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Who looks, with what the navigation shows.
    pub async fn viewer(&self, session: &Session) -> Result<Viewer, Failure> {
        let scope = &session.scope;
        let (team, projects, applications) =
            tokio::try_join!(self.ops.team_fetch(scope), self.ops.project_list(scope), self.ops.application_list(scope, None))?;
        let (open, down) = tokio::try_join!(self.ops.deployment_list_open(scope), self.ops.engines_down(scope))?;
        Ok(Viewer { down, ..viewer_of(session, &team, projects.iter(), &applications, open.len()) })
    }

    /// The same out of what the overview read already.
    pub async fn viewer_over(&self, session: &Session, overview: &Overview) -> Result<Viewer, Failure> {
        let (team, down) = tokio::try_join!(self.ops.team_fetch(&session.scope), self.ops.engines_down(&session.scope))?;
        let projects = overview.projects.iter().map(|item| &item.row);
        Ok(Viewer { down, ..viewer_of(session, &team, projects, &overview.applications, overview.open.len()) })
    }

    /// A whole page.
    pub async fn page(&self, session: &Session, page: &Page, content: Markup) -> Answer {
        self.page_with(StatusCode::OK, session, page, content).await
    }

    /// A whole page with another status: a form that came back.
    pub async fn page_with(&self, status: StatusCode, session: &Session, page: &Page, content: Markup) -> Answer {
        let viewer = self.viewer(session).await?;
        Ok((status, Html(layout::page(&viewer, page, content).into_string())).into_response())
    }
}

fn viewer_of<'a>(session: &Session, team: &Team, projects: impl Iterator<Item = &'a ProjectRow>, applications: &[ApplicationItem], deploying: usize) -> Viewer {
    let berth = |project: &ProjectRow| {
        let states = applications.iter().filter(|entry| entry.row.application.project == project.id).map(|entry| state::of(&entry.status));
        let (mark, word) = state::worst(states);
        Berth { name: project.name.to_string(), address: route::project(&project.id), mark, word }
    };
    Viewer {
        person: session.user.name.to_string(),
        role: session.role(),
        team: team.name.to_string(),
        projects: projects.map(berth).collect(),
        deploying,
        theme: session.theme,
        now: session.now,
        said: session.said.clone(),
        down: Vec::new(),
    }
}

/// Markup as an answer: a page, or a part of one for a swap.
pub fn fragment(markup: Markup) -> axum::response::Response {
    Html(markup.into_string()).into_response()
}

/// The status of a form: as it came, or come back with faults.
pub fn form_status(typed: &crate::form::Typed) -> StatusCode {
    if typed.faults().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}
