// swift-tools-version: 6.1
import PackageDescription

// The house: five storeys, each importing only downwards. docs/architecture.md draws the picture,
// Tests/ArchitectureTests holds every `import` to what is granted here.

/// Settings of every target that is ordinary Swift.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .unsafeFlags(["-warnings-as-errors"]),
]

/// Settings of `berth-keeper`: Embedded Swift, small, nothing dynamic.
let embedded: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableExperimentalFeature("Embedded"),
    .unsafeFlags(["-wmo", "-Osize", "-no-static-stdlib", "-warnings-as-errors"]),
]

/// Linking for a program that is started often: relocations in the packed form, symbols bound at
/// once and none of them exported (docs/decisions/010-quick-start.md); libraries that others name
/// as archives, where `scripts/build` has found them (docs/decisions/013-a-quicker-start.md).
let quickStart = [
    "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "-z",
    "-Xlinker", "now", "-Xlinker", "--no-export-dynamic",
    "-L", "\(Context.packageDirectory)/.build/archives", "-Xclang-linker", "-static-libgcc",
]

/// Linking without what only takes room (docs/decisions/023-no-unicode-tables.md).
let small = [
    "-Xlinker", "--no-eh-frame-hdr", "-Xlinker", "-T", "-Xlinker",
    "\(Context.packageDirectory)/Sources/App/no-unwind-tables.ld",
]

/// Links an archive where Debian ships one: loading a shared library costs more than our own start.
func archive(_ name: String) -> LinkerSetting { .linkedLibrary(":lib\(name).a") }

let package = Package(
    name: "berth",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "berth", targets: ["berth"]),
        .executable(name: "berth-keeper", targets: ["berth-keeper"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.4.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.25.0"),
    ],
    targets: [
        // System
        .target(name: "CLinux", path: "Sources/System/CLinux"),
        .target(name: "CUnicodeData", path: "Sources/System/CUnicodeData"),
        .systemLibrary(
            name: "CYAML",
            path: "Sources/System/CYAML",
            providers: [.apt(["libyaml-dev"])]
        ),
        .systemLibrary(
            name: "CArchive",
            path: "Sources/System/CArchive",
            providers: [.apt(["libarchive-dev"])]
        ),
        .systemLibrary(
            name: "CIsal",
            path: "Sources/System/CIsal",
            providers: [.apt(["libisal-dev"])]
        ),
        .systemLibrary(
            name: "CLzma",
            path: "Sources/System/CLzma",
            providers: [.apt(["liblzma-dev"])]
        ),
        .systemLibrary(
            name: "CNettle",
            path: "Sources/System/CNettle",
            providers: [.apt(["nettle-dev"])]
        ),
        .systemLibrary(
            name: "CSeccomp",
            path: "Sources/System/CSeccomp",
            providers: [.apt(["libseccomp-dev"])]
        ),
        .target(name: "TextForms", path: "Sources/System/TextForms", swiftSettings: strict),
        .target(name: "KernelNames", path: "Sources/System/KernelNames", swiftSettings: strict),
        .target(
            name: "Addresses",
            dependencies: ["TextForms"],
            path: "Sources/System/Addresses",
            swiftSettings: strict
        ),
        .target(
            name: "Linux",
            dependencies: [
                "Addresses", "CLinux", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/System/Linux",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "berth-keeper",
            dependencies: ["CLinux"],
            path: "Sources/System/berth-keeper",
            swiftSettings: embedded,
            linkerSettings: [
                .unsafeFlags([
                    "-no-static-stdlib", "-Xclang-linker", "-static", "-Xlinker", "--gc-sections",
                ])
            ]
        ),

        // Parts
        .target(
            name: "OCI",
            dependencies: ["CNettle"],
            path: "Sources/Parts/OCI",
            swiftSettings: strict,
            linkerSettings: [archive("nettle")]
        ),
        .target(
            name: "DNS",
            dependencies: ["Addresses"],
            path: "Sources/Parts/DNS",
            swiftSettings: strict
        ),
        .target(
            name: "GoTemplate",
            dependencies: ["TextForms"],
            path: "Sources/Parts/GoTemplate",
            swiftSettings: strict
        ),
        .target(
            name: "ContainerNetwork",
            dependencies: [
                "Addresses", "OCI",
                "Linux", "CLinux", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Parts/ContainerNetwork",
            swiftSettings: strict
        ),
        .target(
            name: "ContainerRuntime",
            dependencies: [
                "OCI", "Addresses", "TextForms", "KernelNames", "Linux", "CLinux", "CSeccomp",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Parts/ContainerRuntime",
            swiftSettings: strict,
            linkerSettings: [archive("seccomp")]
        ),
        .target(
            name: "ImageStore",
            dependencies: [
                "OCI", "Linux", "CArchive", "CIsal", "CLzma",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Parts/ImageStore",
            swiftSettings: strict,
            linkerSettings: [
                archive("archive"), archive("nettle"), archive("lzma"), archive("zstd"),
                archive("bz2"), archive("z"), .linkedLibrary("isal"),
            ]
        ),
        .target(
            name: "Registry",
            dependencies: [
                "Addresses", "TextForms",
                "OCI", "Linux", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Parts/Registry",
            swiftSettings: strict
        ),

        // Engine
        .target(
            name: "Engine",
            dependencies: [
                "Addresses", "TextForms", "Builder",
                "OCI", "Registry", "ImageStore", "ContainerRuntime", "ContainerNetwork", "Linux",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Engine/Engine",
            swiftSettings: strict
        ),
        .target(
            name: "Builder",
            dependencies: [
                "TextForms", "KernelNames",
                "OCI", "ImageStore", "ContainerRuntime", "Linux",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Engine/Builder",
            swiftSettings: strict
        ),
        .target(
            name: "Supervisor",
            dependencies: [
                "Addresses",
                "Engine", "Linux", "DNS", "ContainerRuntime", "GoTemplate", "OCI",
                "TextForms",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Engine/Supervisor",
            swiftSettings: strict
        ),

        // Project
        .target(
            name: "Compose",
            dependencies: [
                "Addresses", "TextForms", "KernelNames", "GoTemplate",
                "CYAML", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            path: "Sources/Project/Compose",
            swiftSettings: strict,
            linkerSettings: [archive("yaml")]
        ),
        .target(
            name: "Bake",
            dependencies: [
                "Addresses", "Compose", "OCI", "TextForms",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            path: "Sources/Project/Bake",
            swiftSettings: strict
        ),
        .target(
            name: "Reconciler",
            dependencies: [
                "Compose", "Supervisor", "Engine", "Builder", "ContainerRuntime", "OCI",
                "Addresses",
                "KernelNames", .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Project/Reconciler",
            swiftSettings: strict
        ),

        // App
        .target(
            name: "DockerViews",
            dependencies: [
                "Addresses", "TextForms", "KernelNames", "OCI", "Registry", "ContainerRuntime",
                "Engine", "GoTemplate",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/App/DockerViews",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "berth",
            dependencies: [
                "Addresses", "TextForms", "Bake", "CUnicodeData", "DockerViews", "KernelNames",
                "Compose", "Reconciler", "Engine", "Builder", "Supervisor", "ContainerRuntime",
                "ImageStore", "ContainerNetwork", "Registry", "OCI", "Linux", "CLinux", "DNS",
                "GoTemplate",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/App/berth",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(quickStart + small, .when(configuration: .release))]
        ),

        // Tests
        .testTarget(
            name: "ArchitectureTests",
            path: "Tests/ArchitectureTests",
            swiftSettings: strict
        ),
        .target(
            // What the tests of several targets share.
            name: "TestSupport",
            dependencies: [
                "Compose", "Linux", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .target(
            // A terminal for tests to look at.
            name: "TestTerminal",
            path: "Tests/TestTerminal",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BerthTests",
            dependencies: [
                "berth", "Builder", "CLinux", "Compose", "ContainerRuntime", "DockerViews",
                "Engine", "GoTemplate", "ImageStore", "Linux", "OCI", "Reconciler", "TestSupport",
                "TestTerminal", "TextForms",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/BerthTests",
            exclude: ["Reference"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DockerViewsTests",
            dependencies: [
                "Addresses", "ContainerRuntime", "DockerViews", "Engine", "GoTemplate", "OCI",
                "Registry", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/DockerViewsTests",
            swiftSettings: strict
        ),
        .testTarget(
            // Runs the built programs: the keeper's linker flags must not reach a test bundle.
            name: "EndToEndTests",
            dependencies: ["Linux", "TestSupport", "TestTerminal"],
            path: "Tests/EndToEndTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ContainerRuntimeTests",
            dependencies: [
                "ContainerRuntime", "OCI", "KernelNames", "Linux", "CLinux", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/ContainerRuntimeTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TextFormsTests",
            dependencies: ["TextForms"],
            path: "Tests/TextFormsTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "KernelNamesTests",
            dependencies: ["KernelNames"],
            path: "Tests/KernelNamesTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "AddressesTests",
            dependencies: ["Addresses"],
            path: "Tests/AddressesTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "LinuxTests",
            dependencies: [
                "Addresses", "TestSupport",
                "Linux", "CLinux", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/LinuxTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ComposeTests",
            dependencies: [
                "Compose", "KernelNames", "TestSupport", "TextForms",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            path: "Tests/ComposeTests",
            exclude: ["Cases", "Goldens"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BakeTests",
            dependencies: ["Bake", "Compose"],
            path: "Tests/BakeTests",
            swiftSettings: strict
        ),
        .executableTarget(
            // `make fuzz`; no product, so that it is never installed.
            name: "ComposeFuzz",
            dependencies: ["Compose"],
            path: "Tests/ComposeFuzz",
            exclude: ["Seeds"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ContainerNetworkTests",
            dependencies: [
                "Addresses", "TestSupport",
                "ContainerNetwork", "Linux", "CLinux",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/ContainerNetworkTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "DNSTests",
            dependencies: ["Addresses", "DNS"],
            path: "Tests/DNSTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "GoTemplateTests",
            dependencies: ["GoTemplate"],
            path: "Tests/GoTemplateTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "OCITests",
            dependencies: ["OCI", "TestSupport"],
            path: "Tests/OCITests",
            swiftSettings: strict
        ),
        .executableTarget(
            // What tests of the confined unpacker start: the unpacker, one that is up to no good,
            // and somebody to be killed in the middle.
            name: "unpack-tester",
            dependencies: [
                "ImageStore", "OCI", "Linux", "CLinux",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/UnpackTester",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ImageStoreTests",
            dependencies: [
                "ImageStore", "OCI", "Linux", "TestSupport", "unpack-tester",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/ImageStoreTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "TextForms",
                "Registry", "OCI", "Linux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/RegistryTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ReconcilerTests",
            dependencies: [
                "Reconciler", "TestSupport", "Compose", "Supervisor", "Engine", "ContainerRuntime",
                "Addresses", "OCI", "KernelNames",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            path: "Tests/ReconcilerTests",
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SupervisorTests",
            dependencies: [
                "Addresses",
                "Supervisor", "Engine", "ImageStore", "ContainerRuntime", "ContainerNetwork", "DNS",
                "OCI", "Linux", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/SupervisorTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Addresses",
                "Builder",
                "Engine", "ContainerNetwork", "ContainerRuntime", "ImageStore", "Registry", "OCI",
                "Linux", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/EngineTests",
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BuilderTests",
            dependencies: [
                "TextForms",
                "Builder", "OCI", "ImageStore", "ContainerRuntime", "Linux", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/BuilderTests",
            swiftSettings: strict
        ),
    ]
)
