//! Where the cost of an empty span is drawn.

use tracing_flame_layer::profile::Node;

use crate::{
    Result,
    memory::ask,
    shape::{CALLSITE_NAMES, CALLSITES, Shape},
    subject::{Installed, Subject},
};

/// What a picture shows for an empty child span, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selves {
    /// The child's own time: from its enter to its exit.
    pub child: f64,
    /// What its creation, enter, exit and close leave in its parent's self time.
    pub parent: f64,
}

/// Has a process of its own enter many empty children of one parent.
///
/// # Errors
///
/// Where that fails.
pub fn measure(spans: u64) -> Result<Selves> {
    let output = tempfile::tempdir()?;
    let numbers = ask("selves", Subject::Ours, output.path(), &[&spans])?;
    let [child, parent] = numbers[..] else {
        return Err("a selves worker answers two numbers".into());
    };
    Ok(Selves { child: child as f64 / spans as f64, parent: parent as f64 / spans as f64 })
}

pub(crate) fn work(installed: &Installed, spans: u64) -> Result<()> {
    let flame = installed.flame.as_ref().ok_or("only ours has a picture")?;
    let _time = installed.run(Shape::Loop, spans);
    let profile = flame.snapshot();
    let busy = |callsite: usize| -> u64 {
        let nodes = profile.nodes().iter().filter(|node| is_of(node, CALLSITE_NAMES[callsite]));
        nodes.map(|node| node.measures.busy_nanos).sum()
    };
    println!("{} {}", busy(0), busy(CALLSITES - 1));
    Ok(())
}

fn is_of(node: &Node, name: &str) -> bool {
    node.frame.callsite().is_some_and(|callsite| callsite.name == name)
}
