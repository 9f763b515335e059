//! Hooks from outside: the deploy hook, and pushes that forges tell of.

use crate::{DeployRequest, Error, Ops, Queued, error::known, secret};
use jiff::SignedDuration;
use model::{ApplicationId, Cause, CommitSha, DeploymentId, DeploymentStatus, GitSource, Operation, Release, Source, deployment::CauseKind, git::GitTransport};
use source::{
    Wants, push_wants_deploy,
    webhook::{Delivery, Event, Forge, Push, Refusal, receive},
};
use std::time::Duration;
use store::{ApplicationRow, HookSecrets, Scope};

/// How long a delivery is remembered, so that a replay is seen.
const DELIVERY_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a forge may take to tell where a branch is; who sent the delivery waits for the answer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// What was done, as a sentence.
    pub sentence: String,
    /// The deployment it caused.
    pub deployment: Option<DeploymentId>,
}

impl WebhookAnswer {
    fn said(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), deployment: None }
    }
}

fn secret_of(hooks: HookSecrets, forge: Forge) -> model::Secret {
    let secret = match forge {
        Forge::GitHub => hooks.github,
        Forge::GitLab => hooks.gitlab,
        Forge::Gitea => hooks.gitea,
        Forge::Bitbucket => hooks.bitbucket,
    };
    secret.unwrap_or_default()
}

impl Ops {
    /// Deploys the application whose deploy hook has this secret.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a wrong secret; those of [`Ops::deployment_create`].
    pub async fn hook_deploy(&self, secret: &str, commit: Option<&str>) -> Result<Queued, Error> {
        let found = self.store.hook_authenticate(secret::hash(secret)).await?;
        let (scope, application) = found.ok_or(Error::NotFound { kind: "deploy hook" })?;
        let cause = Cause { by: CauseKind::Hook, actor: "deploy hook".into() };
        let request = DeployRequest { commit: commit.map(str::to_owned), cause: Some(cause), ..DeployRequest::of(Operation::Deploy) };
        self.deployment_begin(&scope, application, request).await
    }

    /// Takes a delivery of a forge for the application named in its path. `header` finds a header by its name; `body` is the body as it came.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an application that is not there; [`Error::Unauthenticated`] without the right secret; [`Error::Invalid`] at `body`;
    /// [`Error::Limit`] for one that is too large; those of [`Ops::deployment_create`].
    pub async fn webhook_receive<'h>(
        &self,
        forge: Forge,
        application: &str,
        header: impl Fn(&str) -> Option<&'h str> + Send + Sync,
        body: &[u8],
    ) -> Result<WebhookAnswer, Error> {
        let id: ApplicationId = known("application", application)?;
        let (scope, hooks) = self.store.webhook_application(id.clone()).await?.ok_or(Error::NotFound { kind: "application" })?;
        let delivery = receive(forge, header, body, &secret_of(hooks, forge)).map_err(refused)?;
        if matches!(delivery.event, Event::Ping) {
            return Ok(WebhookAnswer::said("The webhook works."));
        }
        let row = self.store.application_fetch(&scope, id.clone()).await?;
        let wanted = delivery.pushes().find(|push| skips(&row.application, push).is_none());
        let Some(push) = wanted else { return Ok(unwanted(&row.application, &delivery)) };
        let taken = format!("{}:{}", forge.as_str(), delivery.id);
        let now = self.now();
        if !self.store.delivery_take(&scope, id.clone(), taken.clone(), now, now - DELIVERY_LIFETIME).await? {
            return Ok(WebhookAnswer::said("This delivery was taken before; nothing was done."));
        }
        let answer = self.push_take(&scope, &row, push).await;
        if answer.is_err() {
            // The forge sends it again under the same id; that one must count.
            self.store.delivery_forget(&scope, id, taken).await?;
        }
        answer
    }

    /// Deploys a push, unless it changes nothing.
    async fn push_take(&self, scope: &Scope, row: &ApplicationRow, push: &Push) -> Result<WebhookAnswer, Error> {
        match self.push_known(scope, row, push).await? {
            Some(answer) => Ok(answer),
            None => self.push_deploy(scope, row.application.id.clone(), push).await,
        }
    }

    /// What is said to a push that changes nothing: what it pushed is under way already, or it comes late and the branch is at what is the newest. None for any
    /// other; one of the live commit is deployed, and replaces nothing.
    async fn push_known(&self, scope: &Scope, row: &ApplicationRow, push: &Push) -> Result<Option<WebhookAnswer>, Error> {
        let (Some(after), Source::Git(source)) = (&push.after, &row.application.settings.source) else { return Ok(None) };
        let Some((newest, open)) = self.newest(scope, row).await? else { return Ok(None) };
        let Some(commit) = &newest.commit else { return Ok(None) };
        if commit == after {
            let same = newest.spec == self.freeze(scope, row).await?;
            return Ok(open.filter(|_| same).map(|(deployment, status)| again(after, deployment, status)));
        }
        if push.before.as_ref() == Some(commit) || self.head(scope, source).await.as_ref() != Some(commit) {
            return Ok(None);
        }
        let sentence = format!("{} is at {} by now, which came first; nothing was done for {}.", source.reference, commit.short(), after.short());
        Ok(Some(WebhookAnswer::said(sentence)))
    }

    /// The release that was asked for last, with its deployment while that waits or runs; else the live one.
    async fn newest(&self, scope: &Scope, row: &ApplicationRow) -> Result<Option<(Release, Option<(DeploymentId, DeploymentStatus)>)>, Error> {
        let application = &row.application;
        let mut open = self.store.deployment_list_open(scope).await?.into_iter().map(|row| row.deployment);
        let open = open.rfind(|open| open.application == application.id && open.operation == Operation::Deploy);
        let release = open.as_ref().map_or_else(|| application.live_release.clone(), |open| open.release.clone());
        let Some(release) = release else { return Ok(None) };
        let release = self.store.release_fetch(scope, release).await?;
        Ok(Some((release, open.map(|open| (open.id, open.status)))))
    }

    /// Where the source's branch is; none where the forge does not tell in time.
    async fn head(&self, scope: &Scope, source: &GitSource) -> Option<CommitSha> {
        let key = match &source.key {
            Some(key) => Some(self.store.key_private(scope, key.clone()).await.ok()?),
            None => None,
        };
        let asked = Box::pin(self.engine.head(source, key.as_ref()));
        tokio::time::timeout(HEAD_TIMEOUT, asked).await.ok()?.ok()
    }

    async fn push_deploy(&self, scope: &Scope, application: ApplicationId, push: &Push) -> Result<WebhookAnswer, Error> {
        let actor = push.pusher.clone().unwrap_or_else(|| "a push".into()).chars().filter(|c| !c.is_control()).take(100).collect();
        let request = DeployRequest {
            commit: push.after.as_ref().map(ToString::to_string),
            cause: Some(Cause { by: CauseKind::Push, actor }),
            ..DeployRequest::of(Operation::Deploy)
        };
        let queued = self.deployment_begin(scope, application, request).await?;
        let commit = push.after.as_ref().map_or("the newest commit", |commit| commit.short());
        let sentence = if queued.existed { format!("A deployment of {commit} waits already.") } else { format!("A deployment of {commit} was queued.") };
        Ok(WebhookAnswer { sentence, deployment: Some(queued.deployment.deployment.id) })
    }
}

/// What is said to a push of the commit that is under way.
fn again(commit: &CommitSha, deployment: DeploymentId, status: DeploymentStatus) -> WebhookAnswer {
    let does = if status == DeploymentStatus::Queued { "waits" } else { "runs" };
    WebhookAnswer { sentence: format!("A deployment of {} {does} already.", commit.short()), deployment: Some(deployment) }
}

/// Why a push does not deploy an application; none where it does.
fn skips(application: &model::Application, push: &Push) -> Option<String> {
    let Source::Git(git) = &application.settings.source else { return Some("The application does not come from a repository.".into()) };
    if !application.settings.auto_deploy {
        return Some("Deploying on push is switched off.".into());
    }
    if let Some(commit) = &application.settings.pinned_commit {
        return Some(format!("The application stays at commit {}.", commit.short()));
    }
    if git.url.transport() != GitTransport::File && !same_repository(&git.url.repository(), &push.repository) {
        return Some(format!("The push is to {}; the application comes from {}.", push.repository, git.url.repository()));
    }
    match push_wants_deploy(push, &git.reference, &application.settings.watch_paths) {
        Wants::Deploy => None,
        Wants::Skip(why) => Some(why),
    }
}

/// Whether a push is to the repository at this path; a host may serve it below a path of its own.
fn same_repository(path: &str, pushed: &str) -> bool {
    path == pushed || path.strip_suffix(pushed).is_some_and(|before| before.ends_with('/'))
}

fn unwanted(application: &model::Application, delivery: &Delivery) -> WebhookAnswer {
    match (delivery.pushes().find_map(|push| skips(application, push)), &delivery.event) {
        (Some(why), _) => WebhookAnswer::said(why),
        (None, Event::Other(word)) => WebhookAnswer::said(format!("Nothing to do for {word}.")),
        (None, _) => WebhookAnswer::said("Nothing to do."),
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::NoSecret | Refusal::NoProof { .. } | Refusal::WrongProof => Error::wrong(refusal.to_string()),
        Refusal::TooLarge => Error::Limit { why: refusal.to_string() },
        Refusal::NoEvent { .. } | Refusal::Unreadable { .. } => Error::invalid("body", refusal.to_string()),
    }
}
