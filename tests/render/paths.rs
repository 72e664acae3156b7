use tracing_flame_layer::render::Format;

#[test]
fn an_extension_chooses_the_format() {
    let cases = [
        ("spans.svg", Format::Svg),
        ("out/a.b.SVG", Format::Svg),
        ("spans.html", Format::Html),
        ("spans.folded", Format::Folded),
        ("spans.txt", Format::Table),
        ("spans.json", Format::Json),
        ("spans.speedscope.json", Format::Speedscope),
        ("speedscope.json", Format::Json),
        ("a.Speedscope.Json", Format::Speedscope),
        ("spans.pb.gz", Format::Pprof),
    ];
    for (path, format) in cases {
        assert_eq!(Format::from_path(path), Ok(format), "{path}");
    }
}

#[test]
fn an_unknown_extension_is_refused_with_the_list_of_known_ones() {
    let cases = [
        ("a.png", "`a.png`: unknown extension `.png`"),
        ("a.gz", "`a.gz`: unknown extension `.gz`"),
        ("svg", "`svg`: no extension that names a format"),
        ("d/", "`d/`: no extension that names a format"),
        (".svg", "`.svg`: no extension that names a format"),
    ];
    let known = "known ones are .svg, .html, .folded, .txt, .json, .speedscope.json, .pb.gz";
    for (path, message) in cases {
        let refused = Format::from_path(path).unwrap_err().to_string();
        assert_eq!(refused, format!("{message}; {known}"));
    }
}

#[test]
fn every_format_is_chosen_by_its_own_extension() {
    for &format in Format::ALL {
        assert_eq!(Format::from_path(format!("spans{}", format.extension())), Ok(format));
    }
}
