//! An application as its page and its lists show it.

use crate::{Error, Ops, ReleaseItem, Status, TagRow, permit};
use model::{Application, ApplicationId, EnvironmentId, Scheme};
use plan::Change;
use store::{ApplicationRow, DeploymentRow, Metric, Scope};

/// Deployments on an application's page.
const LATEST_COUNT: u32 = 5;

/// An application in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationItem {
    /// The application and where it belongs.
    pub row: ApplicationRow,
    /// How it is.
    pub status: Status,
    /// Where visitors reach it.
    pub urls: Vec<String>,
}

/// An application's page.
#[derive(Debug, Clone)]
pub struct ApplicationPage {
    /// The application and where it belongs.
    pub row: ApplicationRow,
    /// How it is.
    pub status: Status,
    /// Where visitors reach it.
    pub urls: Vec<String>,
    /// The release that serves, if one does.
    pub live: Option<ReleaseItem>,
    /// Its newest deployments.
    pub deployments: Vec<DeploymentRow>,
    /// What a deployment would make live; nothing before the first one.
    pub changes: Vec<Change>,
    /// Why it could not be deployed as it is set up now, such as a reference to a variable that is not there.
    pub faults: Vec<(String, String)>,
    /// Its tags.
    pub tags: Vec<TagRow>,
    /// The newest measurement of the last minutes.
    pub metric: Option<Metric>,
}

impl Ops {
    /// The addresses of an application's domains, with the edge's port where it is not the usual one.
    pub fn urls(&self, application: &Application) -> Vec<String> {
        let port = |scheme| if scheme == Scheme::Https { self.options.https_port } else { self.options.http_port };
        application.settings.domains.iter().filter(|domain| !domain.host.as_str().starts_with('*')).map(|domain| domain.url(port(domain.scheme))).collect()
    }

    /// The team's applications, of one environment or of all, as lists show them.
    pub async fn application_list(&self, scope: &Scope, environment: Option<EnvironmentId>) -> Result<Vec<ApplicationItem>, Error> {
        let rows = self.application_rows(scope, environment).await?;
        Ok(rows.into_iter().map(|row| self.application_item(row)).collect())
    }

    pub(crate) fn application_item(&self, row: ApplicationRow) -> ApplicationItem {
        ApplicationItem { status: self.engine.status(&row.application.id), urls: self.urls(&row.application), row }
    }

    /// An application as its page shows it.
    pub async fn application_show(&self, scope: &Scope, id: ApplicationId) -> Result<ApplicationPage, Error> {
        permit::read(scope)?;
        let row = self.store.application_fetch(scope, id.clone()).await?;
        let live = match &row.application.live_release {
            Some(live) => Some(self.store.release_fetch(scope, live.clone()).await?),
            None => None,
        };
        let (mut changes, mut faults) = (Vec::new(), Vec::new());
        match self.freeze(scope, &row).await {
            Ok(spec) => changes = live.as_ref().map(|live| plan::changes(&live.spec, &spec)).unwrap_or_default(),
            Err(Error::Invalid { fields }) => faults = fields,
            Err(other) => return Err(other),
        }
        let since = self.now() - jiff::SignedDuration::from_mins(5);
        Ok(ApplicationPage {
            status: self.engine.status(&id),
            urls: self.urls(&row.application),
            live: live.map(|live| ReleaseItem::of(live, row.application.live_release.as_ref())),
            deployments: self.store.deployment_list(scope, Some(id.clone()), None, LATEST_COUNT).await?,
            changes,
            faults,
            tags: self.store.tag_list_of(scope, id.clone()).await?,
            metric: self.store.metric_list(scope, id, since).await?.pop(),
            row,
        })
    }
}
