//! Keeps one edge running: made from our own binary, replaced by a successor that takes its sockets over, never by a gap.

use crate::{Engine, Error, base, logs};
use aws_lc_rs::digest::{SHA256, digest};
use docker::{EdgeContainer, EdgeSpec};
use model::{Port, edge::EdgeStatus};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a new edge may take to answer, and how often it is asked.
const START_LIMIT: Duration = Duration::from_secs(10);
const ASK_EVERY: Duration = Duration::from_millis(50);
/// How long an edge that was replaced may take to finish its connections, in seconds.
const LEAVE_SECONDS: u32 = 10 * 60;
/// Where the state is in the container.
const STATE: &str = "/state";
/// Lines of an edge that does not start which tell why.
const WHY_LINES: u32 = 3;

/// What is known of the edge.
#[derive(Default)]
pub(crate) struct EdgeKeeper {
    problem: Mutex<Option<String>>,
    leaving: Mutex<BTreeSet<String>>,
}

impl EdgeKeeper {
    /// Why the edge does not run, as far as it is known.
    pub(crate) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, problem: Option<String>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }
}

impl Engine {
    /// How the edge is.
    ///
    /// # Errors
    /// It does not answer, and why.
    pub async fn edge_status(&self) -> Result<EdgeStatus, Error> {
        self.parts.proxy.status().await.map_err(|error| match self.parts.edge.problem() {
            Some(problem) => Error::failed(problem),
            None => error.into(),
        })
    }
}

/// Makes sure that the one right edge runs, and says what was done for it.
///
/// # Errors
/// It cannot be started.
pub(crate) async fn ensure(engine: &Engine) -> Result<Vec<String>, Error> {
    let ensured = replace(engine).await;
    engine.parts.edge.note(ensured.as_ref().err().map(ToString::to_string));
    ensured
}

async fn replace(engine: &Engine) -> Result<Vec<String>, Error> {
    let docker = engine.parts.link.engine("edge_list")?;
    let wanted = wanted(engine).await?;
    let found = docker.edge_list().await?;
    let mut changed = Vec::new();
    let others: Vec<_> = found.iter().filter(|edge| edge.name != wanted.name).collect();
    for other in &others {
        // It must not come back by itself once it has handed its sockets over: it would take them again.
        engine.parts.link.engine("edge_retire")?.edge_retire(&other.name).await?;
    }
    if !found.iter().any(|edge| edge.name == wanted.name && edge.state.running()) {
        engine.parts.link.engine("edge_create")?.edge_create(&wanted).await?;
        changed.push(format!("started the edge {}", wanted.name));
    }
    serves(engine, &docker, &wanted.name).await?;
    for other in others {
        if leave(engine, other) {
            changed.push(format!("the edge {} leaves", other.name));
        }
    }
    Ok(changed)
}

/// Lets an edge finish its connections, and removes it then. Answers whether it was not yet on its way.
fn leave(engine: &Engine, edge: &EdgeContainer) -> bool {
    let leaving = |engine: &Engine| engine.parts.edge.leaving.lock().unwrap_or_else(PoisonError::into_inner).insert(edge.name.clone());
    if !leaving(engine) {
        return false;
    }
    let (engine, name) = (engine.clone(), edge.name.clone());
    let grace = if edge.state.running() { LEAVE_SECONDS } else { 0 };
    engine.parts.tasks.clone().spawn(async move {
        let removed = match engine.parts.link.engine("edge_remove") {
            Ok(docker) => docker.edge_remove(&name, grace).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            tracing::warn!(%error, edge = name, "an edge that was replaced is not removed yet");
        }
        engine.parts.edge.leaving.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    });
    true
}

async fn wanted(engine: &Engine) -> Result<EdgeSpec, Error> {
    let options = &engine.parts.options;
    let state = options.edge_state();
    let shown = state.display().to_string();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&state)
        .map_err(|source| Error::File { what: format!("the edge's folder {shown}"), source })?;
    let image = base::ensure(engine).await?;
    let port = |number: u16| Port::try_from(number).map_err(|why| Error::failed(format!("the edge's ports: {why}")));
    let listen = |port: u16| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).to_string();
    let arguments = ["edge", "--state", STATE, "--http", &listen(options.http_port), "--https", &listen(options.https_port)].map(str::to_owned).to_vec();
    // Another image, port or folder is another edge, with a name of its own.
    let identity = digest(&SHA256, format!("{image} {arguments:?} {shown}").as_bytes());
    let short: String = identity.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(EdgeSpec {
        name: format!("wharf-edge-{}-{short}", options.instance.short()),
        image,
        state_directory: state,
        http_port: port(options.http_port)?,
        https_port: port(options.https_port)?,
        arguments,
    })
}

/// Waits until the edge of this name, and no other, answers.
async fn serves(engine: &Engine, docker: &docker::Engine, name: &str) -> Result<(), Error> {
    let asked = async {
        loop {
            if let (Ok(status), Some(edge)) = (engine.parts.proxy.status().await, named(docker, name).await?)
                // One that it takes over from started before its container did.
                && edge.started.is_some_and(|started| status.started >= started)
            {
                return Ok::<_, Error>(());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    };
    match tokio::time::timeout(START_LIMIT, asked).await {
        Ok(answered) => answered,
        Err(_) => {
            let lines = logs::tail(engine, name, WHY_LINES).await.unwrap_or_default();
            let said: Vec<_> = lines.into_iter().map(|line| line.text).collect();
            Err(Error::failed(format!("the edge does not start. It says: {}", said.join(" "))))
        }
    }
}

async fn named(docker: &docker::Engine, name: &str) -> Result<Option<EdgeContainer>, Error> {
    Ok(docker.edge_list().await?.into_iter().find(|edge| edge.name == name && edge.state.running()))
}
