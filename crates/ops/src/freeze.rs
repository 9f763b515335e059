//! Freezing: settings, variables with their references resolved, and mounts become a release's spec.

use crate::{Error, Ops, error::Faults, permit};
use model::{
    Application, ApplicationId, EnvName, Secret, Source, Spec, Variable,
    variable::{FrozenVariable, Shared, resolve},
};
use store::{ApplicationRow, Scope};

/// What Wharf gives every container, in the order people read it. A person's own variable of the same name takes its place.
fn given(row: &ApplicationRow, url: Option<String>) -> Vec<(&'static str, String)> {
    let Application { id, name, settings, .. } = &row.application;
    let mut given = vec![
        ("WHARF_APPLICATION_ID", id.to_string()),
        ("WHARF_APPLICATION_NAME", name.to_string()),
        ("WHARF_PROJECT", row.project_name.to_string()),
        ("WHARF_ENVIRONMENT", row.environment_name.to_string()),
    ];
    given.extend(url.map(|url| ("WHARF_URL", url)));
    given.extend(settings.domains.first().map(|domain| ("WHARF_FQDN", domain.host.to_string())));
    if let Source::Git(git) = &settings.source {
        given.push(("WHARF_BRANCH", git.reference.to_string()));
    }
    given.extend(settings.exposed_port.map(|port| ("PORT", port.to_string())));
    given.push(("HOST", "0.0.0.0".into()));
    given
}

fn frozen_given(row: &ApplicationRow, url: Option<String>, own: &[Variable]) -> Vec<FrozenVariable> {
    let frozen = |(name, value): (&str, String)| {
        let name: EnvName = name.parse().ok()?;
        Some(FrozenVariable { name, value: Secret::new(value), build_time: false, run_time: true, given: true })
    };
    let taken = |name: &str| own.iter().any(|variable| variable.run_time && variable.name.as_str() == name);
    given(row, url).into_iter().filter(|(name, _)| !taken(name)).filter_map(frozen).collect()
}

fn frozen_own(own: Vec<Variable>, shared: &Shared, faults: &mut Faults) -> Vec<FrozenVariable> {
    let mut frozen = Vec::new();
    for Variable { name, value, build_time, run_time, literal, .. } in own {
        let value = if literal { Some(value) } else { faults.keep(format!("variables.{name}"), resolve(&value, shared)) };
        frozen.extend(value.map(|value| FrozenVariable { name, value, build_time, run_time, given: false }));
    }
    frozen
}

impl Ops {
    /// The variables Wharf gives an application's containers.
    pub async fn variables_given(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<(EnvName, String)>, Error> {
        permit::read(scope)?;
        let row = self.store.application_fetch(scope, application).await?;
        let url = self.urls(&row.application).into_iter().next();
        Ok(frozen_given(&row, url, &[]).into_iter().map(|variable| (variable.name, variable.value.expose().to_owned())).collect())
    }

    /// What a release made now would freeze.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `variables.<name>` for each reference to a shared variable that is not there.
    pub(crate) async fn freeze(&self, scope: &Scope, row: &ApplicationRow) -> Result<Spec, Error> {
        let id = row.application.id.clone();
        let own = self.store.variable_list(scope, id.clone()).await?;
        let shared = self.store.shared_for(scope, id.clone()).await?;
        let mut variables = frozen_given(row, self.urls(&row.application).into_iter().next(), &own);
        let mut faults = Faults::default();
        variables.extend(frozen_own(own, &shared, &mut faults));
        faults.done()?;
        let mounts = self.store.mount_list(scope, id).await?;
        Ok(Spec { slug: row.application.slug.clone(), settings: row.application.settings.clone(), variables, mounts })
    }
}
