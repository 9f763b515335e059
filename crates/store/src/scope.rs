//! Scopes: proof that somebody was authenticated, and for which team.

use model::{Abilities, Ability, Role, TeamId, UserId};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Who.
        user: UserId,
        /// Their name.
        name: String,
    },
    /// A token over the API.
    Token {
        /// Its number.
        number: i64,
        /// Whose it is.
        user: UserId,
        /// Its name.
        name: String,
    },
    /// Wharf itself, carrying out what somebody asked for.
    Wharf,
}

/// What every function that touches a team's data asks for. It cannot be made outside this crate: authentication hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    team: TeamId,
    actor: Actor,
    role: Role,
    abilities: Abilities,
}

impl Scope {
    pub(crate) fn new(team: TeamId, actor: Actor, role: Role, abilities: Abilities) -> Self {
        Self { team, actor, role, abilities }
    }

    /// Wharf's own scope over one team.
    pub(crate) fn wharf(team: TeamId) -> Self {
        Self::new(team, Actor::Wharf, Role::Owner, Abilities::of_role(Role::Owner))
    }

    /// The same caller, who may also look at what is no secret: what changes a thing has to see it. Whoever asks for this decides what is answered.
    pub fn reading(mut self) -> Self {
        self.abilities.0.insert(Ability::Read);
        self
    }

    /// The team.
    pub fn team(&self) -> &TeamId {
        &self.team
    }
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// The role of the person who acts, or whose token acts.
    pub fn role(&self) -> Role {
        self.role
    }
    /// Whether this is among what the caller may do.
    pub fn allows(&self, ability: Ability) -> bool {
        self.abilities.allow(ability)
    }
    /// What the caller may do.
    pub fn abilities(&self) -> &Abilities {
        &self.abilities
    }
    /// The person, or the person whose token acts.
    pub fn user(&self) -> Option<&UserId> {
        match &self.actor {
            Actor::Person { user, .. } | Actor::Token { user, .. } => Some(user),
            Actor::Wharf => None,
        }
    }
    /// The actor's name, for events and causes.
    pub fn actor_name(&self) -> &str {
        match &self.actor {
            Actor::Person { name, .. } | Actor::Token { name, .. } => name,
            Actor::Wharf => "Wharf",
        }
    }
}
