//! A guess at how a tree is built, with the evidence in words.

use crate::{Dockerfile, FileTree, Kind, recipe::STATIC_PORT};
use model::{BuildPack, DockerfilePack, Port, RelativePath, StaticPack};

/// Where a site that is served as it is may lie, the likeliest first; the first is the tree itself.
const SITE_DIRECTORIES: [&str; 11] = ["", "dist", "build", "out", "public", "site", "_site", "www", "html", "htdocs", "docs"];
/// Directories that builds write: an `index.html` there is a result, elsewhere it may be a template.
const RESULT_DIRECTORIES: [&str; 5] = ["dist", "build", "out", "site", "_site"];
/// Files that tell a language, and what people call it.
const LANGUAGES: [(&str, &str); 10] = [
    ("package.json", "Node"),
    ("requirements.txt", "Python"),
    ("pyproject.toml", "Python"),
    ("go.mod", "Go"),
    ("Cargo.toml", "Rust"),
    ("composer.json", "PHP"),
    ("Gemfile", "Ruby"),
    ("pom.xml", "Java"),
    ("build.gradle", "Java"),
    ("mix.exs", "Elixir"),
];

/// How a tree is probably built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The likeliest pack; none when the tree shows no way.
    pub pack: Option<BuildPack>,
    /// The port the image will answer on, when the tree says so.
    pub port: Option<Port>,
    /// Why, or what was looked for in vain, as sentences.
    pub evidence: Vec<String>,
    /// Other ways the tree could be built.
    pub alternatives: Vec<BuildPack>,
}

/// Guesses how a tree is built.
pub fn detect(tree: &FileTree) -> Guess {
    if tree.is_empty() {
        let evidence = vec!["The base directory holds no files at this commit.".to_owned()];
        return Guess { pack: None, port: None, evidence, alternatives: Vec::new() };
    }
    let dockerfiles = tree.dockerfiles();
    let sites = sites(tree);
    let mut packs: Vec<_> = dockerfiles.iter().map(dockerfile_pack).chain(sites.iter().map(static_pack)).collect();
    let (port, evidence) = match (dockerfiles.first(), sites.first()) {
        (Some(path), _) => read_dockerfile(tree, path),
        (None, Some(directory)) => (Port::try_from(STATIC_PORT).ok(), vec![site_found(directory)]),
        (None, None) => (None, nothing_found(tree)),
    };
    let pack = (!packs.is_empty()).then(|| packs.remove(0));
    Guess { pack, port, evidence, alternatives: packs }
}

fn dockerfile_pack(path: &RelativePath) -> BuildPack {
    BuildPack::Dockerfile(DockerfilePack { location: path.clone(), ..DockerfilePack::default() })
}

fn static_pack(directory: &RelativePath) -> BuildPack {
    BuildPack::Static(StaticPack { publish_directory: directory.clone(), ..StaticPack::default() })
}

/// Directories with an `index.html` that needs no build.
fn sites(tree: &FileTree) -> Vec<RelativePath> {
    let built = has_build_script(tree);
    let usable = |directory: &&&str| !built || RESULT_DIRECTORIES.contains(*directory);
    let has_index = |directory: &RelativePath| tree.kind(&index_of(directory)) == Some(Kind::File);
    SITE_DIRECTORIES.iter().filter(usable).filter_map(|directory| directory.parse().ok()).filter(has_index).collect()
}

fn index_of(directory: &RelativePath) -> String {
    if directory.is_root() { "index.html".to_owned() } else { format!("{directory}/index.html") }
}

/// A `package.json` whose `build` script makes the site from the files here.
fn has_build_script(tree: &FileTree) -> bool {
    let package = tree.text("package.json").and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    package.is_some_and(|package| package.pointer("/scripts/build").is_some_and(serde_json::Value::is_string))
}

fn read_dockerfile(tree: &FileTree, path: &RelativePath) -> (Option<Port>, Vec<String>) {
    let mut evidence = vec![format!("There is a Dockerfile at {path}.")];
    let file = match Dockerfile::parse(&tree.text(path.as_str()).unwrap_or_default()) {
        Ok(file) => file,
        Err(fault) => {
            evidence.push(format!("Its line {} is wrong: {}.", fault.line, fault.why));
            return (None, evidence);
        }
    };
    let Some(last) = file.stage(None) else { return (None, evidence) };
    if file.stages.len() > 1 {
        let names = file.stage_names();
        let named = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        evidence.push(format!("It has {} stages{named}; the last one is built.", file.stages.len()));
    }
    let ports = file.ports(last);
    evidence.push(match ports.as_slice() {
        [] => "It exposes no port: the base image may, or name the port here.".to_owned(),
        [port] => format!("It exposes port {port}."),
        [port, others @ ..] => {
            let others: Vec<_> = others.iter().map(u16::to_string).collect();
            format!("It exposes port {port}, and also {}.", others.join(", "))
        }
    });
    if file.has_health_check(last) {
        evidence.push("It brings a health check of its own.".to_owned());
    }
    if !file.arguments.is_empty() {
        let names: Vec<_> = file.arguments.iter().map(String::as_str).collect();
        evidence.push(format!("It takes the build arguments {}.", names.join(", ")));
    }
    (ports.first().and_then(|port| (*port).try_into().ok()), evidence)
}

fn site_found(directory: &RelativePath) -> String {
    if directory.is_root() {
        "There is an index.html at the top: the files are served as they are.".to_owned()
    } else {
        format!("There is an index.html in {directory}: its files are served as they are.")
    }
}

fn nothing_found(tree: &FileTree) -> Vec<String> {
    let places: Vec<_> = SITE_DIRECTORIES.iter().skip(1).copied().collect();
    let mut evidence = vec![
        "There is no Dockerfile or Containerfile, at the top or one directory down.".to_owned(),
        format!("There is no index.html to serve as it is, at the top or in {}.", places.join(", ")),
    ];
    if has_build_script(tree) && (tree.kind("index.html").is_some() || tree.kind("public/index.html").is_some()) {
        evidence
            .push("There is an index.html, but package.json has a build script that makes the site from it: add a Dockerfile that runs the build.".to_owned());
    }
    let language = LANGUAGES.iter().find(|(file, _)| tree.kind(file) == Some(Kind::File));
    if let Some((file, name)) = language {
        evidence.push(format!("There is a {file}, so this looks like a {name} application: it needs a Dockerfile to be built here."));
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::tree;

    fn said(files: &[(&str, &str)]) -> String {
        let guess = detect(&tree(files));
        let pack = guess.pack.as_ref().map_or("nothing", BuildPack::as_str);
        let port = guess.port.map_or_else(|| "no port".to_owned(), |port| port.to_string());
        format!("{pack}, {port}, {} alternatives\n{}", guess.alternatives.len(), guess.evidence.join("\n"))
    }

    #[test]
    fn a_dockerfile_goes_before_a_site() {
        insta::assert_snapshot!(said(&[
            ("Dockerfile", "ARG V\nFROM a AS build\nFROM b\nEXPOSE 3000 9229\nHEALTHCHECK CMD x"),
            ("public/index.html", ""),
            ("dev/Dockerfile", "FROM a"),
        ]));
    }

    #[test]
    fn a_broken_dockerfile_is_still_the_guess_and_its_fault_is_said() {
        insta::assert_snapshot!(said(&[("docker/Dockerfile", "FROM a\nRNU x")]));
    }

    #[test]
    fn an_index_page_is_a_site_unless_a_build_makes_it() {
        let build = r#"{"scripts": {"build": "vite build"}}"#;
        assert!(said(&[("index.html", ""), ("package.json", "{}")]).starts_with("static, 80"));
        assert!(said(&[("public/index.html", "")]).starts_with("static, 80"));
        assert!(said(&[("index.html", ""), ("dist/index.html", ""), ("package.json", build)]).contains("in dist"));
        insta::assert_snapshot!(said(&[("index.html", ""), ("package.json", build)]));
    }

    #[test]
    fn when_nothing_is_found_what_was_looked_for_is_said() {
        insta::assert_snapshot!(said(&[("go.mod", ""), ("main.go", "")]));
        assert!(said(&[]).contains("no files"));
    }
}
