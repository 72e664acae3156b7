//! The part of a document that a command writes.

use crate::Result;

const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";

/// The document with what stands between its two markers replaced.
///
/// # Errors
///
/// Where it has not one of each, in order.
pub fn replace(document: &str, figures: &str) -> Result<String> {
    let wrong = || format!("the document needs one `{BEGIN}` and after it one `{END}`");
    let (before, rest) = document.split_once(BEGIN).ok_or_else(wrong)?;
    let (old, after) = rest.split_once(END).ok_or_else(wrong)?;
    if [before, old, after].iter().any(|text| text.contains(BEGIN) || text.contains(END)) {
        return Err(wrong().into());
    }
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", figures.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_markers_is_replaced_and_nothing_else() {
        let old = format!("text\n{BEGIN}\nold\n{END}\nmore\n");
        let new = format!("text\n{BEGIN}\n\nnew\n\n{END}\nmore\n");
        assert_eq!(replace(&old, "new\n").unwrap(), new);
        assert_eq!(replace(&new, "new").unwrap(), new);
    }

    #[test]
    fn a_document_without_both_markers_is_refused() {
        assert!(replace(BEGIN, "new").is_err());
        assert!(replace(&format!("{END}{BEGIN}"), "new").is_err());
        assert!(replace(&format!("{BEGIN}{BEGIN}{END}"), "new").is_err());
    }
}
