//! What the owner of the machine does without signing in: `wharf setup`, `wharf token`, `wharf user`.

use crate::{
    arguments::{Setup, Token, TokenCommand},
    config::data_folder,
    control::{self, NewOwner, NewToken},
};
use model::Secret;
use std::io::Read;

/// Makes the first account.
pub(crate) async fn setup(setup: Setup) -> anyhow::Result<()> {
    make(setup, "/setup").await
}

/// Makes another account with a team of its own.
pub(crate) async fn user(setup: Setup) -> anyhow::Result<()> {
    make(setup, "/accounts").await
}

async fn make(setup: Setup, path: &str) -> anyhow::Result<()> {
    let password = password(setup.password_stdin)?;
    let new = NewOwner { name: setup.name, email: setup.email.clone(), password };
    control::ask(&data_folder(setup.folder.data), path, &new).await?;
    println!("The account {} is there: sign in to the dashboard with it.", setup.email);
    Ok(())
}

fn password(from_stdin: bool) -> anyhow::Result<Secret> {
    if from_stdin {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(Secret::new(text.trim_end_matches(['\n', '\r'])));
    }
    let first = rpassword::prompt_password("Password (10 characters at least): ")?;
    anyhow::ensure!(first == rpassword::prompt_password("Again: ")?, "the two passwords differ");
    Ok(Secret::new(first))
}

/// Makes a token of the first owner and prints it once.
pub(crate) async fn token(token: Token) -> anyhow::Result<()> {
    let TokenCommand::Create { name, ability, folder } = token.command;
    let abilities = ability.iter().flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect();
    let answer = control::ask(&data_folder(folder.data), "/tokens", &NewToken { name, abilities }).await?;
    println!("{}", answer["token"].as_str().unwrap_or_default());
    Ok(())
}
