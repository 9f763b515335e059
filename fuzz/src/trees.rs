//! Files of a source tree, and archives of it.

use buildpack::{Context, Dockerfile, Ignore, Recipe, RecipeFile, assemble};
use std::path::Component;

/// A Dockerfile.
pub fn dockerfile(bytes: &[u8]) {
    let Ok(file) = Dockerfile::parse(&String::from_utf8_lossy(bytes)) else { return };
    for name in file.stage_names() {
        let _ = file.stage(Some(&name));
    }
    if let Some(last) = file.stage(None) {
        let _ = (file.ports(last), file.has_health_check(last));
    }
}

/// An ignore file, asked about some paths.
pub fn ignore(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(ignore) = Ignore::parse(".dockerignore", &text) else { return };
    for path in ["", "a", "src/main.rs", "a/b/../c", "//", "node_modules/x/y.js"].into_iter().chain(text.lines().take(8)) {
        let _ = ignore.leaves_out(path);
    }
}

/// An archive as a build context, under each kind of recipe: what comes out stays inside.
pub fn context(bytes: &[u8]) {
    let ignore = Ignore::parse(".dockerignore", "*.log\n!keep.log").expect("patterns");
    let site = Context::Site { directory: "dist".parse().expect("a path"), settings: "{}".into() };
    let in_context = || RecipeFile::InContext("Dockerfile".parse().expect("a path"));
    for (file, context) in [(in_context(), Context::Tree { ignore }), (RecipeFile::Generated { content: "FROM a".into() }, site)] {
        let recipe = Recipe { file, target: None, arguments: vec![], secrets: vec![], unused: vec![], exposed_port: None, context };
        let mut output = Vec::new();
        if assemble(&recipe, bytes, &mut output, 7).is_ok() {
            stays_inside(&output);
        }
    }
}

fn stays_inside(archive: &[u8]) {
    for entry in tar::Archive::new(archive).entries().expect("entries") {
        let Ok(entry) = entry else { return };
        let path = entry.path().expect("a path").into_owned();
        assert!(path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)), "{} leads out", path.display());
        assert!(!entry.header().entry_type().is_hard_link(), "a hard link at {}", path.display());
    }
}
