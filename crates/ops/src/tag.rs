//! Tags: words that group applications, for deploying several at once.

use crate::{
    Error, Ops, permit,
    project::{NamedForm, name_taken},
};
use model::{ApplicationId, Name, TagId};
use store::{Scope, TagRow};

fn word(text: &str) -> Result<Name, Error> {
    text.trim().to_lowercase().parse().map_err(|why: model::Invalid| Error::invalid("name", why.0))
}

impl Ops {
    /// The team's tags by name.
    pub async fn tag_list(&self, scope: &Scope) -> Result<Vec<TagRow>, Error> {
        permit::read(scope)?;
        Ok(self.store.tag_list(scope).await?)
    }

    /// The tags of an application.
    pub async fn tag_list_of(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<TagRow>, Error> {
        permit::read(scope)?;
        self.store.application_fetch(scope, application.clone()).await?;
        Ok(self.store.tag_list_of(scope, application).await?)
    }

    /// Puts a tag of this name on an application; it is made where it does not exist.
    pub async fn tag_attach(&self, scope: &Scope, application: ApplicationId, name: &str) -> Result<TagRow, Error> {
        permit::write(scope)?;
        let name = word(name)?;
        self.store.application_fetch(scope, application.clone()).await?;
        let tag = self.store.tag_ensure(scope, self.id(TagId::from_chance), name, self.now()).await?;
        self.store.tag_attach(scope, tag.id.clone(), application).await?;
        Ok(tag)
    }

    /// Takes a tag off an application.
    pub async fn tag_detach(&self, scope: &Scope, application: ApplicationId, tag: TagId) -> Result<(), Error> {
        permit::write(scope)?;
        Ok(self.store.tag_detach(scope, tag, application).await?)
    }

    /// Makes a tag; one of this name is answered where it exists.
    pub async fn tag_create(&self, scope: &Scope, name: &str) -> Result<TagRow, Error> {
        permit::write(scope)?;
        Ok(self.store.tag_ensure(scope, self.id(TagId::from_chance), word(name)?, self.now()).await?)
    }

    /// Renames a tag.
    pub async fn tag_rename(&self, scope: &Scope, id: TagId, form: NamedForm) -> Result<(), Error> {
        permit::write(scope)?;
        let renamed = self.store.tag_rename(scope, id, word(&form.name)?, self.now()).await;
        renamed.map_err(|error| name_taken(error, "a tag of this name exists: choose another"))
    }

    /// Deletes a tag; the applications stay.
    pub async fn tag_delete(&self, scope: &Scope, id: TagId) -> Result<(), Error> {
        permit::write(scope)?;
        Ok(self.store.tag_delete(scope, id).await?)
    }

    /// The applications that carry a tag of this name.
    ///
    /// A caller who only deploys may ask too: deploying by tag is deploying.
    pub async fn tag_applications(&self, scope: &Scope, name: &str) -> Result<Vec<ApplicationId>, Error> {
        permit::deploy(scope).or_else(|_| permit::read(scope))?;
        Ok(self.store.tag_applications(scope, word(name)?).await?)
    }
}
