//! How an application is, in words that people read.

use crate::{Engine, live::LiveApplication};
use jiff::Timestamp;
use model::{ApplicationId, ContainerState, application::Desired};
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
    Restarting,
    /// A person stopped it.
    Stopped,
    /// Its containers ended.
    Exited {
        /// The exit code of one.
        code: i64,
        /// The kernel ended it for want of memory.
        out_of_memory: bool,
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
            Self::Restarting => "restarting".into(),
            Self::Stopped => "stopped".into(),
            Self::Exited { out_of_memory: true, .. } => "exited (out of memory)".into(),
            Self::Exited { code, .. } => format!("exited ({code})"),
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
        let states: Vec<_> = live.serving.iter().map(|name| self.parts.seen.container(name).map(|container| container.state)).collect();
        judge(&states, deploying)
    }
}

/// What the states of the containers that should serve say together; an absent one has none.
fn judge(states: &[Option<ContainerState>], deploying: bool) -> Status {
    let running = states.iter().flatten().filter(|state| state.running()).count();
    if running == states.len() && running > 0 {
        return Status::Running;
    }
    if running > 0 {
        return Status::Degraded { running, of: states.len() };
    }
    if states.iter().flatten().any(|state| matches!(state, ContainerState::Restarting)) {
        return Status::Restarting;
    }
    let ended = states.iter().flatten().find_map(|state| match state {
        ContainerState::Exited { code, out_of_memory } => Some(Status::Exited { code: *code, out_of_memory: *out_of_memory }),
        _ => None,
    });
    match ended {
        _ if deploying => Status::Starting,
        Some(ended) => ended,
        None => Status::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exited(code: i64) -> Option<ContainerState> {
        Some(ContainerState::Exited { code, out_of_memory: false })
    }

    #[test]
    fn the_containers_that_should_serve_decide_the_word() {
        let running = || Some(ContainerState::Running);
        for (states, deploying, word) in [
            (vec![running(), running()], false, "running"),
            (vec![running(), None, exited(1)], false, "degraded (1 of 3)"),
            (vec![exited(137)], false, "exited (137)"),
            (vec![exited(137)], true, "starting"),
            (vec![Some(ContainerState::Restarting), exited(1)], false, "restarting"),
            (vec![None], false, "stopped"),
        ] {
            assert_eq!(judge(&states, deploying).word(), word);
        }
    }
}
