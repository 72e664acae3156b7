//! Reads a pprof profile back, with prost and by the rules of those who collect
//! such profiles, and refuses what they would refuse.

use std::{collections::BTreeMap, fmt::Write, io::Read};

use flate2::read::GzDecoder;
use prost::Message;

/// `profile.proto`, the fields that are used.
#[derive(Clone, PartialEq, Message)]
pub struct Profile {
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    #[prost(int64, tag = "9")]
    pub time_nanos: i64,
    #[prost(int64, tag = "10")]
    pub duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    pub period: i64,
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    pub default_sample_type: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct ValueType {
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Mapping {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Location {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Line {
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    #[prost(int64, tag = "2")]
    pub line: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Function {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(int64, tag = "2")]
    pub name: i64,
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    #[prost(int64, tag = "4")]
    pub filename: i64,
    #[prost(int64, tag = "5")]
    pub start_line: i64,
}

/// Each stack, bottom first, with its calls and its nanoseconds.
pub type Stacks = BTreeMap<Vec<String>, [u64; 2]>;

/// Reads a file and checks it.
pub fn read(compressed: &[u8]) -> Profile {
    let mut bytes = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut bytes).expect("gzip");
    assert!(bytes.len() <= 4 << 20, "{} bytes", bytes.len());
    let profile = Profile::decode(&*bytes).expect("protobuf");
    assert_eq!(profile.encode_to_vec().len(), bytes.len(), "fields that nobody knows");
    profile.check();
    profile
}

impl Profile {
    fn check(&self) {
        assert_eq!(self.string_table.first().map(String::as_str), Some(""));
        assert_eq!(self.mapping, [Mapping { id: 1, has_functions: true }]);
        assert!(self.function.iter().map(|f| f.id).eq(1..=self.function.len() as u64));
        assert!(self.location.iter().map(|l| l.id).eq(1..=self.location.len() as u64));
        assert!(self.function.iter().all(|f| f.system_name == 0));
        for location in &self.location {
            assert_eq!(location.mapping_id, 1);
            let [line] = &*location.line else { panic!("one line: {location:?}") };
            assert!(line.function_id <= self.function.len() as u64);
        }
        assert!(self.sample.len() <= 16_000, "{} stacks", self.sample.len());
        for sample in &self.sample {
            assert_eq!(sample.value.len(), self.sample_type.len());
            assert!(sample.value.iter().all(|&v| v >= 0) && sample.value != [0, 0]);
            assert!((1..=1_000).contains(&sample.location_id.len()));
        }
        let unit = self.types()[1].clone();
        assert_eq!(self.text(self.default_sample_type), unit.0);
        assert_eq!((self.period, self.named(self.period_type.as_ref().unwrap())), (1, unit));
    }

    pub fn text(&self, place: i64) -> &str {
        &self.string_table[usize::try_from(place).expect("a place")]
    }

    fn named(&self, value_type: &ValueType) -> (String, String) {
        (self.text(value_type.r#type).to_owned(), self.text(value_type.unit).to_owned())
    }

    pub fn types(&self) -> Vec<(String, String)> {
        self.sample_type.iter().map(|value_type| self.named(value_type)).collect()
    }

    pub fn comments(&self) -> Vec<&str> {
        self.comment.iter().map(|&place| self.text(place)).collect()
    }

    fn function(&self, location_id: u64) -> &Function {
        let location = &self.location[location_id as usize - 1];
        &self.function[location.line[0].function_id as usize - 1]
    }

    pub fn stacks(&self) -> Stacks {
        let mut stacks = Stacks::new();
        for sample in &self.sample {
            let bottom_first = sample.location_id.iter().rev();
            let stack = bottom_first.map(|&id| self.text(self.function(id).name).to_owned());
            let amounts = [0, 1].map(|i| u64::try_from(sample.value[i]).expect("no debt"));
            assert_eq!(stacks.insert(stack.collect(), amounts), None, "a stack twice");
        }
        stacks
    }

    /// All of it for people.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for (kind, unit) in self.types() {
            writeln!(text, "type {kind}/{unit}").unwrap();
        }
        writeln!(text, "time {} + {} ns", self.time_nanos, self.duration_nanos).unwrap();
        for comment in self.comments() {
            writeln!(text, "comment {comment}").unwrap();
        }
        for function in &self.function {
            let (name, file) = (self.text(function.name), self.text(function.filename));
            writeln!(text, "{} {name} {file}:{}", function.id, function.start_line).unwrap();
        }
        for sample in &self.sample {
            writeln!(text, "{:?} {:?}", sample.location_id, sample.value).unwrap();
        }
        text
    }
}
