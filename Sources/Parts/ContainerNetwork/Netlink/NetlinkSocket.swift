import CLinux
import Glibc
import Linux

/// A conversation with one part of the kernel, in the network namespace it was opened in.
struct NetlinkSocket: ~Copyable {
    private let fd: SharedFD
    private var sequence: UInt32 = 0
    private var hasCommitted = false

    /// The last descriptor of a socket that has changed the firewall waits, as it is closed, until no
    /// processor sees the former rules any more (nft_rcv_nl_event of net/netfilter/nf_tables_api.c).
    ///
    /// Not from a thread that has entered another network namespace: a thread that is made for it would
    /// be there, too, and go on to do what others ask for.
    deinit {
        if hasCommitted, Self.isInOwnNamespace { releaseElsewhere(fd) }
    }

    /// Whether the calling thread is in the process's own network namespace.
    private static var isInOwnNamespace: Bool {
        var (own, whole) = (stat(), stat())
        return stat("/proc/thread-self/ns/net", &own) == 0
            && stat("/proc/self/ns/net", &whole) == 0
            && own.st_ino == whole.st_ino && own.st_dev == whole.st_dev
    }

    /// The parts of the kernel that we talk to.
    enum Family: CInt {
        case route = 0  // NETLINK_ROUTE
        case netfilter = 12  // NETLINK_NETFILTER
    }

    /// The longest the kernel may take for one answer; it answers at once unless something is wrong.
    private static let patienceSeconds = 20

    /// Opens one in the calling thread's network namespace.
    init(_ family: Family) throws(NetworkError) {
        self.init(try Self.open(family))
    }

    /// Uses one that `open` gave and nobody else uses.
    init(_ fd: SharedFD) { self.fd = fd }

    /// Opens the descriptor alone, which can be taken to another thread.
    static func open(_ family: Family) throws(NetworkError) -> SharedFD {
        let fd: SharedFD
        do throws(SyscallError) {
            let number = try syscall("socket", on: "netlink") {
                socket(
                    AF_NETLINK,
                    CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue),
                    family.rawValue
                )
            }
            fd = SharedFD(taking: number)
        } catch { throw NetworkError(action: "talk to the kernel's network", error) }
        // Explanations in errors, short echoes, filtered dumps. Older kernels lack one or the other
        // and answer with less or more, which the reader copes with.
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
            fd.with { setOption($0, SOL_NETLINK, option, CInt(1)) }
        }
        let patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        fd.with { setOption($0, SOL_SOCKET, SO_RCVTIMEO, patience) }
        return fd
    }

    /// As many answers as surely fit into the socket's buffer.
    private static let requestsAtOnce = 32

    /// Sends requests one after another, many in one call, and waits until each is answered. Every
    /// one is carried out even when an earlier one failed; the first refusal that the request does not
    /// accept is thrown. Returns what the kernel sent besides, by request.
    @discardableResult
    mutating func perform(
        _ requests: [NetlinkRequest]
    ) throws(NetworkError) -> [[NetlinkMessage]] {
        var answers: [[NetlinkMessage]] = []
        var failure: NetworkError?
        for start in stride(from: 0, to: requests.count, by: Self.requestsAtOnce) {
            let end = min(start + Self.requestsAtOnce, requests.count)
            let (more, failed) = try performAtOnce(Array(requests[start..<end]))
            answers += more
            failure = failure ?? failed
        }
        if let failure { throw failure }
        return answers
    }

    private mutating func performAtOnce(
        _ requests: [NetlinkRequest]
    ) throws(NetworkError) -> (answers: [[NetlinkMessage]], failure: NetworkError?) {
        var bytes: [UInt8] = []
        let first = sequence + 1
        for var request in requests {
            request.flags |= UInt16(NLM_F_ACK)
            sequence += 1
            bytes += request.encoded(sequence: sequence)
        }
        try send(bytes, action: requests.first?.action)
        if requests.contains(where: \.changesLinks) { CrashPoint.linksChanged.pass() }

        var answers = [[NetlinkMessage]](repeating: [], count: requests.count)
        var failure: NetworkError?
        var open = requests.count
        while open > 0 {
            for message in try receive(action: requests.first?.action) {
                let index = Int(message.sequence) - Int(first)
                guard requests.indices.contains(index) else { continue }
                guard let verdict = NetlinkVerdict(message) else {
                    answers[index].append(message)
                    continue
                }
                open -= 1
                if failure == nil { failure = Self.failure(verdict, of: requests[index]) }
            }
        }
        return (answers, failure)
    }

    /// Asks for a list. A list that changed while it was read is read again.
    mutating func dump(_ request: NetlinkRequest) throws(NetworkError) -> [NetlinkMessage] {
        for _ in 0..<16 {
            if let messages = try dumpOnce(request) { return messages }
        }
        throw NetworkError(
            action: request.action,
            reason: "the kernel's list kept changing while it was read"
        )
    }

    private mutating func dumpOnce(
        _ request: NetlinkRequest
    ) throws(NetworkError) -> [NetlinkMessage]? {
        var request = request
        request.flags |= UInt16(NLM_F_DUMP)
        sequence += 1
        try send(request.encoded(sequence: sequence), action: request.action)
        var messages: [NetlinkMessage] = []
        var interrupted = false
        while true {
            for message in try receive(action: request.action) where message.sequence == sequence {
                if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { interrupted = true }
                if message.type == UInt16(NLMSG_DONE) { return interrupted ? nil : messages }
                if let verdict = NetlinkVerdict(message) {
                    if let failure = Self.failure(verdict, of: request) { throw failure }
                    return []
                }
                messages.append(message)
            }
        }
    }

    /// Sends a transaction of nf_tables: all or nothing. `generation` makes it fail with ERESTART
    /// when anybody changed the firewall since that number was read.
    mutating func commit(
        _ requests: [NetlinkRequest],
        generation: UInt32? = nil
    ) throws(NetworkError) {
        guard !requests.isEmpty else { return }
        hasCommitted = true
        let begin = NFTables.batchBegin(generation: generation)
        let first = sequence + 1
        var bytes = begin.encoded(sequence: first)
        sequence += 1
        for (index, var request) in requests.enumerated() {
            // One acknowledgement is enough: a failed message reports itself, and all of the
            // messages have been looked at when the last one answers.
            if index == requests.count - 1 { request.flags |= UInt16(NLM_F_ACK) }
            sequence += 1
            bytes += request.encoded(sequence: sequence)
        }
        sequence += 1
        bytes += NFTables.batchEnd.encoded(sequence: sequence)
        try send(bytes, action: requests[0].action)
        CrashPoint.firewallChanged.pass()

        let last = first + UInt32(requests.count)
        var failure: NetworkError?
        while true {
            for message in try receive(action: requests[0].action) {
                guard let verdict = NetlinkVerdict(message), message.sequence >= first else {
                    continue
                }
                let index = Int(message.sequence) - Int(first) - 1
                if requests.indices.contains(index) {
                    if failure == nil { failure = Self.failure(verdict, of: requests[index]) }
                } else if verdict.errno != 0 {
                    // About the transaction as a whole, which ends it.
                    throw failure ?? Self.failure(verdict, of: requests[0]) ?? .silent(requests[0])
                }
                if message.sequence == last {
                    if let failure { throw failure }
                    return
                }
            }
        }
    }

    private static func failure(
        _ verdict: NetlinkVerdict,
        of request: NetlinkRequest
    ) -> NetworkError? {
        if verdict.errno == 0 || request.accepted.contains(verdict.errno) { return nil }
        let words = String(cString: strerror(verdict.errno))
        return NetworkError(
            action: request.action,
            reason: verdict.explanation.map { "\(words) (\($0))" } ?? words,
            errno: verdict.errno
        )
    }

    private borrowing func send(_ bytes: [UInt8], action: String?) throws(NetworkError) {
        do throws(SyscallError) {
            if bytes.count > 100_000 {
                let room = CInt(clamping: bytes.count * 2)
                fd.with { setOption($0, SOL_SOCKET, SO_SNDBUFFORCE, room) }
            }
            _ = try fd.with { (number: CInt) throws(SyscallError) in
                try syscall("send", on: "netlink") { Glibc.send(number, bytes, bytes.count, 0) }
            }
        } catch { throw NetworkError(action: action ?? "change the network", error) }
    }

    private borrowing func receive(action: String?) throws(NetworkError) -> [NetlinkMessage] {
        do throws(SyscallError) {
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = try fd.with { (number: CInt) throws(SyscallError) in
                try syscall("recv", on: "netlink") { recv(number, &buffer, buffer.count, 0) }
            }
            return NetlinkMessage.parse(Array(buffer.prefix(count)))
        } catch { throw NetworkError(action: action ?? "change the network", error) }
    }
}

extension NetworkError {
    /// An answer that makes no sense; kept apart so that it can be recognised.
    fileprivate static func silent(_ request: NetlinkRequest) -> NetworkError {
        NetworkError(action: request.action, reason: "the kernel refused without a reason")
    }
}

/// Sets a socket option whose refusal changes nothing but comfort; see the caller.
private func setOption<T: BitwiseCopyable>(
    _ number: CInt,
    _ level: CInt,
    _ option: some BinaryInteger,
    _ value: T
) {
    var value = value
    _ = setsockopt(number, level, CInt(option), &value, socklen_t(MemoryLayout<T>.size))
}
