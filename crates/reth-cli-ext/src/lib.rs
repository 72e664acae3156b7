//! The `--flame` flags for reth and any other clap program.
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
//! All are global: they may stand before or after a subcommand. Given on both
//! sides, the values of the flags that repeat add up, and of the others the one
//! further right counts. Each `--flame-*` is refused without `--flame`.
//!
//! | flag | default | effect |
//! |---|---|---|
//! | `--flame` | off | record spans and draw a flamegraph |
//! | `--flame-output <PATH>` | `flamegraph.svg` | where to write; repeats; the extension picks the format: `.svg`, `.folded`, `.txt`, `.json`, `.speedscope.json`, `.pb.gz` |
//! | `--flame-duration <TIME>` | `60` | how long to take time: seconds, `90s`, `5m`; `0`: until shutdown, as with `--flame-every` and `--flame-slower-than` |
//! | `--flame-delay <TIME>` | `0` | begin to take time this long after the start |
//! | `--flame-checkpoint <TIME>` | `60` | write the picture so far this often; `0`: never |
//! | `--flame-every <TIME>` | off | a picture for each such stretch of time |
//! | `--flame-keep <N>` | `10` | how many of those are kept; `0`: all |
//! | `--flame-filter <DIRECTIVES>` | `debug`* | which spans to record, in `EnvFilter` syntax |
//! | `--flame-weight <wall\|busy>` | `wall` | what a width means |
//! | `--flame-hide-await` | off | leave the `[await]` frames out |
//! | `--flame-idle <SPAN,..>` | none* | spans that mostly wait; repeats |
//! | `--flame-skip <SPAN,..>` | none* | spans to leave out; repeats |
//! | `--flame-operation <SPAN,..>` | none* | spans that are an operation each; repeats |
//! | `--flame-detached <SPAN,..>` | none* | spans whose work is no part of what started them; repeats |
//! | `--flame-fields <SPAN{FIELD},..>` | none | fields whose values become part of a frame's name; repeats |
//! | `--flame-queued` | off | measure how long spans wait from creation to first enter |
//! | `--flame-slowest <N>` | `10` | a picture of its own for so many of the slowest operations |
//! | `--flame-slower-than <TIME>` | none | ... and for each that takes at least so long; `p99`: longer than 99 of 100 |
//! | `--flame-events <LEVEL>` | none | what is logged in those operations, beside their pictures |
//! | `--flame-names <name\|target\|source>` | `name` | what is written into a frame |
//! | `--flame-threads` | off | one tower for each thread name |
//! | `--flame-listen <ADDR>` | off | a live page, and profiles over HTTP (feature `listen`) |
//! | `--flame-allow-host <NAME,..>` | none | names that it answers to; repeats |
//!
//! \* A host may have a [`Preset`] of its own, which `--help` shows. What is
//! typed replaces it; the word `default` among what is typed stands for it.
//!
//! How they bear on each other, and what they cost:
//!
//! - **`--flame`** costs tens of nanoseconds a span, and memory that grows with
//!   the number of distinct stacks, not with time. After the window has ended
//!   the layer stays in place, and so does the cost of a span.
//! - **`--flame-output`** is checked at the start by writing an empty file beside
//!   it. At the end the picture is written beside it too and renamed over it: a
//!   reader never sees half of one, and a failure leaves the earlier file as it
//!   was. A symbolic link stays a link; a device or a pipe is written in place. A pipe
//!   that nobody reads from at the end is an error; a reader that stops reading holds
//!   the end up.
//! - **`--flame-duration`** counts from the end of **`--flame-delay`**. The end
//!   of the window or the program's end writes, whichever comes first. Either
//!   starts a thread, `flame-window`, which sleeps.
//! - **`--flame-checkpoint`** writes to where the final picture will be, and says
//!   so in the headline; the window that it covers stands in it as in the final
//!   one. A program that is killed, or aborts, so loses no more than that time.
//!   The thread `flame-window` draws it, in the time that the final picture takes;
//!   each of the program's threads waits while its stack is read, as at any
//!   snapshot: microseconds.
//!   Devices and pipes get the final picture only. The end never waits for a
//!   checkpoint before it writes. One that fails is reported, and tried again
//!   silently until it works.
//! - **`--flame-every`** draws each window by itself, until shutdown unless a
//!   `--flame-duration` is typed. One window ends and the next begins at the same
//!   instant: a span that is open then is in both, with the part that belongs
//!   there, and all windows add up to the whole. The last one ends with the
//!   program. A checkpoint is of the window that runs and goes to its file. For
//!   the window's begin its counters are kept, some 100 bytes a stack and what its
//!   latencies take.
//! - **`--flame-keep`** counts windows, the running one too once it has a
//!   checkpoint, and deletes the files of older ones. Only what this process
//!   wrote: earlier processes' files are left alone.
//! - **`--flame-delay`**: spans are followed from the start, at full cost, so
//!   that later ones find their parents.
//! - **`--flame-filter`** is independent of the log's filters, takes spans only,
//!   and switches nothing on for other layers. Spans it refuses cost a load and
//!   a branch; directives that name spans or fields (`[span]=trace`) cost a
//!   lock and a look-up on each span.
//! - **`--flame-idle`**, **`--flame-skip`**, **`--flame-operation`** and
//!   **`--flame-detached`** take a span's name or `target::name`, are looked up once
//!   for each callsite and cost nothing after that. With `{field=value}` behind it, one means the spans
//!   that are created with that value, `{a=1,b=2}` those with both; that is looked
//!   up for each span of that name. A value with a comma or a brace in it stands
//!   in quotes. `--flame-idle` bears on `wall` only.
//! - **`--flame-detached`** makes an operation as `--flame-operation` does, but never
//!   a picture by itself; a span that both name has one. What started it stays open
//!   until it ends, as a span does for all of its children, and shows that as
//!   `[await]`.
//! - **`--flame-fields`** tells spans of one name apart: `stage{name}` draws
//!   `stage{name=Merkle}` and `stage{name=Execution}`. Values count that a span is
//!   created with, or that are recorded before it is first entered. Of each span
//!   64 distinct values are told apart, the rest share `stage{…}` and are counted;
//!   of each value, the first 80 characters. Other spans cost what they cost.
//! - **`--flame-queued`** fills a column of the table and a line of the tooltip, and
//!   costs about 100 ns a span.
//! - **`--flame-slowest`** and **`--flame-slower-than`** are about the spans that
//!   `--flame-operation` names. With either, a span inside such an operation costs
//!   more; spans elsewhere cost the same. At most 4,096 operations are followed at
//!   once, with at most 64 MB for their courses in time. `--flame-slowest` writes at
//!   each checkpoint what has come since the last one, and at the end;
//!   `--flame-slower-than` goes on until shutdown unless a `--flame-duration` is
//!   typed, starts a thread, `flame-slow`, that draws twice
//!   a second, and keeps the latest 100 pictures. What was dropped is counted on the
//!   page that lists them. `--flame-slowest 0` switches it off.
//! - **`--flame-listen`** answers from a thread of its own, `flame-listen`, from the
//!   session's start to its end, and draws on two more while somebody asks. A port
//!   alone is for this machine; other machines are let in by an address only, and a
//!   line warns of it. The address is taken before the program starts. Recording
//!   goes on for it when the files have been written. A request is 16 KiB at most;
//!   no more than 64 connections, 16 waits and 8 profiles are in memory at a time.
//!   While nobody asks, spans cost what they do without it.
//! - **`--flame-allow-host`**: `Host` must be an IP address, `localhost` or one of
//!   these, so that no web page can reach the endpoint by a name of its own.
//! - **`--flame-threads`** draws by `busy` and is refused together with
//!   `--flame-weight wall`. **`--flame-weight`**, **`--flame-names`** and
//!   **`--flame-hide-await`** bear on drawing only.
//!
//! # Names of files
//!
//! In the name of an output's file `{time}` stands for when the window began, as
//! in `20261126T204233Z`; `{pid}` for the process; `{n}` for a number that goes on
//! where the files that are there end. A name with a time or a number in it is
//! made when the window is first written, and never that of a file that is there
//! then; any other is written over, as it says. Processes that write for the first
//! time in the same moment could still pick one number: `{pid}` sets them apart. With `--flame-every` a name that has neither gets the time:
//! `spans.svg` is written as `spans-20261126T204233Z.svg`.
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
//! A program that handles Ctrl-C and SIGTERM itself gets to `finish()` by its own
//! ways. One that handles neither calls `FlameSession::on_signals` (cargo feature
//! `signals`): on either, and on SIGHUP and SIGQUIT, the flamegraph is written, and
//! then the signal ends the process as it would have.
//!
//! # An empty picture
//!
//! Where no span was recorded the files are valid all the same, and the last line
//! says why as far as it can be known: the layer was never installed, the session
//! was dropped at once, a level was compiled out, a filter refused the spans.
//!
//! # Cargo features
//!
//! - `svg` (default): `.svg` outputs, through inferno, which is licensed under
//!   the CDDL-1.0. Without it the default output is `flamegraph.folded`.
//! - `pprof` (default): `.pb.gz` outputs, compressed by flate2.
//! - `signals`: `FlameSession::on_signals`.
//! - `listen`: `--flame-listen` and `--flame-allow-host`, through hyper and tokio.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod args;
mod directives;
mod drafts;
mod error;
mod file_name;
mod in_place;
#[cfg(feature = "listen")]
mod listen;
mod named;
mod naming;
mod picture;
mod plan;
mod preset;
mod remember;
mod report;
mod session;
mod slow;
mod target;
mod typed;
mod window;

pub use args::FlameArgs;
pub use error::Error;
pub use preset::{Plain, Preset};
pub use report::{Reporter, Stderr};
pub use session::FlameSession;
pub use tracing_flame_layer::Flame;
