//! Settings: a flag before the environment before the file before the default.
//!
//! Each setting is one field of [`Layer`], which is at once the flags, the environment variables and the file; the reference in the docs is made from it.

use anyhow::Context;
use clap::{Args, CommandFactory};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// One layer of settings; what it leaves out the next layer says.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Layer {
    /// Folder of the store, its key, repositories and the edge's state [default: /var/lib/wharf as root, else the user's data folder]
    #[arg(long, env = "WHARF_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Settings in a TOML file [default: wharf.toml in the data folder, where there is one]
    #[arg(long, env = "WHARF_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// Address and port of dashboard and API [default: 0.0.0.0:8000]
    #[arg(long, env = "WHARF_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Port on which applications answer HTTP [default: 80]
    #[arg(long, env = "WHARF_HTTP_PORT", value_name = "N")]
    pub(crate) http_port: Option<u16>,
    /// Port on which applications answer HTTPS [default: 443]
    #[arg(long, env = "WHARF_HTTPS_PORT", value_name = "N")]
    pub(crate) https_port: Option<u16>,
    /// Address at which people reach the dashboard, for links and cookies, such as https://wharf.example.com [default: http:// and the listen address]
    #[arg(long, env = "WHARF_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Domain below which applications get a name of their own: SLUG.WILDCARD [default: localhost]
    #[arg(long, env = "WHARF_WILDCARD", value_name = "DOMAIN")]
    pub(crate) wildcard: Option<String>,
    /// Unix socket of the container engine [default: /var/run/docker.sock]
    #[arg(long, env = "WHARF_ENGINE_SOCKET", value_name = "FILE")]
    pub(crate) engine_socket: Option<PathBuf>,
    /// How many images are built at once [default: 2]
    #[arg(long, env = "WHARF_BUILDS", value_name = "N")]
    pub(crate) builds: Option<u16>,
    /// Allow repositories on this machine (file://): everybody with an account can then read any repository that Wharf can read [default: false]
    #[arg(long, env = "WHARF_ALLOW_LOCAL_GIT", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) allow_local_git: Option<bool>,
    /// Allow repositories at private addresses, over HTTPS and ssh too, and over plain HTTP anywhere [default: false]
    #[arg(long, env = "WHARF_ALLOW_PRIVATE_SOURCES", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) allow_private_sources: Option<bool>,
    /// Believe X-Forwarded-For and X-Forwarded-Proto: only where a proxy of yours stands before the dashboard [default: false]
    #[arg(long, env = "WHARF_TRUST_FORWARDED", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) trust_forwarded: Option<bool>,
    /// How log lines look: human or json [default: human on a terminal, else json]
    #[arg(long, env = "WHARF_LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// Which log lines are written, as tracing filters such as info or engine=debug [default: info]
    #[arg(long, env = "WHARF_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Settings with every default filled in.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) http_port: u16,
    pub(crate) https_port: u16,
    pub(crate) public_url: Option<url::Url>,
    pub(crate) wildcard: model::Host,
    pub(crate) engine_socket: PathBuf,
    pub(crate) builds: u16,
    pub(crate) allow_local_git: bool,
    pub(crate) allow_private_sources: bool,
    pub(crate) trust_forwarded: bool,
    pub(crate) log_format: LogFormat,
    pub(crate) log: String,
}

/// The data folder, unless one is given: `/var/lib/wharf` as root, else the user's.
pub(crate) fn data_folder(given: Option<PathBuf>) -> PathBuf {
    if let Some(folder) = given {
        return folder;
    }
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/wharf");
    }
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share"))).unwrap_or_else(|| PathBuf::from(".")).join("wharf")
}

/// Reads the file and fills in the defaults.
///
/// # Errors
/// A file that cannot be read, is not TOML, or names a setting there is not; a value that is none, by its name.
pub(crate) fn resolve(layer: Layer) -> anyhow::Result<Config> {
    let file = read_file(&layer)?;
    let data = data_folder(layer.data.or(file.data));
    let wildcard = layer.wildcard.or(file.wildcard).unwrap_or_else(|| "localhost".into());
    let public_url = layer.public_url.or(file.public_url).map(|text| parse_url(&text)).transpose()?;
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    Ok(Config {
        data: std::path::absolute(&data).context("the data folder has no absolute path")?,
        listen: layer.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8000))),
        http_port: layer.http_port.or(file.http_port).unwrap_or(80),
        https_port: layer.https_port.or(file.https_port).unwrap_or(443),
        public_url,
        wildcard: wildcard.parse().with_context(|| format!("wildcard {wildcard:?}"))?,
        engine_socket: layer.engine_socket.or(file.engine_socket).unwrap_or_else(|| "/var/run/docker.sock".into()),
        builds: layer.builds.or(file.builds).unwrap_or(2).max(1),
        allow_local_git: layer.allow_local_git.or(file.allow_local_git).unwrap_or(false),
        allow_private_sources: layer.allow_private_sources.or(file.allow_private_sources).unwrap_or(false),
        trust_forwarded: layer.trust_forwarded.or(file.trust_forwarded).unwrap_or(false),
        log_format: layer.log_format.or(file.log_format).unwrap_or(if terminal { LogFormat::Human } else { LogFormat::Json }),
        log: layer.log.or(file.log).unwrap_or_else(|| "info".into()),
    })
}

fn parse_url(text: &str) -> anyhow::Result<url::Url> {
    let url = url::Url::parse(text).with_context(|| format!("public-url {text:?} is no address: it looks like https://wharf.example.com"))?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "public-url {text:?} begins with http:// or https://");
    Ok(url)
}

fn file_of(layer: &Layer) -> (PathBuf, bool) {
    match &layer.config {
        Some(path) => (path.clone(), true),
        None => (data_folder(layer.data.clone()).join("wharf.toml"), false),
    }
}

fn read_file(layer: &Layer) -> anyhow::Result<Layer> {
    let (path, must_exist) = file_of(layer);
    match std::fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).with_context(|| format!("the settings in {} are wrong", path.display())),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound && !must_exist => Ok(Layer::default()),
        Err(why) => Err(why).with_context(|| format!("the settings in {} cannot be read", path.display())),
    }
}

/// Prints every setting with its value and where it comes from, as TOML that could be the file.
pub(crate) fn print(layer: Layer) -> anyhow::Result<()> {
    let (path, _) = file_of(&layer);
    let file = read_file(&layer)?;
    let config = resolve(layer)?;
    let sources = Sources::read(&file, &path);
    for (name, value) in config.settings() {
        println!("{name} = {value}  # {}", sources.of(name));
    }
    Ok(())
}

impl Config {
    /// Every setting as TOML, in the order of the flags.
    fn settings(&self) -> Vec<(&'static str, toml::Value)> {
        let text = |value: &dyn fmt::Display| toml::Value::String(value.to_string());
        let public_url = self.public_url.as_ref().map(ToString::to_string).unwrap_or_default();
        let format = if self.log_format == LogFormat::Human { "human" } else { "json" };
        vec![
            ("data", text(&self.data.display())),
            ("listen", text(&self.listen)),
            ("http-port", i64::from(self.http_port).into()),
            ("https-port", i64::from(self.https_port).into()),
            ("public-url", public_url.into()),
            ("wildcard", text(&self.wildcard)),
            ("engine-socket", text(&self.engine_socket.display())),
            ("builds", i64::from(self.builds).into()),
            ("allow-local-git", self.allow_local_git.into()),
            ("allow-private-sources", self.allow_private_sources.into()),
            ("trust-forwarded", self.trust_forwarded.into()),
            ("log-format", format.into()),
            ("log", self.log.clone().into()),
        ]
    }
}

/// Where each setting's value comes from.
struct Sources {
    matches: Option<clap::ArgMatches>,
    file: toml::Table,
    path: String,
}

impl Sources {
    fn read(file: &Layer, path: &Path) -> Self {
        let matches = crate::arguments::Arguments::command().try_get_matches().ok().and_then(|all| all.subcommand_matches("config").cloned());
        Self { matches, file: toml::Table::try_from(file).unwrap_or_default(), path: path.display().to_string() }
    }

    fn of(&self, name: &str) -> String {
        use clap::parser::ValueSource;
        match self.matches.as_ref().and_then(|matches| matches.value_source(&name.replace('-', "_"))) {
            Some(ValueSource::CommandLine) => format!("flag --{name}"),
            Some(ValueSource::EnvVariable) => format!("environment WHARF_{}", name.replace('-', "_").to_uppercase()),
            _ if self.file.contains_key(name) => format!("file {}", self.path),
            _ => "default".into(),
        }
    }
}

impl Layer {
    /// The flags that were given, as a command line that repeats them.
    pub(crate) fn as_arguments(&self) -> Vec<String> {
        let table = toml::Table::try_from(self).unwrap_or_default();
        let config = self.config.iter().flat_map(|path| ["--config".to_owned(), path.display().to_string()]);
        let flags = table.into_iter().flat_map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            [format!("--{name}"), value]
        });
        config.chain(flags).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    /// Parses flags as `wharf up` would.
    fn layer(arguments: &[&str]) -> Layer {
        let command = Layer::augment_args(clap::Command::new("up").no_binary_name(true));
        Layer::from_arg_matches(&command.try_get_matches_from(arguments).expect("parses")).expect("a layer")
    }

    /// The reference of settings as Markdown, made from the flags themselves.
    fn reference() -> String {
        let mut page = String::from(
            "# Settings\n\nA flag goes before the environment, the environment before the file (TOML, named as the flag), the file before the default.\n\
             `wharf config` prints what is in force and where it comes from.\n\n| flag and file | environment | what it does |\n|---|---|---|\n",
        );
        let command = Layer::augment_args(clap::Command::new("up"));
        for argument in command.get_arguments() {
            let (Some(flag), Some(variable)) = (argument.get_long(), argument.get_env()) else { continue };
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            page.push_str(&format!("| `--{flag}` | `{}` | {} |\n", variable.to_string_lossy(), help.replace('|', "\\|")));
        }
        page
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("wharf.toml"), "http-port = 8081\nhttps-port = 8444\nallow-local-git = true\n").expect("written");
        let data = folder.path().display().to_string();
        let config = resolve(layer(&["--data", &data, "--http-port", "8080"])).expect("resolves");
        assert_eq!((config.http_port, config.https_port, config.listen.port()), (8080, 8444, 8000));
        assert!(config.allow_local_git);
    }

    #[test]
    fn a_setting_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("wharf.toml"), "htp-port = 8081\n").expect("written");
        let data = folder.path().display().to_string();
        let error = format!("{:#}", resolve(layer(&["--data", &data])).expect_err("refused"));
        assert!(error.contains("htp-port"), "{error}");
    }

    #[test]
    fn flags_can_be_repeated_from_a_layer() {
        let given = ["--data", "/d", "--http-port", "8080", "--allow-local-git", "true"];
        assert_eq!(layer(&layer(&given).as_arguments().iter().map(String::as_str).collect::<Vec<_>>()).as_arguments().len(), given.len());
    }

    #[test]
    fn the_reference_of_settings_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/settings.md");
        if std::env::var_os("WHARF_UPDATE_DOCS").is_some() {
            std::fs::write(&path, reference()).expect("written");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), reference(), "run this test with WHARF_UPDATE_DOCS=1 and commit docs/src/settings.md");
    }
}
