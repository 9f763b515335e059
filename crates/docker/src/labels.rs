//! The label schema: what is ours, and what it is.

use model::{ApplicationId, DeploymentId, EnvironmentId, InstanceId, ProjectId, ReleaseId, TeamId, observed::ContainerKind};
use std::collections::HashMap;

/// The instance that made it; on everything.
pub(crate) const INSTANCE: &str = "wharf.instance";
/// The application it belongs to; on containers, volumes and images.
pub(crate) const RESOURCE: &str = "wharf.resource";
/// What it is for: `serve`, `hook` or `edge`.
pub(crate) const KIND: &str = "wharf.kind";
const TEAM: &str = "wharf.team";
const PROJECT: &str = "wharf.project";
const ENVIRONMENT: &str = "wharf.environment";
const RELEASE: &str = "wharf.release";
const DEPLOYMENT: &str = "wharf.deployment";
const REPLICA: &str = "wharf.replica";
const CONFIGURATION: &str = "wharf.configuration";

/// Labels as the engine holds them.
pub(crate) type LabelMap = HashMap<String, String>;

/// What the labels of an application's container say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Whose it is.
    pub team: TeamId,
    /// The application's project.
    pub project: ProjectId,
    /// The application's environment.
    pub environment: EnvironmentId,
    /// The application.
    pub application: ApplicationId,
    /// What it is for.
    pub kind: ContainerKind,
    /// The release it runs.
    pub release: ReleaseId,
    /// The deployment that makes it.
    pub deployment: DeploymentId,
    /// Its number among the release's containers, from 1.
    pub replica: u16,
    /// Digest of the configuration it is made from.
    pub configuration: String,
}

impl Labels {
    pub(crate) fn to_map(&self, instance: &InstanceId) -> LabelMap {
        let kind = match self.kind {
            ContainerKind::Serve => "serve",
            ContainerKind::Hook => "hook",
        };
        [
            (INSTANCE, instance.to_string()),
            (TEAM, self.team.to_string()),
            (PROJECT, self.project.to_string()),
            (ENVIRONMENT, self.environment.to_string()),
            (RESOURCE, self.application.to_string()),
            (KIND, kind.to_owned()),
            (RELEASE, self.release.to_string()),
            (DEPLOYMENT, self.deployment.to_string()),
            (REPLICA, self.replica.to_string()),
            (CONFIGURATION, self.configuration.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// What a container's labels say; nothing when they are not those of an application's container.
    pub(crate) fn from_map(map: &LabelMap) -> Option<Self> {
        let text = |name: &str| map.get(name).map(String::as_str);
        let kind = match text(KIND)? {
            "serve" => ContainerKind::Serve,
            "hook" => ContainerKind::Hook,
            _ => return None,
        };
        Some(Self {
            team: text(TEAM)?.parse().ok()?,
            project: text(PROJECT)?.parse().ok()?,
            environment: text(ENVIRONMENT)?.parse().ok()?,
            application: text(RESOURCE)?.parse().ok()?,
            kind,
            release: text(RELEASE)?.parse().ok()?,
            deployment: text(DEPLOYMENT)?.parse().ok()?,
            replica: text(REPLICA)?.parse().ok()?,
            configuration: text(CONFIGURATION)?.to_owned(),
        })
    }
}

/// Labels of a thing that belongs to an application but is no container of it.
pub(crate) fn of_application(instance: &InstanceId, application: &ApplicationId) -> LabelMap {
    [(INSTANCE.to_owned(), instance.to_string()), (RESOURCE.to_owned(), application.to_string())].into()
}

/// Labels of a thing that belongs to the instance alone.
pub(crate) fn of_instance(instance: &InstanceId) -> LabelMap {
    [(INSTANCE.to_owned(), instance.to_string())].into()
}

/// Whether this instance made it.
pub(crate) fn ours(map: Option<&LabelMap>, instance: &InstanceId) -> bool {
    map.and_then(|map| map.get(INSTANCE)).is_some_and(|value| value == instance.as_str())
}

/// A filter for lists: what this instance made and, where one is given, what belongs to this application.
pub(crate) fn filter(instance: &InstanceId, application: Option<&ApplicationId>) -> HashMap<String, Vec<String>> {
    let mut labels = vec![format!("{INSTANCE}={instance}")];
    labels.extend(application.map(|application| format!("{RESOURCE}={application}")));
    [("label".to_owned(), labels)].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(first: u8) -> [u8; 24] {
        [first; 24]
    }

    #[test]
    fn labels_survive_the_engine_and_name_their_instance() {
        let instance = InstanceId::from_chance(id(1));
        let labels = Labels {
            team: TeamId::from_chance(id(2)),
            project: ProjectId::from_chance(id(3)),
            environment: EnvironmentId::from_chance(id(4)),
            application: ApplicationId::from_chance(id(5)),
            kind: ContainerKind::Hook,
            release: ReleaseId::from_chance(id(6)),
            deployment: DeploymentId::from_chance(id(7)),
            replica: 3,
            configuration: "abc".into(),
        };
        let map = labels.to_map(&instance);
        assert_eq!(Labels::from_map(&map), Some(labels));
        assert!(ours(Some(&map), &instance) && !ours(Some(&map), &InstanceId::from_chance(id(9))) && !ours(None, &instance));
    }
}
