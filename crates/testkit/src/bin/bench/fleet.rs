//! Many applications, defined over the API and never deployed.

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use testkit::{Api, TestWharf};

/// How many.
pub(crate) const APPLICATIONS: usize = 500;
/// How many are made at a time.
const AT_ONCE: usize = 4;

/// Defines them in the first environment.
pub(crate) async fn define(wharf: &TestWharf, api: &Api) -> Result<()> {
    let place = wharf.place(api).await?;
    let made = (0..APPLICATIONS).map(|number| one(api, place.clone(), number));
    stream::iter(made).buffer_unordered(AT_ONCE).try_collect().await
}

async fn one(api: &Api, mut fields: Value, number: usize) -> Result<()> {
    let name = format!("application-{number:03}");
    let domain = format!("http://{name}.example.org");
    let own = [("name", name), ("domains", domain), ("docker_registry_image_name", "busybox".into()), ("docker_registry_image_tag", "latest".into())];
    for (field, value) in own {
        fields[field] = json!(value);
    }
    fields["ports_exposes"] = json!("80");
    api.post("/applications/dockerimage", fields).await?.ok().map(drop)
}
