// What was measured at some frames, added up over the nodes that they are made of.

class Tally {
  constructor() {
    /** @type {number | null} Unknown for a thread's part of a node. */
    this.calls = null;
    this.started = 0;
    this.enters = 0;
    this.entered = 0;
    this.latency = 0;
    this.longest = 0;
    /** Whether the longest is only known to be no longer. */
    this.isBound = false;
    this.queued = 0;
    this.longestQueued = 0;
    this.lived = 0;
    /** How often threads went to sleep, and were preempted; pages that were read for them. */
    this.slept = 0;
    this.preempted = 0;
    this.faults = 0;
    /** Page faults for which nothing was read; blocks that were read, and made dirty. */
    this.minorFaults = 0;
    this.blocksRead = 0;
    this.blocksWritten = 0;
    /** @type {Map<number, number>} Calls by the upper edge of their latency's bucket. */
    this.buckets = new Map();
  }

  /**
   * Of all nodes and shares of some frames.
   * @param {Iterable<Frame>} frames
   */
  static of(frames) {
    const tally = new Tally();
    for (const frame of frames) {
      frame.nodes.forEach(node => tally.addNode(node));
      frame.shares.forEach(share => tally.addShare(share));
    }
    return tally;
  }

  /** @param {ProfileNode} node */
  addNode(node) {
    this.calls = (this.calls || 0) + node.calls;
    this.started += node.started;
    this.enters += node.enters;
    this.entered += node.entered_nanos;
    this.latency += node.latency_nanos;
    if (node.max_latency_nanos > this.longest) {
      this.longest = node.max_latency_nanos;
      this.isBound = node.max_latency_is_bound;
    } else if (node.max_latency_nanos === this.longest) {
      this.isBound = this.isBound && node.max_latency_is_bound;
    }
    this.queued += node.queued_nanos;
    this.longestQueued = Math.max(this.longestQueued, node.max_queued_nanos);
    this.lived += node.started + node.open_before;
    const counted = node.switches || {};
    this.slept += counted.voluntary || 0;
    this.preempted += counted.involuntary || 0;
    this.faults += counted.major_faults || 0;
    this.minorFaults += counted.minor_faults || 0;
    this.blocksRead += counted.blocks_read || 0;
    this.blocksWritten += counted.blocks_written || 0;
    for (const [edge, calls] of node.latencies) {
      this.buckets.set(edge, (this.buckets.get(edge) || 0) + calls);
    }
  }

  /** @param {Share} share */
  addShare(share) {
    this.entered += share.entered_nanos;
  }

  /** Enters beyond the first of each span. */
  get polls() {
    return Math.max(this.enters - this.started, 0);
  }

  /** The mean latency in whole nanoseconds, once anything was entered. */
  get mean() {
    return this.started ? Math.floor(this.latency / this.started) : null;
  }

  get max() {
    return this.started ? this.longest : null;
  }

  /**
   * The latency that so many per cent of the calls do not exceed.
   * @param {number} percent
   */
  percentile(percent) {
    const edges = [...this.buckets].sort(([a], [b]) => a - b);
    const wanted = edges.reduce((sum, [, calls]) => sum + calls, 0) * percent;
    let passed = 0;
    for (const [edge, calls] of edges) {
      passed += calls * 100;
      if (passed >= wanted) return Math.min(edge, this.longest);
    }
    return null;
  }
}
