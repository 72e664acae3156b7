//! A real-time thread that meets an ordinary one's spans, on one CPU.

use std::{
    mem, process,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use reth_cli_ext::{Flame, FlameSession};
use tracing::{Span, info_span};

/// How long a real-time thread may compute without waiting for anything, in microseconds:
/// the kernel ends the process then. It needs some. Where it waits by spinning for one that
/// it does not let run, it takes all of it.
const WITHOUT_WAITING: libc::rlim_t = 500_000;

/// Has a real-time thread enter so many spans that an ordinary one made on the same CPU, and
/// read what was recorded now and then.
pub(crate) fn hand_over(flame: &Option<FlameSession>, spans: u64) -> String {
    let flame = flame.as_ref().and_then(FlameSession::flame);
    let (handed, is_over) = (Mutex::new(Vec::<Span>::new()), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            keep_to_one_cpu();
            while !is_over.load(Relaxed) {
                let _operation = info_span!("operation").entered();
                (0..200).for_each(|_| info_span!("work").in_scope(|| ()));
                if let Ok(mut handed) = handed.try_lock()
                    && handed.len() < 9
                {
                    handed.push(info_span!("handed over"));
                }
            }
        });
        let real_time = scope.spawn(|| {
            keep_to_one_cpu();
            let may = become_real_time();
            if may {
                take(spans, &handed, flame.as_ref());
            }
            is_over.store(true, Relaxed);
            may
        });
        match real_time.join().expect("no panic") {
            true => format!("{spans} were entered"),
            false => "no thread may be real-time".to_owned(),
        }
    })
}

fn take(spans: u64, handed: &Mutex<Vec<Span>>, flame: Option<&Flame>) {
    let mut taken = 0;
    while taken < spans {
        thread::sleep(Duration::from_micros(300));
        let span = handed.try_lock().ok().and_then(|mut handed| handed.pop());
        if let Some(span) = span {
            span.in_scope(|| ());
            taken += 1;
            if taken.is_multiple_of(50) {
                drop(flame.map(Flame::snapshot));
            }
        }
    }
}

fn keep_to_one_cpu() {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: all zeroes is a set of none, and both calls are given one with its size.
    unsafe {
        let (mut all, mut one): (libc::cpu_set_t, libc::cpu_set_t) = mem::zeroed();
        assert_eq!(libc::sched_getaffinity(process::id() as libc::pid_t, size, &raw mut all), 0);
        let first = (0..libc::CPU_SETSIZE as usize).find(|cpu| libc::CPU_ISSET(*cpu, &all));
        libc::CPU_SET(first.expect("a CPU"), &mut one);
        assert_eq!(libc::sched_setaffinity(0, size, &raw const one), 0);
    }
}

/// Returns whether it may.
fn become_real_time() -> bool {
    let limit = libc::rlimit { rlim_cur: WITHOUT_WAITING, rlim_max: WITHOUT_WAITING };
    let priority = libc::sched_param { sched_priority: 20 };
    // SAFETY: both are given what they read.
    unsafe {
        assert_eq!(libc::setrlimit(libc::RLIMIT_RTTIME, &raw const limit), 0);
        libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const priority) == 0
    }
}
