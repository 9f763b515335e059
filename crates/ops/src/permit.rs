//! May this caller? Asked here and nowhere else.

use crate::{Error, error::Needs};
use model::{Abilities, Ability, Role};
use store::{Actor, Scope};

/// Whether the caller has an ability. What a token was given counts only as far as the role of the person it belongs to goes today.
pub fn allows(scope: &Scope, ability: Ability) -> bool {
    scope.allows(ability) && Abilities::of_role(scope.role()).allow(ability)
}

/// Whether the caller may see secret values.
pub fn sees_secrets(scope: &Scope) -> bool {
    allows(scope, Ability::ReadSensitive)
}

/// Whether the caller may see logs: every reader but a member.
pub fn sees_logs(scope: &Scope) -> bool {
    scope.role() >= Role::Admin && allows(scope, Ability::Read)
}

fn ability(scope: &Scope, ability: Ability) -> Result<(), Error> {
    if allows(scope, ability) { Ok(()) } else { Err(Error::Forbidden { needs: Needs::Ability(ability) }) }
}

pub(crate) fn read(scope: &Scope) -> Result<(), Error> {
    ability(scope, Ability::Read)
}

pub(crate) fn write(scope: &Scope) -> Result<(), Error> {
    ability(scope, Ability::Write)
}

pub(crate) fn deploy(scope: &Scope) -> Result<(), Error> {
    ability(scope, Ability::Deploy)
}

pub(crate) fn root(scope: &Scope) -> Result<(), Error> {
    ability(scope, Ability::Root)
}

pub(crate) fn secrets(scope: &Scope) -> Result<(), Error> {
    ability(scope, Ability::ReadSensitive)
}

pub(crate) fn logs(scope: &Scope) -> Result<(), Error> {
    read(scope)?;
    role(scope, Role::Admin)
}

pub(crate) fn role(scope: &Scope, needed: Role) -> Result<(), Error> {
    if scope.role() >= needed { Ok(()) } else { Err(Error::Forbidden { needs: Needs::Role(needed) }) }
}

/// A signed-in person: what concerns their own account.
pub(crate) fn person(scope: &Scope) -> Result<(), Error> {
    if matches!(scope.actor(), Actor::Person { .. }) { Ok(()) } else { Err(Error::Forbidden { needs: Needs::Person }) }
}
