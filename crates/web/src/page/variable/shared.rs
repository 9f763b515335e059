//! Shared variables of the team, of a project, of an environment.

use super::view::{self, Editor, Kind, Row};
use crate::{
    App,
    app::form_status,
    error::{Answer, Failure},
    form::Typed,
    layout::{Crumb, Page},
    page::environment,
    route,
    session::{self, Session},
};
use axum::extract::{Path, State};
use maud::html;
use model::Secret;
use ops::{SharedOwner, SharedVariableForm, SharedVariableView};

/// Whose they are, with the way there.
struct Place {
    owner: SharedOwner,
    address: String,
    level: &'static str,
    crumbs: Vec<Crumb>,
    nav: String,
}

fn team() -> Place {
    Place {
        owner: SharedOwner::Team,
        address: route::SHARED.into(),
        level: "team",
        crumbs: vec![Crumb::plain("Shared variables", route::SHARED)],
        nav: route::SHARED.into(),
    }
}

async fn of_project(app: &App, session: &Session, id: &str) -> Result<Place, Failure> {
    let project = app.ops.project_fetch(&session.scope, ops::known("project", id)?).await?;
    let address = route::project_part(&project.id, "variables");
    let crumbs = vec![Crumb::plain(project.name.as_str(), route::project(&project.id)), Crumb::plain("Shared variables", address.as_str())];
    Ok(Place { nav: route::project(&project.id), owner: SharedOwner::Project(project.id), address, level: "project", crumbs })
}

async fn of_environment(app: &App, session: &Session, id: &str) -> Result<Place, Failure> {
    let row = app.ops.environment_fetch(&session.scope, ops::known("environment", id)?).await?;
    let address = route::environment_part(&row.id, "variables");
    let mut crumbs = environment::crumbs(app, session, &row).await?;
    crumbs.push(Crumb::plain("Shared variables", address.as_str()));
    Ok(Place { nav: route::project(&row.project), owner: SharedOwner::Environment(row.id), address, level: "environment", crumbs })
}

/// `GET /variables`.
pub async fn team_show(State(app): State<App>, session: Session) -> Answer {
    page(&app, &session, team(), &Typed::default(), None).await
}

/// `POST /variables`.
pub async fn team_save(State(app): State<App>, session: Session, typed: Typed) -> Answer {
    save(&app, &session, team(), typed).await
}

/// `GET /projects/{id}/variables`.
pub async fn project_show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let place = of_project(&app, &session, &id).await?;
    page(&app, &session, place, &Typed::default(), None).await
}

/// `POST /projects/{id}/variables`.
pub async fn project_save(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let place = of_project(&app, &session, &id).await?;
    save(&app, &session, place, typed).await
}

/// `GET /environments/{id}/variables`.
pub async fn environment_show(State(app): State<App>, session: Session, Path(id): Path<String>) -> Answer {
    let place = of_environment(&app, &session, &id).await?;
    page(&app, &session, place, &Typed::default(), None).await
}

/// `POST /environments/{id}/variables`.
pub async fn environment_save(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let place = of_environment(&app, &session, &id).await?;
    save(&app, &session, place, typed).await
}

fn row(variable: &SharedVariableView) -> Row {
    Row {
        id: variable.number.to_string(),
        name: variable.name.to_string(),
        value: variable.value.as_ref().map(|value| value.expose().to_owned()),
        hidden: variable.hidden,
        comment: variable.comment.clone(),
        ..Row::default()
    }
}

async fn save(app: &App, session: &Session, place: Place, typed: Typed) -> Answer {
    let known = app.ops.shared_variable_list(&session.scope, place.owner.clone()).await?;
    session.must_write()?;
    let rows = view::rows(&typed, view::row_count(&typed));
    let same = |row: &Row| known.iter().map(self::row).any(|old| old.id == row.id && Row { value: old.value.clone().or(Some(String::new())), ..old } == *row);
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| !row.remove && !same(row)) {
        let value = row.value.clone().filter(|value| !(row.hidden && value.is_empty())).map(Secret::new);
        let form = SharedVariableForm { name: row.name.clone(), value, hidden: row.hidden, comment: Some(row.comment.clone()) };
        if let Err(error) = app.ops.shared_variable_put(&session.scope, place.owner.clone(), form).await {
            let faults: Vec<(String, String)> = Failure(error).faults()?.into_iter().map(|(field, why)| (format!("{at}.{field}"), why)).collect();
            return page(app, session, place, &typed.with_faults(faults), Some(rows)).await;
        }
    }
    for gone in known.iter().filter(|old| rows.iter().any(|row| row.id == old.number.to_string() && (row.remove || row.name != old.name.as_str()))) {
        app.ops.shared_variable_delete(&session.scope, place.owner.clone(), gone.number).await?;
    }
    Ok(session::done(&place.address, "Saved. Applications that refer to them take them at their next deployment."))
}

async fn page(app: &App, session: &Session, place: Place, typed: &Typed, kept: Option<Vec<Row>>) -> Answer {
    let known = app.ops.shared_variable_list(&session.scope, place.owner).await?;
    let rows = kept.unwrap_or_else(|| known.iter().map(row).collect());
    let editor = Editor {
        title: format!("Shared variables of the {}", place.level),
        lead: "",
        kind: Kind::Shared,
        address: &place.address,
        rows: &rows,
        typed,
        writable: session.writes(),
    };
    let content = html! {
        header .head {
            div .title { h1 { "Shared variables" } }
            p .facts { span { "Applications refer to them as " code { "{{" (place.level) ".NAME}}" } "." } }
        }
        (view::table(&editor))
    };
    let about = Page { title: "Shared variables".into(), crumbs: place.crumbs, place: place.nav, ..Page::default() };
    app.page_with(form_status(typed), session, &about, content).await
}
