//! Names that plans give to things on an engine. Each is derived, so that making a thing twice makes it once.

use model::{ApplicationId, DeploymentId, Slug, mount::VolumeName};

/// The name of a container that serves; replicas count from 1.
pub fn container_name(slug: &Slug, deployment: &DeploymentId, replica: u16) -> String {
    format!("{slug}-{}-{replica}", deployment.short())
}

/// The name of the container that runs the pre-deployment command.
pub fn hook_name(slug: &Slug, deployment: &DeploymentId) -> String {
    format!("{slug}-{}-before", deployment.short())
}

/// The engine's name of an application's volume. It carries the id, not the slug: a volume outlives its application's renaming.
pub fn volume_name(application: &ApplicationId, name: &VolumeName) -> String {
    format!("wharf-{application}-{name}")
}
