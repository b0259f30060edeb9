//! The demo's directory, and its configuration as the YAML files that a user would write.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::Instant;

use super::behaviour;
use super::service::Running;
use crate::clock;

/// Marks a data directory as the demo's, and holds the instant of its first start.
const MARKER: &str = "began";
const FILES: [(&str, &str); 3] = [
    ("shop.yaml", include_str!("estate/shop.yaml")),
    ("platform.yaml", include_str!("estate/platform.yaml")),
    ("warehouse.yaml", include_str!("estate/warehouse.yaml")),
];

/// The data directory is somebody else's.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClaimError {
    #[error("{0} was not made by `nines demo`; choose an empty directory with --data-dir")]
    Foreign(String),
    #[error("the data directory {0} cannot be used: {1}")]
    Io(String, io::Error),
}

/// Makes or recognises the demo's data directory; answers when the demo was first started.
pub(super) fn claim(data_dir: &Path) -> Result<Instant, ClaimError> {
    let io = |error| ClaimError::Io(data_dir.display().to_string(), error);
    let directory = data_dir.join("demo");
    if !directory.join(MARKER).exists() {
        fs::create_dir_all(data_dir).map_err(io)?;
        if fs::read_dir(data_dir).map_err(io)?.next().is_some() {
            return Err(ClaimError::Foreign(data_dir.display().to_string()));
        }
        fs::create_dir_all(&directory).map_err(io)?;
        fs::write(directory.join(MARKER), format!("{}\n", clock::now().floor_to(60))).map_err(io)?;
    }
    began(&directory).map_err(io)
}

/// The minute of the demo's first start: its history ends there.
pub(super) fn began(directory: &Path) -> io::Result<Instant> {
    let text = fs::read_to_string(directory.join(MARKER))?;
    Instant::parse(text.trim()).map_err(io::Error::other)
}

/// Writes the configuration with the services' addresses and the planned work filled in; answers its directory.
pub(super) fn write(directory: &Path, services: &[Running]) -> io::Result<PathBuf> {
    let config = directory.join("config");
    fs::create_dir_all(&config)?;
    for (name, text) in FILES {
        let filled = services.iter().fold(text.to_owned(), |text, service| {
            text.replace(&format!("http://{}.demo", service.name), &format!("http://{}", service.address))
        });
        let work = behaviour::maintenance(began(directory)?);
        let filled = filled.replace("{{maintenance.from}}", &work.start.to_string());
        fs::write(config.join(name), filled.replace("{{maintenance.to}}", &work.end.to_string()))?;
    }
    Ok(config)
}
