//! Applications: made, changed, moved, cloned and deleted.

pub mod form;
mod parse;
pub mod show;
mod units;

use crate::{Error, Ops, deployment::Queued, error::Faults, permit, project::description, secret};
use form::{ApplicationPatch, NewApplicationForm};
use model::{
    Application, ApplicationId, Cause, DestinationId, Domain, EnvironmentId, Name, Operation, Plan, PortMapping, Role, Settings, Slug, Source,
    deployment::CauseKind, mount::MountKind, variable::Variable,
};
use store::{ApplicationRow, Constraint, HookSecrets, NewApplication, NewDeployment, Scope};

/// How an application is deleted.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct DeleteRequest {
    /// Whether its volumes go too, with what is in them.
    pub with_volumes: bool,
    /// The application's name, typed by a person who means it. None over the API, where the call itself is the word.
    pub typed_name: Option<String>,
}

impl Ops {
    /// The team's applications, of one environment or of all.
    pub async fn application_rows(&self, scope: &Scope, environment: Option<EnvironmentId>) -> Result<Vec<ApplicationRow>, Error> {
        permit::read(scope)?;
        Ok(match environment {
            Some(environment) => {
                self.store.environment_fetch(scope, environment.clone()).await?;
                self.store.application_list_in(scope, environment).await?
            }
            None => self.store.application_list(scope).await?,
        })
    }

    /// An application of the team.
    pub async fn application_fetch(&self, scope: &Scope, id: ApplicationId) -> Result<ApplicationRow, Error> {
        permit::read(scope)?;
        Ok(self.store.application_fetch(scope, id).await?)
    }

    /// Makes an application from what was typed.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Conflict`] where a domain is taken; [`Error::NotFound`] where environment or destination is not the
    /// team's.
    pub async fn application_create(&self, scope: &Scope, form: NewApplicationForm) -> Result<Application, Error> {
        permit::write(scope)?;
        self.store.environment_fetch(scope, form.environment.clone()).await?;
        let destination = self.store.destination_fetch(scope, form.destination.clone()).await?;
        let mut faults = Faults::default();
        let (mut hooks, deploy_hook_hash) = self.hooks_fresh();
        if !form.hooks.is_empty() {
            permit::deploy(scope)?;
        }
        for (forge, secret) in form.hooks {
            if let Err(Error::Invalid { fields }) = hook_put(&mut hooks, forge, &secret) {
                fields.into_iter().for_each(|(_, why)| faults.add(format!("manual_webhook_secret_{forge}"), why));
            }
        }
        let mut typed = form.settings.clone();
        Box::pin(self.branch_default(scope, &mut typed, &mut faults)).await?;
        let settings = parse::settings(None, &typed, &mut faults);
        let name = match typed.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => faults.parse::<Name>("name", name),
            None => settings.as_ref().and_then(|settings| faults.parse("name", &name_of(&settings.source))),
        };
        let description = description(&mut faults, typed.description.as_deref().unwrap_or_default());
        if let Some(settings) = &settings {
            self.settings_checked(scope, None, &destination.server, settings, form.look, &mut faults).await?;
        }
        let (name, settings) = faults.give(name.zip(settings))?;
        let id = self.id(ApplicationId::from_chance);
        let slug = Slug::nearest(name.as_str());
        let generates = form.generate_domain && settings.domains.is_empty();
        let new = NewApplication {
            id: id.clone(),
            environment: form.environment,
            destination: destination.id,
            name,
            slug,
            description,
            settings,
            hooks,
            deploy_hook_hash,
        };
        if generates {
            let wildcard = self.store.server_fetch(scope, destination.server).await?.wildcard;
            self.application_insert_with_domain(scope, new, &wildcard).await?;
        } else {
            self.store.application_create(scope, new, self.now()).await?;
        }
        Ok(self.store.application_fetch(scope, id).await?.application)
    }

    /// Inserts an application under `<slug>.<wildcard>`; where that is taken, part of the id makes it free.
    async fn application_insert_with_domain(&self, scope: &Scope, mut new: NewApplication, wildcard: &model::Host) -> Result<(), Error> {
        let wildcard = wildcard.as_str().trim_start_matches("*.");
        let domain = |label: &str| format!("{label}.{wildcard}").parse::<Domain>().map_err(|why| Error::invalid("domains", why.0));
        new.settings.domains = vec![domain(new.slug.as_str())?];
        match self.store.application_create(scope, new.clone(), self.now()).await {
            Err(store::Error::Conflict(Constraint::Domains(_))) => {
                new.settings.domains = vec![domain(&format!("{}-{}", new.slug, new.id.short()))?];
                self.store.application_create(scope, new, self.now()).await?;
            }
            other => drop(other?),
        }
        Ok(())
    }

    /// Changes an application by what was typed. The change is live after a deployment. With `look`, another repository or branch is looked at first.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field; [`Error::Conflict`] where a domain is taken.
    pub async fn application_update(&self, scope: &Scope, id: ApplicationId, patch: ApplicationPatch, look: bool) -> Result<Application, Error> {
        permit::write(scope)?;
        let row = self.store.application_fetch(scope, id.clone()).await?;
        let known = &row.application;
        let mut faults = Faults::default();
        let settings = parse::settings(Some(&known.settings), &patch, &mut faults);
        let name = patch.name.as_deref().map_or(Some(known.name.clone()), |text| faults.parse("name", text));
        let description = patch.description.as_deref().map_or(known.description.clone(), |text| description(&mut faults, text));
        if let Some(settings) = &settings {
            let look = look && settings.source != known.settings.source;
            self.settings_checked(scope, Some(&id), &row.server, settings, look, &mut faults).await?;
        }
        let (name, settings) = faults.give(name.zip(settings))?;
        self.store.application_update(scope, id.clone(), name, description, settings, self.now()).await?;
        Ok(self.store.application_fetch(scope, id).await?.application)
    }

    /// What only the store and the world know of settings: keys, credentials, ports and policy.
    pub(crate) async fn settings_checked(
        &self,
        scope: &Scope,
        own: Option<&ApplicationId>,
        server: &model::ServerId,
        settings: &Settings,
        look: bool,
        faults: &mut Faults,
    ) -> Result<(), Error> {
        match &settings.source {
            Source::Git(git) => {
                self.policy_checked(&git.url, faults);
                if let Some(key) = &git.key
                    && self.store.key_fetch(scope, key.clone()).await.is_err()
                {
                    faults.add("private_key_uuid", "there is no such key in the team");
                }
            }
            Source::Image { credential: Some(credential), .. } => {
                let known = self.store.registry_list(scope).await?;
                if !known.iter().any(|row| row.id == *credential) {
                    faults.add("registry_uuid", "there is no such credential in the team");
                }
            }
            Source::Image { .. } | Source::Dockerfile { .. } => {}
        }
        if look && faults.is_empty() {
            Box::pin(self.source_checked(scope, settings, faults)).await?;
        }
        if !settings.port_mappings.is_empty() {
            let others = self.store.application_list(scope).await?;
            for other in others.iter().filter(|row| row.server == *server && Some(&row.application.id) != own) {
                ports_clash(settings, &other.application, faults);
            }
        }
        Ok(())
    }

    /// Moves an application to another environment of the team.
    pub async fn application_move(&self, scope: &Scope, id: ApplicationId, environment: EnvironmentId) -> Result<(), Error> {
        permit::write(scope)?;
        self.store.application_fetch(scope, id.clone()).await?;
        self.store.environment_fetch(scope, environment.clone()).await?;
        Ok(self.store.application_move(scope, id, environment, self.now()).await?)
    }

    /// Copies an application's settings and storage, without its domains and host ports, which belong to one; with its variables where asked for. What is
    /// in volumes is not copied.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where it mounts a host path and the caller is no owner.
    pub async fn application_clone(&self, scope: &Scope, id: ApplicationId, request: CloneRequest) -> Result<Application, Error> {
        permit::write(scope)?;
        let original = self.store.application_fetch(scope, id.clone()).await?.application;
        let name: Name = request.name.parse().map_err(|why: model::Invalid| Error::invalid("name", why.0))?;
        let mounts = self.store.mount_list(scope, id.clone()).await?;
        if mounts.iter().any(|mount| matches!(mount.what, MountKind::Host { .. })) {
            permit::role(scope, Role::Owner)?;
        }
        let destination = self.store.destination_fetch(scope, request.destination.unwrap_or(original.destination)).await?;
        let copy = self.id(ApplicationId::from_chance);
        let (hooks, deploy_hook_hash) = self.hooks_fresh();
        let new = NewApplication {
            id: copy.clone(),
            environment: request.environment,
            destination: destination.id,
            slug: Slug::nearest(name.as_str()),
            name,
            description: original.description,
            settings: Settings { domains: Vec::new(), port_mappings: Vec::new(), ..original.settings },
            hooks,
            deploy_hook_hash,
        };
        let wildcard = self.store.server_fetch(scope, destination.server).await?.wildcard;
        self.application_insert_with_domain(scope, new, &wildcard).await?;
        for mount in mounts {
            let mount = model::mount::Mount { id: self.id(model::StorageId::from_chance), ..mount };
            self.store.mount_put(scope, copy.clone(), mount, self.now()).await?;
        }
        if request.with_variables {
            let fresh = |variable: Variable| Variable { id: self.id(model::VariableId::from_chance), ..variable };
            let variables = self.store.variable_list(scope, id).await?.into_iter().map(fresh).collect();
            self.store.variable_put(scope, copy.clone(), variables, self.now()).await?;
        }
        Ok(self.store.application_fetch(scope, copy).await?.application)
    }

    /// What deleting an application would do.
    ///
    /// # Errors
    /// [`Error::Unavailable`] while the engine is out of reach.
    pub async fn application_delete_preview(&self, scope: &Scope, id: ApplicationId, with_volumes: bool) -> Result<Plan, Error> {
        permit::read(scope)?;
        let application = self.store.application_fetch(scope, id).await?.application;
        self.plan_preview(&application, Operation::Delete, None, with_volumes).await
    }

    /// Queues the removal of an application and all that is its own.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `typed_name` where it is not the name; [`Error::Conflict`] where it is being deleted already.
    pub async fn application_delete(&self, scope: &Scope, id: ApplicationId, request: DeleteRequest) -> Result<Queued, Error> {
        permit::write(scope)?;
        let application = self.store.application_fetch(scope, id.clone()).await?.application;
        if request.typed_name.is_some_and(|typed| typed.trim() != application.name.as_str()) {
            return Err(Error::invalid("typed_name", format!("type {} to delete it", application.name)));
        }
        let new = NewDeployment {
            id: self.id(model::DeploymentId::from_chance),
            application: id,
            operation: Operation::Delete,
            fresh_release: None,
            release: None,
            force: false,
            with_volumes: request.with_volumes,
            cause: cause(scope),
            supersedes: false,
        };
        self.deployment_queue(scope, new).await
    }

    /// The secrets of an application's hooks.
    pub async fn hooks_show(&self, scope: &Scope, id: ApplicationId) -> Result<HookSecrets, Error> {
        permit::secrets(scope)?;
        Ok(self.store.application_hooks(scope, id).await?)
    }

    /// Sets the secret of one forge's webhook: `github`, `gitlab`, `gitea` or `bitbucket`; an empty one refuses that forge. `deploy` renews the deploy hook.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `secret` for one that is too short, at `forge` for another word.
    pub async fn hook_set(&self, scope: &Scope, id: ApplicationId, forge: &str, secret: model::Secret) -> Result<(), Error> {
        permit::write(scope)?;
        // Who knows the secret can deploy by it.
        permit::deploy(scope)?;
        let mut hooks = self.store.application_hooks(scope, id.clone()).await?;
        if forge == "deploy" {
            hooks.deploy = secret::fresh(&self.dice);
        } else {
            hook_put(&mut hooks, forge, &secret)?;
        }
        let hash = secret::hash(hooks.deploy.expose());
        Ok(self.store.application_hooks_set(scope, id, hooks, hash, self.now()).await?)
    }

    fn hooks_fresh(&self) -> (HookSecrets, Vec<u8>) {
        let deploy = secret::fresh(&self.dice);
        let hash = secret::hash(deploy.expose());
        let webhook = || Some(secret::fresh(&self.dice));
        (HookSecrets { deploy, github: webhook(), gitlab: webhook(), gitea: webhook(), bitbucket: webhook() }, hash)
    }
}

/// Sets the secret of one forge's webhook; an empty one refuses that forge.
fn hook_put(hooks: &mut HookSecrets, forge: &str, secret: &model::Secret) -> Result<(), Error> {
    let text = secret.expose().trim();
    if !text.is_empty() && text.chars().count() < HOOK_SECRET_LENGTH_CHARACTERS {
        return Err(Error::invalid("secret", format!("a webhook's secret has at least {HOOK_SECRET_LENGTH_CHARACTERS} characters")));
    }
    let place = match forge {
        "github" => &mut hooks.github,
        "gitlab" => &mut hooks.gitlab,
        "gitea" => &mut hooks.gitea,
        "bitbucket" => &mut hooks.bitbucket,
        _ => return Err(Error::invalid("forge", "a hook is github, gitlab, gitea, bitbucket or deploy")),
    };
    *place = (!text.is_empty()).then(|| model::Secret::new(text));
    Ok(())
}

/// Shortest secret of a webhook, in characters.
const HOOK_SECRET_LENGTH_CHARACTERS: usize = 8;

/// How an application is cloned.
#[derive(Debug, Clone)]
pub struct CloneRequest {
    /// The copy's name.
    pub name: String,
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// Where it runs; where the original does when absent.
    pub destination: Option<DestinationId>,
    /// Whether variables are copied.
    pub with_variables: bool,
}

/// Why a person's or a token's act happens.
pub(crate) fn cause(scope: &Scope) -> Cause {
    let by = match scope.actor() {
        store::Actor::Person { .. } => CauseKind::Dashboard,
        store::Actor::Token { .. } => CauseKind::Api,
        store::Actor::Wharf => CauseKind::Wharf,
    };
    Cause { by, actor: scope.actor_name().to_owned() }
}

/// A name for what nobody named: the repository's or the image's last part.
fn name_of(source: &Source) -> String {
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    match source {
        Source::Git(git) => last(&git.url.repository()),
        Source::Image { reference, .. } => last(reference.repository()),
        Source::Dockerfile { .. } => "dockerfile".to_owned(),
    }
}

fn ports_clash(settings: &Settings, other: &Application, faults: &mut Faults) {
    let clash = |one: &PortMapping, two: &PortMapping| {
        let wide = |mapping: &PortMapping| mapping.address.is_none_or(|address| address.is_unspecified());
        one.host == two.host && one.transport == two.transport && (wide(one) || wide(two) || one.address == two.address)
    };
    for mapping in &settings.port_mappings {
        if other.settings.port_mappings.iter().any(|taken| clash(mapping, taken)) {
            faults.add("ports_mappings", format!("port {} is published by {} already: choose another host port", mapping.host, other.name));
        }
    }
}
