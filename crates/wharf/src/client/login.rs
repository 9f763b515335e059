//! Signing in.

use super::api::{Api, Login};
use anyhow::Context;
use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Tries a token and remembers it.
pub(super) async fn login(url: &str, token_stdin: bool) -> anyhow::Result<()> {
    let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    let token = if token_stdin {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text
    } else {
        rpassword::prompt_password(format!("API token (make one at {}/tokens): ", url.trim_end_matches('/')))?
    };
    let api = Api::with(Login { url, token: token.trim().to_owned() })?;
    let who = api.get("/whoami").await?;
    remember(&api.login)?;
    println!("Signed in to {} as {}.", api.login.url, name(&who));
    Ok(())
}

fn remember(login: &Login) -> anyhow::Result<()> {
    let path = Login::file()?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let _ = std::fs::remove_file(&path);
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(toml::to_string(login)?.as_bytes())?;
    Ok(())
}

/// Forgets the token.
pub(super) fn logout() -> anyhow::Result<()> {
    match std::fs::remove_file(Login::file()?) {
        Ok(()) => println!("Signed out. The token itself still works: revoke it in the dashboard if it should not."),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => println!("No login was remembered."),
        Err(why) => return Err(why.into()),
    }
    Ok(())
}

/// Says who the token belongs to.
pub(super) async fn whoami() -> anyhow::Result<()> {
    let api = Api::signed_in()?;
    let who = api.get("/whoami").await?;
    let abilities: Vec<&str> = who["abilities"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    println!("{} at {}\nteam:  {}\ntoken: {} ({})", name(&who), api.login.url, text(&who["team"]["name"]), text(&who["token"]), abilities.join(", "));
    Ok(())
}

fn name(who: &Value) -> String {
    format!("{} <{}>", text(&who["user"]["name"]), text(&who["user"]["email"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
