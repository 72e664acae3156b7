//! Reads a file for speedscope back, by its `file-format-spec.ts`: nothing is
//! missing, and nothing is there that it does not know.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct File {
    #[serde(rename = "$schema")]
    schema: String,
    pub shared: Shared,
    pub profiles: Vec<Profile>,
    name: String,
    active_profile_index: usize,
    exporter: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    pub frames: Vec<Frame>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    pub name: String,
    pub file: Option<String>,
    pub line: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Profile {
    r#type: String,
    pub name: String,
    unit: String,
    start_value: u64,
    end_value: u64,
    samples: Vec<Vec<usize>>,
    weights: Vec<u64>,
}

pub fn read(bytes: &[u8]) -> File {
    let file: File = serde_json::from_slice(bytes).expect("JSON of the schema");
    assert_eq!(file.schema, "https://www.speedscope.app/file-format-schema.json");
    assert!(file.exporter.starts_with("tracing-flame-layer@"), "{}", file.exporter);
    assert_eq!((&*file.name, file.active_profile_index), ("Flamegraph", 0));
    for profile in &file.profiles {
        assert_eq!((&*profile.r#type, &*profile.unit), ("sampled", "nanoseconds"));
        assert_eq!(profile.samples.len(), profile.weights.len());
        assert!(!profile.weights.contains(&0));
        assert_eq!(profile.end_value - profile.start_value, profile.weights.iter().sum::<u64>());
    }
    file
}

impl File {
    /// The self time of every stack of a profile.
    pub fn stacks(&self, profile: usize) -> BTreeMap<Vec<String>, u64> {
        let profile = &self.profiles[profile];
        let mut stacks = BTreeMap::new();
        for (stack, &weight) in profile.samples.iter().zip(&profile.weights) {
            let stack = stack.iter().map(|&frame| self.shared.frames[frame].name.clone());
            assert_eq!(stacks.insert(stack.collect(), weight), None, "a stack twice");
        }
        stacks
    }
}
