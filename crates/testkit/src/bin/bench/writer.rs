//! An application that writes lines when it is asked to.

use crate::visitor::Visitor;
use anyhow::{Context, Result};
use serde_json::json;
use std::time::Duration;
use testkit::{Api, TestForge, TestWharf};

/// `/line/7` writes a line with this number and the time, `/many/7` writes so many others.
const PROGRAM: &str = r#"import http.server, sys, time
class Writer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        act, number = self.path.strip("/").split("/")
        if act == "line":
            sys.stdout.write(f"line-{number} {time.time_ns()} \n")
        else:
            for at in range(int(number)):
                sys.stdout.write(f"one of many lines, number {at}\n")
        sys.stdout.flush()
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.HTTPServer(("", 8080), Writer).serve_forever()
"#;
const DOCKERFILE: &str = "FROM python:latest\nCOPY write.py /\nEXPOSE 8080\nSTOPSIGNAL SIGKILL\nCMD [\"python3\", \"/write.py\"]\n";
const HOST: &str = "lines.localhost";
const WITHIN: Duration = Duration::from_secs(120);

/// The application, deployed.
pub(crate) struct Writer {
    pub(crate) application: String,
    /// Its container.
    pub(crate) container: String,
    visitor: Visitor,
}

impl Writer {
    /// Deploys it.
    pub(crate) async fn deploy(wharf: &TestWharf, api: &Api) -> Result<Self> {
        let forge = TestForge::start().await?;
        let repository = forge.create_empty("team/lines").await?;
        repository.commit("main", &[("Dockerfile", DOCKERFILE), ("write.py", PROGRAM)], "First").await?;
        let fields = json!({
            "name": "lines", "git_repository": repository.url_http(), "git_branch": "main", "build_pack": "dockerfile", "ports_exposes": "8080",
            "domains": format!("http://{HOST}"),
        });
        let application = wharf.application(api, "public", fields).await?;
        api.deploy_finished(&application, WITHIN).await?;
        let containers = wharf.engine().containers(&format!("wharf.resource={application}")).await?;
        let running = containers.iter().find(|container| container["State"] == "running");
        let container = running.and_then(|container| container["Id"].as_str()).map(str::to_owned).context("the application has no container")?;
        Ok(Self { application, container, visitor: Visitor::of_edge(wharf, HOST) })
    }

    /// Writes the line of this number, which says when it was written.
    pub(crate) async fn line(&self, number: usize) -> Result<()> {
        self.visitor.get(&format!("/line/{number}")).await.map(drop)
    }

    /// Writes so many other lines.
    pub(crate) async fn many(&self, lines: usize) -> Result<()> {
        self.visitor.get(&format!("/many/{lines}")).await.map(drop)
    }
}
