//! Finds the Envoy binary.

use std::path::PathBuf;

use anyhow::bail;
use demeter_config::Env;

const VERSION: &str = "1.40.0";

/// The Envoy to run: `DEMETER_ENVOY`, else where `fetch-envoy.sh` puts it
/// (`DEMETER_TOOLS`, `~/.cache/demeter/tools`), else `envoy` on the `PATH`.
pub(crate) fn find_envoy(env: &Env) -> anyhow::Result<PathBuf> {
    if let Some(path) = env.lookup("DEMETER_ENVOY") {
        let path = PathBuf::from(path);
        if !path.is_file() {
            bail!("DEMETER_ENVOY: there is no file {}", path.display());
        }
        return Ok(path);
    }
    let fetched = format!("envoy-{VERSION}/envoy");
    let tools = env
        .lookup("DEMETER_TOOLS")
        .map(|tools| PathBuf::from(tools).join(&fetched));
    let home = env.lookup("HOME").map(|home| {
        PathBuf::from(home)
            .join(".cache/demeter/tools")
            .join(&fetched)
    });
    let on_path = env
        .lookup("PATH")
        .unwrap_or_default()
        .split(':')
        .map(|folder| PathBuf::from(folder).join("envoy"));
    let found = tools
        .into_iter()
        .chain(home)
        .chain(on_path)
        .find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!(
            "there is no Envoy: run services/gateway/fetch-envoy.sh, or set DEMETER_ENVOY to an Envoy {VERSION} binary"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_envoy_says_what_to_do() {
        let env = Env::from_pairs([("HOME", "/nowhere"), ("PATH", "/nowhere/bin")]);
        let error = find_envoy(&env).unwrap_err().to_string();
        assert!(error.contains("fetch-envoy.sh"), "{error}");
    }

    #[test]
    fn a_named_envoy_must_exist() {
        let env = Env::from_pairs([("DEMETER_ENVOY", "/nowhere/envoy")]);
        let error = find_envoy(&env).unwrap_err().to_string();
        assert!(error.contains("DEMETER_ENVOY"), "{error}");
    }

    #[test]
    fn the_named_envoy_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("mine");
        std::fs::write(&named, "").unwrap();
        let env = Env::from_pairs([
            ("DEMETER_ENVOY", named.to_str().unwrap()),
            ("PATH", "/usr/bin"),
        ]);
        assert_eq!(find_envoy(&env).unwrap(), named);
    }
}
