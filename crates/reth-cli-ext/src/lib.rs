//! The `--flame` flags for any program with clap: reth, for which they were made and after which
//! they are named, a service, a command-line tool. Nothing here knows of reth.
//!
//! A program without clap takes [`tracing_flame_layer`] by itself, which is what the flags switch
//! on; with this crate it is at hand as `reth_cli_ext::tracing_flame_layer`.
//!
//! ```no_run
//! use clap::Parser;
//! use reth_cli_ext::FlameArgs;
//! use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
//!
//! #[derive(Parser)]
//! struct Cli {
//!     #[command(flatten)]
//!     flame: FlameArgs,
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let cli = Cli::parse();
//!     let mut flame = cli.flame.session().unwrap_or_else(|e| e.exit());
//!     tracing_subscriber::registry().with(flame.layer()).init();
//!
//!     // ... the program ...
//!
//!     flame.finish()?;
//!     Ok(())
//! }
//! ```
//!
//! That is the whole integration. `program --flame` then records how long spans
//! take and writes `flamegraph.svg`, in which the width of a frame is wall-clock
//! time, waits included. Without `--flame` there is no layer, and nothing is
//! paid.
//!
//! A profile never hurts its host: bad flags end the program before it does any
//! work, with exit code 2; what fails later is reported with the path and the
//! reason, and changes the exit status only where the host hands on what
//! [`finish`](FlameSession::finish) returns.
//!
//! # Flags
//!
//! `--help` of any program that has them tells what each means, with the host's own
//! defaults. All are global: they may stand before
//! or after a subcommand. Given on both sides, the values of the flags that repeat add
//! up, and of the others the one further right counts. Each `--flame-*` is refused
//! without `--flame`. Spans are written as a
//! [`SpanSelector`](tracing_flame_layer::SpanSelector) reads them, their fields as
//! [`SpanFields`](tracing_flame_layer::SpanFields) do.
//!
//! A host may have a [`Preset`] of its own. What is typed replaces it; the word
//! `default` among what is typed stands for it.
//!
//! # What a host gets with them
//!
//! - **Time**: tens of nanoseconds a span on its thread from the start to the end of the
//!   recording, during `--flame-delay` too, and some more on a thread of ours, which
//!   interprets what the others log. A span that `--flame-filter` refuses costs a load and a
//!   branch; where a directive names spans or fields (`[span]=trace`), every span costs
//!   a lock and a look-up. Spans with named fields (`--flame-fields`), all with
//!   `--flame-queued` and those inside named operations, where these get pictures, take
//!   that thread longer. When the recording has ended, which with `--flame-listen` is
//!   at the session's end, the layer is finished: tracing switches off the callsites
//!   that only it wanted.
//! - **Memory** grows with the number of distinct stacks, not with time. What threads
//!   have logged takes up to 2 MiB, and 4 KiB for each. With
//!   `--flame-every` the counters at the window's begin are kept besides, some 100 bytes
//!   a stack; operations that get pictures may take 64 MB for their courses in time.
//! - **Threads**: `flame-collector`, which interprets; `flame-window`, where there is a
//!   delay, a checkpoint or an end to wait for; `flame-slow`, which draws twice a second
//!   with `--flame-slower-than`;
//!   `flame-listen` with `--flame-listen`, and two more while somebody asks;
//!   `flame-signals` on Unix. They sleep until something is due. The host's threads wait
//!   for none of them, unless they make spans faster than one thread can read: then for a
//!   moment, and what still finds no room is lost and counted.
//! - **Files** are checked at the start, by what they are: an empty one is made beside each
//!   and renamed. A picture is written beside its file and renamed over it: a reader never
//!   sees half of one, and a failure leaves the earlier content as it was. A symbolic link
//!   stays a link. What nothing can be renamed over, such as a file that is a mount of its
//!   own or another user's in a sticky directory, is written in place, and so are devices
//!   and pipes; these get the final picture only, which the first line says. A pipe that
//!   nobody reads from is an error, a reader that stops reading holds the end up. To a
//!   link to `/dev/stdout` and to `folded:-` is written behind what the program says
//!   there. A file that the process writes to itself is never replaced: it is refused.
//! - **Signals** that the kernel raises for a write, at a limit on file sizes or where
//!   nobody reads a pipe any more, are kept from the host: the write is an error. The
//!   session's threads take no signal that is sent to the process.
//! - **The end** writes at once, and waits for no checkpoint before it does. What is
//!   tried again and again, a checkpoint or a window, tells of a failure once.
//! - **An open port** with `--flame-listen` only, for this machine unless an address
//!   says otherwise, and taken before the program starts.
//!
//! `--flame-every` cuts windows at instants: a span that is open then is in both, with
//! the part that belongs there, and all windows add up to the whole. It and
//! `--flame-slower-than` go on until shutdown unless a `--flame-duration` is typed.
//!
//! # Names of files
//!
//! In the name of an output's file `{time}` stands for when the window began, as
//! in `20261126T204233Z`; `{pid}` for the process; `{n}` for a number that goes on
//! where the files that are there end. A name with a time or a number in it is
//! made when the window is first written, and never that of a file that is there
//! then; any other is written over, as it says. Processes that write for the first
//! time in the same moment could still pick one number: `{pid}` sets them apart.
//!
//! With `--flame-every` a name that has neither gets the time: `spans.svg` is written
//! as `spans-20261126T204233Z.svg`. `--flame-keep` deletes only what this process
//! wrote.
//!
//! Pictures of single operations go to one directory for all windows, and for the
//! runs that come after: `spans.operations` for each of `spans.svg`,
//! `spans-{time}.svg` and `spans-{n}.svg`. `{pid}` stays in its name. A run removes
//! an earlier one's pictures when it writes its own first.
//!
//! # At run time
//!
//! [`FlameSession::flame`] hands out the handle of the layer: a host may stop
//! taking time and start again, or look at a profile, while the session runs.
//!
//! # Ctrl-C
//!
//! A session that is interrupted writes its flamegraph: on SIGINT, SIGTERM, SIGHUP and
//! SIGQUIT, where that would end the program, and then the signal ends it as it would
//! have. A second one ends it at once.
//!
//! A signal that the program handles is the program's, whether its handler is there
//! before the session or comes later, as one does where a `tokio::signal::ctrl_c()`
//! is first awaited. It gets to `finish()` by its own ways, and on the others it has its
//! picture all the same: nothing has to be chosen. One that the program ignores, as
//! under `nohup`, or blocks and waits for, stays so. In a forked child signals do what
//! they do by default. The first process of a container goes on, as it would have, and
//! leaves a checkpoint: `docker stop` kills it in the end.
//!
//! Two things can be told from without a session: whoever asks the system for the
//! present handler finds one (`ctrlc::try_set_handler` refuses then; `set_handler`
//! does not), and so does a handler that hands on to the one before it. On Windows,
//! where it is Ctrl-C, Ctrl-Break and the console's end, a program's handler comes
//! before ours if it is set after the session began; else the picture is written first.
//!
//! # Children
//!
//! A child that was forked leaves the files to its parent, and [`FlameSession::finish`] is an
//! error there. Once the process that started the session has ended without ending that, as
//! one does that becomes a daemon, they are the child's, and hold what was recorded before and
//! after the fork. None of the session's threads is there: it writes no checkpoints, ends by
//! `finish` or drop only, and nobody listens. Start the session after the fork where you can.
//!
//! # An empty picture
//!
//! Where no span was recorded the files are valid all the same, and the last line
//! says why as far as it can be known: the layer was never installed, the session
//! was dropped at once, a level was compiled out, a filter refused the spans.
//!
//! # Spans that are missing
//!
//! A filter that the program adds by `.with(filter)` holds for every layer, this one
//! included. The last lines name the spans that `--flame-filter` takes and such a filter
//! refuses; give it to the layer it is meant for, by `.with_filter(filter)`. Known is that
//! of the subscriber that is the default where the session ends.
//!
//! # Before the flags are parsed, and without flags
//!
//! [`FlameArgs::peek`] looks at a command line that is not parsed yet, for a program that
//! sets its subscriber first; [`FlameArgs::from_env`] reads the flags from environment
//! variables, `TRACING_FLAME=spans.svg`, for one whose command line cannot have them.
//!
//! # Cargo features
//!
//! - `svg` (default): `.svg` outputs, through inferno, which is licensed under
//!   the CDDL-1.0.
//! - `html` (default): `.html` outputs, reports with a viewer of the profile. A host whose
//!   policy does not list the CDDL takes it without `svg`; the default output then is
//!   `flamegraph.html`.
//! - `pprof` (default): `.pb.gz` outputs, compressed by flate2.
//! - `listen`: `--flame-listen` and `--flame-allow-host`, through hyper and tokio.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod args;
mod directives;
mod environment;
mod error;
mod file_name;
#[cfg(feature = "listen")]
mod listen;
mod named;
mod naming;
mod output;
mod picture;
mod plan;
mod preset;
mod remember;
mod report;
mod run;
mod session;
mod slow;
mod target;
mod threads;
mod typed;
mod window;

/// What `README.md` shows.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
pub struct Readme;

pub use args::FlameArgs;
pub use error::Error;
pub use preset::{Plain, Preset};
pub use report::{Reporter, Stderr};
pub use session::FlameSession;
#[doc(no_inline)]
pub use tracing_flame_layer::{self, Flame};
