//! Submodules: fetched into caches of their own and put into the archive.

use crate::repository::{Bench, path, unpacked};
use model::GitSource;
use source::Error;

#[tokio::test]
async fn submodules_and_theirs_are_in_the_archive_when_asked_for() {
    let bench = Bench::new();
    let inner = bench.repository("inner").await;
    inner.write("deepest", "3");
    inner.commit("inner").await;
    let library = bench.repository("library").await;
    library.write("lib.txt", "2");
    library.git(&["submodule", "--quiet", "add", "../inner", "vendor/inner"]).await;
    library.commit("library").await;
    let shop = bench.repository("shop").await;
    shop.write("app/main.txt", "1");
    shop.git(&["submodule", "--quiet", "add", &library.url().to_string(), "app/lib"]).await;
    let commit = shop.commit("shop").await;

    let git = bench.git();
    let source = GitSource { submodules: true, ..shop.source() };
    let mut said = Vec::new();
    git.fetch(&source, &commit, None, |line| said.push(line.to_owned())).await.expect("fetched");
    assert!(said.iter().any(|line| line.starts_with("Submodule app/lib at ")), "{said:?}");

    let with = git.archive_with_submodules(&shop.url(), &commit, &path("app")).await.expect("an archive");
    let names: Vec<_> = unpacked(with).into_iter().map(|(name, content)| format!("{name}={content}")).filter(|name| !name.contains(".gitmodules")).collect();
    assert_eq!(names, ["lib/lib.txt=2", "lib/vendor/inner/deepest=3", "main.txt=1"]);
    let without = git.archive(&shop.url(), &commit, &path("app")).await.expect("an archive");
    assert_eq!(unpacked(without).len(), 1);
}

#[tokio::test]
async fn a_submodule_that_would_run_a_program_is_refused() {
    let bench = Bench::new();
    let library = bench.repository("library").await;
    library.commit("library").await;
    let shop = bench.repository("shop").await;
    shop.git(&["submodule", "--quiet", "add", &library.url().to_string(), "lib"]).await;
    let mark = bench.path().join("ran");
    for address in [format!("ext::touch {}", mark.display()), format!("--upload-pack=touch {}", mark.display()), "fd::17".to_owned()] {
        shop.write(".gitmodules", &format!("[submodule \"lib\"]\n\tpath = lib\n\turl = \"{address}\"\n\tupdate = \"!touch {}\"\n", mark.display()));
        let commit = shop.commit("evil").await;
        let source = GitSource { submodules: true, ..shop.source() };
        let error = bench.git().fetch(&source, &commit, None, |_| {}).await.expect_err("refused");
        assert!(matches!(error, Error::Address(_)), "{error:?}");
        assert!(!mark.exists());
    }
}
