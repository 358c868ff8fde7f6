//! What a hostile repository, a damaged file or rough surroundings must not do: harm, hang, or make the program say what is
//! not so.

mod damage;
#[cfg(unix)]
mod links;
#[cfg(target_os = "linux")]
mod surroundings;
