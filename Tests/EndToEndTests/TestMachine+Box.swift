import Foundation
import TestSupport
import Testing

extension TestMachine {
    /// The program under test.
    static let berth = Products.path("berth")

    /// Imports an image of busybox with these of its commands (names with blanks between them).
    /// `change` is an instruction for its configuration, `preparing` a script that adds files below
    /// the folder `base`.
    func importBox(
        _ commands: String = "sh sleep echo",
        as name: String = "box",
        change: String = "",
        preparing: String = "",
        environment: [String: String] = [:]
    ) async throws {
        let script = """
            set -e
            mkdir -p base/bin
            cp "$(command -v busybox)" base/bin/busybox
            for word in \(commands); do ln -sf busybox base/bin/$word; done
            \(preparing)
            tar -C base -c . | "$0" image import ${2:+-c} ${2:+"$2"} - "$1"
            """
        let made = try await run(
            ["/bin/sh", "-c", script, Self.berth, name, change],
            environment: environment
        )
        try #require(made.status == 0, "\(made.err)")
    }
}
