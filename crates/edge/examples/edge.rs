//! An edge by itself, to measure: `edge STATE HTTP_PORT HTTPS_PORT THREADS`. Ends on ctrl-c.

use std::{error::Error, net::SocketAddr, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [state, http, https, threads] = arguments.as_slice() else { return Err("edge STATE HTTP_PORT HTTPS_PORT THREADS".into()) };
    let address = |port: &str| Ok::<_, Box<dyn Error>>(SocketAddr::from(([127, 0, 0, 1], port.parse()?)));
    let options = edge::EdgeOptions {
        state: state.into(),
        http: address(http)?,
        https: address(https)?,
        version: "example".to_owned(),
        drain_limit: Duration::from_secs(30),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads.parse()?).enable_all().build()?;
    let shutdown = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("no signal will be seen: {error}");
        }
    };
    Ok(runtime.block_on(async { tokio::spawn(edge::run(options, shutdown)).await })??)
}
