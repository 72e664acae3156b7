use tracing_flame_layer::render::Format;

#[test]
fn an_extension_chooses_the_format() {
    let cases = [
        ("spans.svg", Format::Svg),
        ("out/a.b.SVG", Format::Svg),
        ("spans.folded", Format::Folded),
        ("spans.txt", Format::Table),
        ("spans.json", Format::Json),
    ];
    for (path, format) in cases {
        assert_eq!(Format::from_path(path), Ok(format), "{path}");
    }
}

#[test]
fn an_unknown_extension_is_refused_with_the_list_of_known_ones() {
    let cases = [
        ("a.png", "`a.png`: unknown extension `.png`; known ones are .svg, .folded, .txt, .json"),
        (
            "svg",
            "`svg`: no extension that names a format; known ones are .svg, .folded, .txt, .json",
        ),
        ("d/", "`d/`: no extension that names a format; known ones are .svg, .folded, .txt, .json"),
        (
            ".svg",
            "`.svg`: no extension that names a format; known ones are .svg, .folded, .txt, .json",
        ),
    ];
    for (path, message) in cases {
        assert_eq!(Format::from_path(path).unwrap_err().to_string(), message);
    }
}

#[test]
fn every_format_is_chosen_by_its_own_extension() {
    for &format in Format::ALL {
        assert_eq!(Format::from_path(format!("spans{}", format.extension())), Ok(format));
    }
}
