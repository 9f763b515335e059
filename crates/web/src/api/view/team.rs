//! Teams and people.

use model::Role;
use ops::{Actor, Scope};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// A team.
#[derive(Serialize, ToSchema)]
pub(crate) struct Team {
    /// Its number.
    id: i64,
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
}

impl From<model::Team> for Team {
    fn from(team: model::Team) -> Self {
        Self { id: team.number, uuid: team.id.into(), name: team.name.into(), description: team.description }
    }
}

/// A member of a team.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    /// Their number.
    id: i64,
    /// Their name.
    name: String,
    /// The address they sign in with.
    email: String,
    /// `member`, `admin` or `owner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
}

impl User {
    /// A person, with their role in the team where it is asked for.
    pub(crate) fn new(user: model::User, role: Option<Role>) -> Self {
        Self { id: user.number, name: user.name.into(), email: user.email.into(), role: role.map(Role::as_str) }
    }
}

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct Whoami {
    /// The person whose token it is.
    user: User,
    /// The team the token acts in.
    team: Team,
    /// The token's name.
    token: String,
    /// What it may do: `root`, `read`, `write`, `deploy`, `read:sensitive`.
    abilities: Vec<&'static str>,
}

impl Whoami {
    /// The caller.
    pub(crate) fn new(scope: &Scope, user: model::User, team: model::Team) -> Self {
        let token = match scope.actor() {
            Actor::Token { name, .. } => name.clone(),
            Actor::Person { .. } | Actor::Wharf => String::new(),
        };
        let abilities = scope.abilities().0.iter().map(|ability| ability.as_str()).collect();
        Self { user: User::new(user, Some(scope.role())), team: team.into(), token, abilities }
    }
}

/// The team asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByTeam {
    /// The team's number.
    id: i64,
}
