#include <stdlib.h>

// The Swift runtime looks for `swift-backtrace`, which it would run when we crash, beside what
// `dladdr` calls our program: with a program that was found in PATH that is the current folder,
// which may be a stranger's. It is told, before it looks (a numbered constructor runs before those
// of C++), that there is none; who sets the variable gets what they set.
__attribute__((constructor(101))) static void tell_runtime_of_no_backtracer(void) {
    setenv("SWIFT_BACKTRACE", "enable=no,swift-backtrace=/", 0);
}
