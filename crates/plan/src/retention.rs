//! Which releases keep their images for rollback, and which images go.

use model::ReleaseId;

/// A release that has an image, as retention sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltRelease {
    /// The release.
    pub id: ReleaseId,
    /// Our tag of its image.
    pub image: String,
}

/// What stays and what goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Releases that can be rolled back to, newest first.
    pub releases: Vec<ReleaseId>,
    /// Tags of images that no kept release needs.
    pub removed_tags: Vec<String>,
}

/// However few are wanted: the one that serves and the one to go back to. A restart knows no other release than the live one, and must not take the one before it.
const LEAST_KEPT: u16 = 2;

/// Keeps the newest `keep_releases` releases, two at least, and, whatever their age, those in `never_removed` (the live one and the one before it). Releases are
/// given newest first; a tag that a kept release shares stays.
pub fn keep(newest_first: &[BuiltRelease], never_removed: &[&ReleaseId], keep_releases: u16) -> Kept {
    let mut kept = Kept::default();
    let mut kept_tags = Vec::new();
    let mut dropped = Vec::new();
    let keep_releases = usize::from(keep_releases.max(LEAST_KEPT));
    for (age, release) in newest_first.iter().enumerate() {
        if age < keep_releases || never_removed.contains(&&release.id) {
            kept.releases.push(release.id.clone());
            kept_tags.push(release.image.as_str());
        } else {
            dropped.push(release.image.as_str());
        }
    }
    dropped.retain(|tag| !kept_tags.contains(tag));
    dropped.sort_unstable();
    dropped.dedup();
    kept.removed_tags = dropped.into_iter().map(str::to_owned).collect();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(seed: u8, image: &str) -> BuiltRelease {
        BuiltRelease { id: ReleaseId::from_chance([seed; 24]), image: image.into() }
    }

    #[test]
    fn the_newest_stay_and_the_live_one_however_old() {
        let releases = [release(5, "e"), release(4, "d"), release(3, "c"), release(2, "b"), release(1, "a")];
        let kept = keep(&releases, &[&releases[4].id], 2);
        assert_eq!(kept.releases, [&releases[0], &releases[1], &releases[4]].map(|release| release.id.clone()));
        assert_eq!(kept.removed_tags, ["b", "c"]);
    }

    #[test]
    fn the_release_to_go_back_to_stays_whatever_is_wanted_and_known() {
        let releases = [release(3, "live"), release(2, "before"), release(1, "old")];
        assert_eq!(keep(&releases, &[&releases[0].id], 1).removed_tags, ["old"]);
    }

    #[test]
    fn an_image_that_a_kept_release_shares_stays() {
        let releases = [release(3, "same"), release(2, "same"), release(1, "other")];
        assert_eq!(keep(&releases, &[], 1).removed_tags, ["other"]);
    }
}
