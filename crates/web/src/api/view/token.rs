//! Tokens of the API.

use crate::api::body::body;
use ops::TokenRow;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Its number.
    id: i64,
    /// Its name.
    name: String,
    /// What it may do.
    abilities: Vec<&'static str>,
    /// When it was made.
    created_at: String,
    /// When it was last used, to the minute.
    last_used_at: Option<String>,
    /// When it ends, if it does.
    expires_at: Option<String>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.number,
            name: row.name.into(),
            abilities: row.abilities.0.iter().map(|ability| ability.as_str()).collect(),
            created_at: row.created.to_string(),
            last_used_at: row.last_used.map(|at| at.to_string()),
            expires_at: row.expires.map(|at| at.to_string()),
        }
    }
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct FreshToken {
    /// The token itself, `<id>|<secret>`. It is not shown again.
    pub(crate) token: String,
}

body! {
    /// A token to be.
    NewToken {
        /// Its name.
        name: String,
        /// What it may do: `root`, `read`, `write`, `deploy`, `read:sensitive`; no more than the caller may.
        abilities: Vec<String>,
        /// When it ends, as `2030-01-31T12:00:00Z`; never when absent.
        expires_at: Option<String>,
    }
}

/// The token asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByToken {
    /// The token's number.
    id: i64,
}
