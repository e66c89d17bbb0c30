//! The settings file, which nobody needs: `$XDG_CONFIG_HOME/weblog/config.toml`.

use std::{env, fs, io, path::PathBuf};

/// The format string that was saved under a name, in the table `[formats]`.
pub fn format(name: &str) -> Result<Option<String>, String> {
    let Some(path) = path() else { return Ok(None) };
    let told = |what: &str| format!("{}: {what}", path.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(&format!("cannot read it: {error}"))),
    };
    let settings: toml::Table =
        text.parse().map_err(|error: toml::de::Error| told(error.to_string().trim_end()))?;
    if let Some(unknown) = settings.keys().find(|key| *key != "formats") {
        return Err(told(&format!("there is no setting `{unknown}`; the one table is [formats]")));
    }
    match settings.get("formats").and_then(|formats| formats.get(name)) {
        Some(toml::Value::String(format)) => Ok(Some(format.clone())),
        Some(_) => Err(told(&format!("the format `{name}` is no string"))),
        None => Ok(None),
    }
}

/// Where the file is, if there is one.
fn path() -> Option<PathBuf> {
    let directory = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = directory("XDG_CONFIG_HOME").or_else(|| directory("HOME").map(|home| home.join(".config")))?;
    Some(base.join("weblog/config.toml"))
}
