/// What the value of an attribute may look like, and with it its canonical form.
indirect enum Shape: Sendable {
    /// A string and nothing else.
    case string
    /// A string, number or boolean; canonical as a string.
    case text
    /// A boolean, or a string that says one.
    case boolean
    /// A whole number, or a string that is one.
    case integer(ClosedRange<Int64>)
    /// A number, or a string that is one.
    case number
    /// One of these words.
    case word([String])
    /// A size: `64m`; canonical in bytes.
    case bytes
    /// A size that is a whole number of bytes, and not negative.
    case wholeBytes
    /// A time span: `1m30s`; canonical as Go prints it.
    case duration
    /// An octal file mode: `0440`.
    case fileMode
    /// The same, canonical as a number.
    case modeNumber
    /// A path of the machine, made absolute.
    case path
    /// Whatever it is, it stays.
    case anything

    case list(Shape)
    /// One string, or a list of them; canonical as a list.
    case strings
    /// An argument list, or a string that is split like a shell's words.
    case command
    /// `test` of a healthcheck.
    case healthcheckTest
    /// A mapping, or a list of `key=value`; canonical as a mapping of strings.
    case pairs(nullsStay: Bool)
    /// A mapping whose keys are fixed, but for `x-`.
    case fields(Fields)
    /// A mapping with names for keys. `nullable`: an entry may be empty.
    case named(Shape, nullable: Bool)
    /// A mapping with any keys.
    case dictionary(Shape)
    /// Has short forms; `Form` says which, and what the long one is.
    case form(Form)

    static let integer = Shape.integer(Int64.min...Int64.max)
    static let natural = Shape.integer(0...Int64.max)
    static let environment = Shape.pairs(nullsStay: true)
    static let labels = Shape.pairs(nullsStay: false)
}

/// The attributes with short forms, each of which has its own function in `Canonicalise`.
enum Form: Int, CaseIterable, Sendable {
    case build, dependsOn, serviceNetworks, serviceModels, ports, volumes, devices
    case fileReferences, envFiles, extraHosts, ulimit, deviceRequests, ssh, extends
    case buildContext, additionalContexts, labelFiles, external, deviceCount, textOrTexts

    /// Shape of the long form.
    var long: Shape { Self.longs[rawValue] }

    /// By raw value: making a shape takes memory, and loading asks for these all the time.
    private static let longs = allCases.map(\.made)

    private var made: Shape {
        switch self {
        case .build: .fields(.build)
        case .dependsOn: .named(.fields(.dependency), nullable: false)
        case .serviceNetworks: .named(.fields(.serviceNetwork), nullable: true)
        case .serviceModels: .named(.fields(.serviceModel), nullable: true)
        case .ports: .list(.fields(.port))
        case .volumes: .list(.fields(.mount))
        case .devices: .list(.fields(.device))
        case .fileReferences: .list(.fields(.fileReference))
        case .envFiles: .list(.fields(.envFile))
        case .extraHosts, .ssh, .labelFiles, .textOrTexts: .list(.string)
        case .ulimit: .fields(.ulimit)
        case .deviceRequests: .list(.fields(.deviceRequest))
        case .extends: .fields(.extends)
        case .buildContext: .string
        case .additionalContexts: .labels
        case .external: .boolean
        case .deviceCount: .integer
        }
    }
}
