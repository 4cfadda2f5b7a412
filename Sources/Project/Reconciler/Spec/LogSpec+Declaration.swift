import Compose
import ContainerRuntime

extension LogSpec {
    /// What the file says nothing about is Docker's: one file that grows.
    init(of declaration: LoggingDeclaration?) {
        self.init()
        guard let declaration else { return }
        switch declaration.kind {
        case .jsonFile: break
        case .local: driver = .local
        case .none:
            driver = Driver.none
            return
        case .syslog: driver = .syslog
        case .journald: driver = .journald
        case .gelf: driver = .gelf
        case .fluentd: driver = .fluentd
        }
        maximumFileBytes = declaration.maximumSizeBytes
        maximumFiles = declaration.maximumFiles
        delivery = declaration.delivery.map(LogDelivery.init(of:))
        marks = declaration.marks.map(LogMarks.init(of:))
    }
}

extension LogMarks {
    fileprivate init(of declaration: LogMarksDeclaration) {
        self.init()
        labels = declaration.labels
        labelsExpression = declaration.labelsExpression
        variables = declaration.variables
        variablesExpression = declaration.variablesExpression
        tag = declaration.tag
    }
}

extension LogDelivery {
    fileprivate init(of declaration: LogDeliveryDeclaration) {
        self.init(
            Form(of: declaration.form),
            to: declaration.address.map(Address.init(of:)),
            tag: declaration.tag ?? Self.usualTag
        )
        labels = declaration.labels
        labelsExpression = declaration.labelsExpression
        variables = declaration.variables
        variablesExpression = declaration.variablesExpression
        isAsynchronous = declaration.isAsynchronous ? true : nil
    }
}

extension LogDelivery.Form {
    fileprivate init(of form: LogDeliveryDeclaration.Form) {
        self =
            switch form {
            case .syslog(.local, let facility): .syslog(.local, facility: facility)
            case .syslog(.rfc3164, let facility): .syslog(.rfc3164, facility: facility)
            case .syslog(.rfc5424, let facility): .syslog(.rfc5424, facility: facility)
            case .syslog(.rfc5424micro, let facility): .syslog(.rfc5424micro, facility: facility)
            case .journald: .journald
            case .gelf: .gelf
            case .fluentd(let isPrecise): .fluentd(isPrecise: isPrecise)
            }
    }
}

extension LogDelivery.Address {
    fileprivate init(of address: LogAddress) {
        self =
            switch address.transport {
            case .tcp: .tcp(address.place, address.port ?? 0)
            case .udp: .udp(address.place, address.port ?? 0)
            case .unix: .unix(address.place)
            case .unixgram: .unixgram(address.place)
            }
    }
}
