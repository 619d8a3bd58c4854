//! The files that the gateway serves or reads beside its configuration.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

use super::Options;
use super::config::{settled, settled_clusters};

const INDEX: &[u8] = include_bytes!("../../../gateway/docs/index.html");
const INITIALIZER: &[u8] = include_bytes!("../../../gateway/docs/swagger-initializer.js");
/// Where the gateway's certificate is, for Envoy.
const MESH: [(&str, &str); 2] = [
    (
        "certificate.yaml",
        include_str!("../../../gateway/mesh/certificate.yaml"),
    ),
    (
        "authority.yaml",
        include_str!("../../../gateway/mesh/authority.yaml"),
    ),
];
/// The folder that they name.
const MESH_FOLDER: &str = "/etc/mesh";
const FROM_SWAGGER_UI: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// Writes everything that an Envoy outside of this process needs: its settings,
/// where the services are in each environment, where its certificate for them is,
/// and the [assets](write_assets).
pub(crate) fn write_files(
    folder: &Path,
    certificates: &Path,
    options: &Options,
) -> anyhow::Result<()> {
    write_assets(folder)?;
    write_mesh(folder, certificates)?;
    let compose = include_str!("../../../gateway/clusters.compose.yaml");
    let k8s = include_str!("../../../gateway/clusters.k8s.yaml");
    let files = [
        ("envoy.yaml", settled(options)?),
        ("clusters.compose.yaml", settled_clusters(compose, options)?),
        ("clusters.k8s.yaml", settled_clusters(k8s, options)?),
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

/// Writes `mesh/`, which tells Envoy that its certificate for the mesh is in the
/// folder `certificates`.
pub(super) fn write_mesh(folder: &Path, certificates: &Path) -> anyhow::Result<()> {
    let certificates = certificates
        .to_str()
        .with_context(|| format!("{} is not UTF-8", certificates.display()))?;
    let mesh = folder.join("mesh");
    fs::create_dir_all(&mesh).with_context(|| format!("cannot create {}", mesh.display()))?;
    for (name, content) in MESH {
        let path = mesh.join(name);
        fs::write(&path, content.replace(MESH_FOLDER, certificates))
            .with_context(|| format!("cannot write {}", path.display()))?;
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
