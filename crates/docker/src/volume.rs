//! Volumes, which outlive containers.

use crate::{
    Engine, Error, Result,
    engine::{absent_is_none, checked_name},
    labels,
};
use bollard::{models::VolumeCreateRequest, query_parameters::RemoveVolumeOptions};
use model::ApplicationId;

impl Engine {
    /// Makes a volume of this name for an application, unless it is there.
    ///
    /// # Errors
    /// [`Error::NotOurs`] when a volume of this name is somebody else's, another application's too.
    pub async fn volume_ensure(&self, name: &str, application: &ApplicationId) -> Result<()> {
        let labels = labels::of_application(&self.instance, application);
        let request = VolumeCreateRequest { name: Some(checked_name(name)?.to_owned()), labels: Some(labels.clone()), ..Default::default() };
        // One that is there is answered as it is, with the labels it has.
        let volume = self.docker.create_volume(request).await?;
        if labels::ours(Some(&volume.labels), &self.instance) && volume.labels.get(labels::RESOURCE) == labels.get(labels::RESOURCE) {
            Ok(())
        } else {
            Err(Error::NotOurs { what: format!("the volume {name}") })
        }
    }

    /// Removes a volume and what is in it; one that is absent is fine.
    ///
    /// # Errors
    /// [`Error::NotOurs`]; [`Error::Conflict`] while a container has it.
    pub async fn volume_remove(&self, name: &str) -> Result<()> {
        let Some(volume) = absent_is_none(self.docker.inspect_volume(checked_name(name)?).await)? else { return Ok(()) };
        if !labels::ours(Some(&volume.labels), &self.instance) {
            return Err(Error::NotOurs { what: format!("the volume {name}") });
        }
        absent_is_none(self.docker.remove_volume(name, None::<RemoveVolumeOptions>).await).map(drop)
    }
}
