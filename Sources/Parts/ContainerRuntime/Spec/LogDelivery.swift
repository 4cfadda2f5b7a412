/// Where what a container writes is sent, beside the log that is kept.
package struct LogDelivery: Hashable, Codable, Sendable {
    /// In which form.
    package enum Form: Hashable, Codable, Sendable {
        /// `facility` is 0 (kern) to 23 (local7): RFC 5424, section 6.2.1.
        case syslog(SyslogForm, facility: Int)
        /// The journal of this machine.
        case journald
        /// Graylog's, version 1.1.
        case gelf
        /// Fluentd's forward protocol, version 1; times have nanoseconds, or only seconds.
        case fluentd(isPrecise: Bool)
    }

    /// What stands before the text of a syslog message.
    package enum SyslogForm: String, Hashable, Codable, Sendable {
        /// Without a host name, as the C library's syslog(3) writes.
        case local
        case rfc3164
        case rfc5424
        /// With microseconds.
        case rfc5424micro
    }

    /// Which server gets it.
    package enum Address: Hashable, Codable, Sendable {
        /// Name or address, and port.
        case tcp(String, UInt16)
        case udp(String, UInt16)
        /// Absolute path of a stream socket.
        case unix(String)
        /// Absolute path of a datagram socket.
        case unixgram(String)
    }

    /// As its kind of server reads it.
    package var form: Form
    /// nil for the machine's own: the socket of its syslog, or of its journal.
    package var address: Address?
    /// A Go template about the container.
    package var tag: String
    /// What goes with each line: labels and variables by name, and by regular expression.
    package var labels: [String] = []
    /// For names of labels.
    package var labelsExpression: String?
    /// Its server may be away when a container starts; nil for no.
    package var isAsynchronous: Bool?
    /// Names of variables.
    package var variables: [String] = []
    /// For names of variables.
    package var variablesExpression: String?

    /// Docker's: the first 12 digits of the container's identifier.
    package static let usualTag = "{{.ID}}"

    /// To the machine's own server unless told otherwise.
    package init(_ form: Form, to address: Address? = nil, tag: String = usualTag) {
        self.form = form
        self.address = address
        self.tag = tag
    }
}

extension LogDelivery.Address: CustomStringConvertible {
    /// As a compose file writes it.
    package var description: String {
        switch self {
        case .tcp(let host, let port): "tcp://\(Self.bracketed(host)):\(port)"
        case .udp(let host, let port): "udp://\(Self.bracketed(host)):\(port)"
        case .unix(let path): "unix://\(path)"
        case .unixgram(let path): "unixgram://\(path)"
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}
