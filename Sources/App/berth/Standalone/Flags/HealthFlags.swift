import ArgumentParser

/// How it is found out whether a container is well.
struct HealthFlags: ServiceFlags {
    @Option(
        name: .customLong("health-cmd"),
        parsing: .unconditional,
        help: ArgumentHelp("What a shell runs to see whether it is well.", valueName: "command")
    )
    var command: String?

    @Option(
        name: .customLong("health-interval"),
        help: ArgumentHelp("Time between two checks.", valueName: "duration")
    )
    var interval: String?

    @Option(
        name: .customLong("health-retries"),
        help: ArgumentHelp("Failures in a row that count.", valueName: "number")
    )
    var retries: Int?

    @Option(
        name: .customLong("health-start-interval"),
        help: ArgumentHelp("Time between two checks at first.", valueName: "duration")
    )
    var startInterval: String?

    @Option(
        name: .customLong("health-start-period"),
        help: ArgumentHelp("How long failures do not count at first.", valueName: "duration")
    )
    var startPeriod: String?

    @Option(
        name: .customLong("health-timeout"),
        help: ArgumentHelp("Time that a check has.", valueName: "duration")
    )
    var timeout: String?

    @Flag(name: .customLong("no-healthcheck"), help: "Leave out the image's check.")
    var isOff = false

    func write(to service: inout FlaggedService) throws {
        let isAsked =
            [command, interval, startInterval, startPeriod, timeout]
            .contains { $0 != nil } || retries != nil
        if isOff {
            guard !isAsked else {
                throw Failure("--no-healthcheck conflicts with --health-* options", exitCode: 125)
            }
            return service.set("healthcheck.disable", .flag(true), by: "--no-healthcheck")
        }
        if let command {
            let test = command.isEmpty ? [] : ["CMD-SHELL", command]
            service.set("healthcheck.test", .texts(test), by: "--health-cmd")
        }
        service.set("healthcheck.interval", interval, by: "--health-interval")
        service.set("healthcheck.retries", retries.map(String.init), by: "--health-retries")
        service.set("healthcheck.start_interval", startInterval, by: "--health-start-interval")
        service.set("healthcheck.start_period", startPeriod, by: "--health-start-period")
        service.set("healthcheck.timeout", timeout, by: "--health-timeout")
    }
}
