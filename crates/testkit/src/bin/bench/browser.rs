//! A browser that is signed in: pages, and the live stream that they listen to.

use anyhow::{Context, Result, bail, ensure};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use reqwest::Client;
use reqwest::redirect::Policy;
use std::time::Duration;
use testkit::{OWNER, PASSWORD, TestWharf};

/// How long a stream may bring nothing of what is waited for.
const WITHIN: Duration = Duration::from_secs(120);
/// What is kept of a stream's past.
const KEPT_CHARACTERS: usize = 200;

/// The owner's browser.
pub(crate) struct Browser {
    client: Client,
    base: String,
    cookie: String,
}

impl Browser {
    /// Signs in as the owner that [`TestWharf::setup`] made.
    pub(crate) async fn sign_in(wharf: &TestWharf) -> Result<Self> {
        let (client, base) = (Client::builder().redirect(Policy::none()).build()?, wharf.url());
        let answer = client.post(format!("{base}/sign-in")).form(&[("email", OWNER), ("password", PASSWORD)]).send().await?;
        let cookies = answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookies.collect::<Vec<_>>().join("; ");
        ensure!(answer.status().is_redirection() && !cookie.is_empty(), "signing in answers {}", answer.status());
        Ok(Self { client, base, cookie })
    }

    /// The header that says who asks.
    pub(crate) fn header(&self) -> String {
        format!("Cookie: {}", self.cookie)
    }

    /// A page.
    pub(crate) async fn page(&self, path: &str) -> Result<String> {
        let answer = self.get(path).await?;
        Ok(answer.text().await?)
    }

    /// Opens the live stream of a page, as its script does: from the address and the place that the page names.
    pub(crate) async fn open(&self, path: &str) -> Result<Live> {
        let page = self.page(path).await?;
        let stream = attribute(&page, "data-live").with_context(|| format!("{path} listens to no stream"))?;
        let after = attribute(&page, "data-live-after").map(|after| format!("&after={after}")).unwrap_or_default();
        self.listen(&format!("{stream}{after}")).await
    }

    /// Listens to a stream.
    pub(crate) async fn listen(&self, path: &str) -> Result<Live> {
        let answer = self.get(path).await?;
        Ok(Live { chunks: answer.bytes_stream().map(|chunk| Ok(chunk?.to_vec())).boxed(), text: String::new() })
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response> {
        let answer = self.client.get(format!("{}{path}", self.base)).header("cookie", &self.cookie).send().await?;
        ensure!(answer.status().is_success(), "{path} answers {}", answer.status());
        Ok(answer)
    }
}

/// The value of an attribute of the first element that has it.
fn attribute(page: &str, name: &str) -> Option<String> {
    let (_, after) = page.split_once(&format!(" {name}=\""))?;
    let (value, _) = after.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

/// A stream of a page.
pub(crate) struct Live {
    chunks: BoxStream<'static, Result<Vec<u8>>>,
    /// What came last; of what nothing was found in, the end, where a text may begin that the next chunk ends.
    text: String,
}

impl Live {
    /// Reads on until a function finds something, of at most [`KEPT_CHARACTERS`], in what came since it last did.
    pub(crate) async fn until<T>(&mut self, mut find: impl FnMut(&str) -> Option<T>) -> Result<T> {
        let found = async {
            loop {
                if let Some(found) = find(&self.text) {
                    self.text.clear();
                    return Ok(found);
                }
                match self.chunks.next().await {
                    Some(chunk) => self.text = last(&self.text) + &String::from_utf8_lossy(&chunk?),
                    None => bail!("the stream ended; it said last: {}", last(&self.text)),
                }
            }
        };
        match tokio::time::timeout(WITHIN, found).await {
            Ok(found) => found,
            Err(_) => bail!("waited {} s in vain for the stream", WITHIN.as_secs()),
        }
    }
}

fn last(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().rev().take(KEPT_CHARACTERS).collect();
    characters.reverse();
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn attributes_are_read_from_a_page() {
        let page = "<main class=\"main\" data-live=\"/live?of=overview&amp;at=%2F\" data-live-after=\"x~3\">";
        assert_eq!(super::attribute(page, "data-live").as_deref(), Some("/live?of=overview&at=%2F"));
        assert_eq!(super::attribute(page, "data-live-after").as_deref(), Some("x~3"));
        assert_eq!(super::attribute(page, "data-none"), None);
    }
}
