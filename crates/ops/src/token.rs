//! Tokens of the API, `<number>|<secret>`, and the switch of the API itself.

use crate::{
    Error, Ops,
    error::{Faults, Needs},
    permit, secret,
};
use jiff::Timestamp;
use model::{Abilities, Ability, Name, Secret};
use store::{Actor, NewToken, Scope, TokenRow};

/// The instance-wide setting that switches the API.
const API_SWITCH: &str = "api";
const OFF: &str = "off";

/// A token to be, as typed.
#[derive(Debug, Clone, Default)]
pub struct TokenForm {
    /// Its name.
    pub name: String,
    /// Its abilities: `root`, `read`, `write`, `deploy`, `read:sensitive`.
    pub abilities: Vec<String>,
    /// When it ends, if it does.
    pub expires: Option<Timestamp>,
}

impl Ops {
    /// Who a token belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for one that is malformed, wrong or ended, and nobody can tell which.
    pub async fn token_authenticate(&self, token: &str) -> Result<Scope, Error> {
        let wrong = || Error::wrong("the token is wrong or has ended");
        let (number, secret) = token.trim().split_once('|').ok_or_else(wrong)?;
        let number: i64 = number.parse().map_err(|_| wrong())?;
        let (scope, hash) = self.store.token_authenticate(number, self.now()).await?.ok_or_else(wrong)?;
        if secret::same(&hash, &secret::hash(secret)) { Ok(scope) } else { Err(wrong()) }
    }

    /// Makes a token of the caller; it is shown this once. Of tokens only those with `root` make others.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an ability the caller does not have; [`Error::Invalid`] with every field.
    pub async fn token_create(&self, scope: &Scope, form: TokenForm) -> Result<Secret, Error> {
        permit::read(scope)?;
        if matches!(scope.actor(), Actor::Token { .. }) {
            permit::root(scope)?;
        }
        let (new, secret) = self.token_new(form)?;
        if let Some(missing) = new.abilities.0.iter().find(|ability| !permit::allows(scope, **ability)) {
            return Err(Error::Forbidden { needs: Needs::Ability(*missing) });
        }
        let number = self.store.token_create(scope, new, self.now()).await?;
        Ok(Secret::new(format!("{number}|{}", secret.expose())))
    }

    /// Makes a token of the instance's first owner; only over the operator's own socket.
    pub async fn token_create_for_owner(&self, form: TokenForm) -> Result<Secret, Error> {
        let (new, secret) = self.token_new(form)?;
        let number = self.store.token_create_for_owner(new, self.now()).await?;
        Ok(Secret::new(format!("{number}|{}", secret.expose())))
    }

    /// The team's tokens, newest first, without their secrets.
    pub async fn token_list(&self, scope: &Scope) -> Result<Vec<TokenRow>, Error> {
        permit::root(scope)?;
        Ok(self.store.token_list(scope).await?)
    }

    /// Removes a token of the team.
    pub async fn token_delete(&self, scope: &Scope, number: i64) -> Result<(), Error> {
        permit::root(scope)?;
        Ok(self.store.token_delete(scope, number).await?)
    }

    /// Whether the API answers; it does until it is switched off.
    pub async fn api_enabled(&self) -> Result<bool, Error> {
        Ok(self.store.instance_value(API_SWITCH).await?.as_deref() != Some(OFF))
    }

    /// Switches the API on; the team that set the instance up may.
    pub async fn api_enable(&self, scope: &Scope) -> Result<(), Error> {
        self.instance_root(scope).await?;
        Ok(self.store.instance_set(API_SWITCH, "on".into()).await?)
    }

    /// Switches the API off, but for switching it on again.
    pub async fn api_disable(&self, scope: &Scope) -> Result<(), Error> {
        self.instance_root(scope).await?;
        Ok(self.store.instance_set(API_SWITCH, OFF.into()).await?)
    }

    /// What concerns every team is for the first one, which set the instance up.
    async fn instance_root(&self, scope: &Scope) -> Result<(), Error> {
        permit::root(scope)?;
        let team = self.store.team_fetch(scope).await?;
        if team.number == 1 { Ok(()) } else { Err(Error::Forbidden { needs: Needs::Instance }) }
    }

    fn token_new(&self, form: TokenForm) -> Result<(NewToken, Secret), Error> {
        let mut faults = Faults::default();
        let name: Option<Name> = faults.parse("name", &form.name);
        let abilities: Vec<Ability> = form.abilities.iter().filter_map(|text| faults.parse("abilities", text)).collect();
        if form.abilities.is_empty() {
            faults.add("abilities", "choose at least one ability");
        }
        if form.expires.is_some_and(|expires| expires <= self.now()) {
            faults.add("expires", "the end lies in the future");
        }
        let secret = secret::fresh(&self.dice);
        let secret_hash = secret::hash(secret.expose());
        let new = name.map(|name| NewToken { name, secret_hash, abilities: Abilities(abilities.into_iter().collect()), expires: form.expires });
        Ok((faults.give(new)?, secret))
    }
}
