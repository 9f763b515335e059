//! Addresses: one function each, so that no page spells one by hand.

use model::{ApplicationId, DeploymentId, EnvironmentId, KeyId, ProjectId, RegistryId, ReleaseId, ServerId, SessionId, StorageId, VariableId};

/// The overview.
pub const OVERVIEW: &str = "/";
/// Where people sign in.
pub const SIGN_IN: &str = "/sign-in";
/// Where they sign out.
pub const SIGN_OUT: &str = "/sign-out";
/// All projects.
pub const PROJECTS: &str = "/projects";
/// Deployments of the whole team.
pub const DEPLOYMENTS: &str = "/deployments";
/// All servers.
pub const SERVERS: &str = "/servers";
/// What happened in the team.
pub const ACTIVITY: &str = "/activity";
/// The person's own page.
pub const ACCOUNT: &str = "/account";
/// API tokens.
pub const TOKENS: &str = "/tokens";
/// Deploy keys.
pub const KEYS: &str = "/keys";
/// Credentials of image registries.
pub const REGISTRIES: &str = "/registries";
/// Variables that the whole team shares.
pub const SHARED: &str = "/variables";
/// Search.
pub const SEARCH: &str = "/search";
/// Switches the theme.
pub const THEME: &str = "/theme";
/// A new project.
pub const NEW_PROJECT: &str = "/projects/new";
/// A new application, its environment not chosen yet.
pub const NEW: &str = "/new";

/// The page that makes the first account.
pub fn setup(secret: &str) -> String {
    format!("/setup/{secret}")
}

/// Sign in, then go on to where one was.
pub fn sign_in_then(next: &str) -> String {
    format!("{SIGN_IN}?next={}", encode(next))
}

/// A project.
pub fn project(id: &ProjectId) -> String {
    format!("/projects/{id}")
}
/// A part of a project: `edit`, `delete`, `environments`, `variables`.
pub fn project_part(id: &ProjectId, part: &str) -> String {
    format!("/projects/{id}/{part}")
}

/// An environment.
pub fn environment(id: &EnvironmentId) -> String {
    format!("/environments/{id}")
}
/// A part of an environment: `edit`, `delete`, `variables`, `new`.
pub fn environment_part(id: &EnvironmentId, part: &str) -> String {
    format!("/environments/{id}/{part}")
}

/// An application.
pub fn application(id: &ApplicationId) -> String {
    format!("/applications/{id}")
}
/// A part of an application: `deployments`, `logs`, `variables`, `settings`, ...
pub fn application_part(id: &ApplicationId, part: &str) -> String {
    format!("/applications/{id}/{part}")
}
/// One variable of an application.
pub fn variable(id: &ApplicationId, variable: &VariableId, act: &str) -> String {
    format!("/applications/{id}/variables/{variable}/{act}")
}
/// One mount of an application.
pub fn mount(id: &ApplicationId, mount: &StorageId, act: &str) -> String {
    format!("/applications/{id}/storage/{mount}/{act}")
}
/// Two releases of an application beside each other.
pub fn compare(id: &ApplicationId, from: i64, to: i64) -> String {
    format!("/applications/{id}/compare?from={from}&to={to}")
}
/// Makes an earlier release live: what will happen, and the act.
pub fn rollback(id: &ApplicationId, release: &ReleaseId) -> String {
    format!("/applications/{id}/releases/{release}/rollback")
}

/// A deployment.
pub fn deployment(id: &DeploymentId) -> String {
    format!("/deployments/{id}")
}
/// Cancels a deployment.
pub fn cancel(id: &DeploymentId) -> String {
    format!("/deployments/{id}/cancel")
}
/// The whole log of a deployment as text.
pub fn deployment_log(id: &DeploymentId) -> String {
    format!("/deployments/{id}/log")
}

/// A server.
pub fn server(id: &ServerId) -> String {
    format!("/servers/{id}")
}
/// A part of a server: `edit`, `check`.
pub fn server_part(id: &ServerId, part: &str) -> String {
    format!("/servers/{id}/{part}")
}

/// Ends a session.
pub fn session_end(id: &SessionId) -> String {
    format!("/account/sessions/{id}/end")
}
/// Revokes a token.
pub fn token_revoke(id: i64) -> String {
    format!("/tokens/{id}/revoke")
}
/// Removes a key.
pub fn key_remove(id: &KeyId) -> String {
    format!("/keys/{id}/remove")
}
/// Removes a registry's credential.
pub fn registry_remove(id: &RegistryId) -> String {
    format!("/registries/{id}/remove")
}

/// The live stream of a page: what it shows, such as `deployment:<id>`, and its entry in the navigation.
pub fn live(of: &str, place: &str) -> String {
    format!("/live?of={of}&at={}", encode(place))
}

/// A text as a value in a query.
pub fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_was_survives_signing_in() {
        assert_eq!(sign_in_then("/a?b=c&d"), "/sign-in?next=%2Fa%3Fb%3Dc%26d");
    }
}
