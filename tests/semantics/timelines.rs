//! The worked timelines, run by the real layer on real threads.

use flame_oracle::{
    assert_tree,
    driver::{
        self,
        recorded::{busy_tree, wall_tree},
    },
    every_timeline,
    timelines::Timeline,
};

every_timeline! { the_layer_draws }

#[track_caller]
fn the_layer_draws(timeline: &Timeline) {
    let profile = driver::run(&timeline.program).pop().expect("a script ends with a snapshot");
    assert_tree(&wall_tree(&profile), timeline.wall, "`wall`");
    if let Some(busy) = timeline.busy {
        assert_tree(&busy_tree(&profile), busy, "`busy`");
    }
}
