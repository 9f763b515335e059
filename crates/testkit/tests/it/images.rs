//! The test bed's images keep the contracts of Docker Hub's: variables, files, paths, users, commands.

use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{TestContainer, TestEngine, wait_for};

const WITHIN: Duration = Duration::from_secs(60);
/// By this name a server is asked over TCP from within, wherever a restart leads its address.
const NAME: &str = "server";

/// A folder with what a container runs when its database is new, and a file with a password.
fn init_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let readable = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    readable(folder.path(), 0o755);
    fs::create_dir(folder.path().join("init")).expect("a folder");
    readable(&folder.path().join("init"), 0o755);
    let files = [("init/greet.sql", "CREATE TABLE greeting (word VARCHAR(20)); INSERT INTO greeting VALUES ('hello');"), ("password", "lovelace\n")];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
        readable(&folder.path().join(name), 0o644);
    }
    folder
}

async fn database(engine: &TestEngine, image: &str, variables: &[&str], folder: &TempDir) -> TestContainer {
    let path = folder.path().display();
    let binds = [format!("{path}/init:/docker-entrypoint-initdb.d:ro"), format!("{path}/password:/run/secrets/password:ro")];
    let container = TestContainer::start(engine, json!({"Image": image, "Hostname": NAME, "Env": variables, "HostConfig": {"Binds": binds}})).await;
    container.expect("a container")
}

/// How a container ends that is told too little, and its log.
async fn ends(engine: &TestEngine, image: &str) -> String {
    let container = TestContainer::start(engine, json!({"Image": image})).await.expect("a container");
    let ended = async || {
        let state = container.inspect().await.map_err(|error| error.to_string())?["State"].clone();
        if state["Running"] == false && state["ExitCode"] != 0 { Ok(()) } else { Err(state.to_string()) }
    };
    wait_for("the container to end", WITHIN, ended).await.expect("ended");
    container.log().await.expect("a log")
}

#[tokio::test]
async fn postgres_makes_the_database_that_its_variables_name_and_keeps_it() {
    let Some(engine) = TestEngine::required().await else { return };
    let folder = init_folder();
    let variables = ["POSTGRES_USER=ada", "POSTGRES_PASSWORD_FILE=/run/secrets/password", "POSTGRES_DB=shop", "POSTGRES_INITDB_ARGS=--data-checksums"];
    for (image, data) in [("postgres:18", "/var/lib/postgresql/18/docker"), ("postgres:17", "/var/lib/postgresql/data")] {
        let postgres = database(&engine, image, &variables, &folder).await;
        let argv = |password: &str, query: &str| {
            let variable = format!("PGPASSWORD={password}");
            ["env", &variable, "psql", "-h", NAME, "-U", "ada", "-d", "shop", "-Atc", query].map(str::to_owned)
        };
        let ask = async |query: &str| postgres.run_until_well(WITHIN, &argv("lovelace", query).each_ref().map(String::as_str)).await;
        assert_eq!(ask("SELECT word FROM greeting").await.expect("answered"), "hello", "{image}");
        assert_eq!(ask("SHOW data_directory").await.expect("answered"), data);
        assert_eq!(postgres.run(&["stat", "-c", "%U", "/proc/1"]).await.expect("a user"), "postgres");
        let refused = postgres.run(&argv("wrong", "SELECT 1").each_ref().map(String::as_str)).await.expect_err("a wrong password");
        assert!(refused.to_string().contains("password authentication failed"), "{refused}");
        ask("INSERT INTO greeting VALUES ('again')").await.expect("written");
        postgres.restart().await.expect("restarted");
        assert_eq!(ask("SELECT count(*) FROM greeting").await.expect("answered"), "2", "{image}");
    }
    let log = ends(&engine, "postgres:18").await;
    assert!(log.contains("superuser password is not specified"), "{log}");
}

#[tokio::test]
async fn mysql_makes_the_database_that_its_variables_name_and_keeps_it() {
    let variables = ["MYSQL_ROOT_PASSWORD=ro'ot", "MYSQL_DATABASE=shop_1", "MYSQL_USER=ada", "MYSQL_PASSWORD_FILE=/run/secrets/password"];
    holds_the_contract("mysql:latest", "mysql", &variables).await;
}

#[tokio::test]
async fn mariadb_makes_the_database_that_its_variables_name_and_keeps_it() {
    let variables = ["MARIADB_ROOT_PASSWORD=ro'ot", "MARIADB_DATABASE=shop_1", "MARIADB_USER=ada", "MARIADB_PASSWORD_FILE=/run/secrets/password"];
    holds_the_contract("mariadb:latest", "mariadb", &variables).await;
}

async fn holds_the_contract(image: &str, client: &str, variables: &[&str]) {
    let Some(engine) = TestEngine::required().await else { return };
    let folder = init_folder();
    let server = database(&engine, image, variables, &folder).await;
    let host = format!("--host={NAME}");
    let ada = ["env", "MYSQL_PWD=lovelace", client, &host, "--user=ada", "shop_1", "-Nse"];
    let ask = async |query: &str| server.run_until_well(WITHIN, &[&ada[..], &[query]].concat()).await;
    assert_eq!(ask("SELECT word FROM greeting").await.expect("answered"), "hello");
    let root = ["env", "MYSQL_PWD=ro'ot", client, &host, "--user=root", "-Nse", "SELECT @@datadir"];
    assert_eq!(server.run(&root).await.expect("root may"), "/var/lib/mysql/");
    assert_eq!(server.run(&["stat", "-c", "%U", "/proc/1"]).await.expect("a user"), "mysql");
    let wrong = ["env", "MYSQL_PWD=wrong", client, &host, "--user=ada", "-Nse", "SELECT 1"];
    let refused = server.run(&wrong).await.expect_err("a wrong password").to_string();
    assert!(refused.contains("Access denied"), "{refused}");
    ask("INSERT INTO greeting VALUES ('again')").await.expect("written");
    server.restart().await.expect("restarted");
    assert_eq!(ask("SELECT count(*) FROM greeting").await.expect("answered"), "2");
    let log = ends(&engine, image).await;
    assert!(log.contains("password option is not specified"), "{log}");
}

#[tokio::test]
async fn redis_and_valkey_ask_for_the_password_of_their_command_and_keep_their_data() {
    let Some(engine) = TestEngine::required().await else { return };
    let whole = ["redis-server", "--requirepass", "secret", "--appendonly", "yes"];
    for (image, client, command) in [("redis:latest", "redis-cli", &whole[..]), ("valkey/valkey:latest", "valkey-cli", &whole[1..])] {
        let server = TestContainer::start(&engine, json!({"Image": image, "Hostname": NAME, "Cmd": command})).await.expect("a container");
        let ask = async |password: &str, words: &[&str]| {
            let variables = ["REDISCLI_AUTH", "VALKEYCLI_AUTH"].map(|name| format!("{name}={password}"));
            let argv = [&["env", &variables[0], &variables[1], client, "-h", NAME][..], words].concat();
            wait_for(image, WITHIN, async || {
                let said = server.run(&argv).await.map_err(|error| format!("{error:#}"))?;
                if said.contains("refused") || said.contains("LOADING") { Err(said) } else { Ok(said) }
            })
            .await
        };
        assert_eq!(ask("secret", &["set", "word", "hello"]).await.expect("answered"), "OK", "{image}");
        let refused = ask("", &["get", "word"]).await.expect("answered");
        assert!(refused.contains("NOAUTH"), "{refused}");
        server.run(&["test", "-d", "/data/appendonlydir"]).await.expect("in its folder");
        server.restart().await.expect("restarted");
        assert_eq!(ask("secret", &["get", "word"]).await.expect("answered"), "hello");
    }
}

#[tokio::test]
async fn php_runs_what_lies_in_its_folder_behind_apache() {
    let Some(engine) = TestEngine::required().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::write(folder.path().join("index.php"), "<?php echo PHP_SAPI, ' ', getenv('WORD');").expect("written");
    fs::write(folder.path().join(".htaccess"), "FallbackResource /index.php\n").expect("written");
    let binds = [format!("{}:/var/www/html:ro", folder.path().display())];
    let body = json!({"Image": "php:8-apache", "Env": ["WORD=hello"], "HostConfig": {"Binds": binds}});
    let php = TestContainer::start(&engine, body).await.expect("a container");
    let address = php.address().await.expect("an address");
    for path in ["", "pretty"] {
        let said = async || {
            let answer = reqwest::get(format!("http://{address}/{path}")).await.map_err(|error| error.to_string())?;
            answer.text().await.map_err(|error| error.to_string())
        };
        assert_eq!(wait_for("a page", WITHIN, said).await.expect("a page"), "apache2handler hello");
    }
    assert_eq!(php.run(&["php", "-r", "echo PHP_MAJOR_VERSION;"]).await.expect("ran"), "8");
    php.run(&["docker-php-ext-install", "pdo_mysql", "opcache"]).await.expect("installed");
}
