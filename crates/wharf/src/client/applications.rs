//! Projects and applications.

use super::{
    api::{Api, Refusal},
    table,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// `wharf apps`.
#[derive(Debug, Args)]
pub(crate) struct Apps {
    /// What to do; the list when left out.
    #[command(subcommand)]
    command: Option<AppsCommand>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What can be done with applications.
#[derive(Debug, Subcommand)]
enum AppsCommand {
    /// Make an application from a git repository or an image
    Create(Box<Create>),
}

/// What a repository is made into.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Pack {
    /// Built by its Dockerfile
    Dockerfile,
    /// Its files are served as they are
    Static,
}

/// `wharf apps create`. Prints the uuid of what was made.
#[derive(Debug, Args)]
struct Create {
    /// Address of a git repository, such as https://github.com/you/app.git
    #[arg(long, required_unless_present = "image", conflicts_with = "image", value_name = "URL")]
    git: Option<String>,
    /// An image instead of a repository, such as nginx:1.27 or registry.example.com/team/app:1
    #[arg(long)]
    image: Option<String>,
    /// Name [default: the repository's or the image's]
    #[arg(long)]
    name: Option<String>,
    /// Branch, refs/tags/TAG or full commit id [default: the repository's own branch]
    #[arg(long, conflicts_with = "image")]
    branch: Option<String>,
    /// Name or uuid of the deploy key that opens the repository; needed over ssh
    #[arg(long, conflicts_with = "image")]
    key: Option<String>,
    /// How the repository becomes an image [default: dockerfile]
    #[arg(long, value_enum, conflicts_with = "image", value_name = "PACK")]
    build_pack: Option<Pack>,
    /// Folder of the repository that holds the application [default: all of it]
    #[arg(long, conflicts_with = "image", value_name = "DIR")]
    base_directory: Option<String>,
    /// Folder whose files the static pack serves [default: the base directory]
    #[arg(long, conflicts_with = "image", value_name = "DIR")]
    publish_directory: Option<String>,
    /// Port the application listens on [default: the one its image names]
    #[arg(long)]
    port: Option<u16>,
    /// Where visitors reach it, separated by commas, such as https://app.example.com [default: a name below the server's wildcard domain]
    #[arg(long)]
    domains: Option<String>,
    /// Name or uuid of the project [default: the first one]
    #[arg(long)]
    project: Option<String>,
    /// Name of the environment
    #[arg(long, default_value = "production")]
    environment: String,
    /// Deploy it at once
    #[arg(long)]
    deploy: bool,
}

/// Carries out `wharf apps`.
pub(super) async fn run(apps: Apps) -> anyhow::Result<()> {
    match apps.command {
        Some(AppsCommand::Create(create)) => self::create(*create).await,
        None => list(apps.json).await,
    }
}

async fn list(as_json: bool) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    if as_json {
        println!("{:#}", api.get("/applications").await?);
        return Ok(());
    }
    let apps = api.apps().await?;
    if apps.is_empty() {
        println!("No applications yet. Make one: wharf apps create --git https://... --deploy");
        return Ok(());
    }
    let rows: Vec<_> = apps.into_iter().map(|app| vec![app.name, app.status, app.urls.join(" "), app.uuid]).collect();
    table::print(&["name", "status", "address", "uuid"], &rows);
    Ok(())
}

/// Lists projects with their environments.
pub(super) async fn projects(as_json: bool) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    let projects = api.get("/projects").await?;
    if as_json {
        println!("{projects:#}");
        return Ok(());
    }
    let mut rows = Vec::new();
    for project in projects.as_array().into_iter().flatten() {
        let uuid = text(&project["uuid"]);
        let environments = api.get(&format!("/projects/{uuid}/environments")).await?;
        let names: Vec<&str> = environments.as_array().into_iter().flatten().map(|environment| text(&environment["name"])).collect();
        rows.push(vec![text(&project["name"]).to_owned(), names.join(", "), uuid.to_owned()]);
    }
    table::print(&["name", "environments", "uuid"], &rows);
    Ok(())
}

async fn create(create: Create) -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    let project = pick(&api.get("/projects").await?, create.project.as_deref(), "project")?;
    let server = pick(&api.get("/servers").await?, None, "server")?;
    let mut body = json!({
        "project_uuid": project, "server_uuid": server, "environment_name": create.environment,
        "instant_deploy": create.deploy,
    });
    let mut set = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            body[field] = value.into();
        }
    };
    set("name", create.name);
    set("domains", create.domains);
    set("ports_exposes", create.port.map(|port| port.to_string()));
    set("git_branch", create.branch);
    set("base_directory", create.base_directory);
    set("publish_directory", create.publish_directory);
    let pack = create.build_pack.and_then(|pack| clap::ValueEnum::to_possible_value(&pack));
    set("build_pack", pack.map(|pack| pack.get_name().to_owned()));
    let path = match (create.git, create.image) {
        (Some(git), _) => {
            set("git_repository", Some(git));
            match &create.key {
                Some(key) => {
                    set("private_key_uuid", Some(pick(&api.get("/security/keys").await?, Some(key), "deploy key")?));
                    "/applications/private-deploy-key"
                }
                None => "/applications/public",
            }
        }
        (None, image) => {
            set("docker_registry_image_name", image);
            "/applications/dockerimage"
        }
    };
    let made = api.post(path, &body).await?;
    let uuid = text(&made["uuid"]);
    println!("{uuid}");
    // For people; scripts read the line above.
    let next = if create.deploy { "Its first deployment is queued: wharf deployments" } else { "Deploy it: wharf deploy --follow" };
    eprintln!("{next} {uuid}");
    Ok(())
}

fn pick(list: &Value, wanted: Option<&str>, noun: &str) -> anyhow::Result<String> {
    let mut all = list.as_array().into_iter().flatten();
    let found = all.find(|one| wanted.is_none_or(|wanted| text(&one["uuid"]) == wanted || text(&one["name"]) == wanted));
    match found {
        Some(one) => Ok(text(&one["uuid"]).to_owned()),
        None => Err(Refusal::not_found(format!("there is no {noun} {}", wanted.unwrap_or_default())).into()),
    }
}

/// Opens an application's address in the browser, and prints it.
pub(super) async fn open(wanted: &str) -> anyhow::Result<()> {
    let app = Api::signed_in()?.app(wanted).await?;
    let Some(first) = app.urls.first() else {
        return Err(Refusal::not_found(format!("{} has no address", app.name)).into());
    };
    println!("{first}");
    let session = ["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];
    let known = session.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let browser = known.fold(host::Command::new("xdg-open").arg(first), |command, (name, value)| command.env(name, value));
    if browser.run().await.is_err() {
        eprintln!("No browser could be started; the address is above.");
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
