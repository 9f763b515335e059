//! Histories that between them meet every kind of step, and what must be so at each end.

use crate::world::{World, chance, commit, page, repository, until, web};
use engine::{Hold, Moment};
use model::{
    ApplicationId, BuildPack, DeploymentId, DeploymentStatus, DockerfilePack, GitSource, GitUrl, RelativePath, Settings, Source, Step, StorageId,
    mount::{Mount, MountKind},
};
use std::path::PathBuf;
use store::DeploymentRow;

/// What happens to an application, so that a step is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// A redeploy out of a repository, with commands before and after, a volume and images that are no longer kept.
    Built,
    /// A redeploy from a registry, in which two copies cannot run at once.
    Held,
    /// The same when it fails and is undone.
    Undone,
    /// A redeploy from a registry.
    Pulled,
    /// A delete.
    Deleted,
}

/// The history in which a step is held to the laws. A new step does not compile without one.
pub fn met(step: &Step) -> History {
    match step {
        Step::FetchSource { .. }
        | Step::BuildImage { .. }
        | Step::EnsureNetwork { .. }
        | Step::EnsureVolume { .. }
        | Step::RunBefore { .. }
        | Step::StartContainer { .. }
        | Step::AwaitHealthy { .. }
        | Step::SwitchRoutes { .. }
        | Step::Drain { .. }
        | Step::RemoveContainer { .. }
        | Step::RunAfter { .. }
        | Step::RemoveImages { .. } => History::Built,
        Step::HoldRequests | Step::StopContainer { .. } => History::Held,
        Step::StartAgain { .. } => History::Undone,
        Step::PullImage { .. } => History::Pulled,
        Step::RemoveVolume { .. } | Step::Forget => History::Deleted,
    }
}

/// A kind of step that a history meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub kind: &'static str,
    /// Whether it comes before the point of no return.
    pub before: bool,
}

/// What belongs to us on the container engine, images apart: what was built is kept for the next attempt.
pub type Left = [Vec<String>; 3];

/// An application of one history, live in its first version.
pub struct Law {
    pub world: World,
    pub id: ApplicationId,
    history: History,
    repository: Option<(PathBuf, GitUrl)>,
    /// The version that visitors see.
    live: usize,
    /// The version that a deployment would bring.
    next: usize,
}

fn text(version: usize) -> String {
    format!("version {version}.")
}

impl Law {
    pub async fn new(history: History) -> Option<Self> {
        Some(Self::on(World::new().await?, history).await)
    }

    pub async fn on(world: World, history: History) -> Self {
        let repository = match history {
            History::Built => {
                let files = [("Dockerfile", "FROM busybox:latest\nCOPY page /www/index.html\n"), ("page", &text(0))];
                Some((world.folder.path().join("repository"), repository(world.folder.path(), &files).await))
            }
            _ => None,
        };
        let id = world.application("web", web("web.localhost")).await;
        let law = Self { world, id, history, repository, live: 0, next: 0 };
        let deployment = law.again().await;
        law.world.finished(&deployment).await;
        law
    }

    fn settings(&self) -> Settings {
        let mut settings = web("web.localhost");
        settings.exclusive = matches!(self.history, History::Held | History::Undone);
        let Some((_, url)) = &self.repository else { return settings };
        let reference = "main".parse().expect("valid");
        settings.source = Source::Git(GitSource { url: url.clone(), reference, base_directory: RelativePath::root(), key: None, submodules: false });
        settings.pack = BuildPack::Dockerfile(DockerfilePack::default());
        settings.pre_deployment = Some("true".parse().expect("valid"));
        settings.post_deployment = Some("true".parse().expect("valid"));
        settings.keep_releases = 1;
        settings
    }

    fn mounts(&self) -> Vec<Mount> {
        let volume = || {
            let what = MountKind::Volume { name: "data".parse().expect("valid") };
            Mount { id: StorageId::from_chance(chance()), path: "/data".parse().expect("valid"), what }
        };
        match self.history {
            History::Built => vec![volume()],
            History::Deleted => [page(&text(self.next)), vec![volume()]].concat(),
            History::Held | History::Undone | History::Pulled => page(&text(self.next)),
        }
    }

    /// Asks for the version that is next, once more.
    async fn again(&self) -> DeploymentId {
        self.world.deploy(&self.id, self.settings(), self.mounts()).await
    }

    /// Asks for a version that is not live.
    pub async fn ask(&mut self) -> DeploymentId {
        if self.next == self.live {
            self.next += 1;
            if let Some((repository, _)) = &self.repository {
                commit(repository, &[("page", &text(self.next))], &text(self.next)).await;
            }
        }
        self.again().await
    }

    /// Asks, and waits until the engine is held at this step.
    pub async fn held_at(&mut self, kind: &str, moment: Moment) -> (Hold, DeploymentId) {
        let mut hold = Hold::at(self.world.engine_instance(), kind, moment);
        let deployment = self.ask().await;
        tokio::select! {
            () = hold.reached() => {}
            row = self.world.ended(&deployment) => panic!("{kind} was not reached: {:?}\n{}", row.deployment.reason, self.world.story(&deployment).await),
        }
        (hold, deployment)
    }

    /// The kinds of steps that this history is there for, in the order of a plan that has them all.
    pub async fn places(&mut self) -> Vec<Place> {
        let mut places = Vec::new();
        // Images are only removed once there are some that are not kept: the live one and the one before it are.
        for _ in 0..2 {
            let deployment = self.ask().await;
            self.world.finished(&deployment).await;
            self.is_live("a first deployment").await;
            let plan = self.world.store.deployment_plan(&self.world.scope, deployment).await.expect("reads").expect("a plan");
            let point = plan.point_of_no_return();
            places = plan
                .forward()
                .filter(|(_, _, step)| met(step) == self.history)
                .map(|(number, _, step)| Place { kind: step.kind(), before: number < point })
                .collect();
            places.dedup();
        }
        places
    }

    /// What there is of ours.
    pub async fn left(&self) -> Left {
        let owned = self.world.docker.owned().await.expect("looked");
        [owned.containers, owned.networks, owned.volumes].map(|mut names| {
            names.sort();
            names
        })
    }

    /// The version that was asked for is live, and what it replaced is gone.
    pub async fn is_live(&mut self, after: &str) {
        self.live = self.next;
        self.says(after).await;
        until(&format!("after {after}: one container is left"), || async { self.world.containers(&self.id).await.len() == 1 }).await;
    }

    /// Visitors see the live version.
    pub async fn says(&self, after: &str) {
        let said = text(self.live);
        until(&format!("after {after}: {said} answers"), || async { self.world.get("web.localhost", "/").await.1.contains(&said) }).await;
    }

    /// It ended in this way; visitors see what they saw, and nothing is there that was not.
    pub async fn changed_nothing(&self, after: &str, ended: &DeploymentRow, status: DeploymentStatus, before: &Left) {
        let deployment = &ended.deployment;
        assert_eq!(deployment.status, status, "{after}: {:?}\n{}", deployment.reason, self.world.story(&deployment.id).await);
        assert!(deployment.reason.as_ref().is_some_and(|reason| !reason.is_empty()), "{after}: no reason");
        assert_eq!(self.world.get("web.localhost", "/").await, (200, text(self.live)), "{after}");
        assert_eq!(&self.left().await, before, "{after}: something was left or taken");
    }
}
