//! Accounts: the first one by the setup address, further ones by the operator, and a person's own password.

use crate::{Error, Ops, error::Faults, password, permit, secret, session::SessionToken};
use jiff::SignedDuration;
use model::{Email, Name, Secret, SessionId, UserId};
use store::{NewAccount, Scope};

/// How long a setup address serves.
const SETUP_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// What the network of a team's first destination begins with; the team's id follows. Teams do not reach each other's containers, and two instances on one
/// engine do not share a network.
const NETWORK: &str = "wharf";
/// The wildcard domain of a fresh server on this machine.
const WILDCARD: &str = "localhost";

/// What setup and a new account ask for, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct SetupForm {
    /// The person's name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Their password.
    pub password: Secret,
}

/// What a person may change of their own account, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct AccountForm {
    /// Their name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Their password; asked for only where the address changes.
    pub current_password: Secret,
}

struct Checked {
    name: Name,
    email: Email,
}

fn checked(form: &SetupForm) -> Result<Checked, Error> {
    let mut faults = Faults::default();
    let name = faults.parse("name", &form.name);
    let email = faults.parse("email", &form.email);
    if let Some(why) = password::fault(form.password.expose(), &[&form.name, &form.email, "wharf"]) {
        faults.add("password", why);
    }
    let both = name.zip(email).map(|(name, email)| Checked { name, email });
    faults.give(both)
}

impl Ops {
    /// Makes the secret of the setup address where no account exists; the caller prints it once. Earlier ones no longer serve.
    pub async fn setup_begin(&self) -> Result<Option<Secret>, Error> {
        if self.setup_done().await? {
            return Ok(None);
        }
        let fresh = secret::fresh(&self.dice);
        self.store.setup_secret_set(secret::hash(fresh.expose()), self.now() + SETUP_LIFETIME).await?;
        Ok(Some(fresh))
    }

    /// Whether an account exists.
    pub async fn setup_done(&self) -> Result<bool, Error> {
        Ok(self.store.account_count().await? > 0)
    }

    /// Checks the secret of a setup address.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is wrong, used or too old.
    pub async fn setup_check(&self, secret: &str) -> Result<(), Error> {
        let serves = self.store.setup_secret_serves(secret::hash(secret), self.now()).await?;
        if serves { Ok(()) } else { Err(Error::NotFound { kind: "setup address" }) }
    }

    /// Makes the first account with its team, project and server, and signs it in. Without a secret only over the operator's own socket.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::NotFound`] for a wrong secret; [`Error::Conflict`] where an account exists.
    pub async fn setup_complete(&self, secret: Option<&str>, form: SetupForm, address: &str, agent: &str) -> Result<SessionToken, Error> {
        if let Some(secret) = secret {
            self.setup_check(secret).await?;
        }
        let new = self.account_new(form).await?;
        let user = new.user.clone();
        self.store.account_create_first(new, secret.map(secret::hash), self.now()).await?;
        self.session_open(user, address, agent).await
    }

    /// Makes another account with a team of its own; only over the operator's own socket.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Conflict`] where the address has an account.
    pub async fn account_create(&self, form: SetupForm) -> Result<UserId, Error> {
        let new = self.account_new(form).await?;
        let user = new.user.clone();
        self.store.account_create(new, self.now()).await?;
        Ok(user)
    }

    /// Renames the caller, or gives them another address to sign in with; the latter takes their password, as whoever has the address has the account.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::TooMany`] after wrong passwords.
    pub async fn account_update(&self, scope: &Scope, form: AccountForm) -> Result<(), Error> {
        permit::person(scope)?;
        let user = self.me(scope).await?;
        let mut faults = Faults::default();
        let (name, email) = (faults.parse("name", &form.name), faults.parse::<Email>("email", &form.email));
        let moves = email.as_ref().is_some_and(|email| *email != user.email);
        if moves && !self.password_fits(&user.email, form.current_password).await? {
            faults.add("current_password", "another e-mail address takes your password, and that is not it");
        }
        let (name, email) = faults.give(name.zip(email))?;
        let changed = self.store.account_update(scope, name, email, self.now()).await;
        changed.map_err(|error| match error {
            store::Error::Conflict(store::Constraint::Taken(_)) => Error::invalid("email", "this address has an account already: choose another"),
            other => other.into(),
        })
    }

    /// Replaces the caller's password and ends their other sessions.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `current_password` or `password`; [`Error::TooMany`] after wrong ones.
    pub async fn password_change(&self, scope: &Scope, session: Option<SessionId>, current: Secret, fresh: Secret) -> Result<(), Error> {
        permit::person(scope)?;
        let user = self.me(scope).await?;
        let mut faults = Faults::default();
        if !self.password_fits(&user.email, current).await? {
            faults.add("current_password", "that is not your password");
        }
        if let Some(why) = password::fault(fresh.expose(), &[user.name.as_str(), user.email.as_str(), "wharf"]) {
            faults.add("password", why);
        }
        faults.done()?;
        let hash = self.passwords.hash(fresh, &self.dice).await?;
        Ok(self.store.account_password_set(scope, hash, session).await?)
    }

    async fn account_new(&self, form: SetupForm) -> Result<NewAccount, Error> {
        let Checked { name, email } = checked(&form)?;
        let password_hash = self.passwords.hash(form.password, &self.dice).await?;
        let team = self.id(model::TeamId::from_chance);
        Ok(NewAccount {
            user: self.id(UserId::from_chance),
            name,
            email,
            password_hash,
            project: self.id(model::ProjectId::from_chance),
            environment: self.id(model::EnvironmentId::from_chance),
            server: self.id(model::ServerId::from_chance),
            destination: self.id(model::DestinationId::from_chance),
            network: format!("{NETWORK}-{}", team.short()),
            team,
            wildcard: self.options.wildcard.clone().map_or_else(|| WILDCARD.parse(), Ok).map_err(Error::internal)?,
        })
    }
}
