//! Builds the style sheets and scripts under `assets/` with the npm packages of the committed lock file, into the folder cargo gives.
//!
//! `npm ci` runs only when the lock file differs from the one installed last; nothing is written into the source tree.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=assets");
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo:error={}", why.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let sources = folder("CARGO_MANIFEST_DIR")?.join("assets");
    let out = folder("OUT_DIR")?;
    let packages = out.join("npm");
    install(&sources, &packages).map_err(|why| format!("the npm packages of the dashboard could not be installed: {why}"))?;
    fs::copy(sources.join("build.mjs"), packages.join("build.mjs")).map_err(|why| format!("build.mjs could not be copied: {why}"))?;
    run("node", &["build.mjs".as_ref(), sources.as_os_str(), out.as_os_str()], &packages)
}

fn folder(variable: &str) -> Result<PathBuf, String> {
    env::var_os(variable).map(PathBuf::from).ok_or_else(|| format!("cargo did not set {variable}"))
}

/// Installs what the lock file names, unless just that is installed.
fn install(sources: &Path, packages: &Path) -> Result<(), String> {
    let lock = fs::read(sources.join("package-lock.json")).map_err(|why| format!("package-lock.json: {why}"))?;
    let installed = packages.join(".installed");
    if fs::read(&installed).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    fs::create_dir_all(packages).map_err(|why| why.to_string())?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(sources.join(name), packages.join(name)).map_err(|why| format!("{name}: {why}"))?;
    }
    run("npm", &["ci".as_ref(), "--ignore-scripts".as_ref(), "--no-audit".as_ref(), "--no-fund".as_ref()], packages)?;
    fs::write(installed, lock).map_err(|why| why.to_string())
}

#[expect(clippy::disallowed_methods, reason = "a build script runs on the builder's machine, before the crate that holds host::Command exists")]
fn run(program: &str, arguments: &[&std::ffi::OsStr], folder: &Path) -> Result<(), String> {
    let output = std::process::Command::new(program).args(arguments).current_dir(folder).output().map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => format!("{program} was not found: the dashboard's scripts are built with Node.js 18 or newer and npm. Install both (Debian: apt-get install nodejs npm) and build again"),
        _ => format!("{program} could not be started: {why}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}
