//! People, teams, roles and what a token may do.

use crate::{Email, Invalid, Name, TeamId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// A team: everything belongs to one, and nothing of one is seen from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its number, by which Coolify's API names teams.
    pub number: i64,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their number, by which Coolify's API names people.
    pub number: i64,
    /// Their name.
    pub name: Name,
    /// The address they sign in with.
    pub email: Email,
    /// When the account was made.
    pub created: Timestamp,
}

/// A person's role in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads; no secrets, logs or terminals.
    Member,
    /// Does everything in the team but touch owners and host paths.
    Admin,
    /// Does everything.
    Owner,
}

impl Role {
    /// `member`, `admin` or `owner`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl FromStr for Role {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "member" => Ok(Self::Member),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            _ => Err(Invalid::new("a role is member, admin or owner")),
        }
    }
}

/// Something a token may do; the words are Coolify's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ability {
    /// Everything.
    #[serde(rename = "root")]
    Root,
    /// Read all but secrets.
    #[serde(rename = "read")]
    Read,
    /// Change things; does not include deploying.
    #[serde(rename = "write")]
    Write,
    /// Deploy, start, stop, restart, cancel.
    #[serde(rename = "deploy")]
    Deploy,
    /// Read secrets too.
    #[serde(rename = "read:sensitive")]
    ReadSensitive,
}

impl Ability {
    /// Every ability, in the order people read them.
    pub const ALL: [Ability; 5] = [Self::Root, Self::Read, Self::Write, Self::Deploy, Self::ReadSensitive];

    /// `root`, `read`, `write`, `deploy` or `read:sensitive`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Read => "read",
            Self::Write => "write",
            Self::Deploy => "deploy",
            Self::ReadSensitive => "read:sensitive",
        }
    }
}

impl FromStr for Ability {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        Self::ALL.into_iter().find(|ability| ability.as_str() == text).ok_or_else(|| Invalid::new("an ability is root, read, write, deploy or read:sensitive"))
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a caller may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Abilities(pub BTreeSet<Ability>);

impl Abilities {
    /// Whether this is among them; `root` holds every one, `read:sensitive` holds `read`.
    pub fn allow(&self, ability: Ability) -> bool {
        self.0.contains(&Ability::Root) || self.0.contains(&ability) || (ability == Ability::Read && self.0.contains(&Ability::ReadSensitive))
    }

    /// What a signed-in person of this role may do.
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::Member => Self([Ability::Read].into()),
            Role::Admin | Role::Owner => Self([Ability::Root].into()),
        }
    }
}
