//! Whatever recordings say, they are compared or refused.

use proptest::{collection::vec, prelude::*};

use super::runs::compare;
use crate::diff::support::{Desk, profile};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_recordings_are_compared_or_refused_with_a_reason(
        before in vec(profile(), 2..4),
        after in vec(profile(), 2..4),
        flags in proptest::sample::select(vec!["", "--on-cpu", "--weight busy", "--floor 0%", "--class .."]),
    ) {
        let desk = Desk::new();
        let runs = before.len().min(after.len());
        for (side, profiles) in [("b", &before), ("a", &after)] {
            for (place, profile) in profiles.iter().enumerate() {
                let mut profile = profile.clone();
                // Of one flag all say the same.
                profile.set_recorded_with([]);
                desk.put_profile(&format!("{side}{place}.json"), &profile);
            }
        }
        let outputs = "-o out.json -o out.md -o out.html --fail-on slower";
        let ran = compare(&desk, runs, &format!("{flags} {outputs}"));
        match ran.code {
            0 | 1 => {
                let json: serde_json::Value = serde_json::from_str(&desk.text("out.json")).unwrap();
                prop_assert_eq!(&json["passed"], &serde_json::Value::Bool(ran.code == 0));
                prop_assert!(desk.text("out.md").ends_with("</details>\n"));
            }
            code => prop_assert!(code == 2 && ran.err.contains("error: "), "{:?}", ran),
        }
    }
}
