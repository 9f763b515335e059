//! Private keys: to sign in to git hosts.

use crate::{
    Error, Ops,
    error::Faults,
    permit,
    project::{NamedForm, clashes, description},
};
use model::{KeyId, Secret, Source, key::Key};
use store::{Constraint, KeyHalves, NewKey, Scope};

/// A key to be, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct KeyForm {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The private half in OpenSSH's form; a new Ed25519 key is made when it is empty.
    pub private_key: Secret,
}

impl Ops {
    /// The team's keys by name, without their private halves.
    pub async fn key_list(&self, scope: &Scope) -> Result<Vec<Key>, Error> {
        permit::read(scope)?;
        Ok(self.store.key_list(scope).await?)
    }

    /// A key of the team, without its private half.
    pub async fn key_fetch(&self, scope: &Scope, id: KeyId) -> Result<Key, Error> {
        permit::read(scope)?;
        Ok(self.store.key_fetch(scope, id).await?)
    }

    /// The private half of a key of the team.
    pub async fn key_private(&self, scope: &Scope, id: KeyId) -> Result<Secret, Error> {
        permit::secrets(scope)?;
        Ok(self.store.key_private(scope, id).await?)
    }

    /// Keeps a key, or makes one.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Conflict`] where the team has it already.
    pub async fn key_create(&self, scope: &Scope, form: KeyForm) -> Result<Key, Error> {
        permit::write(scope)?;
        let mut faults = Faults::default();
        let name = faults.parse("name", &form.name);
        let description = description(&mut faults, &form.description);
        let private = if form.private_key.expose().trim().is_empty() {
            faults.keep("private_key", source::keys::generate()).map(|(private, _)| private)
        } else {
            Some(form.private_key)
        };
        let halves = private.and_then(|private| halves(private, &mut faults));
        let (name, halves) = faults.give(name.zip(halves))?;
        let id = self.id(KeyId::from_chance);
        let new = NewKey { id: id.clone(), name, description, halves };
        self.store.key_create(scope, new, self.now()).await?;
        Ok(self.store.key_fetch(scope, id).await?)
    }

    /// Renames and describes a key; with a private half, replaces the key by that one.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Conflict`] where the team has the other key already.
    pub async fn key_update(&self, scope: &Scope, id: KeyId, form: NamedForm, private: Option<Secret>) -> Result<(), Error> {
        permit::write(scope)?;
        let mut faults = Faults::default();
        let name = faults.parse("name", &form.name);
        let description = description(&mut faults, &form.description);
        let halves = private.and_then(|private| halves(private, &mut faults));
        let name = faults.give(name)?;
        Ok(self.store.key_update(scope, id, name, description, halves, self.now()).await?)
    }

    /// Forgets a key that no application uses.
    ///
    /// # Errors
    /// [`Error::Conflict`] that lists the applications that use it.
    pub async fn key_delete(&self, scope: &Scope, id: KeyId) -> Result<(), Error> {
        permit::write(scope)?;
        match self.store.key_delete(scope, id.clone(), self.now()).await {
            Err(store::Error::Conflict(Constraint::InUse)) => {
                let rows = self.store.application_list(scope).await?;
                let users = rows.iter().filter(|row| matches!(&row.application.settings.source, Source::Git(git) if git.key.as_ref() == Some(&id)));
                let details = clashes(users);
                Err(Error::Conflict { why: "applications still use this key: give them another first".into(), details })
            }
            other => Ok(other?),
        }
    }
}

/// Both halves of a key, from the private one.
fn halves(private: Secret, faults: &mut Faults) -> Option<KeyHalves> {
    let public = faults.keep("private_key", source::keys::read(&private))?;
    Some(KeyHalves { private, public: public.line, fingerprint: public.fingerprint })
}
