import KernelNames
import OCI

extension StageState {
    /// Carries out an instruction that changes only the configuration; false for the others.
    mutating func configure(_ instruction: Instruction) throws -> Bool {
        switch instruction {
        case .arg(let declarations): try declare(declarations)
        case .env(let pairs):
            // Given up while it changes, so that it is changed in place.
            configuration.config.environment = []
            let set = try scope.set(pairs)
            configuration.config.environment = scope.environment
            record("ENV " + set.map { "\($0.name)=\($0.value)" }.joined(separator: " "))
        case .label(let pairs): try label(pairs)
        case .user(let text):
            configuration.config.user = try scope.word(text)
            record("USER \(configuration.config.user)")
        case .expose(let specifications): try expose(specifications)
        case .cmd(let command):
            let words = words(of: command)
            configuration.config.command = words
            configuration.config.argumentsAreEscaped = true
            hasOwnCommand = true
            record(HistoryText.quoted("CMD", words))
        case .entrypoint(let command):
            let words = words(of: command)
            configuration.config.entrypoint = words.isEmpty ? nil : words
            // The command of the image below was meant for its own entry point.
            if !hasOwnCommand { configuration.config.command = nil }
            record(HistoryText.quoted("ENTRYPOINT", words))
        case .volume(let paths):
            let paths = try paths.map { try scope.word($0) }
            guard paths.allSatisfy({ !$0.isEmpty }) else {
                throw InstructionError("VOLUME specified can not be an empty string")
            }
            configuration.config.volumes.formUnion(paths)
            record(HistoryText.list("VOLUME", paths))
        case .healthcheck(let check):
            configuration.config.healthcheck = ContainerDefaults.Healthcheck(check)
            record(HistoryText.healthcheck(check))
        case .stopSignal(let text):
            let signal = try scope.word(text)
            guard Signal(signal) != nil else {
                throw InstructionError("invalid signal: \(signal)")
            }
            configuration.config.stopSignal = signal
            record("STOPSIGNAL \(signal)")
        case .shell(let words):
            configuration.config.shell = words
            record(HistoryText.list("SHELL", words))
        case .maintainer(let author):
            configuration.author = author
            record("MAINTAINER \(author)")
        case .onBuild(let text): configuration.config.onBuild.append(text)
        case .run, .copy, .workdir: return false
        }
        return true
    }

    /// The words of a command: the shell's in front of a text.
    func words(of command: StepCommand) -> [String] {
        switch command {
        case .exec(let words): words
        case .shell(let text), .script(let text, _): text.isEmpty ? [] : shell + [text]
        }
    }

    private mutating func declare(_ declarations: [ArgumentDeclaration]) throws {
        var texts: [String] = []
        for declaration in declarations {
            let argument = try scope.declare(declaration)
            texts.append(argument.name + (argument.value.map { "=\($0)" } ?? ""))
        }
        record("ARG " + texts.joined(separator: " "))
    }

    private mutating func label(_ pairs: [InstructionNode.Pair]) throws {
        var texts: [String] = []
        for pair in pairs {
            let name = try scope.word(pair.name)
            let value = try scope.word(pair.value)
            configuration.config.labels[name] = value
            texts.append("\(name)=\(value)")
        }
        record("LABEL " + texts.joined(separator: " "))
    }

    private mutating func expose(_ specifications: [String]) throws {
        var ports: [String] = []
        for text in specifications {
            for word in try scope.words(text) { ports += try PortSpecification.ports(of: word) }
        }
        configuration.config.exposedPorts.formUnion(ports)
        record(HistoryText.list("EXPOSE", ports.sorted()))
    }
}

extension ContainerDefaults.Healthcheck {
    fileprivate init(_ check: HealthcheckInstruction) {
        self.init(test: check.test)
        intervalNanoseconds = check.interval.map(Self.nanoseconds)
        timeoutNanoseconds = check.timeout.map(Self.nanoseconds)
        startPeriodNanoseconds = check.startPeriod.map(Self.nanoseconds)
        startIntervalNanoseconds = check.startInterval.map(Self.nanoseconds)
        retries = check.retries
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
