//! The files that the gateway serves or reads beside its configuration.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

use super::Options;

const INDEX: &[u8] = include_bytes!("../../../gateway/docs/index.html");
const INITIALIZER: &[u8] = include_bytes!("../../../gateway/docs/swagger-initializer.js");
const FROM_SWAGGER_UI: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// Writes everything that an Envoy outside of this process needs: its settings,
/// where the services are in each environment, and the [assets](write_assets).
pub(crate) fn write_files(folder: &Path, options: &Options) -> anyhow::Result<()> {
    write_assets(folder)?;
    let envoy = super::config::settled(options)?;
    let files = [
        ("envoy.yaml", envoy.as_str()),
        (
            "clusters.compose.yaml",
            include_str!("../../../gateway/clusters.compose.yaml"),
        ),
        (
            "clusters.k8s.yaml",
            include_str!("../../../gateway/clusters.k8s.yaml"),
        ),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Writes `api.binpb`, `requests.lua`, `openapi.json` and `docs/` into a folder, which an image
/// mounts as `/etc/demeter`.
pub(crate) fn write_assets(folder: &Path) -> anyhow::Result<()> {
    let docs = folder.join("docs");
    fs::create_dir_all(&docs).with_context(|| format!("cannot create {}", docs.display()))?;
    let write = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    write(&folder.join("api.binpb"), demeter_proto::DESCRIPTOR_SET)?;
    let script = super::requests::script()?;
    write(&folder.join("requests.lua"), script.as_bytes())?;
    write(
        &folder.join("openapi.json"),
        &serde_json::to_vec_pretty(&crate::openapi::document())?,
    )?;
    write(&docs.join("index.html"), INDEX)?;
    write(&docs.join("swagger-initializer.js"), INITIALIZER)?;
    for name in FROM_SWAGGER_UI {
        write(&docs.join(name), &swagger_ui(name)?)?;
    }
    Ok(())
}

/// One file of the Swagger UI distribution.
fn swagger_ui(name: &str) -> anyhow::Result<Vec<u8>> {
    let archive = std::io::Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED);
    let mut archive = zip::ZipArchive::new(archive)?;
    let path = archive
        .file_names()
        .flatten()
        .find(|path| path.ends_with(&format!("/dist/{name}")))
        .map(std::borrow::Cow::into_owned)
        .with_context(|| format!("Swagger UI has no {name}"))?;
    let mut bytes = Vec::new();
    archive.by_name(&path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
