/// The name of a device of the Container Device Interface: `vendor.com/class=name`.
struct CDIName: Hashable {
    /// `vendor.com/class`: what a file declares devices of.
    var kind: String
    /// `all`, `0`, `GPU-4711:0`
    var device: String

    var text: String { "\(kind)=\(device)" }

    init(kind: String, device: String) { (self.kind, self.device) = (kind, device) }

    /// nil for a text that no file can declare.
    init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isKind(parts[0]), Self.isDevice(parts[1]) else { return nil }
        self.init(kind: String(parts[0]), device: String(parts[1]))
    }

    /// A vendor and a class begin with a letter and end with a letter or a digit; a vendor may have
    /// dots.
    static func isKind(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        return zip(parts, ["_-.", "_-"]).allSatisfy { part, marks in
            isMade(part, of: marks) && part.utf8.first.map(isLetter) == true
        }
    }

    static func isDevice(_ text: some StringProtocol) -> Bool {
        isMade(text, of: "_-.:") && text.utf8.first.map(isLetterOrDigit) == true
    }

    /// Letters, digits and `marks`, the last no mark.
    private static func isMade(_ text: some StringProtocol, of marks: String) -> Bool {
        Array(text.utf8).last.map(isLetterOrDigit) == true
            && text.utf8.allSatisfy { isLetterOrDigit($0) || marks.utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
