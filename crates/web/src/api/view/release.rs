//! Releases, as rollbacks name them.

use crate::api::body::body;
use ops::ReleaseItem;
use serde::Serialize;
use utoipa::ToSchema;

/// Releases that can be gone back to.
#[derive(Serialize, ToSchema)]
pub(crate) struct RollbackImages {
    /// The tag of the live release.
    current: Option<String>,
    /// The releases whose images are kept, newest first.
    images: Vec<RollbackImage>,
}

/// A release whose image is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct RollbackImage {
    /// Its image.
    tag: String,
    /// Its number within the application.
    release: i64,
    /// The commit.
    commit: Option<String>,
    /// First line of the commit's message.
    commit_message: Option<String>,
    /// When it was made.
    created_at: String,
    /// Whether it is live.
    is_current: bool,
}

impl RollbackImages {
    /// Of an application's releases.
    pub(crate) fn new(releases: Vec<ReleaseItem>) -> Self {
        let image = |release: ReleaseItem| {
            Some(RollbackImage {
                tag: release.image?,
                release: release.number,
                commit: release.commit.map(Into::into),
                commit_message: release.commit_message,
                created_at: release.created.to_string(),
                is_current: release.live,
            })
        };
        let images: Vec<_> = releases.into_iter().filter_map(image).collect();
        Self { current: images.iter().find(|image| image.is_current).map(|image| image.tag.clone()), images }
    }
}

body! {
    /// The release to go back to, by one of its names.
    Rollback {
        /// Its number.
        release: Option<i64>,
        /// Its image, as `rollback-images` lists it.
        image_tag: Option<String>,
        /// Its commit, or its image as `rollback-images` lists it.
        commit: Option<String>,
    }
}

impl Rollback {
    /// The newest release that fits every name given, one that is not live where there is one: releases may share an image. None where no name is given.
    pub(crate) fn pick<'r>(&self, releases: &'r [ReleaseItem]) -> Option<&'r ReleaseItem> {
        let named = self.release.is_some() || self.image_tag.is_some() || self.commit.is_some();
        let fits = |release: &&ReleaseItem| {
            self.release.is_none_or(|number| release.number == number)
                && self.image_tag.as_ref().is_none_or(|tag| release.image.as_ref() == Some(tag))
                && self
                    .commit
                    .as_ref()
                    .is_none_or(|named| release.commit.as_ref().is_some_and(|known| known.as_str() == named) || release.image.as_ref() == Some(named))
        };
        let fitting = || releases.iter().filter(|_| named).filter(fits);
        fitting().find(|release| !release.live).or_else(|| fitting().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(number: i64, live: bool) -> ReleaseItem {
        let id = model::ReleaseId::from_chance([u8::try_from(number).unwrap_or_default(); 24]);
        let created = jiff::Timestamp::UNIX_EPOCH;
        ReleaseItem { id, number, commit: None, commit_message: None, image: Some("busybox".into()), created, live, can_roll_back: !live }
    }

    #[test]
    fn of_releases_that_share_an_image_one_that_is_not_live_is_meant() {
        let releases = [release(3, true), release(2, false), release(1, false)];
        let by_image = Rollback { release: None, image_tag: Some("busybox".into()), commit: None };
        assert_eq!(by_image.pick(&releases).map(|release| release.number), Some(2));
        let by_number = Rollback { release: Some(1), image_tag: Some("busybox".into()), commit: None };
        assert_eq!(by_number.pick(&releases).map(|release| release.number), Some(1));
        let as_coolify_names_it = Rollback { release: None, image_tag: None, commit: Some("busybox".into()) };
        assert_eq!(as_coolify_names_it.pick(&releases).map(|release| release.number), Some(2));
        assert!(Rollback { release: None, image_tag: None, commit: None }.pick(&releases).is_none());
    }
}
