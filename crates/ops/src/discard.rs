//! Back to what is live: saved changes that no release has are given up.

use crate::{Error, Ops, error::Faults, permit};
use model::{
    ApplicationId, Role, Secret, Spec, Variable, VariableId,
    mount::{Mount, MountKind},
    variable::{FrozenVariable, Shared, resolve},
};
use store::{ApplicationRow, Scope};

impl Ops {
    /// Sets an application up as the release that is live was: settings, variables and mounts. What runs is not touched. A variable whose value comes from a
    /// shared one keeps its reference, as the release knows the value alone; name and description are no part of a release and stay.
    ///
    /// # Errors
    /// [`Error::Conflict`] where nothing is live, or another application has a domain of it by now; [`Error::Forbidden`] where a host path would come or go
    /// and the caller is no owner.
    pub async fn application_discard(&self, scope: &Scope, id: ApplicationId) -> Result<(), Error> {
        permit::write(scope)?;
        let row = self.store.application_fetch(scope, id.clone()).await?;
        let live = row.application.live_release.clone().ok_or_else(|| Error::conflict("nothing is live yet, so there is nothing to go back to"))?;
        let spec = self.release_of(scope, &row.application, live).await?.spec;
        let mounts = self.store.mount_list(scope, id.clone()).await?;
        if host_paths(&mounts) != host_paths(&spec.mounts) {
            permit::role(scope, Role::Owner)?;
        }
        let mut faults = Faults::default();
        self.settings_checked(scope, Some(&id), &row.server, &spec.settings, false, &mut faults).await?;
        faults.done()?;
        self.discard(scope, row, spec, mounts).await
    }

    async fn discard(&self, scope: &Scope, row: ApplicationRow, spec: Spec, mounts: Vec<Mount>) -> Result<(), Error> {
        let (id, now) = (row.application.id.clone(), self.now());
        self.store.application_update(scope, id.clone(), row.application.name, row.application.description, spec.settings, now).await?;
        let own = self.store.variable_list(scope, id.clone()).await?;
        let shared = self.store.shared_for(scope, id.clone()).await?;
        let variables = variables_back(own, spec.variables, &shared, || self.id(VariableId::from_chance));
        self.store.variable_replace_all(scope, id.clone(), variables, now).await?;
        for gone in mounts.iter().filter(|mount| !spec.mounts.contains(mount)) {
            self.store.mount_delete(scope, id.clone(), gone.id.clone(), now).await?;
        }
        for back in spec.mounts.into_iter().filter(|mount| !mounts.contains(mount)) {
            self.store.mount_put(scope, id.clone(), back, now).await?;
        }
        Ok(())
    }
}

fn host_paths(mounts: &[Mount]) -> Vec<&Mount> {
    mounts.iter().filter(|mount| matches!(mount.what, MountKind::Host { .. })).collect()
}

/// The variables of a release as a person's own. What is unchanged, or refers to a shared one, stays as it was written.
fn variables_back(own: Vec<Variable>, frozen: Vec<FrozenVariable>, shared: &Shared, fresh: impl Fn() -> VariableId) -> Vec<Variable> {
    let back = |frozen: FrozenVariable| match own.iter().find(|variable| variable.name == frozen.name) {
        Some(known) => restored(known.clone(), frozen, shared),
        None => new(frozen, fresh()),
    };
    frozen.into_iter().filter(|variable| !variable.given).map(back).collect()
}

fn restored(known: Variable, frozen: FrozenVariable, shared: &Shared) -> Variable {
    let resolved = if known.literal { Ok(known.value.clone()) } else { resolve(&known.value, shared) };
    let refers = resolved.as_ref().map_or(true, |resolved| resolved.expose() != known.value.expose());
    let FrozenVariable { build_time, run_time, value, .. } = frozen;
    if refers || known.value == value {
        return Variable { build_time, run_time, ..known };
    }
    Variable { build_time, run_time, literal: known.literal || has_braces(&value), multiline: lines(&value), value, ..known }
}

/// A variable that was removed since: hidden, as nothing says whether it was.
fn new(frozen: FrozenVariable, id: VariableId) -> Variable {
    let FrozenVariable { name, value, build_time, run_time, .. } = frozen;
    Variable { id, name, build_time, run_time, literal: has_braces(&value), multiline: lines(&value), value, hidden: true, comment: String::new() }
}

/// Braces of a value that is resolved already are no reference.
fn has_braces(value: &Secret) -> bool {
    value.expose().contains("{{")
}

fn lines(value: &Secret) -> bool {
    value.expose().contains('\n')
}
