//! What BuildKit says while it builds, as lines that people read: `#2 [2/3] RUN npm ci`, the step's output behind its number, `#2 done in 3.1 s`.

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};
use host::LineSplitter;
use std::collections::{HashMap, VecDeque};

/// How many of a step's last lines are kept for the report of its failure.
const TAIL_LENGTH_LINES: usize = 30;

/// The steps of one build, as far as they are known.
#[derive(Default)]
pub(crate) struct Progress {
    steps: HashMap<String, Step>,
    failed: Option<String>,
}

#[derive(Default)]
struct Step {
    number: usize,
    name: String,
    why: String,
    announced: bool,
    ended: bool,
    output: LineSplitter,
    tail: VecDeque<String>,
}

/// A step that failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FailedStep {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) tail: Vec<String>,
}

impl Progress {
    /// Takes what BuildKit says and hands on the lines that are new.
    pub(crate) fn take(&mut self, said: StatusResponse, sink: &mut impl FnMut(&str)) {
        for vertex in &said.vertexes {
            self.announce(vertex, sink);
        }
        for log in said.logs {
            let step = self.step(&log.vertex);
            let (number, tail) = (step.number, &mut step.tail);
            step.output.push(&log.msg, |line| tell(number, tail, line, sink));
        }
        for layer in said.statuses.iter().filter(|layer| layer.completed.is_some()) {
            let number = self.step(&layer.vertex).number;
            if layer.total > 0 {
                sink(&format!("#{number} {} {:.1} MB", layer.id, layer.total as f64 / 1e6));
            }
        }
        for warning in &said.warnings {
            sink(&format!("Warning: {}", String::from_utf8_lossy(&warning.short)));
        }
        for vertex in said.vertexes {
            self.end(vertex, sink);
        }
    }

    /// The step that made the build fail.
    pub(crate) fn failed(mut self) -> Option<FailedStep> {
        let step = self.steps.remove(&self.failed?)?;
        Some(FailedStep { name: step.name, why: step.why, tail: step.tail.into() })
    }

    fn step(&mut self, digest: &str) -> &mut Step {
        let next = self.steps.len() + 1;
        self.steps.entry(digest.to_owned()).or_insert_with(|| Step { number: next, ..Step::default() })
    }

    fn announce(&mut self, vertex: &Vertex, sink: &mut impl FnMut(&str)) {
        if vertex.started.is_none() && !vertex.cached {
            return;
        }
        let step = self.step(&vertex.digest);
        if !std::mem::replace(&mut step.announced, true) {
            step.name.clone_from(&vertex.name);
            sink(&format!("#{} {}", step.number, step.name));
        }
    }

    fn end(&mut self, vertex: Vertex, sink: &mut impl FnMut(&str)) {
        let Some(completed) = &vertex.completed else { return };
        let step = self.step(&vertex.digest);
        if std::mem::replace(&mut step.ended, true) {
            return;
        }
        let (number, tail) = (step.number, &mut step.tail);
        step.output.finish(|line| tell(number, tail, line, sink));
        if vertex.error.is_empty() {
            match &vertex.started {
                _ if vertex.cached => sink(&format!("#{number} cached")),
                Some(started) => {
                    let seconds = (completed.seconds - started.seconds) as f64 + f64::from(completed.nanos - started.nanos) / 1e9;
                    sink(&format!("#{number} done in {seconds:.1} s"));
                }
                None => {}
            }
        } else {
            step.why.clone_from(&vertex.error);
            // Steps beside the failing one end as cancelled: they are not the cause.
            let cause = !vertex.error.contains("context canceled");
            sink(&format!("#{number} {}", if cause { &vertex.error } else { "cancelled" }));
            if cause {
                self.failed.get_or_insert(vertex.digest);
            }
        }
    }
}

fn tell(number: usize, tail: &mut VecDeque<String>, line: &str, sink: &mut impl FnMut(&str)) {
    if tail.len() == TAIL_LENGTH_LINES {
        tail.pop_front();
    }
    tail.push_back(line.to_owned());
    sink(&format!("#{number} {line}"));
}
