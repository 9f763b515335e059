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

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::moby::buildkit::v1::VertexLog;

    fn vertex(digest: &str, name: &str, error: Option<&str>) -> Vertex {
        let vertex = Vertex { digest: digest.into(), name: name.into(), started: Some(Default::default()), ..Vertex::default() };
        match error {
            None => vertex,
            Some(error) => Vertex { completed: Some(Default::default()), error: error.into(), ..vertex },
        }
    }

    fn log(digest: &str, text: &str) -> VertexLog {
        VertexLog { vertex: digest.into(), msg: text.into(), ..VertexLog::default() }
    }

    fn told(progress: &mut Progress, vertexes: Vec<Vertex>, logs: Vec<VertexLog>) -> Vec<String> {
        let mut lines = Vec::new();
        progress.take(StatusResponse { vertexes, logs, ..StatusResponse::default() }, &mut |line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn steps_are_announced_once_and_their_output_carries_their_number() {
        let mut progress = Progress::default();
        let begun = told(&mut progress, vec![vertex("a", "[1/2] RUN one", None), vertex("b", "[2/2] RUN two", None)], vec![log("b", "hal")]);
        assert_eq!(begun, ["#1 [1/2] RUN one", "#2 [2/2] RUN two"]);
        let more = told(&mut progress, vec![vertex("b", "[2/2] RUN two", None)], vec![log("a", "x\ny\n"), log("b", "f\nrest")]);
        assert_eq!(more, ["#1 x", "#1 y", "#2 half"]);
        let cached = Vertex { cached: true, ..vertex("a", "", Some("")) };
        assert_eq!(told(&mut progress, vec![cached, vertex("b", "", Some(""))], vec![]), ["#1 cached", "#2 rest", "#2 done in 0.0 s"]);
        assert_eq!(progress.failed(), None);
    }

    #[test]
    fn the_failed_step_is_the_cause_and_not_one_that_was_cancelled_beside_it() {
        let mut progress = Progress::default();
        told(&mut progress, vec![vertex("a", "RUN beside", None), vertex("b", "RUN bad", None)], vec![log("b", "why\n")]);
        let ended = vec![vertex("a", "", Some("context canceled")), vertex("b", "", Some("exit code: 1"))];
        assert_eq!(told(&mut progress, ended, vec![]), ["#1 cancelled", "#2 exit code: 1"]);
        assert_eq!(progress.failed(), Some(FailedStep { name: "RUN bad".into(), why: "exit code: 1".into(), tail: vec!["why".into()] }));
    }

    #[test]
    fn only_the_last_lines_of_a_step_are_kept() {
        let mut progress = Progress::default();
        let many: String = (0..100).map(|number| format!("{number}\n")).collect();
        told(&mut progress, vec![vertex("a", "RUN bad", None)], vec![log("a", &many)]);
        told(&mut progress, vec![vertex("a", "", Some("exit code: 1"))], vec![]);
        let tail = progress.failed().map(|step| step.tail).unwrap_or_default();
        assert_eq!((tail.len(), tail.last().map(String::as_str)), (TAIL_LENGTH_LINES, Some("99")));
    }
}
