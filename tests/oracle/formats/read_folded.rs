//! An exact reader of folded text: it trims nothing and forgives nothing.

use std::collections::BTreeMap;

use super::expected::{Stack, unlabel};

/// The self time of every stack, by the labels in the text.
pub fn labelled(text: &str) -> BTreeMap<Vec<String>, u64> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line has an end");
    let mut stacks = BTreeMap::new();
    for line in text.split_terminator('\n') {
        assert_eq!(line.trim(), line, "blanks at an end");
        assert!(!line.starts_with("# "), "a comment: {line:?}");
        let (stack, nanos) = line.rsplit_once(' ').expect("a blank before the weight");
        let weight = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.');
        if let Some((_, last)) = stack.rsplit_once(' ') {
            assert!(!weight(last), "a second weight: {line:?}");
        }
        let frames: Vec<String> = stack.split(';').map(str::to_owned).collect();
        for frame in &frames {
            let odd = |c: char| c.is_control() || (c.is_whitespace() && c != ' ');
            assert!(!frame.is_empty() && !frame.contains(odd), "{line:?}");
            assert!(!["-", "--"].contains(&frame.as_str()), "a grey frame: {line:?}");
            let mark = ["_[k]", "_[w]", "_[i]", "_[j]"].iter().any(|mark| frame.ends_with(mark));
            assert!(!mark, "a mark: {line:?}");
        }
        let nanos = nanos.parse().expect("a number of nanoseconds");
        assert!(nanos > 0, "a stack without time: {line:?}");
        assert_eq!(stacks.insert(frames, nanos), None, "two lines of one stack: {line:?}");
    }
    stacks
}

/// The self time of every stack, by what its labels stand for.
pub fn read(text: &str) -> BTreeMap<Stack, u64> {
    let labelled = labelled(text);
    let count = labelled.len();
    let stacks: BTreeMap<Stack, u64> = labelled
        .into_iter()
        .map(|(stack, nanos)| (stack.iter().map(|label| unlabel(label)).collect(), nanos))
        .collect();
    assert_eq!(stacks.len(), count, "two labels of one name");
    stacks
}
