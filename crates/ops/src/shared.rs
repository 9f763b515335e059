//! Shared variables of the team, of projects and of environments.

use crate::{Error, Ops, error::Faults, permit, variable::value_fault};
use model::{EnvName, Secret};
use store::{NewSharedVariable, Scope, SharedOwner};

/// A shared variable as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedVariableView {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: EnvName,
    /// Its value; none where it is hidden or the caller may not see secrets.
    pub value: Option<Secret>,
    /// Never shown again.
    pub hidden: bool,
    /// May have several lines.
    pub multiline: bool,
    /// What it is for.
    pub comment: String,
}

/// A shared variable to be, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct SharedVariableForm {
    /// Its name.
    pub name: String,
    /// Its value; absent keeps the one that is there.
    pub value: Option<Secret>,
    /// Never shown again. What is hidden stays hidden.
    pub hidden: bool,
    /// What it is for.
    pub comment: Option<String>,
}

impl Ops {
    /// The shared variables of one owner by name.
    pub async fn shared_variable_list(&self, scope: &Scope, owner: SharedOwner) -> Result<Vec<SharedVariableView>, Error> {
        permit::read(scope)?;
        let shown = permit::sees_secrets(scope);
        let rows = self.store.shared_variable_list(scope, owner).await?;
        let view = |row: store::SharedVariableRow| SharedVariableView {
            number: row.number,
            name: row.name,
            value: (shown && !row.hidden).then_some(row.value),
            hidden: row.hidden,
            multiline: row.multiline,
            comment: row.comment,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Adds a shared variable or replaces the one of the same name.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field.
    pub async fn shared_variable_put(&self, scope: &Scope, owner: SharedOwner, form: SharedVariableForm) -> Result<(), Error> {
        permit::write(scope)?;
        let known = self.store.shared_variable_list(scope, owner.clone()).await?;
        let mut faults = Faults::default();
        let name: Option<EnvName> = faults.parse("name", &form.name);
        if let Some(why) = form.value.as_ref().and_then(|value| value_fault(value.expose())) {
            faults.add("value", why);
        }
        let name = faults.give(name)?;
        let old = known.into_iter().find(|row| row.name == name);
        let value = form.value.or_else(|| old.as_ref().map(|old| old.value.clone())).unwrap_or_default();
        let new = NewSharedVariable {
            name,
            multiline: value.expose().contains('\n'),
            value,
            hidden: form.hidden || old.as_ref().is_some_and(|old| old.hidden),
            comment: form.comment.or_else(|| old.map(|old| old.comment)).unwrap_or_default(),
        };
        Ok(self.store.shared_variable_put(scope, owner, vec![new], self.now()).await?)
    }

    /// Removes a shared variable. Applications that refer to it say so at their next deployment.
    pub async fn shared_variable_delete(&self, scope: &Scope, owner: SharedOwner, number: i64) -> Result<(), Error> {
        permit::write(scope)?;
        Ok(self.store.shared_variable_delete(scope, owner, number, self.now()).await?)
    }
}
