//! How an application is, in words that people read.

use crate::{
    Engine,
    live::LiveApplication,
    seen::{LastEnd, STEADY_AFTER},
};
use jiff::Timestamp;
use model::{ApplicationId, ContainerState, ObservedContainer, application::Desired};
use std::collections::BTreeMap;

/// How an application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nothing of it was ever live.
    NeverDeployed,
    /// All its containers run.
    Running,
    /// Some of its containers run.
    Degraded {
        /// How many.
        running: usize,
        /// Of how many.
        of: usize,
    },
    /// Its containers are being made.
    Starting,
    /// The engine starts its containers again and again.
    Restarting {
        /// How one ended last, where that was told.
        why: Option<String>,
    },
    /// A person stopped it.
    Stopped,
    /// Its containers ended.
    Exited {
        /// How one did: its exit code, or that it ran out of memory.
        why: String,
    },
    /// Nothing can be said: the engine is out of reach.
    Unknown {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
}

impl Status {
    /// The word people read: `running`, `degraded (2 of 3)`, `exited (137)`.
    pub fn word(&self) -> String {
        match self {
            Self::NeverDeployed => "never deployed".into(),
            Self::Running => "running".into(),
            Self::Degraded { running, of } => format!("degraded ({running} of {of})"),
            Self::Starting => "starting".into(),
            Self::Restarting { why: Some(why) } => format!("restarting ({why})"),
            Self::Restarting { why: None } => "restarting".into(),
            Self::Stopped => "stopped".into(),
            Self::Exited { why } => format!("exited ({why})"),
            Self::Unknown { .. } => "unknown".into(),
        }
    }
}

impl Engine {
    /// How an application is.
    pub fn status(&self, application: &ApplicationId) -> Status {
        match self.parts.routes.live(application) {
            Some(live) => self.status_of(&live),
            None if self.parts.running.deploys(application) => Status::Starting,
            None => Status::NeverDeployed,
        }
    }

    /// How every application is that was ever live or is being deployed.
    pub fn statuses(&self) -> BTreeMap<ApplicationId, Status> {
        let live = self.parts.routes.all_live();
        let mut statuses: BTreeMap<_, _> = live.into_iter().map(|live| (live.application.id.clone(), self.status_of(&live))).collect();
        for application in self.parts.running.applications() {
            statuses.entry(application).or_insert(Status::Starting);
        }
        statuses
    }

    fn status_of(&self, live: &LiveApplication) -> Status {
        let deploying = self.parts.running.deploys(&live.application.id);
        if live.desired == Desired::Stopped {
            return if deploying { Status::Starting } else { Status::Stopped };
        }
        if let Some((since, why)) = self.parts.link.down() {
            return Status::Unknown { since, why };
        }
        let (now, limit) = (Timestamp::now(), live.settings.limits.memory_bytes);
        let states: Vec<_> = live.serving.iter().map(|name| look(self.parts.seen.container(name), self.parts.seen.last_end(name), limit, now)).collect();
        judge(&states, deploying)
    }
}

/// A container that should serve.
#[derive(Clone)]
enum Look {
    Running,
    /// It is about to be started again, or was a moment ago.
    Restarting(Option<String>),
    Exited(String),
    Away,
}

fn look(container: Option<ObservedContainer>, last: Option<LastEnd>, limit_bytes: Option<u64>, now: Timestamp) -> Look {
    let Some(container) = container else { return Look::Away };
    let starved = last.as_ref().is_some_and(|last| last.out_of_memory);
    let why = last.map(|last| ended(last.code, last.out_of_memory, limit_bytes));
    match container.state {
        ContainerState::Running if container.restarts > 0 && container.started.is_some_and(|at| now.duration_since(at).abs() < STEADY_AFTER) => {
            Look::Restarting(why)
        }
        ContainerState::Running => Look::Running,
        ContainerState::Restarting => Look::Restarting(why),
        ContainerState::Exited { code, out_of_memory } => Look::Exited(ended(code, out_of_memory || starved, limit_bytes)),
        ContainerState::Created | ContainerState::Other { .. } => Look::Away,
    }
}

/// How a container ended, in few words: its exit code, or that it ran out of memory, and of how much.
fn ended(code: i64, out_of_memory: bool, limit_bytes: Option<u64>) -> String {
    match (out_of_memory, limit_bytes) {
        (false, _) => code.to_string(),
        (true, Some(limit)) => format!("out of memory, limit {}", megabytes(limit)),
        (true, None) => "out of memory".into(),
    }
}

/// Memory in the unit in which limits are set.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / (1024 * 1024))
}

/// What the containers that should serve say together.
fn judge(looks: &[Look], deploying: bool) -> Status {
    let running = looks.iter().filter(|look| matches!(look, Look::Running)).count();
    if running == looks.len() && running > 0 {
        return Status::Running;
    }
    if running > 0 {
        return Status::Degraded { running, of: looks.len() };
    }
    if let Some(why) = looks.iter().find_map(|look| if let Look::Restarting(why) = look { Some(why.clone()) } else { None }) {
        return Status::Restarting { why };
    }
    match looks.iter().find_map(|look| if let Look::Exited(why) = look { Some(why.clone()) } else { None }) {
        _ if deploying => Status::Starting,
        Some(why) => Status::Exited { why },
        None => Status::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exited(code: i64) -> Look {
        Look::Exited(ended(code, false, None))
    }

    #[test]
    fn the_containers_that_should_serve_decide_the_word() {
        for (looks, deploying, word) in [
            (vec![Look::Running, Look::Running], false, "running"),
            (vec![Look::Running, Look::Away, exited(1)], false, "degraded (1 of 3)"),
            (vec![exited(137)], false, "exited (137)"),
            (vec![exited(137)], true, "starting"),
            (vec![Look::Exited(ended(137, true, Some(32 << 20)))], false, "exited (out of memory, limit 32 MB)"),
            (vec![Look::Restarting(Some(ended(1, false, None))), exited(1)], false, "restarting (1)"),
            (vec![Look::Restarting(None)], false, "restarting"),
            (vec![Look::Away], false, "stopped"),
        ] {
            assert_eq!(judge(&looks, deploying).word(), word);
        }
    }

    fn started(at: Timestamp, restarts: u32) -> ObservedContainer {
        let chance = [7; 24];
        ObservedContainer {
            id: "1".into(),
            name: "web-1".into(),
            application: ApplicationId::from_chance(chance),
            release: model::ReleaseId::from_chance(chance),
            deployment: model::DeploymentId::from_chance(chance),
            replica: 1,
            kind: model::observed::ContainerKind::Serve,
            configuration: "c".into(),
            image: "busybox".into(),
            state: ContainerState::Running,
            address: None,
            restarts,
            started: Some(at),
        }
    }

    #[test]
    fn what_was_started_again_a_moment_ago_does_not_run_yet() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let ago = |seconds: i64| Timestamp::from_second(1_800_000_000 - seconds).expect("a time");
        let last = || Some(LastEnd { code: 3, out_of_memory: false, at: ago(6) });
        let word = |container: ObservedContainer| judge(&[look(Some(container), last(), None, now)], false).word();
        assert_eq!(word(started(ago(1), 0)), "running", "it was started once");
        assert_eq!(word(started(ago(5), 4)), "restarting (3)");
        assert_eq!(word(started(ago(11), 4)), "running", "it has run for a while");
        assert_eq!(word(started(ago(-3600), 4)), "running", "the clock went back meanwhile");
    }
}
