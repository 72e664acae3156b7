use std::{io, path::Path};

use flame_cli::{Kind, Unit, from_bytes};
use tracing_flame_layer::render::{Format, Options};

/// Reads a file as `flame` does, of the kind that its first byte says; what can be
/// read is written in every format. The fuzzer bounds memory and time.
pub fn files(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let kind = if kind % 2 == 0 { Kind::Json } else { Kind::Folded };
    let unit: Unit = "1ns".parse().expect("a unit");
    if let Ok(given) = from_bytes(bytes, kind, unit, Path::new("a")) {
        for &format in Format::ALL {
            let written = given.profile.write(format, io::sink(), &Options::default());
            written.expect("nothing stands in the way");
        }
    }
}
