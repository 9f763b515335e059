//! A model of the world that carries plans out: an engine, an edge and what is remembered of them. Every step has its law here; a new step does not
//! compile without one.

use crate::fixture::{NETWORK, application, deployment};
use model::{
    ApplicationId, CommitSha, ContainerState, DeploymentId, Observed, ObservedContainer, Operation, Plan, Release, ReleaseId, Step, StepState,
    observed::ContainerKind, plan::PlannedContainer,
};
use plan::{BuiltRelease, DeployInput, JournalEntry, StopInput};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::LazyLock,
};

/// What the names of the application's images and volumes begin with.
static IMAGES: LazyLock<String> = LazyLock::new(|| format!("wharf/{}:", application()));
static VOLUMES: LazyLock<String> = LazyLock::new(|| format!("wharf-{}-", application()));

/// A release that was made, and the image that it is built into.
#[derive(Debug, PartialEq)]
pub struct Made {
    pub release: Release,
    pub image: String,
}

/// Everything there is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    pub containers: BTreeMap<String, ObservedContainer>,
    pub images: BTreeSet<String>,
    pub networks: BTreeSet<String>,
    pub volumes: BTreeSet<String>,
    pub fetched: BTreeSet<CommitSha>,
    /// The containers the routes point at; none when there are no routes.
    pub routes: Option<Vec<String>>,
    pub held: bool,
    pub live: Option<ReleaseId>,
    pub forgotten: bool,
    /// Every release ever made, by id; in the order of their numbers.
    pub releases: Vec<Rc<Made>>,
    /// Containers that were asked for health and had it.
    pub healthy: BTreeSet<String>,
    /// Releases that never get healthy.
    pub sick: BTreeSet<ReleaseId>,
    /// How often each pre-deployment command began.
    pub hooks: BTreeMap<String, u32>,
    pub deployment: u16,
}

/// When the process that carries a plan out dies, counted in the steps it began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dies {
    Never,
    /// Having journaled that the step begins.
    Before(usize),
    /// Having done the step, not having journaled that.
    After(usize),
}

/// Why a step did not do its work. A broken law panics instead.
#[derive(Debug, PartialEq)]
pub struct Failure(pub String);

impl World {
    /// An empty world but for containers of a neighbour, which nobody may touch.
    pub fn new() -> Self {
        let mut world = Self::default();
        world.containers.insert("shop-neighbour-1".into(), container("shop-neighbour-1", 99, ContainerState::Running));
        world.containers.insert("edge".into(), container("edge", 98, ContainerState::Running));
        for neighbour in world.containers.values_mut() {
            neighbour.application = ApplicationId::from_chance([200; 24]);
        }
        world.images.insert("neighbour:1".into());
        world.volumes.insert("wharf-neighbour-data".into());
        world
    }

    pub fn observed(&self) -> Observed {
        Observed {
            containers: self.own().cloned().collect(),
            images: self.images.iter().filter(|image| image.starts_with(&*IMAGES)).cloned().collect(),
            networks: self.networks.iter().cloned().collect(),
            volumes: self.volumes.iter().filter(|name| name.starts_with(&*VOLUMES)).cloned().collect(),
        }
    }

    pub fn own(&self) -> impl Iterator<Item = &ObservedContainer> {
        self.containers.values().filter(|container| container.application == *application())
    }

    /// What belongs to neighbours is as it was.
    #[track_caller]
    pub fn assert_neighbours_untouched(&self) {
        static UNTOUCHED: LazyLock<Vec<ObservedContainer>> = LazyLock::new(|| World::new().containers.into_values().collect());
        let now = self.containers.values().filter(|container| container.application != *application());
        assert!(now.eq(UNTOUCHED.iter()), "a neighbour was touched");
    }

    pub fn serving(&self) -> &[String] {
        self.routes.as_deref().unwrap_or_default()
    }

    /// The routed containers that run.
    pub fn upstreams(&self) -> impl Iterator<Item = &String> {
        self.serving().iter().filter(|name| self.containers.get(*name).is_some_and(active))
    }

    /// Whether a visitor gets an answer: at least one routed container runs and is healthy.
    pub fn answers(&self) -> bool {
        !self.held && self.upstreams().any(|name| self.healthy.contains(name))
    }

    /// Makes a release, so that it can be deployed.
    pub fn make_release(&mut self, release: &Release) {
        self.releases.push(Rc::new(Made { image: plan::image_tag(release), release: release.clone() }));
    }

    fn made(&self, id: &ReleaseId) -> &Rc<Made> {
        self.releases.iter().find(|made| made.release.id == *id).expect("a release that was made")
    }

    pub fn release(&self, id: &ReleaseId) -> &Release {
        &self.made(id).release
    }

    pub fn live_release(&self) -> Option<Rc<Made>> {
        self.live.as_ref().map(|id| Rc::clone(self.made(id)))
    }

    /// Plans the next deployment of a release.
    pub fn plan(&mut self, operation: Operation, release: &Release, force: bool) -> Plan {
        self.deployment += 1;
        if !self.releases.iter().any(|made| made.release == *release) {
            self.make_release(release);
        }
        self.plan_again(operation, release, force)
    }

    /// Plans the same deployment.
    pub fn plan_again(&self, operation: Operation, release: &Release, force: bool) -> Plan {
        let built = |made: &Rc<Made>| BuiltRelease { id: made.release.id.clone(), image: made.image.clone() };
        let releases: Vec<BuiltRelease> = self.releases.iter().rev().filter(|made| self.images.contains(&made.image)).map(built).collect();
        let previous = self.live.as_ref().map(|id| self.release(id));
        let (id, serving, observed) = (self.deployment_id(), self.serving(), self.observed());
        let input = DeployInput { deployment: &id, operation, force, release, previous, serving, observed: &observed, network: NETWORK, releases: &releases };
        plan::deploy(&input).expect("a plan")
    }

    pub fn deployment_id(&self) -> DeploymentId {
        deployment(self.deployment)
    }

    pub fn plan_stop(&self) -> Plan {
        let observed = self.observed();
        plan::stop(&StopInput { release: self.live.as_ref().map(|id| self.release(id)), serving: self.serving(), observed: &observed })
    }

    pub fn plan_delete(&self, with_volumes: bool) -> Plan {
        let observed = self.observed();
        plan::delete(&StopInput { release: self.live.as_ref().map(|id| self.release(id)), serving: self.serving(), observed: &observed }, with_volumes)
    }

    /// Carries a whole plan out.
    pub fn run(&mut self, plan: &Plan) -> Result<(), Failure> {
        plan.forward().try_for_each(|(_, _, step)| self.apply(step))
    }

    /// Carries the way back out.
    pub fn undo(&mut self, plan: &Plan) {
        plan.undo.iter().for_each(|step| self.apply(step).expect("a way back that works"));
    }

    /// Carries one step out as the engine does: what is so already is left alone.
    pub fn apply(&mut self, step: &Step) -> Result<(), Failure> {
        assert!(!self.forgotten, "{} after the application was forgotten", step.title());
        match step {
            Step::FetchSource { commit, .. } => drop(self.fetched.insert(commit.clone())),
            Step::BuildImage { release, tag, fresh } => {
                if let (Some(commit), true) = (&self.release(release).commit, *fresh || !self.images.contains(tag)) {
                    assert!(self.fetched.contains(commit), "built before its commit was fetched");
                }
                self.images.insert(tag.clone());
            }
            Step::PullImage { tag, .. } => drop(self.images.insert(tag.clone())),
            Step::EnsureNetwork { network } => drop(self.networks.insert(network.clone())),
            Step::EnsureVolume { volume, .. } => drop(self.volumes.insert(volume.clone())),
            Step::RunBefore { container, .. } => self.run_before(container),
            Step::StartContainer { container } => self.start(container)?,
            Step::AwaitHealthy { container, .. } => self.await_healthy(container)?,
            Step::HoldRequests => self.held = true,
            Step::StopContainer { container, .. } => self.stop(container),
            Step::StartAgain { container } => self.start_again(container),
            Step::SwitchRoutes { release, containers } => self.switch(release.as_ref(), containers),
            Step::Drain { containers, .. } => {
                assert!(self.held || containers.iter().all(|name| !self.serving().contains(name)), "drained while requests still come");
            }
            Step::RemoveContainer { container, .. } => self.remove(container),
            Step::RunAfter { container, .. } => assert!(self.upstreams().any(|name| name == container), "runs after in a container that does not serve"),
            Step::RemoveImages { tags } => self.remove_images(tags),
            Step::RemoveVolume { volume } => {
                assert_eq!(self.own().count(), 0, "a volume removed under a container");
                assert!(volume.starts_with(&*VOLUMES), "another's volume removed");
                self.volumes.remove(volume);
            }
            Step::Forget => {
                assert!(self.own().count() == 0 && self.observed().images.is_empty() && self.routes.is_none(), "forgotten with things left behind");
                self.forgotten = true;
            }
        }
        Ok(())
    }

    fn own_or_absent(&self, name: &str) -> Option<&ObservedContainer> {
        let found = self.containers.get(name);
        assert!(found.is_none_or(|container| container.application == *application()), "{name} is another application's");
        found
    }

    fn make(&mut self, planned: &PlannedContainer, kind: ContainerKind, state: ContainerState) {
        let release = self.release(&planned.release);
        assert!(self.images.contains(&planned.image), "{} started without its image", planned.name);
        assert!(self.networks.contains(&planned.network), "{} started without its network", planned.name);
        for mount in &release.spec.mounts {
            if let model::mount::MountKind::Volume { name } = &mount.what {
                assert!(self.volumes.contains(&plan::volume_name(application(), name)), "{} started without its volume", planned.name);
            }
        }
        let mut made = container(&planned.name, 1, state);
        made.kind = kind;
        made.release = planned.release.clone();
        made.deployment = self.deployment_id();
        made.replica = planned.replica;
        made.configuration = planned.configuration.clone();
        made.image = planned.image.clone();
        self.healthy.remove(&planned.name);
        self.containers.insert(planned.name.clone(), made);
    }

    fn run_before(&mut self, planned: &PlannedContainer) {
        assert!(planned.aliases.is_empty() && planned.port_mappings.is_empty(), "a request could reach a pre-deployment command");
        if self.own_or_absent(&planned.name).is_none() {
            *self.hooks.entry(planned.name.clone()).or_default() += 1;
            self.make(planned, ContainerKind::Hook, ContainerState::Exited { code: 0, out_of_memory: false });
        }
    }

    fn start(&mut self, planned: &PlannedContainer) -> Result<(), Failure> {
        if self.own_or_absent(&planned.name).is_some_and(active) {
            return Ok(());
        }
        let settings = &self.release(&planned.release).spec.settings;
        let others: Vec<&ObservedContainer> = self.own().filter(|other| other.kind == ContainerKind::Serve && active(other)).collect();
        let published = |other: &&ObservedContainer| !self.release(&other.release).spec.settings.port_mappings.is_empty();
        assert!(planned.port_mappings.is_empty() || !others.iter().any(published), "{} started while its host port is taken", planned.name);
        let alien = |other: &&ObservedContainer| other.configuration != planned.configuration;
        assert!(!settings.exclusive || !others.iter().any(alien), "{} started beside another copy", planned.name);
        self.make(planned, ContainerKind::Serve, ContainerState::Running);
        Ok(())
    }

    fn await_healthy(&mut self, name: &str) -> Result<(), Failure> {
        let release = self.containers.get(name).map(|container| container.release.clone()).expect("a container to ask");
        if self.sick.contains(&release) {
            return Err(Failure(format!("{name} is not healthy")));
        }
        self.healthy.insert(name.to_owned());
        Ok(())
    }

    fn stop(&mut self, name: &str) {
        assert!(self.held, "{name} stopped while requests come");
        if self.own_or_absent(name).is_some() {
            self.crash(name);
        }
    }

    /// A container ends.
    pub fn crash(&mut self, name: &str) {
        if let Some(container) = self.containers.get_mut(name) {
            container.state = ContainerState::Exited { code: 0, out_of_memory: false };
        }
    }

    fn start_again(&mut self, name: &str) {
        assert!(self.own_or_absent(name).is_some(), "{name} cannot start again: it is gone");
        self.containers.get_mut(name).expect("seen just now").state = ContainerState::Running;
    }

    fn switch(&mut self, release: Option<&ReleaseId>, containers: &[String]) {
        for name in containers {
            assert!(self.own_or_absent(name).is_some_and(active), "routes switched to {name}, which does not run");
            assert!(self.healthy.contains(name), "routes switched to {name}, which nobody asked for health");
        }
        self.held = false;
        self.routes = release.map(|_| containers.to_vec());
        self.live = release.cloned();
    }

    fn remove(&mut self, name: &str) {
        self.own_or_absent(name);
        assert!(
            self.held || !self.serving().iter().any(|serves| serves == name) || !self.containers.get(name).is_some_and(active),
            "{name} removed while it serves"
        );
        self.containers.remove(name);
        self.healthy.remove(name);
    }

    fn remove_images(&mut self, tags: &[String]) {
        for tag in tags {
            assert!(tag.starts_with(&*IMAGES), "another's image removed");
            assert!(!self.own().any(|container| container.image == *tag && active(container)), "an image removed under its container");
            self.images.remove(tag);
        }
    }

    /// Runs a plan from a journal on until it ends or dies, as the engine does.
    pub fn go_on(&mut self, plan: &Plan, journal: &mut Vec<JournalEntry>, cancel: bool, dies: Dies) -> plan::Recovery {
        let recovery = plan::recover(plan, journal, cancel, model::Presence::Present(&self.observed()));
        let way: Vec<(usize, Step)> = match &recovery {
            plan::Recovery::Resume { from } => plan.forward().skip(*from).map(|(number, _, step)| (number, step.clone())).collect(),
            plan::Recovery::Unwind { .. } => plan.backward().map(|(number, _, step)| (number, step.clone())).collect(),
            plan::Recovery::Wait { .. } | plan::Recovery::Finish | plan::Recovery::Abandon { .. } => Vec::new(),
        };
        for (at, (number, step)) in way.into_iter().enumerate() {
            journal.push(JournalEntry { number, state: StepState::Running });
            match dies {
                Dies::Before(last) if last == at => return recovery,
                Dies::After(last) if last == at => {
                    let _ = self.apply(&step);
                    return recovery;
                }
                _ => {}
            }
            match self.apply(&step) {
                Ok(()) => journal.push(JournalEntry { number, state: StepState::Done }),
                Err(_) => {
                    journal.push(JournalEntry { number, state: StepState::Failed });
                    return recovery;
                }
            }
        }
        recovery
    }
}

pub fn active(container: &ObservedContainer) -> bool {
    !matches!(container.state, ContainerState::Created | ContainerState::Exited { .. })
}

/// A container of the application, made by an earlier deployment.
pub fn container(name: &str, replica: u16, state: ContainerState) -> ObservedContainer {
    ObservedContainer {
        id: format!("id of {name}"),
        name: name.to_owned(),
        application: application().clone(),
        release: ReleaseId::from_chance([0; 24]),
        deployment: deployment(0),
        replica,
        kind: ContainerKind::Serve,
        configuration: "of another time".into(),
        image: "unknown".into(),
        state,
        address: None,
        restarts: 0,
        started: None,
    }
}
