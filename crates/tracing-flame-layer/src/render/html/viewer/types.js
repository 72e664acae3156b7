// The shapes of data: what docs/json.md describes, and what surrounds it in a report.

/**
 * @typedef {object} Callsite
 * @property {string} name
 * @property {string} target
 * @property {string} [file]
 * @property {number} [line]
 * @property {boolean} [is_label] Whether the name is a label of another tool.
 *
 * @typedef {object} ProfileNode
 * @property {number | null} parent
 * @property {number | null} callsite
 * @property {[string, string][]} [fields]
 * @property {boolean} [other_fields]
 * @property {number} calls
 * @property {number} started
 * @property {number} enters
 * @property {number} wall_nanos
 * @property {number} await_nanos
 * @property {number} busy_nanos
 * @property {number} entered_nanos
 * @property {number} latency_nanos
 * @property {number} max_latency_nanos
 * @property {boolean} max_latency_is_bound
 * @property {number} open_before
 * @property {number} queued_nanos
 * @property {number} max_queued_nanos
 * @property {StateTimes} [wall_states]
 * @property {StateTimes} [busy_states]
 * @property {Partial<Record<Counted, number>>} [switches]
 * @property {[number, number][]} latencies
 *
 * @typedef {'voluntary' | 'involuntary' | 'major_faults' | 'minor_faults' | 'blocks_read' |
 *   'blocks_written'} Counted What is missing is 0.
 *
 * What threads did in a time, as far as they were not on a CPU; what is missing is 0.
 * @typedef {object} StateTimes
 * @property {number} [runnable_nanos]
 * @property {number} [blocked_nanos]
 * @property {number} [fault_nanos] The part of it that was for page faults, as are the next
 *   for files, other threads, sockets and times.
 * @property {number} [disk_nanos]
 * @property {number} [lock_nanos]
 * @property {number} [net_nanos]
 * @property {number} [timer_nanos]
 * @property {number} [off_cpu_nanos]
 * @property {number} [unknown_nanos]
 *
 * @typedef {{ kind: string, call?: string, file?: string }} Reason
 *
 * @typedef {object} Share
 * @property {number} node
 * @property {number} enters
 * @property {number} busy_nanos
 * @property {StateTimes} [busy_states]
 * @property {number} entered_nanos
 *
 * @typedef {{ name: string, threads: number, nodes: Share[] }} Thread
 *
 * @typedef {object} Profile
 * @property {{ start_unix_nanos: number, length_nanos: number }} window
 * @property {boolean} [so_far] Whether the program was still running.
 * @property {number} operations
 * @property {number} [covered_nanos] For how much of the window some operation was open.
 * @property {{ root: number, waiting: number, count: number }[]} [orphans]
 * @property {Reason[]} [reasons] What threads were asleep for.
 * @property {{ node: number, reason: number, wall_nanos: number, busy_nanos: number }[]}
 *   [blocked_on] For how long, in which node.
 * @property {Record<string, number>} troubles
 * @property {{ source: string, why?: string }} [states] How it is known what threads did.
 * @property {Callsite[]} callsites
 * @property {ProfileNode[]} nodes
 * @property {{ node: number, operations: number }[]} named_operations
 * @property {Thread[]} threads
 * @property {LatencyClass[]} [classes] Operations that ended, by how long they took.
 * @property {HeatColumn[]} [heatmap] When they ended.
 *
 * @typedef {'name' | 'target' | 'source'} Names
 * @typedef {'wall' | 'busy' | 'threads'} Weight
 *
 * @typedef {object} FlameReport
 * @property {string} title
 * @property {Names} names
 * @property {Weight} weight
 * @property {boolean} hide_await
 * @property {boolean} [hide_states] Whether what threads did is not told.
 * @property {string} generator
 * @property {[string, string][]} run
 * @property {Profile} profile
 * @property {{ name: string, profile: Profile }} [before] The run that it is compared with.
 * @property {Told} [told] What several runs a side tell of the difference.
 * @property {Operation[]} [operations]
 * @property {number} [first] The number of the operation that is shown first.
 *
 * @typedef {[node: number, thread: number, depth: number, from: number, to: number]} Visit
 * @typedef {[node: number, from: number, to: number]} Wait
 * @typedef {'working' | 'awaited' | 'unknown'} Going
 * Times in states: runnable, blocked, off-CPU, unknown, and the parts of blocked by what for.
 * @typedef {number[]} Times
 * @typedef {[thread: number, from: number, to: number, times: Times]} Absence
 * @typedef {[node: number, going: Going, thread: number | null, from: number, to: number, times: Times]} Step
 * @typedef {{ count: number, longest_nanos: number }} LeftOut
 *
 * @typedef {object} Operation
 * @property {number} number
 * @property {string} name
 * @property {number} start_unix_nanos
 * @property {number} nanos
 * @property {string[]} threads
 * @property {Visit[]} visits
 * @property {number[]} [visit_spans] Which span each visit was.
 * @property {Wait[]} waits
 * @property {Absence[]} absences
 * @property {Step[]} path
 * @property {string[]} critical
 * @property {string[]} counted by the system, a line each
 * @property {string} [sentence] what is slow about it
 * @property {[at: number, level: string, target: string, text: string][]} log
 * @property {number} log_left_out
 * @property {LeftOut} visits_left_out
 * @property {LeftOut} strands_left_out
 * @property {LeftOut} absences_left_out
 * @property {Profile} profile
 */

/**
 * What several runs a side tell: how they were compared, which frames changed by themselves,
 * and each number that was judged, all of it as text.
 * @typedef {object} Told
 * @property {string[]} facts
 * @property {{ stack: string[], text: string }[]} reasons
 * @property {Finding[]} findings
 *
 * @typedef {object} Finding
 * @property {string[]} stack
 * @property {string} time
 * @property {string} verdict
 * @property {boolean} is_change
 * @property {string} change
 * @property {[string, string]} means
 */

/**
 * What stands in a box, whichever tree it is of.
 * @typedef {'all' | 'span' | 'cut' | 'state' | 'thread'} Kind
 *
 * @typedef {object} Box
 * @property {string} label
 * @property {Kind} kind
 * @property {Box | null} parent
 * @property {Box[]} children
 * @property {number} own
 * @property {number} total
 * @property {number} was Its total in the run before, where two are compared.
 * @property {Frame[]} frames
 */
