//! Teams and people.

use super::fields::{self, Constant, Kind, answered};
use model::Role;
use ops::{Actor, Scope};
use serde::Serialize;
use serde_json::{Map, Value};
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
    /// When it was made.
    created_at: String,
    /// The same: nothing of it can be changed yet.
    updated_at: String,
    /// Its members; where the token acts in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<User>>,
    /// What Coolify says besides.
    #[serde(flatten)]
    #[schema(value_type = TeamFields)]
    fields: Map<String, Value>,
}

/// What Coolify says of a team that is the same for all here.
pub(super) const CONSTANTS: &[Constant] = &[
    ("custom_server_limit", Kind::Text, "null", "a team has as many servers as it likes."),
    ("personal_team", Kind::Flag, "false", "no team differs from others."),
    ("show_boarding", Kind::Flag, "false", "there is no tour."),
];

/// The same of a person.
pub(super) const PERSON_CONSTANTS: &[Constant] = &[
    ("email_verified_at", Kind::Text, "null", "addresses are not verified yet."),
    ("force_password_reset", Kind::Flag, "false", "nobody is made to."),
    ("marketing_emails", Kind::Flag, "false", "there are none."),
    ("two_factor_confirmed_at", Kind::Text, "null", "there is no second factor yet."),
];

answered!(TeamFields: "What Coolify says besides.", &[], CONSTANTS);
answered!(UserFields: "What Coolify says besides.", &[], PERSON_CONSTANTS);

impl Team {
    /// A team, with its members where they may be told.
    pub(crate) fn new(team: model::Team, members: Option<Vec<(model::User, Role)>>) -> Self {
        Self {
            id: team.number,
            uuid: team.id.into(),
            name: team.name.into(),
            description: team.description,
            created_at: team.created.to_string(),
            updated_at: team.created.to_string(),
            members: members.map(|members| members.into_iter().map(|(user, role)| User::new(user, Some(role))).collect()),
            fields: fields::values(CONSTANTS),
        }
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
    /// When the account was made.
    created_at: String,
    /// The same: only the password can be changed yet.
    updated_at: String,
    /// What Coolify says besides.
    #[serde(flatten)]
    #[schema(value_type = UserFields)]
    fields: Map<String, Value>,
}

impl User {
    /// A person, with their role in the team where it is asked for.
    pub(crate) fn new(user: model::User, role: Option<Role>) -> Self {
        Self {
            id: user.number,
            name: user.name.into(),
            email: user.email.into(),
            role: role.map(Role::as_str),
            created_at: user.created.to_string(),
            updated_at: user.created.to_string(),
            fields: fields::values(PERSON_CONSTANTS),
        }
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
        Self { user: User::new(user, Some(scope.role())), team: Team::new(team, None), token, abilities }
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
