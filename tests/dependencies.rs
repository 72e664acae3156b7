//! Whatever the library crates bring into a host is on `docs/dependencies.md`, with
//! the reason.

use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The keys in those sections of a manifest whose name ends so.
fn keys(manifest: &str, sections: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut keys = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section == sections || section.ends_with(&format!(".{sections}"));
        } else if let (true, Some((key, _))) = (inside, line.split_once(['=', '.'])) {
            keys.insert(key.trim().to_owned());
        }
    }
    keys.retain(|key| !key.starts_with('#') && key != "default");
    keys
}

/// What stands in backquotes at the beginning of a table's rows.
fn rows(part: &str) -> BTreeSet<String> {
    let row = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    part.lines().filter_map(row).collect()
}

#[test]
fn every_dependency_and_feature_of_the_libraries_is_explained_and_no_other() {
    let page = read("docs/dependencies.md");
    let (dependencies, features) = page.split_once("## Features").expect("two parts");
    let manifests = ["tracing-flame-layer", "reth-cli-ext"]
        .map(|name| read(&format!("crates/{name}/Cargo.toml")));
    let all = |sections: &str| {
        manifests.iter().flat_map(|manifest| keys(manifest, sections)).collect::<BTreeSet<_>>()
    };
    assert_eq!(rows(dependencies), all("dependencies"));
    assert_eq!(rows(features), all("features"));
}
