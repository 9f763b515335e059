//! The process group of a running program: killed as a whole unless it is let go.

use rustix::process::{Pid, Signal, kill_process_group};

/// Kills the group when dropped, so that neither cancellation nor a timeout leaves children behind.
pub(crate) struct Group(Option<Pid>);

impl Group {
    /// The group that a process with this id leads.
    pub(crate) fn led_by(id: Option<u32>) -> Self {
        Self(id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// Ended by itself: nothing is left to kill, and the id may soon be another's.
    pub(crate) fn let_go(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0.take() {
            // A group that is gone already is what was wanted.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}
