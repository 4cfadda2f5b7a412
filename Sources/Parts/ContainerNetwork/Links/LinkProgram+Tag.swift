import CLinux
import Glibc
import Linux
import OCI

/// The program in the kernel, and the tag by which it is known there.
extension LinkProgram {
    /// Loads it; who attaches it may then let go of it.
    func load() throws(SyscallError) -> OwnedFD {
        OwnedFD(
            taking: try syscall("bpf", on: "BPF_PROG_LOAD") {
                berth_bpf_load_packet_filter(instructions, UInt32(instructions.count))
            }
        )
    }

    /// Whether a tag that the kernel says is this program's. The tag is worked out here, since loading
    /// every link's program only to ask for its tag costs more than all the rest of a look; the
    /// kernel is asked where it says another one.
    func has(tag: some Collection<UInt8>) -> Bool {
        if likelyTags.contains(where: { $0.elementsEqual(tag) }) { return true }
        // `try?`: what cannot be loaded cannot be put up either.
        guard let asked = try? tagInKernel() else { return true }
        return asked.elementsEqual(tag)
    }

    /// The start of a hash over the instructions: SHA-256 from Linux 6.18 on, SHA-1 before.
    var likelyTags: [[UInt8]] {
        instructions.withUnsafeBytes { bytes in
            var newer = SHA256()
            newer.update(bytes)
            return [newer.finishBytes(), SHA1.hash(bytes)].map { Array($0.prefix(tagBytes)) }
        }
    }

    /// Asks the kernel, which loads the program for that. bpf(2), `BPF_OBJ_GET_INFO_BY_FD`.
    func tagInKernel() throws(SyscallError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: tagBytes)
        try load().with { descriptor throws(SyscallError) in
            _ = try syscall("bpf", on: "BPF_OBJ_GET_INFO_BY_FD") {
                berth_bpf_program_tag(descriptor, &tag)
            }
        }
        return tag
    }

    private var tagBytes: Int { Int(BPF_TAG_SIZE) }
}
