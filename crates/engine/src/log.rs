//! The log of a deployment: lines masked where they are said, written in batches, never lost before the deployment ends.

use crate::Engine;
use jiff::Timestamp;
use model::{DeploymentId, secret::Mask};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use store::{LOG_LENGTH_LINES, NewLine, Scope};
use tokio::sync::{mpsc, oneshot};

/// Lines written at a time.
const BATCH_LINES: usize = 1000;
/// Longest line, in bytes.
const LINE_LENGTH_BYTES: usize = 16 * 1024;
/// What programs may write into one log. The rest of what the store keeps is for Wharf's own words, so that how a deployment ended is always heard.
const PROGRAM_LENGTH_LINES: i64 = LOG_LENGTH_LINES - 1000;
const PROGRAM_LENGTH_BYTES: i64 = 16 * 1024 * 1024;

enum Said {
    Line(NewLine),
    Flush(oneshot::Sender<()>),
}

/// The log of one deployment. Clones write to the same.
#[derive(Clone)]
pub(crate) struct Log {
    lines: mpsc::UnboundedSender<Said>,
    mask: Arc<Mask>,
    step: Arc<AtomicUsize>,
    left: Arc<Left>,
}

/// What programs may still write.
#[derive(Default)]
struct Left {
    lines: AtomicI64,
    bytes: AtomicI64,
}

impl Left {
    /// Whether a line of this length still may be written, and whether it is the first that may not.
    fn take(&self, length_bytes: usize) -> (bool, bool) {
        let length = i64::try_from(length_bytes).unwrap_or(i64::MAX);
        let (lines, bytes) = (self.lines.fetch_sub(1, Ordering::Relaxed), self.bytes.fetch_sub(length, Ordering::Relaxed));
        let fits = lines > 0 && bytes >= length;
        let first = !fits && lines >= 0;
        if !fits {
            // The counts stop where they are: a flood must not wrap them around.
            self.lines.store(-1, Ordering::Relaxed);
            self.bytes.store(0, Ordering::Relaxed);
        }
        (fits, first)
    }
}

impl Log {
    /// A log whose lines are written by a task of the engine.
    pub(crate) fn open(engine: &Engine, scope: &Scope, deployment: &DeploymentId, mask: Mask) -> Self {
        let (lines, said) = mpsc::unbounded_channel();
        engine.parts.tasks.spawn(write(engine.parts.store.clone(), scope.clone(), deployment.clone(), said));
        // What is over the limit is not even kept waiting.
        let left = Left { lines: AtomicI64::new(PROGRAM_LENGTH_LINES), bytes: AtomicI64::new(PROGRAM_LENGTH_BYTES) };
        Self { lines, mask: Arc::new(mask), step: Arc::default(), left: Arc::new(left) }
    }

    /// A log that nobody writes down.
    pub(crate) fn silent(mask: Mask) -> Self {
        Self { lines: mpsc::unbounded_channel().0, mask: Arc::new(mask), step: Arc::default(), left: Arc::default() }
    }

    /// Lines from now on belong to this step.
    pub(crate) fn enter(&self, step: usize) {
        self.step.store(step, Ordering::Relaxed);
    }

    /// Something Wharf itself says.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        self.write("wharf", text.as_ref());
    }

    /// A line of a program.
    pub(crate) fn line(&self, stream: &'static str, text: &str) {
        match self.left.take(text.len().min(LINE_LENGTH_BYTES)) {
            (true, _) => self.write(stream, text),
            (false, true) => self.say("What the programs write from here on is not kept: it is too much"),
            (false, false) => {}
        }
    }

    fn write(&self, stream: &'static str, text: &str) {
        let text = &text[..text.floor_char_boundary(LINE_LENGTH_BYTES)];
        let line = NewLine { at: Timestamp::now(), step: self.step.load(Ordering::Relaxed), stream, text: self.masked(text) };
        // The writer ends with the engine, and then nobody waits for the line.
        let _ = self.lines.send(Said::Line(line));
    }

    /// The text without secrets.
    pub(crate) fn masked(&self, text: &str) -> String {
        self.mask.apply(text)
    }

    /// Waits until all that was said is written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.lines.send(Said::Flush(done)).is_ok() {
            let _ = written.await;
        }
    }
}

/// The word for a program's output in the store.
pub(crate) fn stream_word(stream: host::Stream) -> &'static str {
    match stream {
        host::Stream::Stdout => "stdout",
        host::Stream::Stderr => "stderr",
    }
}

async fn write(store: store::Store, scope: Scope, deployment: DeploymentId, mut said: mpsc::UnboundedReceiver<Said>) {
    let mut batch = Vec::new();
    while said.recv_many(&mut batch, BATCH_LINES).await > 0 {
        let (mut lines, mut waiting) = (Vec::new(), Vec::new());
        for one in batch.drain(..) {
            match one {
                Said::Line(line) => lines.push(line),
                Said::Flush(done) => waiting.push(done),
            }
        }
        if !lines.is_empty()
            && let Err(error) = store.log_append(&scope, deployment.clone(), lines).await
        {
            tracing::warn!(%error, %deployment, "lines of a deployment's log were lost");
        }
        for done in waiting {
            // Who waited may have been cancelled.
            let _ = done.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_may_write_is_bounded_in_lines_and_in_bytes_and_the_end_is_told_once() {
        let left = |lines, bytes| Left { lines: AtomicI64::new(lines), bytes: AtomicI64::new(bytes) };
        let taken = |left: Left| std::array::from_fn::<_, 4, _>(|_| left.take(10));
        assert_eq!(taken(left(2, 1000)), [(true, false), (true, false), (false, true), (false, false)]);
        assert_eq!(taken(left(100, 25)), [(true, false), (true, false), (false, true), (false, false)]);
        assert_eq!(taken(left(100, 20)), [(true, false), (true, false), (false, true), (false, false)]);
    }
}
