//! Credentials of image registries.

use crate::{Error, Ops, error::Faults, permit, project::clashes};
use model::{ImageReference, RegistryId, Secret, Source, image::DOCKER_HUB};
use store::{Constraint, NewRegistry, RegistryRow, Scope};

/// A registry credential to be, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct RegistryForm {
    /// Its name; the host when empty.
    pub name: String,
    /// Host and port of the registry; Docker Hub when empty.
    pub host: String,
    /// Who signs in.
    pub username: String,
    /// The password or token.
    pub password: Secret,
}

fn host(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_ascii_lowercase();
    match text.as_str() {
        "" | "docker.io" | "hub.docker.com" | "index.docker.io" | "registry-1.docker.io" => Some(DOCKER_HUB.to_owned()),
        // A registry is what an image reference may begin with.
        _ => {
            let reference: ImageReference = format!("{text}/x").parse().ok()?;
            (reference.registry() == Some(text.as_str())).then_some(text)
        }
    }
}

impl Ops {
    /// The team's registry credentials by name, without their passwords.
    pub async fn registry_list(&self, scope: &Scope) -> Result<Vec<RegistryRow>, Error> {
        permit::read(scope)?;
        Ok(self.store.registry_list(scope).await?)
    }

    /// Keeps a registry credential.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field.
    pub async fn registry_create(&self, scope: &Scope, form: RegistryForm) -> Result<RegistryId, Error> {
        permit::write(scope)?;
        let mut faults = Faults::default();
        let host = host(&form.host);
        if host.is_none() {
            faults.add("host", "a registry looks like registry.example.com or registry.example.com:5000");
        }
        let name = if form.name.trim().is_empty() { host.clone().unwrap_or_default() } else { form.name.clone() };
        let name = if name.is_empty() { None } else { faults.parse("name", &name) };
        for (field, text) in [("username", form.username.as_str()), ("password", form.password.expose())] {
            if text.trim().is_empty() || text.chars().any(char::is_control) {
                faults.add(field, "this is needed, on one line");
            }
        }
        let (name, host) = faults.give(name.zip(host))?;
        let id = self.id(RegistryId::from_chance);
        let new = NewRegistry { id: id.clone(), name, host, username: form.username.trim().to_owned(), password: form.password };
        self.store.registry_create(scope, new, self.now()).await?;
        Ok(id)
    }

    /// Forgets a registry credential that no application uses.
    ///
    /// # Errors
    /// [`Error::Conflict`] that lists the applications that use it.
    pub async fn registry_delete(&self, scope: &Scope, id: RegistryId) -> Result<(), Error> {
        permit::write(scope)?;
        match self.store.registry_delete(scope, id.clone(), self.now()).await {
            Err(store::Error::Conflict(Constraint::InUse)) => {
                let rows = self.store.application_list(scope).await?;
                let uses = |source: &Source| matches!(source, Source::Image { credential: Some(credential), .. } if *credential == id);
                let details = clashes(rows.iter().filter(|row| uses(&row.application.settings.source)));
                Err(Error::Conflict { why: "applications still use this credential: give them another first".into(), details })
            }
            other => Ok(other?),
        }
    }
}
