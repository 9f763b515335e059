//! The recipe: what to send to the engine and how it builds it.

use crate::{Dockerfile, Error, FileTree, Ignore, Kind};
use model::{BuildPack, DockerfilePack, EnvName, Port, RelativePath, Source, StaticPack};

/// The build argument that names the base image of a static site. That image holds the `wharf` binary at `/wharf`.
pub const STATIC_BASE_ARGUMENT: &str = "WHARF_STATIC_BASE";
/// The port a static site answers on.
pub const STATIC_PORT: u16 = 80;
/// Where a Dockerfile that is in no repository lies in the context.
pub const GENERATED_DOCKERFILE: &str = "wharf.Dockerfile";
/// The directory of the context that holds the files of a static site.
pub const SITE_DIRECTORY: &str = "site";
/// The settings of a static site in the context: a [`StaticPack`] as JSON.
pub const SITE_SETTINGS: &str = "site.json";

/// Build arguments that every Dockerfile takes without declaring them.
const PREDEFINED_ARGUMENTS: [&str; 10] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"];

const STATIC_DOCKERFILE: &str = "\
ARG WHARF_STATIC_BASE=scratch
FROM ${WHARF_STATIC_BASE}
COPY site/ /site/
COPY site.json /site.json
EXPOSE 80
ENTRYPOINT [\"/wharf\", \"static\", \"--root\", \"/site\", \"--settings\", \"/site.json\", \"--port\", \"80\"]
";

/// Where the Dockerfile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipeFile {
    /// In the tree, at this path of the context.
    InContext(RelativePath),
    /// Not in the tree: [`crate::assemble`] puts it at [`GENERATED_DOCKERFILE`].
    Generated {
        /// Its text.
        content: String,
    },
}

impl RecipeFile {
    /// Its path in the assembled context.
    pub fn path(&self) -> &str {
        match self {
            Self::InContext(path) => path.as_str(),
            Self::Generated { .. } => GENERATED_DOCKERFILE,
        }
    }
}

/// What is sent to the engine besides a generated Dockerfile.
#[derive(Debug, Clone)]
pub enum Context {
    /// Nothing.
    Empty,
    /// The tree, without what the ignore file leaves out.
    Tree {
        /// What is left out.
        ignore: Ignore,
    },
    /// A directory of the tree, below [`SITE_DIRECTORY`], and [`SITE_SETTINGS`] beside it.
    Site {
        /// The directory, below the base directory.
        directory: RelativePath,
        /// The settings as JSON.
        settings: String,
    },
}

/// How a source becomes an image.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The Dockerfile.
    pub file: RecipeFile,
    /// The stage to build; the last when absent.
    pub target: Option<String>,
    /// Build-time variables to pass as build arguments.
    pub arguments: Vec<EnvName>,
    /// Build-time variables to pass as build secrets, their names as ids.
    pub secrets: Vec<EnvName>,
    /// Build-time variables the Dockerfile neither declares as `ARG` nor mounts as secrets: passing them would change nothing, which a log should say.
    pub unused: Vec<EnvName>,
    /// The port the image will expose, when the Dockerfile says so.
    pub exposed_port: Option<Port>,
    /// What is sent.
    pub context: Context,
}

impl Recipe {
    /// The directory below the base directory whose archive [`crate::assemble`] takes; none when nothing of a tree is sent.
    pub fn directory(&self) -> Option<RelativePath> {
        match &self.context {
            Context::Empty => None,
            Context::Tree { .. } => Some(RelativePath::root()),
            Context::Site { directory, .. } => Some(directory.clone()),
        }
    }
}

/// Decides how to build a source by a pack. `tree` is the tree below the base directory, empty for a pasted Dockerfile; `variables` are the names of the
/// build-time variables.
///
/// # Errors
/// All that can be known before a build: a missing file, directory or stage, and Dockerfiles that no build accepts.
pub fn recipe(pack: &BuildPack, source: &Source, tree: &FileTree, variables: &[EnvName]) -> Result<Recipe, Error> {
    match (pack, source) {
        (BuildPack::Dockerfile(pack), Source::Dockerfile { content }) => pasted(pack, content, variables),
        (_, Source::Git(_)) if tree.is_empty() => Err(Error::EmptyTree),
        (BuildPack::Dockerfile(pack), Source::Git(_)) => from_tree(pack, tree, variables),
        (BuildPack::Static(pack), Source::Git(_)) => site(pack, tree),
        _ => Err(Error::Mismatch),
    }
}

fn pasted(pack: &DockerfilePack, content: &str, variables: &[EnvName]) -> Result<Recipe, Error> {
    let file = Dockerfile::parse(content)?;
    let from_context = |source: &String| !source.contains("://") && !source.starts_with("git@") && !source.contains('$');
    let copies = file.stages.iter().flat_map(|stage| &stage.copies);
    if let Some(copied) = copies.into_iter().find(|copied| copied.sources.iter().any(from_context)) {
        let why = "a pasted Dockerfile has no files beside it to copy. Write them as here-documents, fetch them in a RUN, or deploy a repository";
        return Err(Error::BadDockerfile { line: copied.line, why: why.to_owned() });
    }
    finish(pack, &file, RecipeFile::Generated { content: content.to_owned() }, Context::Empty, variables)
}

fn from_tree(pack: &DockerfilePack, tree: &FileTree, variables: &[EnvName]) -> Result<Recipe, Error> {
    let path = pack.location.as_str();
    let missing = || {
        let existing = tree.dockerfiles().into_iter().map(String::from).collect();
        Error::NoDockerfile { looked_at: vec![if path.is_empty() { "Dockerfile".to_owned() } else { path.to_owned() }], existing }
    };
    if tree.kind(path) == Some(Kind::Symlink) {
        let why = format!("{path} is a symbolic link. Set the Dockerfile location to the file it points to");
        return Err(Error::BadDockerfile { line: 1, why });
    }
    let file = Dockerfile::parse(&tree.text(path).ok_or_else(missing)?)?;
    let ignore = ignore(pack, tree)?;
    finish(pack, &file, RecipeFile::InContext(pack.location.clone()), Context::Tree { ignore }, variables)
}

/// An ignore file named after the Dockerfile goes before the general one.
fn ignore(pack: &DockerfilePack, tree: &FileTree) -> Result<Ignore, Error> {
    let own = format!("{}.dockerignore", pack.location);
    let found = [own.as_str(), ".dockerignore"].into_iter().find_map(|name| Some((name, tree.text(name)?)));
    found.map_or_else(|| Ok(Ignore::default()), |(name, text)| Ignore::parse(name, &text))
}

fn finish(pack: &DockerfilePack, read: &Dockerfile, file: RecipeFile, context: Context, variables: &[EnvName]) -> Result<Recipe, Error> {
    // A frontend with a grammar of its own has no stages that could be checked.
    let stage = read.stage(pack.target.as_deref());
    if let (Some(target), None, false) = (&pack.target, stage, read.stages.is_empty()) {
        return Err(Error::NoSuchStage { target: target.clone(), stages: read.stage_names() });
    }
    let own_grammar = read.stages.is_empty();
    let takes = |name: &EnvName| own_grammar || read.arguments.contains(name.as_str()) || PREDEFINED_ARGUMENTS.contains(&name.as_str());
    let mounts = |name: &EnvName| own_grammar || read.secrets.contains(name.as_str());
    let (used, unused): (Vec<_>, Vec<_>) = variables.iter().cloned().partition(|name| if pack.secrets { mounts(name) } else { takes(name) });
    let (arguments, secrets) = if pack.secrets { (Vec::new(), used) } else { (used, Vec::new()) };
    let exposed_port = stage.and_then(|stage| read.ports(stage).first().copied()).and_then(|port| port.try_into().ok());
    Ok(Recipe { file, target: pack.target.clone(), arguments, secrets, unused, exposed_port, context })
}

fn site(pack: &StaticPack, tree: &FileTree) -> Result<Recipe, Error> {
    let directory = &pack.publish_directory;
    if tree.kind(directory.as_str()) != Some(Kind::Directory) {
        return Err(Error::NoPublishDirectory { path: directory.to_string(), existing: tree.top_directories() });
    }
    // A map of plain values always serialises.
    let settings = serde_json::to_string(pack).unwrap_or_default();
    Ok(Recipe {
        file: RecipeFile::Generated { content: STATIC_DOCKERFILE.to_owned() },
        target: None,
        arguments: Vec::new(),
        secrets: Vec::new(),
        unused: Vec::new(),
        exposed_port: Port::try_from(STATIC_PORT).ok(),
        context: Context::Site { directory: directory.clone(), settings },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::tree;

    fn git() -> Source {
        let url = "https://example.com/a/b".parse().expect("a repository");
        let reference = model::GitReference::Branch("main".parse().expect("a branch"));
        Source::Git(model::GitSource { url, reference, base_directory: RelativePath::root(), key: None, submodules: false })
    }

    fn names(list: &[&str]) -> Vec<EnvName> {
        list.iter().map(|name| name.parse().expect("a name")).collect()
    }

    fn error(pack: BuildPack, source: &Source, tree: &FileTree) -> String {
        recipe(&pack, source, tree, &[]).map(|_| ()).expect_err("an error").to_string()
    }

    #[test]
    fn declared_variables_become_arguments_and_the_others_are_named() {
        let tree = tree(&[("Dockerfile", "FROM a\nARG VERSION\nEXPOSE 8080"), (".dockerignore", "target")]);
        let recipe = recipe(&BuildPack::Dockerfile(DockerfilePack::default()), &git(), &tree, &names(&["VERSION", "KEY", "NO_PROXY"])).expect("a recipe");
        assert_eq!((recipe.arguments, recipe.secrets, recipe.unused), (names(&["VERSION", "NO_PROXY"]), vec![], names(&["KEY"])));
        assert_eq!(recipe.exposed_port.map(Port::number), Some(8080));
        assert!(matches!(recipe.context, Context::Tree { ignore } if ignore.leaves_out("target/x")));
    }

    #[test]
    fn as_secrets_only_mounted_variables_are_given() {
        let tree = tree(&[("Dockerfile", "FROM a\nARG VERSION\nRUN --mount=type=secret,id=KEY x")]);
        let pack = BuildPack::Dockerfile(DockerfilePack { secrets: true, ..DockerfilePack::default() });
        let recipe = recipe(&pack, &git(), &tree, &names(&["VERSION", "KEY"])).expect("a recipe");
        assert_eq!((recipe.arguments, recipe.secrets, recipe.unused), (vec![], names(&["KEY"]), names(&["VERSION"])));
    }

    #[test]
    fn the_dockerfile_s_own_ignore_file_goes_before_the_general_one() {
        let tree = tree(&[("docker/Dockerfile", "FROM a"), ("docker/Dockerfile.dockerignore", "own"), (".dockerignore", "general")]);
        let pack = DockerfilePack { location: "docker/Dockerfile".parse().expect("a path"), ..DockerfilePack::default() };
        let recipe = recipe(&BuildPack::Dockerfile(pack), &git(), &tree, &[]).expect("a recipe");
        assert!(matches!(recipe.context, Context::Tree { ignore } if ignore.leaves_out("own") && !ignore.leaves_out("general")));
        assert_eq!(recipe.file.path(), "docker/Dockerfile");
    }

    #[test]
    fn a_site_is_sent_below_its_own_directory_with_its_settings() {
        let tree = tree(&[("dist/index.html", "x")]);
        let pack = StaticPack { publish_directory: "dist".parse().expect("a path"), spa: true, ..StaticPack::default() };
        let recipe = recipe(&BuildPack::Static(pack.clone()), &git(), &tree, &[]).expect("a recipe");
        assert_eq!((recipe.directory(), recipe.exposed_port.map(Port::number)), ("dist".parse().ok(), Some(80)));
        let Context::Site { settings, .. } = &recipe.context else { panic!("a site") };
        assert_eq!(serde_json::from_str::<StaticPack>(settings).expect("settings"), pack);
        let RecipeFile::Generated { content } = &recipe.file else { panic!("generated") };
        let read = Dockerfile::parse(content).expect("a Dockerfile");
        assert_eq!((read.arguments.contains(STATIC_BASE_ARGUMENT), read.ports(0)), (true, vec![STATIC_PORT]));
        insta::assert_snapshot!(content);
    }

    #[test]
    fn what_is_missing_is_said_with_what_is_there() {
        let dockerfile = |target: Option<&str>| BuildPack::Dockerfile(DockerfilePack { target: target.map(str::to_owned), ..DockerfilePack::default() });
        let site = BuildPack::Static(StaticPack { publish_directory: "dist".parse().expect("a path"), ..StaticPack::default() });
        let pasted = Source::Dockerfile { content: "FROM a\nCOPY . /app".to_owned() };
        let errors = [
            error(dockerfile(None), &git(), &tree(&[])),
            error(dockerfile(None), &git(), &tree(&[("app/Dockerfile", "FROM a"), ("x", "")])),
            error(dockerfile(None), &git(), &tree(&[("x", "")])),
            error(dockerfile(Some("biuld")), &git(), &tree(&[("Dockerfile", "FROM a AS build\nFROM b AS run")])),
            error(dockerfile(Some("x")), &git(), &tree(&[("Dockerfile", "FROM a")])),
            error(dockerfile(None), &git(), &tree(&[("Dockerfile", "FORM a")])),
            error(dockerfile(None), &git(), &tree(&[("Dockerfile", "FROM a"), (".dockerignore", "[")])),
            error(site.clone(), &git(), &tree(&[("src/a", ""), ("public/b", "")])),
            error(site, &git(), &tree(&[("a", "")])),
            error(dockerfile(None), &pasted, &tree(&[])),
            error(BuildPack::Image, &git(), &tree(&[("a", "")])),
        ];
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[test]
    fn a_pasted_dockerfile_may_copy_from_stages_addresses_and_here_documents() {
        let content = "FROM a AS b\nADD https://example.com/x /x\nCOPY <<EOF /index.html\nhello\nEOF\nFROM c\nCOPY --from=b /x /x\n".to_owned();
        let recipe = recipe(&BuildPack::Dockerfile(DockerfilePack::default()), &Source::Dockerfile { content }, &FileTree::default(), &[]).expect("a recipe");
        assert_eq!((recipe.file.path(), recipe.directory()), (GENERATED_DOCKERFILE, None));
    }
}
