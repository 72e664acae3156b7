//! Reads a flamegraph back from its boxes, with an XML parser.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::expected::{Stack, unlabel};

/// A box as it is drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub label: String,
    /// What its tooltip says in brackets.
    pub facts: String,
    pub start: u64,
    pub width: u64,
    /// How far up it stands; larger is lower.
    y: u64,
}

/// The boxes of a picture, each with the labels from the bottom up to it. The
/// one of everything has none.
pub fn boxes(svg: &str) -> Vec<(Vec<String>, Drawn)> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(svg, options).expect("well-formed XML");
    let frames = document.descendants().find(|node| node.attribute("id") == Some("frames"));
    let Some(frames) = frames else { return Vec::new() };
    let mut drawn: Vec<Drawn> =
        frames.children().filter(|node| node.has_tag_name("g")).map(|g| read_box(&g)).collect();
    drawn.sort_by_key(|b| (std::cmp::Reverse(b.y), b.start));
    let mut boxes: Vec<(Vec<String>, Drawn)> = Vec::new();
    for drawn in drawn {
        let below = boxes.iter().filter(|(_, below)| {
            below.y > drawn.y
                && below.start <= drawn.start
                && drawn.start + drawn.width <= below.start + below.width
        });
        let mut labels = match below.min_by_key(|(_, below)| below.y) {
            None => {
                assert_eq!(drawn.label, "all", "one box at the bottom");
                boxes.push((Vec::new(), drawn));
                continue;
            }
            Some((labels, _)) => labels.clone(),
        };
        labels.push(drawn.label.clone());
        boxes.push((labels, drawn));
    }
    boxes
}

fn read_box(g: &Node<'_, '_>) -> Drawn {
    let child = |name| g.children().find(|node| node.has_tag_name(name)).expect(name);
    let rect = child("rect");
    let number = |name: &str| {
        let value = rect.attributes().find(|a| a.name() == name && a.namespace().is_some());
        value.or_else(|| rect.attribute_node(name)).expect(name).value().parse().expect(name)
    };
    let title = child("title").text().expect("a tooltip");
    let (label, facts) = title.rsplit_once(" (").expect("facts in brackets");
    Drawn {
        label: label.to_owned(),
        facts: facts.strip_suffix(')').expect("facts in brackets").to_owned(),
        start: rect
            .attributes()
            .find(|a| a.name() == "x" && a.namespace().is_some())
            .map_or(0, |a| a.value().parse().unwrap()),
        width: number("w"),
        y: number("y"),
    }
}

/// The total time of every stack, by what its labels stand for.
pub fn totals(boxes: &[(Vec<String>, Drawn)]) -> BTreeMap<Stack, u64> {
    let mut totals = BTreeMap::new();
    for (labels, drawn) in boxes.iter().filter(|(labels, _)| !labels.is_empty()) {
        let stack: Stack = labels.iter().map(|label| unlabel(label)).collect();
        assert_eq!(totals.insert(stack, drawn.width), None, "drawn twice: {labels:?}");
    }
    totals
}

/// The nanoseconds that a time such as `1.234 ms` stands for.
pub fn nanos(time: &str) -> f64 {
    let (number, unit) = time.split_once(' ').expect("a unit");
    let units = [("ns", 1e0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 6e10), ("h", 3.6e12)];
    let unit = units.iter().find(|(name, _)| *name == unit).expect("a known unit").1;
    number.parse::<f64>().expect("a number") * unit
}
