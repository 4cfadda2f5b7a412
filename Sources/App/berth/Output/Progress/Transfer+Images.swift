import Engine
import OCI

extension Transfer {
    /// A layer that arrives, in docker's words.
    init(_ event: PullProgress) {
        let id = String(event.layer.hex.prefix(12))
        let size = event.size
        func bytes(_ count: Int64) -> ByteCount { ByteCount(current: count, total: size) }
        switch event.state {
        case .waiting: self.init(id, "Waiting", .waiting, bytes(0))
        case .downloading(let count): self.init(id, "Downloading", .running, bytes(count))
        case .unpacking: self.init(id, "Extracting", .running, bytes(size))
        case .done: self.init(id, "Pull complete", .done, bytes(size))
        case .alreadyThere: self.init(id, "Already exists", .done, nil)
        }
    }

    /// A layer that leaves, in docker's words.
    init(_ event: PushProgress) {
        let id = String(event.layer.hex.prefix(12))
        switch event.state {
        case .preparing: self.init(id, "Preparing", .waiting, nil)
        case .waiting: self.init(id, "Waiting", .waiting, nil)
        case .compressing(let count, let size):
            self.init(id, "Compressing", .running, ByteCount(current: count, total: size))
        case .pushing(let count, let size):
            self.init(id, "Pushing", .running, ByteCount(current: count, total: size))
        case .pushed: self.init(id, "Pushed", .done, nil)
        case .alreadyThere: self.init(id, "Layer already exists", .done, nil)
        case .mounted(let source): self.init(id, "Mounted from \(source)", .done, nil)
        }
    }

    private init(_ id: String, _ text: String, _ phase: Phase, _ bytes: ByteCount?) {
        self.init(id: id, text: text, phase: phase, bytes: bytes)
    }
}
