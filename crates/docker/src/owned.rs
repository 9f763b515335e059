//! Everything on an engine that is ours: what a check for orphans compares, and what a removal of Wharf removes.

use crate::{Engine, Error, Result, engine::absent_is_none, image::application_of, labels, observe::sorted};
use bollard::query_parameters::{ListContainersOptions, ListImagesOptions, RemoveImageOptions};
use model::ApplicationId;
use std::collections::BTreeSet;

/// Names of everything this instance made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    /// Containers, the edge's too.
    pub containers: Vec<String>,
    /// Networks.
    pub networks: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// Images: tags with our label, ids where no tag is left, and our tags of pulled images whose application has a container or a volume.
    pub images: Vec<String>,
}

impl Owned {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.containers.is_empty() && self.networks.is_empty() && self.volumes.is_empty() && self.images.is_empty()
    }
}

impl Engine {
    /// Everything this instance made that is still there.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn owned(&self) -> Result<Owned> {
        let (containers, applications) = self.owned_containers().await?;
        let (networks, volumes, images) = tokio::try_join!(self.network_list(), self.volume_list(None), self.owned_images(&applications))?;
        Ok(Owned { containers, networks, volumes, images })
    }

    /// Removes everything this instance made, volumes and what is in them included.
    ///
    /// # Errors
    /// The first thing that could not be removed.
    pub async fn remove_owned(&self) -> Result<()> {
        let owned = self.owned().await?;
        for name in &owned.containers {
            self.container_remove(name, 0).await?;
        }
        for name in &owned.networks {
            self.network_remove(name).await?;
        }
        for name in &owned.volumes {
            self.volume_remove(name).await?;
        }
        for name in &owned.images {
            match absent_is_none(self.docker.remove_image(name, None::<RemoveImageOptions>, None).await) {
                // Another image is made of it, or somebody else's container runs it.
                Ok(_) | Err(Error::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn owned_containers(&self) -> Result<(Vec<String>, BTreeSet<ApplicationId>)> {
        let filters = Some(labels::filter(&self.instance, None));
        let found = self.docker.list_containers(Some(ListContainersOptions { all: true, filters, ..Default::default() })).await?;
        let ours = || found.iter().filter(|found| labels::ours(found.labels.as_ref(), &self.instance));
        let names = ours().filter_map(|found| Some(found.names.as_ref()?.first()?.trim_start_matches('/').to_owned()));
        let applications = ours().filter_map(|found| found.labels.as_ref()?.get(labels::RESOURCE)?.parse().ok()).collect();
        Ok((sorted(names), applications))
    }

    async fn owned_images(&self, applications: &BTreeSet<ApplicationId>) -> Result<Vec<String>> {
        let found = self.docker.list_images(Some(ListImagesOptions::default())).await?;
        let mut names = BTreeSet::new();
        for image in found {
            if labels::ours(Some(&image.labels), &self.instance) {
                let untagged = image.repo_tags.is_empty();
                names.extend(image.repo_tags);
                names.extend(untagged.then_some(image.id));
            } else if !image.labels.contains_key(labels::INSTANCE) {
                names.extend(image.repo_tags.into_iter().filter(|tag| application_of(tag).is_some_and(|application| applications.contains(&application))));
            }
        }
        Ok(names.into_iter().collect())
    }
}
