//! Values of types that may get fields, written as the values of those that may not.

/// A value of a struct with public fields that others may not write out, as it can get more:
/// `made!(Measures { calls: 1, ..Measures::default() })`.
#[macro_export]
macro_rules! made {
    (@value $field:ident) => { $field };
    (@value $field:ident $value:expr) => { $value };
    ($type:ident { $($field:ident $(: $value:expr)?,)* ..$base:expr }) => {{
        let mut made: $type = $base;
        $(made.$field = $crate::made!(@value $field $($value)?);)*
        made
    }};
}
