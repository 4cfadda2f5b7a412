/// Why attributes change nothing on one machine, in the words of the note that a file with one gets.
extension Support {
    /// `deploy` beyond what a container can have: one machine is no cluster.
    static let cluster = Support.informational("this is for a cluster")
    static let rollback = Support.informational(
        "what is put back is started again at once, as it was: it is not made again"
    )
    static let failureRatio = Support.informational(
        "the first container that does not become ready is a failure"
    )
    static let replicas = Support.informational(
        "one machine runs as many containers as \"replicas\" says, in every mode"
    )
    static let serviceLabels = Support.informational(
        "these are for the service of a cluster; containers have what \"labels\" says"
    )
    static let restartDelay = Support.informational(
        "a container is started again after 100 ms, then after twice as long each time, and as "
            + "at first once it has run for 10 s"
    )
    static let windows = Support.informational("this is for Windows")
    static let scanner = Support.informational(
        "no list of packages is made: that takes a scanner's image, which is not run here"
    )
    static let selinux = Support.informational("containers are not labelled for SELinux")
    static let consistency = Support.informational("a mount on Linux is always consistent")
    static let fileName = Support.descriptive("what it is called, for people and tools")
    static let fileLabels = Support.descriptive("labels for people and tools; a file has none")
    static let fileDriver = Support.impossible(
        "drivers of configs and secrets are of a cluster; write its \"file\" or \"environment\""
    )
    static let ipamOptions = Support.impossible("the default driver of addresses has no options")
    static let version = Support.descriptive("files of all versions are read alike")
    static let deviceCapabilities = Support.descriptive(
        "gpu selects the driver; a device has all that its CDI file says"
    )
    static let deviceOptions = Support.informational(
        "a driver's own: devices of a CDI file have none"
    )
    static let portName = Support.descriptive("the port's name, for people and tools")
    static let portProtocol = Support.descriptive("what is spoken there, for people and tools")
    static let portMode = Support.descriptive("one machine publishes in one way")
}

/// Why attributes are refused for good.
extension Support {
    static let limitedDevices = Support.impossible(
        "a service has the devices that it reserves, and no others",
        remedy: "write it under \"reservations\""
    )
    static let isolation = Support.impossible(
        "linux only supports 'default'",
        remedy: "leave it out: other values are for Windows"
    )
    static let runtime = Support.impossible(
        "unknown or invalid runtime name: containers have this program's own runtime",
        remedy: "leave it out"
    )
    static let storage = Support.impossible(
        "it is supported only for overlay over xfs with the 'pquota' mount option",
        remedy: "put what grows on a tmpfs with a size, or on a volume"
    )
    static let socket = Support.impossible(
        "there is no daemon here, and so no socket of one",
        remedy: "leave it out; of another engine, write its socket under \"volumes\""
    )
    static let users = Support.impossible(
        "a container has the machine's users, or with auto a range of its own",
        remedy: "write auto or host; \"user\" runs it as another one"
    )
}
