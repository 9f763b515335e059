//! Teams and their members.

use crate::{Error, Ops, permit};
use model::{Role, Team, User};
use store::Scope;

impl Ops {
    /// The team the caller acts in.
    pub async fn team_fetch(&self, scope: &Scope) -> Result<Team, Error> {
        permit::read(scope)?;
        Ok(self.store.team_fetch(scope).await?)
    }

    /// The caller's teams; with a token, its own team only.
    pub async fn team_list(&self, scope: &Scope) -> Result<Vec<Team>, Error> {
        permit::read(scope)?;
        Ok(self.store.team_list(scope).await?)
    }

    /// The members of the caller's team with their roles.
    pub async fn member_list(&self, scope: &Scope) -> Result<Vec<(User, Role)>, Error> {
        permit::read(scope)?;
        Ok(self.store.member_list(scope).await?)
    }

    /// The person who acts, or whose token acts.
    pub async fn me(&self, scope: &Scope) -> Result<User, Error> {
        permit::read(scope)?;
        let members = self.store.member_list(scope).await?;
        let own = members.into_iter().find(|(user, _)| Some(&user.id) == scope.user());
        own.map(|(user, _)| user).ok_or(Error::NotFound { kind: "account" })
    }
}
