//! Where things are: the checkout, and the folder outside it that keeps what the tasks made.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The test bed's folder: `WHARF_TESTBED_STATE`, else `wharf-testbed` in the user's cache folder. Made when it is not there.
pub fn testbed_state() -> Result<PathBuf> {
    let folder = match std::env::var_os("WHARF_TESTBED_STATE") {
        Some(folder) => PathBuf::from(folder),
        None => cache()?.join("wharf-testbed"),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

fn cache() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(folder));
    }
    let home = std::env::var_os("HOME").context("HOME is not set; set WHARF_TESTBED_STATE to a folder for the test bed")?;
    Ok(Path::new(&home).join(".cache"))
}
