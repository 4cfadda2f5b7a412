import CLinux

/// Takes back how whoever started this process was slowed down or bound to processors: its nice
/// value, scheduling policy, I/O class, processors and personality. Of the calling thread, and of
/// those that it starts from then on. What may not be raised again stays: where root lacks
/// CAP_SYS_NICE.
package func startFromKnownState() { berth_start_from_known_state() }
