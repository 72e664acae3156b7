//! A strict reader of OpenMetrics text 1.0.0, by its grammar and its rules
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>): it forgives nothing.

use std::collections::{BTreeMap, BTreeSet};

/// The labels of a sample, in the order in which they stand.
pub(super) type Labels = Vec<(String, String)>;

/// All samples by their names and labels.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    pub(super) types: BTreeMap<String, String>,
    samples: BTreeMap<(String, Labels), f64>,
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    unit: String,
    has_help: bool,
    samples: Vec<(String, Labels, f64)>,
}

impl Metrics {
    pub(super) fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("the last line is the end");
        assert!(
            body.ends_with('\n') && !body.contains("\n\n"),
            "each line has an end, none is empty"
        );
        let mut metrics = Self::default();
        let mut family = Family::default();
        for line in body.lines() {
            match line.strip_prefix("# ") {
                Some(descriptor) => {
                    let (what, rest) = descriptor.split_once(' ').expect("a descriptor");
                    let (name, value) = rest.split_once(' ').expect("a name and a value");
                    assert!(is_name(name), "{line}");
                    if name != family.name {
                        metrics.end(std::mem::take(&mut family));
                        name.clone_into(&mut family.name);
                    }
                    family.describe(what, value, line);
                }
                None => family.samples.push(sample(line)),
            }
        }
        metrics.end(family);
        metrics
    }

    fn end(&mut self, family: Family) {
        if family.name.is_empty() {
            assert!(family.samples.is_empty(), "samples without a family");
            return;
        }
        family.check();
        let Family { name, kind, samples, .. } = family;
        assert_eq!(self.types.insert(name.clone(), kind), None, "{name} is there twice");
        for (name, labels, value) in samples {
            let key = (name, labels);
            assert!(!self.samples.contains_key(&key), "{key:?} is there twice");
            self.samples.insert(key, value);
        }
    }

    /// The value of a sample.
    pub(super) fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.samples.get(&(name.to_owned(), labels.collect())).copied()
    }

    /// All samples of a name, with their labels.
    pub(super) fn all(&self, name: &str) -> Vec<(&Labels, f64)> {
        let samples = self.samples.iter().filter(|((known, _), _)| known == name);
        samples.map(|((_, labels), value)| (labels, *value)).collect()
    }

    /// Whether any sample has a label of that name.
    pub(super) fn has_label(&self, name: &str) -> bool {
        self.samples.keys().any(|(_, labels)| labels.iter().any(|(label, _)| label == name))
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Which samples of counters are lower than they were.
    pub(super) fn gone_back(&self, earlier: &Self) -> Vec<String> {
        let counts = |name: &str| {
            ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end))
        };
        let counters = earlier.samples.iter().filter(|((name, _), _)| counts(name));
        let back =
            counters.filter(|(key, before)| self.samples.get(*key).is_none_or(|now| now < *before));
        back.map(|(key, before)| format!("{key:?} {before} {:?}", self.samples.get(key))).collect()
    }
}

impl Family {
    fn describe(&mut self, what: &str, value: &str, line: &str) {
        assert!(self.samples.is_empty(), "a descriptor behind samples: {line}");
        match what {
            "TYPE" => {
                assert!(self.kind.is_empty() && self.unit.is_empty() && !self.has_help, "{line}");
                let known = ["counter", "gauge", "histogram", "info"];
                assert!(known.contains(&value), "{line}");
                value.clone_into(&mut self.kind);
            }
            "UNIT" => {
                assert!(
                    self.unit.is_empty() && self.name.ends_with(&format!("_{value}")),
                    "{line}"
                );
                value.clone_into(&mut self.unit);
            }
            "HELP" => {
                assert!(!self.has_help && unescaped(value).is_some(), "{line}");
                self.has_help = true;
            }
            _ => panic!("no descriptor: {line}"),
        }
    }

    fn check(&self) {
        let Self { name, kind, samples, .. } = self;
        let ends: BTreeSet<&str> = match &**kind {
            "counter" => ["_total"].into(),
            "gauge" => [""].into(),
            "info" => ["_info"].into(),
            "histogram" => ["_bucket", "_count", "_sum"].into(),
            _ => panic!("{name} has no type"),
        };
        for (sample, labels, value) in samples {
            let end = sample.strip_prefix(&**name).unwrap_or_else(|| panic!("{sample} in {name}"));
            assert!(ends.contains(end), "{sample} in {name}");
            assert!(kind == "gauge" || *value >= 0.0, "{sample} {labels:?} {value}");
            assert!(kind != "info" || *value == 1.0, "{sample}");
        }
        if kind == "histogram" {
            self.check_buckets();
        }
    }

    /// Buckets of one histogram stand together, with rising bounds and counts, the last of which
    /// has all.
    fn check_buckets(&self) {
        let of = |labels: &Labels| -> Labels {
            labels.iter().filter(|(name, _)| name != "le").cloned().collect()
        };
        let mut seen = BTreeSet::new();
        for metric in self.samples.chunk_by(|a, b| of(&a.1) == of(&b.1)) {
            let labels = of(&metric[0].1);
            assert!(seen.insert(labels.clone()), "{labels:?} is there twice");
            let of_end = |end: &str| {
                let found = metric.iter().filter(|(name, ..)| name.ends_with(end));
                found.map(|(_, labels, value)| (labels, *value)).collect::<Vec<_>>()
            };
            let bounds = of_end("_bucket").into_iter().map(|(labels, count)| {
                let (_, bound) = labels.iter().find(|(name, _)| name == "le").expect("a bound");
                assert!(bound == "+Inf" || bound.contains('.'), "a bound has a point: {bound}");
                (bound.replace("+Inf", "inf").parse::<f64>().expect("a number"), count)
            });
            let bounds: Vec<(f64, f64)> = bounds.collect();
            assert!(bounds.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{bounds:?}");
            let (last, all) = *bounds.last().expect("buckets");
            assert!(last.is_infinite());
            assert_eq!(of_end("_count")[0].1.to_bits(), all.to_bits(), "{labels:?}");
            assert_eq!(of_end("_sum").len(), 1, "{labels:?}");
        }
    }
}

/// A name, labels in braces, and a number.
fn sample(line: &str) -> (String, Labels, f64) {
    let at = line.find(['{', ' ']).expect("a name");
    let (name, mut rest) = line.split_at(at);
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"").expect("a label");
            assert!(is_label(label) && labels.iter().all(|(known, _)| known != label), "{line}");
            let end = end_of_quoted(after).unwrap_or_else(|| panic!("an open quote: {line}"));
            let value = unescaped(&after[..end]).unwrap_or_else(|| panic!("an escape: {line}"));
            labels.push((label.to_owned(), value));
            rest = &after[end + 1..];
            match rest.split_at(1) {
                (",", more) => rest = more,
                ("}", more) => {
                    rest = more;
                    break;
                }
                _ => panic!("no end of labels: {line}"),
            }
        }
    }
    let number = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no blank: {line}"));
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    assert!(number.chars().all(is_number), "{line}");
    (name.to_owned(), labels, number.parse().unwrap_or_else(|_| panic!("no number: {line}")))
}

fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !is_escaped => return Some(at),
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    None
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        plain.push(match c {
            '\\' => match rest.next()? {
                'n' => '\n',
                c @ ('"' | '\\') => c,
                _ => return None,
            },
            c => c,
        });
    }
    Some(plain)
}

fn is_name(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

fn is_label(name: &str) -> bool {
    is_name(name) && !name.contains(':') && !name.starts_with("__")
}
