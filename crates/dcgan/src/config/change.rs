//! How two configurations of a run differ.

use std::fmt;

use serde_json::Value;

use super::{ConfigError, Precision, RunConfig};

/// One setting that differs between two configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The setting as `config.toml` has it, such as `training.seed`.
    pub key: String,
    /// Its value in the first configuration, if that has it.
    pub old: Option<String>,
    /// Its value in the second one, if that has it.
    pub new: Option<String>,
}

/// The settings that may change when a run is resumed: they do not affect what a step computes.
const FREE: [&str; 7] = [
    "training.length.",
    "saving.",
    "evaluation.",
    "data.path",
    "data.format",
    "data.split",
    "data.demo_faces",
];

impl RunConfig {
    /// The settings in which `other` differs, in the order of their names.
    ///
    /// # Errors
    /// If a setting has no text form.
    pub fn changes_to(&self, other: &Self) -> Result<Vec<Change>, ConfigError> {
        let [old, new] = [self, other].map(settings);
        let (old, new) = (old?, new?);
        let mut keys: Vec<_> = old.iter().chain(&new).map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        let changes = keys.into_iter().filter_map(|key| {
            let [old, new] = [&old, &new].map(|settings| {
                let found = settings.iter().find(|(name, _)| name == key);
                found.map(|(_, value)| value.clone())
            });
            let key = key.clone();
            (old != new).then_some(Change { key, old, new })
        });
        Ok(changes.collect())
    }
}

impl RunConfig {
    /// The settings of the networks in which `other` differs.
    ///
    /// # Errors
    /// If a setting has no text form.
    pub fn network_changes_to(&self, other: &Self) -> Result<Vec<Change>, ConfigError> {
        let mut changes = self.changes_to(other)?;
        changes.retain(|change| change.key.starts_with("model."));
        Ok(changes)
    }

    /// Whether a checkpoint of `other` is one of this run.
    pub fn continues(&self, other: &Self) -> bool {
        let changes = other.changes_to(self);
        changes.is_ok_and(|changes| changes.iter().all(Change::is_free))
    }
}

/// All settings by name.
fn settings(config: &RunConfig) -> Result<Vec<(String, String)>, ConfigError> {
    let value =
        serde_json::to_value(config).map_err(|error| ConfigError::Toml(error.to_string()))?;
    let mut settings = Vec::new();
    flatten("", &value, &mut settings);
    Ok(settings)
}

fn flatten(key: &str, value: &Value, settings: &mut Vec<(String, String)>) {
    let Value::Object(table) = value else {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        settings.push((key.to_owned(), text));
        return;
    };
    for (name, value) in table {
        let key = match key {
            "" => name.clone(),
            _ => format!("{key}.{name}"),
        };
        flatten(&key, value, settings);
    }
}

impl Change {
    /// Whether a run may be resumed with it. Any run can go on in `f32`.
    pub fn is_free(&self) -> bool {
        let is_to_f32 = || {
            let f32 = Precision::F32.to_string();
            self.key == "training.precision" && self.new.as_ref().is_none_or(|new| *new == f32)
        };
        FREE.iter().any(|free| self.key.starts_with(free)) || is_to_f32()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [old, new] = [&self.old, &self.new].map(|value| value.as_deref().unwrap_or("unset"));
        write!(f, "{} {old} → {new}", self.key)
    }
}

/// Several changes as one line.
pub(crate) struct Changes<'a>(pub &'a [Change]);

impl fmt::Display for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changes: Vec<String> = self.0.iter().map(Change::to_string).collect();
        f.write_str(&changes.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DataConfig, Length, Preset, TrainingOptions};

    #[test]
    fn changes_name_the_setting_with_both_values_and_only_some_are_free() {
        let old = RunConfig::new(Preset::Small, DataConfig::files("/data/photos"));
        assert_eq!(old.changes_to(&old), Ok(Vec::new()));
        let training = TrainingOptions {
            length: Length::Steps(9),
            seed: 3,
            ..TrainingOptions::default()
        };
        let new = RunConfig {
            training: training.build().unwrap(),
            data: DataConfig::drawn_faces(5),
            ..old.clone()
        };
        let changes = old.changes_to(&new).unwrap();
        let words: Vec<_> = changes.iter().map(Change::to_string).collect();
        let expected = [
            "data.demo_faces unset → 5",
            "data.path /data/photos → unset",
            "training.length.epochs 50 → unset",
            "training.length.steps unset → 9",
            "training.seed 0 → 3",
        ];
        assert_eq!(words, expected);
        let free: Vec<_> = changes.iter().map(Change::is_free).collect();
        assert_eq!(free, [true, true, true, true, false]);
    }
}
