import CLinux

/// The spec, mapped. It stays valid after its descriptor is closed.
struct Spec {
    private let base: UnsafeRawPointer

    /// Maps and checks version and size; what is inside was written by our own other half.
    init?(mapping fd: CInt) {
        var status = stat()
        guard fstat(fd, &status) == 0 else { return nil }
        let size = Int(status.st_size)
        guard size >= MemoryLayout<keeper_spec>.size,
            let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, fd, 0),
            address != UnsafeMutableRawPointer(bitPattern: -1)
        else { return nil }
        base = UnsafeRawPointer(address)
        guard fields.version == keeper_version, Int(fields.size) == size else { return nil }
    }

    var fields: keeper_spec { base.load(as: keeper_spec.self) }

    func has(_ flag: Int) -> Bool { fields.flags & UInt32(flag) != 0 }

    func text(_ offset: keeper_text) -> CText? {
        offset == 0 ? nil : (base + Int(offset)).assumingMemoryBound(to: CChar.self)
    }

    /// For texts that are always there.
    func path(_ offset: keeper_text) -> CText { text(offset) ?? c("") }

    func list<Element>(
        _ list: keeper_list,
        of type: Element.Type
    ) -> UnsafeBufferPointer<Element> {
        let start = (base + Int(list.offset)).assumingMemoryBound(to: Element.self)
        return UnsafeBufferPointer(start: start, count: Int(list.count))
    }

    /// A list of texts as `execve` takes it.
    func vector(_ list: keeper_list) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let texts = self.list(list, of: keeper_text.self)
        let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: texts.count + 1
        )
        for index in 0..<texts.count {
            vector[index] = UnsafeMutablePointer(mutating: path(texts[index]))
        }
        vector[texts.count] = nil
        return vector
    }
}
