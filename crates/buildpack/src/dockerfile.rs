//! A small tolerant reader of Dockerfiles: enough to know stages, ports and arguments, and to name early what no build would survive.

mod expand;
mod lines;
#[cfg(test)]
mod tests;

use expand::expand;
use lines::{Instruction, words};
use std::collections::{BTreeMap, BTreeSet};

/// Largest Dockerfile that is read, in bytes.
pub const DOCKERFILE_LENGTH_BYTES: usize = 1024 * 1024;

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// What is wrong with a Dockerfile, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub why: String,
}

impl Fault {
    fn new(line: usize, why: impl Into<String>) -> Self {
        Self { line, why: why.into() }
    }
}

impl From<Fault> for crate::Error {
    fn from(fault: Fault) -> Self {
        Self::BadDockerfile { line: fault.line, why: fault.why }
    }
}

/// A Dockerfile, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// Its stages in order; never empty but for a frontend of its own.
    pub stages: Vec<Stage>,
    /// Names of all build arguments it declares, in any stage.
    pub arguments: BTreeSet<String>,
    /// Ids of the build secrets its `RUN` instructions mount.
    pub secrets: BTreeSet<String>,
}

/// One stage: from a `FROM` to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// The line of its `FROM`, from 1.
    pub line: usize,
    /// Its name, lower-cased as Docker compares it.
    pub name: Option<String>,
    /// What it begins from, arguments put in.
    pub base: String,
    /// The earlier stage that is its base.
    pub parent: Option<usize>,
    /// TCP ports it exposes itself, in order.
    pub ports: Vec<u16>,
    /// Whether it says how to check health; `HEALTHCHECK NONE` is a no.
    pub health: Option<bool>,
    /// What it copies from the build context, and where that is said.
    pub copies: Vec<Copied>,
    values: BTreeMap<String, String>,
}

/// A `COPY` or `ADD` that reads the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its line, from 1.
    pub line: usize,
    /// What it names.
    pub sources: Vec<String>,
}

impl Dockerfile {
    /// Reads a Dockerfile.
    ///
    /// # Errors
    /// The first line that no build would accept.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > DOCKERFILE_LENGTH_BYTES {
            return Err(Fault::new(1, "a Dockerfile has at most 1 MiB"));
        }
        let (directives, instructions) = match lines::read(text) {
            Ok((directives, _)) if has_own_grammar(&directives) => return Ok(Self::default()),
            read => read?,
        };
        let mut reader = Reader { escape: directives.escape, global: BTreeMap::new(), file: Self::default() };
        for instruction in &instructions {
            reader.take(instruction)?;
        }
        if reader.file.stages.is_empty() {
            let line = instructions.first().map_or(1, |instruction| instruction.line);
            return Err(Fault::new(line, "there is no FROM: begin with FROM and a base image"));
        }
        Ok(reader.file)
    }

    /// The stage with this name or number, or the last without one.
    pub fn stage(&self, target: Option<&str>) -> Option<usize> {
        let Some(target) = target else { return self.stages.len().checked_sub(1) };
        let name = target.to_lowercase();
        let named = self.stages.iter().position(|stage| stage.name.as_ref() == Some(&name));
        named.or_else(|| target.parse().ok().filter(|at| *at < self.stages.len()))
    }

    /// Names of the stages that have one.
    pub fn stage_names(&self) -> Vec<String> {
        self.stages.iter().filter_map(|stage| stage.name.clone()).collect()
    }

    /// Ports that an image of this stage exposes: the stage's own, then those it has from earlier stages.
    pub fn ports(&self, stage: usize) -> Vec<u16> {
        let mut ports: Vec<u16> = Vec::new();
        for stage in self.lineage(stage) {
            for port in &stage.ports {
                if !ports.contains(port) {
                    ports.push(*port);
                }
            }
        }
        ports
    }

    /// Whether an image of this stage brings a health check of its own.
    pub fn has_health_check(&self, stage: usize) -> bool {
        self.lineage(stage).find_map(|stage| stage.health).unwrap_or(false)
    }

    fn lineage(&self, stage: usize) -> impl Iterator<Item = &Stage> {
        std::iter::successors(self.stages.get(stage), |stage| stage.parent.and_then(|at| self.stages.get(at)))
    }
}

/// A frontend other than Docker's own reads the file by rules of its own.
fn has_own_grammar(directives: &lines::Directives) -> bool {
    directives.syntax.as_ref().is_some_and(|frontend| !frontend.contains("docker"))
}

struct Reader {
    escape: char,
    global: BTreeMap<String, String>,
    file: Dockerfile,
}

impl Reader {
    fn take(&mut self, instruction: &Instruction) -> Result<(), Fault> {
        let Instruction { line, name, rest, .. } = instruction;
        if !INSTRUCTIONS.contains(&name.as_str()) {
            return Err(Fault::new(*line, unknown(name)));
        }
        if rest.is_empty() && name != "MAINTAINER" {
            return Err(Fault::new(*line, format!("{name} stands alone: it needs an argument")));
        }
        if self.file.stages.is_empty() && !matches!(name.as_str(), "FROM" | "ARG") {
            return Err(Fault::new(*line, format!("{name} stands before FROM: only ARG may")));
        }
        match name.as_str() {
            "FROM" => self.from(*line, rest)?,
            "ARG" => self.argument(rest),
            "ENV" => self.environment(rest),
            "EXPOSE" => self.expose(*line, rest)?,
            "HEALTHCHECK" => self.health(rest),
            "COPY" | "ADD" => self.copy(instruction)?,
            "RUN" => self.run(rest),
            _ => {}
        }
        Ok(())
    }

    fn from(&mut self, line: usize, rest: &str) -> Result<(), Fault> {
        let words: Vec<_> = words(rest, self.escape).into_iter().filter(|word| !word.starts_with("--")).collect();
        let (base, name) = match words.as_slice() {
            [base] => (base, None),
            [base, by, name] if by.eq_ignore_ascii_case("as") => (base, Some(name.to_lowercase())),
            _ => return Err(Fault::new(line, "FROM takes an image, or an image AS a name")),
        };
        if name.as_ref().is_some_and(|name| !is_stage_name(name)) {
            return Err(Fault::new(line, "a stage's name begins with a letter and has letters, digits, dots, hyphens and underscores"));
        }
        let base = expand(base, &self.global, self.escape);
        let lowered = base.to_lowercase();
        let parent = self.file.stages.iter().rposition(|stage| stage.name.as_ref() == Some(&lowered));
        let values = parent.and_then(|at| self.file.stages.get(at)).map(|stage| stage.values.clone()).unwrap_or_default();
        self.file.stages.push(Stage { line, name, base, parent, values, ..Stage::default() });
        Ok(())
    }

    fn argument(&mut self, rest: &str) {
        for word in words(rest, self.escape) {
            let (name, default) = word.split_once('=').map_or((word.as_str(), None), |(name, default)| (name, Some(default)));
            self.file.arguments.insert(name.to_owned());
            let values = self.file.stages.last_mut().map_or(&mut self.global, |stage| &mut stage.values);
            if let Some(default) = default {
                let value = expand(default, values, self.escape);
                values.insert(name.to_owned(), value);
            } else if let (Some(stage), Some(value)) = (self.file.stages.last_mut(), self.global.get(name)) {
                stage.values.insert(name.to_owned(), value.clone());
            }
        }
    }

    fn environment(&mut self, rest: &str) {
        let escape = self.escape;
        let Some(stage) = self.file.stages.last_mut() else { return };
        let words = words(rest, escape);
        let pairs: Vec<(String, String)> = match words.first() {
            Some(first) if !first.contains('=') => vec![(first.clone(), rest.get(first.len()..).unwrap_or_default().trim().to_owned())],
            _ => words.iter().filter_map(|word| word.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        };
        for (name, value) in pairs {
            let value = expand(&value, &stage.values, escape);
            stage.values.insert(name, value);
        }
    }

    fn expose(&mut self, line: usize, rest: &str) -> Result<(), Fault> {
        let escape = self.escape;
        let Some(stage) = self.file.stages.last_mut() else { return Ok(()) };
        for word in expand(rest, &stage.values, escape).split_whitespace() {
            let (ports, transport) = word.split_once('/').unwrap_or((word, "tcp"));
            let first = ports.split('-').next().unwrap_or(ports);
            // `8080:80` is taken by the engine too: the container's port is the second.
            let first = first.rsplit(':').next().unwrap_or(first);
            let port: u16 = first.parse().map_err(|_| Fault::new(line, format!("EXPOSE takes ports such as 80 or 53/udp, not {word}")))?;
            if transport.eq_ignore_ascii_case("tcp") && port != 0 {
                stage.ports.push(port);
            }
        }
        Ok(())
    }

    fn health(&mut self, rest: &str) {
        if let Some(stage) = self.file.stages.last_mut() {
            stage.health = Some(!rest.eq_ignore_ascii_case("none"));
        }
    }

    fn copy(&mut self, instruction: &Instruction) -> Result<(), Fault> {
        let line = instruction.line;
        let words = words(&instruction.rest, self.escape);
        let flags = words.iter().take_while(|word| word.starts_with("--")).count();
        let from = words.iter().take(flags).find_map(|flag| flag.strip_prefix("--from="));
        if let Some(from) = from {
            return self.check_from(line, from);
        }
        let operands = operands(&words[flags..]);
        let (sources, destination) = operands.split_at(operands.len().saturating_sub(1));
        if destination.is_empty() || (sources.is_empty() && !instruction.heredoc) {
            return Err(Fault::new(line, format!("{} takes at least a source and a destination", instruction.name)));
        }
        let sources: Vec<_> = sources.iter().filter(|source| !source.contains("<<")).cloned().collect();
        if let Some(stage) = self.file.stages.last_mut().filter(|_| !sources.is_empty()) {
            stage.copies.push(Copied { line, sources });
        }
        Ok(())
    }

    /// A number must be an earlier stage; a name that is no stage is an image, which only the engine can judge.
    fn check_from(&self, line: usize, from: &str) -> Result<(), Fault> {
        let current = self.file.stages.len().saturating_sub(1);
        match from.parse::<usize>() {
            Ok(at) if at >= current => Err(Fault::new(line, format!("--from={at} is no earlier stage: this is stage {current}, counted from 0"))),
            Err(_) if self.file.stages.last().and_then(|stage| stage.name.as_deref()) == Some(from.to_lowercase().as_str()) => {
                Err(Fault::new(line, format!("--from={from} is the stage itself: copy from another one")))
            }
            _ => Ok(()),
        }
    }

    fn run(&mut self, rest: &str) {
        for flag in words(rest, self.escape).iter().take_while(|word| word.starts_with("--")) {
            let Some(mount) = flag.strip_prefix("--mount=") else { continue };
            let fields: BTreeMap<&str, &str> = mount.split(',').filter_map(|field| field.split_once('=')).collect();
            if fields.get("type") == Some(&"secret") {
                let target = ["target", "dst", "destination"].iter().find_map(|name| fields.get(name));
                let id = fields.get("id").or(target).map(|id| id.rsplit('/').next().unwrap_or(id));
                self.file.secrets.extend(id.map(str::to_owned));
            }
        }
    }
}

/// The words after the flags; a JSON array counts as its strings.
fn operands(words: &[String]) -> Vec<String> {
    let joined = words.join(" ");
    match serde_json::from_str::<Vec<String>>(&joined) {
        Ok(strings) if joined.starts_with('[') => strings,
        _ => words.to_vec(),
    }
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
}

fn unknown(name: &str) -> String {
    let shown: String = name.chars().take(40).collect();
    let unlike = |known: &&&str| (distance(known, name), known.chars().next() != name.chars().next());
    let near = INSTRUCTIONS.iter().min_by_key(unlike).filter(|known| distance(known, name) <= 2);
    match near {
        Some(near) => format!("{shown} is no instruction: {near} is"),
        None => format!("{shown} is no instruction: a line that goes on needs a backslash at the end of the one before"),
    }
}

/// How many letters must change to make one word the other; words of very different length are not compared.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 2 {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
