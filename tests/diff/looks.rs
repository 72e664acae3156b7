//! What the program prints and draws, as a whole.

use super::support::{Desk, expect, import};

#[test]
fn a_difference_looks_as_before() {
    let desk = Desk::new();
    let (durable, fast) = (import(300, [500, 800, 50]), import(200, [510, 100, 0]));
    desk.put_profile("durable.json", &durable).put_profile("fast.json", &fast);
    let ran = desk.run("diff durable.json fast.json -o d.svg");
    assert_eq!(ran.code, 0, "{}", ran.err);
    expect("diff.txt", &ran.out);
    expect("diff.svg", &desk.text("d.svg"));
    expect("diff-failed.txt", &desk.run("diff fast.json durable.json --fail-above 10%").out);
}
