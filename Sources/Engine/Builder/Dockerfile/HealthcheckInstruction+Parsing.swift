import TextForms

extension HealthcheckInstruction {
    init(_ node: InstructionNode) throws(InstructionError) {
        guard case .typed(let type, let arguments) = node.arguments else {
            throw InstructionError("HEALTHCHECK requires at least one argument")
        }
        switch type.uppercased() {
        case "NONE":
            guard arguments == .none else {
                throw InstructionError("HEALTHCHECK NONE takes no arguments")
            }
            _ = try InstructionFlags(node)
            test = ["NONE"]
        case "CMD":
            switch Instruction.command(arguments) {
            case .exec(let words) where !words.isEmpty: test = ["CMD"] + words
            case .shell(let text) where !text.isEmpty: test = ["CMD-SHELL", text]
            default: throw InstructionError("Missing command after HEALTHCHECK CMD")
            }
            try readFlags(node)
        default:
            throw InstructionError(
                "Unknown type \"\(type.uppercased())\" in HEALTHCHECK (try CMD)"
            )
        }
    }

    private mutating func readFlags(_ node: InstructionNode) throws(InstructionError) {
        var flags = try InstructionFlags(
            node,
            .init(
                strings: ["interval", "timeout", "start-period", "start-interval", "retries"]
            )
        )
        interval = try Self.duration(flags.take("interval"), "interval")
        timeout = try Self.duration(flags.take("timeout"), "timeout")
        startPeriod = try Self.duration(flags.take("start-period"), "start-period")
        startInterval = try Self.duration(flags.take("start-interval"), "start-interval")
        guard let text = flags.take("retries") else { return }
        guard let number = Int32(text) else {
            throw InstructionError("--retries is not a number: \(text)")
        }
        guard number >= 0 else {
            throw InstructionError("--retries cannot be negative (\(number))")
        }
        // 0 keeps the default, as if it were not written.
        retries = number == 0 ? nil : Int(number)
    }

    private static func duration(
        _ text: String?,
        _ flag: String
    ) throws(InstructionError) -> Duration? {
        guard let text, !text.isEmpty else { return nil }
        guard let duration = GoDuration.parse(text).map(Duration.nanoseconds) else {
            throw InstructionError("--\(flag): invalid duration \"\(text)\"; write 30s or 1m30s")
        }
        if duration == .zero { return nil }
        guard duration >= .milliseconds(1) else {
            throw InstructionError("Interval \"\(flag)\" cannot be less than 1ms")
        }
        return duration
    }
}
