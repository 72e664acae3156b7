//! What a report may do: run its own two scripts, each known by its SHA-256, and nothing
//! else (<https://www.w3.org/TR/CSP3/>).

/// The hashes are those of the loader, and of the viewer and its style, which it unpacks.
macro_rules! policy {
    ($more:literal) => {
        concat!(
            "default-src 'none'; ",
            "script-src 'sha256-K0LE4hh+72qA2qqmrXDvj0LG2+ld3TjO4jsJKHm8NmY=' ",
            "'sha256-7HfN0e1+X0Iev0wOaI6uYtgeXUZmx8f2tOeCTN3c0Os='; ",
            "style-src 'sha256-Uy43CXvK0a2OXn5s0nSaQG/yIoxIwoTn9Zt2YtbHXHg='; ",
            "img-src data:; base-uri 'none'; form-action 'none'",
            $more
        )
    };
}

/// The policy that a report states itself.
pub(super) const OF_REPORT: &str = policy!("");
/// What a server says of a report that it hands out: no other page may have it in a frame.
pub(super) const OF_SERVED_REPORT: &str = policy!("; frame-ancestors 'none'");

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{
        super::{base64, viewer},
        *,
    };

    #[test]
    fn what_may_run_is_what_there_is() {
        let hash = |text: &str| format!("'sha256-{}'", base64::text(&Sha256::digest(text)));
        // A line break stands between the tag and the text.
        let expected = [
            hash(&format!("\n{}", viewer::LOADER)),
            hash(&viewer::lean(viewer::SCRIPT)),
            hash(viewer::STYLE),
        ];
        let known: Vec<&str> =
            OF_REPORT.split([' ', ';']).filter(|part| part.starts_with("'sha256-")).collect();
        assert_eq!(known, expected, "the viewer has changed: its hashes belong into OF_REPORT");
    }
}
