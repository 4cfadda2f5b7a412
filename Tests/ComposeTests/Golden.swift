import Foundation
import TestSupport

extension Golden {
    /// The file of that name next to these tests.
    init(_ name: String) {
        self.init(
            URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "Goldens").appending(path: name)
        )
    }
}
