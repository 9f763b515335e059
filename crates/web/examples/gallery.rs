//! Shows every component at http://127.0.0.1:8099/components, with the real style sheet and scripts.

use axum::{Router, routing::get};
use std::process::ExitCode;

#[cfg(debug_assertions)]
fn viewer() -> web::layout::Viewer {
    web::layout::Viewer {
        person: "Mira Okafor".into(),
        role: "Owner",
        team: "Halyard".into(),
        projects: vec![],
        deploying: 1,
        theme: None,
        now: jiff::Timestamp::now(),
        said: None,
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    #[cfg(debug_assertions)]
    let router = Router::new().route("/components", get(|| async { axum::response::Html(web::page::components::page(&viewer()).into_string()) }));
    #[cfg(not(debug_assertions))]
    let router = Router::new();
    let router = router.route("/assets/{name}", get(web::assets::serve));
    let Ok(listener) = tokio::net::TcpListener::bind("127.0.0.1:8099").await else {
        eprintln!("port 8099 is taken: stop what listens there");
        return ExitCode::FAILURE;
    };
    match axum::serve(listener, router).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
