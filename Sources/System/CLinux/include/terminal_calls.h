/// Terminals: requests of ioctl_tty(2), whose numbers are macros that Swift cannot read.
#pragma once
#include <stdint.h>
#include <sys/ioctl.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/// Lets the other end of a pseudoterminal be opened.
static inline int berth_unlock_terminal(int terminal) {
    int locked = 0;
    return ioctl(terminal, TIOCSPTLCK, &locked);
}

/// Opens the other end of a pseudoterminal without looking for its path.
static inline int berth_open_terminal_peer(int terminal, int flags) {
    return ioctl(terminal, TIOCGPTPEER, flags);
}

/// Makes a terminal the controlling one of the session that the caller leads.
static inline int berth_take_controlling_terminal(int terminal) {
    return ioctl(terminal, TIOCSCTTY, 0);
}

static inline int berth_set_window(int terminal, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(terminal, TIOCSWINSZ, &size);
}
