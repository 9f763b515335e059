//! From the start of the process to the first page, on data of an instance that is set up.

use crate::RUNS;
use crate::browser::Browser;
use crate::figure::{Figure, Goal, Values, milliseconds};
use anyhow::{Result, bail};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};
use testkit::{Running, TestWharf};

const WITHIN: Duration = Duration::from_secs(20);
const STOPS_WITHIN: Duration = Duration::from_secs(10);
const ASK_AGAIN: Duration = Duration::from_millis(1);

pub(crate) async fn measure() -> Result<Vec<Figure>> {
    let mut wharf = TestWharf::start().await?;
    wharf.setup().await?;
    let cookie = Browser::sign_in(&wharf).await?.header();
    wharf.terminate().await?;
    let folder = tempfile::tempdir()?;
    let address = wharf.url().trim_start_matches("http://").to_owned();
    let mut starts = Values::default();
    // The first start after another is not counted: it may be the one that reads the binary from the disk.
    for run in 0..=RUNS {
        let (binary, arguments, log) = (crate::binary()?, wharf.arguments()?, folder.path().join("log"));
        let (address, cookie) = (address.clone(), cookie.clone());
        let began = Instant::now();
        let mut running = Running::start(Path::new(&binary), arguments, &[], &log)?;
        let page = tokio::task::spawn_blocking(move || first_page(&address, &cookie)).await?;
        let took = began.elapsed();
        running.terminate(STOPS_WITHIN).await?;
        if !page?.contains("</html>") {
            bail!("the first page is not whole");
        }
        if run > 0 {
            starts.push(milliseconds(took));
        }
    }
    Ok(vec![Figure::new("start to first page", "ms", starts).aim(Goal::AtMost(150.0))])
}

/// Asks for the overview until it comes. A client of its own: an asynchronous one would need milliseconds for itself.
fn first_page(address: &str, cookie: &str) -> Result<String> {
    let began = Instant::now();
    while began.elapsed() < WITHIN {
        match TcpStream::connect(address) {
            Ok(mut stream) => {
                write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\n{cookie}\r\nConnection: close\r\n\r\n")?;
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer)?;
                return Ok(String::from_utf8_lossy(&answer).into_owned());
            }
            Err(_) => std::thread::sleep(ASK_AGAIN),
        }
    }
    bail!("no page within {} s", WITHIN.as_secs())
}
