//! Variables of one application.

use super::view::{self, Editor, Kind, Row};
use crate::{
    App,
    app::form_status,
    error::{Answer, Failure},
    form::Typed,
    page::application::{head, view as application},
    route,
    session::{self, Session},
};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use model::{ApplicationId, Secret, VariableId};
use ops::{SharedOwner, VariableForm, VariableView};
use std::collections::{BTreeMap, HashMap};

/// What is shown beside what was typed.
enum Shown {
    Table(Option<Vec<Row>>),
    Text(Option<String>),
}

/// `GET /applications/{id}/variables`, as a table or, with `?as=text`, as text.
pub async fn show(State(app): State<App>, session: Session, Path(id): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let shown = if query.get("as").is_some_and(|word| word == "text") { Shown::Text(None) } else { Shown::Table(None) };
    page(&app, &session, id, &Typed::default(), shown).await
}

fn row(variable: &VariableView) -> Row {
    Row {
        id: variable.id.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: variable.name.to_string(),
        value: variable.value.as_ref().map(|value| value.expose().to_owned()),
        build: variable.build_time,
        run: variable.run_time,
        literal: variable.literal,
        hidden: variable.hidden,
        comment: variable.comment.clone(),
        remove: false,
    }
}

fn form(row: &Row) -> VariableForm {
    // A hidden value that was not typed anew stays as it is.
    let value = row.value.clone().filter(|value| !(row.hidden && value.is_empty()));
    VariableForm {
        name: row.name.clone(),
        value: value.map(Secret::new),
        build_time: Some(row.build),
        run_time: Some(row.run),
        literal: Some(row.literal),
        multiline: None,
        hidden: Some(row.hidden),
        comment: Some(row.comment.clone()),
    }
}

/// `POST /applications/{id}/variables`: what changed in the table, all of it or nothing.
pub async fn save(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    let known: Vec<Row> = app.ops.variable_list(&session.scope, id.clone()).await?.iter().map(row).collect();
    session.must_write()?;
    let rows = view::rows(&typed, view::row_count(&typed));
    let same = |row: &Row| known.iter().any(|old| old.id == row.id && Row { value: old.value.clone().or(Some(String::new())), ..old.clone() } == *row);
    let changed: Vec<(usize, &Row)> = rows.iter().enumerate().filter(|(_, row)| !row.remove && !same(row)).collect();
    let forms: Vec<VariableForm> = changed.iter().map(|(_, row)| form(row)).collect();
    if !forms.is_empty()
        && let Err(error) = app.ops.variable_put(&session.scope, id.clone(), forms).await
    {
        let faults: Vec<(String, String)> = Failure(error).faults()?.into_iter().map(|(field, why)| (placed(&field, &changed), why)).collect();
        return page(&app, &session, id, &typed.with_faults(faults), Shown::Table(Some(rows))).await;
    }
    for gone in known.iter().filter(|old| goes(old, &rows)) {
        app.ops.variable_delete(&session.scope, id.clone(), ops::known::<VariableId>("variable", &gone.id)?).await?;
    }
    Ok(session::done(&route::application_part(&id, "variables"), "Saved. The next deployment runs with them."))
}

/// Whether a variable goes: its row says so, or has another name now.
fn goes(old: &Row, rows: &[Row]) -> bool {
    let taken = rows.iter().any(|row| !row.remove && row.name == old.name);
    !taken && rows.iter().any(|row| row.id == old.id && (row.remove || row.name != old.name))
}

/// The row of the form that a fault of the operation is about.
fn placed(field: &str, changed: &[(usize, &Row)]) -> String {
    let (place, part) = match field.strip_prefix("variables.").and_then(|rest| rest.split_once('.')) {
        Some((place, part)) => (place.parse().unwrap_or(0), part),
        None if matches!(field, "name" | "value") => (0, field),
        None => return field.to_owned(),
    };
    changed.get(place).map_or_else(String::new, |(at, _)| format!("{at}.{part}"))
}

/// `POST /applications/{id}/variables/text`: the whole as `.env` text.
pub async fn save_text(State(app): State<App>, session: Session, Path(id): Path<String>, typed: Typed) -> Answer {
    let id: ApplicationId = ops::known("application", &id)?;
    app.ops.application_fetch(&session.scope, id.clone()).await?;
    session.must_write()?;
    let text = Secret::new(typed.get("text"));
    let saved =
        if typed.on("remove") { app.ops.dotenv_replace(&session.scope, id.clone(), &text).await.map(drop) } else { add(&app, &session, &id, &text).await };
    match saved {
        Ok(()) => Ok(session::done(&route::application_part(&id, "variables"), "Saved. The next deployment runs with them.")),
        Err(error) => {
            let kept = typed.get("text").to_owned();
            page(&app, &session, id, &typed.with_faults(Failure(error).faults()?), Shown::Text(Some(kept))).await
        }
    }
}

/// Adds what the text names and leaves the rest.
async fn add(app: &App, session: &Session, id: &ApplicationId, text: &Secret) -> Result<(), ops::Error> {
    let lines = model::variable::parse_dotenv(text.expose()).map_err(|why| ops::Error::invalid("text", why.0))?;
    let forms: Vec<VariableForm> =
        lines.into_iter().map(|line| VariableForm { name: line.name.into(), value: Some(line.value), ..VariableForm::default() }).collect();
    if forms.is_empty() { Ok(()) } else { app.ops.variable_put(&session.scope, id.clone(), forms).await.map(drop) }
}

async fn page(app: &App, session: &Session, id: ApplicationId, typed: &Typed, shown: Shown) -> Answer {
    let head = head(app, session, id.clone()).await?;
    let known = app.ops.variable_list(&session.scope, id.clone()).await?;
    let rows = match &shown {
        Shown::Table(Some(rows)) => rows.clone(),
        _ => known.iter().map(row).collect(),
    };
    let address = route::application_part(&id, "variables");
    let editor = Editor {
        title: format!("Variables of {}", head.application().name),
        lead: "of this environment only",
        kind: Kind::Own,
        address: &address,
        rows: &rows,
        typed,
        writable: head.writable,
    };
    let content = html! {
        (view::toolbar(&editor, matches!(shown, Shown::Text(_))))
        @match shown {
            Shown::Table(_) => (view::table(&editor)),
            Shown::Text(kept) => (text(app, session, &id, &editor, kept, &known).await?),
        }
        (references(app, session, head.application()).await?)
        (application::not_live(&head))
    };
    let about = application::page(&head, "Variables", None);
    app.page_with(form_status(typed), session, &about, application::frame(&head, "Variables", content)).await
}

async fn text(app: &App, session: &Session, id: &ApplicationId, editor: &Editor<'_>, kept: Option<String>, known: &[VariableView]) -> Result<Markup, Failure> {
    let text = match kept {
        Some(text) => text,
        None => app.ops.dotenv_show(&session.scope, id.clone()).await?.expose().to_owned(),
    };
    Ok(view::text(editor, &text, known.iter().filter(|variable| variable.hidden).count()))
}

/// Shared variables that values may refer to.
async fn references(app: &App, session: &Session, application: &model::Application) -> Result<Markup, Failure> {
    let owners = [
        ("environment", SharedOwner::Environment(application.environment.clone())),
        ("project", SharedOwner::Project(application.project.clone())),
        ("team", SharedOwner::Team),
    ];
    let mut available = BTreeMap::new();
    for (level, owner) in owners {
        let names = app.ops.shared_variable_list(&session.scope, owner).await?.into_iter().map(|variable| variable.name.to_string()).collect();
        available.insert(level, names);
    }
    Ok(view::references(&available))
}
