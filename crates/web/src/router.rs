//! The one table of pages. Every route stands here once; all but those marked open are behind the guard.

use crate::{
    App, Options, api, assets,
    error::{self, Failure},
    live,
    page::{account, activity, application, deployment, door, environment, key, overview, project, registry, search, server, storage, token, variable},
    security, session, webhooks,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::{Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use ops::Ops;
use std::time::Duration;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, timeout::TimeoutLayer};

/// Most bytes of a form: a file mount of 1 MiB, encoded.
const FORM_LENGTH_BYTES: usize = 4 * 1024 * 1024;
/// How long a page may take. Streams begin at once and are not bounded by it.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Whoever is signed in.
    SignedIn,
}

/// One route.
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The path, parts in braces.
    pub path: &'static str,
    /// Who may ask.
    pub access: Access,
    handler: MethodRouter<App>,
}

fn entry<H, T>(method: Method, filter: MethodFilter, path: &'static str, handler: H) -> Entry
where
    H: Handler<T, App>,
    T: 'static,
{
    Entry { method, path, access: Access::SignedIn, handler: on(filter, handler) }
}

fn show<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H) -> Entry {
    entry(Method::GET, MethodFilter::GET, path, handler)
}

fn act<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H) -> Entry {
    entry(Method::POST, MethodFilter::POST, path, handler)
}

fn open(entry: Entry) -> Entry {
    Entry { access: Access::Open, ..entry }
}

/// Every route of the dashboard.
pub fn table() -> Vec<Entry> {
    [doors(), team(), projects(), applications(), parts(), deployments()].into_iter().flatten().collect()
}

fn doors() -> Vec<Entry> {
    vec![
        open(show("/healthz", healthz)),
        open(show("/assets/{name}", assets::serve)),
        open(show("/setup/{secret}", door::setup)),
        open(act("/setup/{secret}", door::setup_complete)),
        open(show("/sign-in", door::sign_in)),
        open(act("/sign-in", door::sign_in_complete)),
        open(act("/theme", door::theme)),
        act("/sign-out", door::sign_out),
    ]
}

fn team() -> Vec<Entry> {
    vec![
        show("/", overview::show),
        show("/live", live::stream),
        show("/search", search::show),
        show("/new", application::create::choose),
        show("/activity", activity::show),
        show("/account", account::show),
        act("/account", account::update),
        act("/account/password", account::password_change),
        act("/account/sessions/{id}/end", account::session_end),
        show("/tokens", token::list),
        act("/tokens", token::create),
        act("/tokens/{id}/revoke", token::revoke),
        show("/keys", key::list),
        act("/keys", key::create),
        act("/keys/{id}/remove", key::remove),
        show("/registries", registry::list),
        act("/registries", registry::create),
        act("/registries/{id}/remove", registry::remove),
        show("/variables", variable::shared::team_show),
        act("/variables", variable::shared::team_save),
        show("/servers", server::list),
        show("/servers/{id}", server::show),
        show("/servers/{id}/load", server::load),
        act("/servers/{id}/edit", server::edit),
    ]
}

fn projects() -> Vec<Entry> {
    vec![
        show("/projects", project::list),
        show("/projects/new", project::new),
        act("/projects", project::create),
        show("/projects/{id}", project::show),
        act("/projects/{id}/edit", project::edit),
        act("/projects/{id}/delete", project::delete),
        act("/projects/{id}/environments", project::environment_create),
        show("/projects/{id}/variables", variable::shared::project_show),
        act("/projects/{id}/variables", variable::shared::project_save),
        show("/environments/{id}", environment::show),
        act("/environments/{id}/edit", environment::edit),
        act("/environments/{id}/delete", environment::delete),
        show("/environments/{id}/variables", variable::shared::environment_show),
        act("/environments/{id}/variables", variable::shared::environment_save),
        show("/environments/{id}/new", application::create::show),
        act("/environments/{id}/new", application::create::submit),
    ]
}

fn applications() -> Vec<Entry> {
    use application::{act as acts, overview, preview, release, setup, webhook};
    vec![
        show("/applications/{id}", overview::show),
        show("/applications/{id}/metrics", overview::figures),
        show("/applications/{id}/changes", overview::changes),
        show("/applications/{id}/plan", preview::show),
        act("/applications/{id}/deploy", acts::deploy),
        act("/applications/{id}/restart", acts::restart),
        act("/applications/{id}/stop", acts::stop),
        act("/applications/{id}/start", acts::start),
        act("/applications/{id}/discard", acts::discard),
        act("/applications/{id}/move", acts::relocate),
        act("/applications/{id}/clone", acts::clone),
        act("/applications/{id}/delete", acts::delete),
        show("/applications/{id}/releases", release::list),
        show("/applications/{id}/compare", release::compare),
        show("/applications/{id}/releases/{release}/rollback", release::rollback),
        act("/applications/{id}/releases/{release}/rollback", acts::rollback),
        show("/applications/{id}/settings", setup::show),
        act("/applications/{id}/settings", setup::save),
        show("/applications/{id}/webhooks", webhook::show),
        act("/applications/{id}/webhooks", webhook::set),
    ]
}

fn parts() -> Vec<Entry> {
    use application::{domain, runtime};
    vec![
        show("/applications/{id}/domains", domain::show),
        act("/applications/{id}/domains", domain::save),
        show("/applications/{id}/domains/reach", domain::reach),
        show("/applications/{id}/variables", variable::own::show),
        act("/applications/{id}/variables", variable::own::save),
        act("/applications/{id}/variables/text", variable::own::save_text),
        show("/applications/{id}/storage", storage::show),
        act("/applications/{id}/storage", storage::add),
        act("/applications/{id}/storage/{mount}/content", storage::content),
        act("/applications/{id}/storage/{mount}/remove", storage::remove),
        show("/applications/{id}/logs", runtime::logs),
        show("/applications/{id}/logs/download", runtime::download),
        show("/applications/{id}/terminal", runtime::terminal),
        show("/applications/{id}/terminal/socket", live::terminal::socket),
    ]
}

fn deployments() -> Vec<Entry> {
    use deployment::{list, show as one};
    vec![
        show("/applications/{id}/deployments", list::of_application),
        show("/deployments", list::of_team),
        show("/deployments/{id}", one::show),
        act("/deployments/{id}/cancel", one::cancel),
        show("/deployments/{id}/log", one::download),
    ]
}

/// `GET /healthz`: the dashboard answers.
async fn healthz() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "ok").into_response()
}

async fn missing() -> Failure {
    Failure::missing("page")
}

/// Everything that is served over HTTP: the dashboard, the API, the hooks.
pub fn router(ops: Ops, options: Options) -> Router {
    let pages = pages(&App::new(ops.clone(), options));
    pages
        .merge(api::router(ops.clone()))
        .merge(webhooks::router(ops))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(security::headers))
        .layer(CompressionLayer::new())
}

/// The dashboard. A form is taken from our own pages only, and what goes wrong becomes a page.
fn pages(app: &App) -> Router {
    let (mut guarded, mut doors) = (Router::new(), Router::new());
    for entry in table() {
        match entry.access {
            Access::Open => doors = doors.route(entry.path, entry.handler),
            Access::SignedIn => guarded = guarded.route(entry.path, entry.handler),
        }
    }
    #[cfg(debug_assertions)]
    let guarded = guarded.route("/components", axum::routing::get(crate::page::components::show));
    guarded
        .route_layer(middleware::from_fn_with_state(app.clone(), session::guard))
        .merge(doors)
        .fallback(missing)
        .layer(DefaultBodyLimit::max(FORM_LENGTH_BYTES))
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PAGE_TIMEOUT))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), error::dress))
        .with_state(app.clone())
}
