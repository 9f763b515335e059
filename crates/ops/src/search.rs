//! Search over everything of the team.

use crate::{Error, Ops, permit};
use model::{ApplicationId, EnvironmentId, ProjectId, ServerId, Source};
use store::{ApplicationRow, Scope};

/// Most hits.
pub const HITS_COUNT: usize = 50;
/// Letters of an id from which on ids are searched.
const ID_PART_LENGTH_CHARACTERS: usize = 6;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HitKind {
    /// A project.
    Project(ProjectId),
    /// An environment of a project.
    Environment(ProjectId, EnvironmentId),
    /// An application.
    Application(ApplicationId),
    /// A server.
    Server(ServerId),
}

/// A hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What.
    pub kind: HitKind,
    /// Its name.
    pub name: String,
    /// Where it belongs, or what of it matched.
    pub detail: String,
}

/// How well a text matches: at its beginning, at a word's, anywhere.
fn rank(text: &str, wanted: &str) -> Option<u8> {
    let text = text.to_lowercase();
    let at = text.find(wanted)?;
    let word = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    Some(if at == 0 {
        0
    } else if word {
        1
    } else {
        2
    })
}

fn application(row: &ApplicationRow, wanted: &str) -> Option<(u8, Hit)> {
    let own = &row.application;
    let place = format!("{} / {}", row.project_name, row.environment_name);
    let mut texts = vec![(own.name.to_string(), place.clone()), (own.slug.to_string(), place.clone())];
    // A few letters stand in many an id: only who pastes one looks for it.
    texts.extend((wanted.len() >= ID_PART_LENGTH_CHARACTERS).then(|| (own.id.to_string(), place.clone())));
    texts.extend(own.settings.domains.iter().map(|domain| (domain.host.to_string(), domain.to_string())));
    match &own.settings.source {
        Source::Git(git) => texts.push((git.url.to_string(), git.url.to_string())),
        Source::Image { reference, .. } => texts.push((reference.to_string(), reference.to_string())),
        Source::Dockerfile { .. } => {}
    }
    texts.push((own.description.clone(), place));
    let best = texts.into_iter().filter_map(|(text, detail)| Some((rank(&text, wanted)?, detail))).min_by_key(|(rank, _)| *rank)?;
    Some((best.0, Hit { kind: HitKind::Application(own.id.clone()), name: own.name.to_string(), detail: best.1 }))
}

impl Ops {
    /// Projects, environments, applications and servers whose name, address or repository holds this text; at most [`HITS_COUNT`], the best first.
    pub async fn search(&self, scope: &Scope, text: &str) -> Result<Vec<Hit>, Error> {
        permit::read(scope)?;
        let wanted = text.trim().to_lowercase();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let projects = self.store.project_list(scope).await?;
        let project_name = |id: &ProjectId| projects.iter().find(|row| row.id == *id).map(|row| row.name.to_string()).unwrap_or_default();
        let mut hits: Vec<(u8, Hit)> = self.store.application_list(scope).await?.iter().filter_map(|row| application(row, &wanted)).collect();
        hits.extend(projects.iter().filter_map(|row| {
            let hit = Hit { kind: HitKind::Project(row.id.clone()), name: row.name.to_string(), detail: row.description.clone() };
            Some((rank(row.name.as_str(), &wanted).or(rank(&row.description, &wanted))?, hit))
        }));
        hits.extend(self.store.environment_list_all(scope).await?.into_iter().filter_map(|row| {
            let kind = HitKind::Environment(row.project.clone(), row.id.clone());
            Some((rank(row.name.as_str(), &wanted)?, Hit { kind, name: row.name.to_string(), detail: project_name(&row.project) }))
        }));
        hits.extend(self.store.server_list(scope).await?.into_iter().filter_map(|row| {
            let hit = Hit { kind: HitKind::Server(row.id.clone()), name: row.name.to_string(), detail: row.address.clone() };
            Some((rank(row.name.as_str(), &wanted).or(rank(&row.address, &wanted))?, hit))
        }));
        hits.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.name.cmp(&other.name)));
        Ok(hits.into_iter().take(HITS_COUNT).map(|(_, hit)| hit).collect())
    }
}
