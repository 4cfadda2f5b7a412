import CLinux

/// Gives every signal its default action: also 32 and 33, which the C library keeps for itself and
/// leaves ignored in what it spawns.
func resetSignals() {
    for number in CInt(1)...64 { _ = berth_default_signal(number) }
}

/// Nothing arrives any more but SIGKILL and SIGSTOP. A write to a closed pipe gives EPIPE.
func blockSignals() { _ = berth_set_signal_mask(UInt64.max) }

/// What a program expects to be born with.
func unblockSignals() { _ = berth_set_signal_mask(0) }
