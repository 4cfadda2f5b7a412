/// Languages whose programs are compiled in one stage and run in a smaller one.
extension Stack {
    /// The last stage of a program that needs the C library at most.
    private static func runtime(_ image: String, _ copies: String, _ command: String) -> String {
        """

        # What runs: the program, and no compiler.
        FROM \(image)
        WORKDIR /app
        \(copies)
        # A program that is not root can do less harm.
        USER 65534
        EXPOSE 8080
        CMD [\(command)]

        """
    }

    private static let ports: UInt16 = 8080

    static func go(_ repository: Repository) -> Stack? {
        guard repository.has("go.mod") else { return nil }
        let text = repository.text("go.mod")
        let version = first(/(?m)^go (1\.\d+)/, in: text) ?? "1.24"
        // What is not at the top is below cmd, by custom.
        let package = repository.has("main.go") || !repository.has("cmd/") ? "." : "./cmd/..."
        return Stack(
            language: "Go",
            port: ports,
            notes: ["Go: the program is taken to listen on port 8080"],
            dockerfile: head + """
                FROM golang:\(version) AS build
                WORKDIR /src
                # The modules first: they change less often than the program, and stay cached.
                COPY go.mod \(repository.has("go.sum") ? "go.sum " : "")./
                RUN --mount=type=cache,target=/go/pkg/mod go mod download
                COPY . .
                # Without cgo the program needs no library.
                RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \\
                    mkdir /out && CGO_ENABLED=0 go build -o /out/ \(package) && mv "$(ls -d /out/* | head -n 1)" /app
                """ + "\n"
                + runtime(
                    "debian:stable-slim",
                    "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n"
                        + "COPY --from=build /app /usr/local/bin/app",
                    "\"/usr/local/bin/app\""
                ),
            dependencies: text
        )
    }

    static func rust(_ repository: Repository) -> Stack? {
        guard repository.has("Cargo.toml") else { return nil }
        let text = repository.text("Cargo.toml")
        let name = plain(first(/(?m)^name\s*=\s*"([^"]+)"/, in: text)) ?? "app"
        return Stack(
            language: "Rust",
            port: ports,
            notes: ["Rust: the program is taken to be \(name) and to listen on port 8080"],
            dockerfile: head + """
                FROM rust:1-slim AS build
                WORKDIR /src
                COPY . .
                # Caches keep what was compiled before; they are no part of the image.
                RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \\
                    cargo build --release && cp target/release/\(name) /app
                """ + "\n"
                + runtime(
                    "debian:stable-slim",
                    "COPY --from=build /app /usr/local/bin/app",
                    "\"/usr/local/bin/app\""
                ),
            ignored: ["target"],
            dependencies: text
        )
    }

    static func swift(_ repository: Repository) -> Stack? {
        guard repository.has("Package.swift") else { return nil }
        let text = repository.text("Package.swift")
        let name =
            plain(
                first(/executableTarget\(\s*name:\s*"([^"]+)"/, in: text)
                    ?? first(/\.executable\(\s*name:\s*"([^"]+)"/, in: text)
            ) ?? plain(first(/name:\s*"([^"]+)"/, in: text)) ?? "App"
        return Stack(
            language: "Swift",
            port: ports,
            notes: ["Swift: the program is taken to be \(name) and to listen on port 8080"],
            dockerfile: head + """
                FROM swift:6.1 AS build
                WORKDIR /src
                # The packages first: they change less often than the program, and stay cached.
                COPY Package.swift \(repository.has("Package.resolved") ? "Package.resolved " : "")./
                RUN swift package resolve
                COPY . .
                RUN --mount=type=cache,target=/src/.build \\
                    swift build -c release --product \(name) --static-swift-stdlib && \\
                    cp "$(swift build -c release --show-bin-path)/\(name)" /app
                """ + "\n"
                + runtime(
                    "swift:6.1-slim",
                    "COPY --from=build /app /usr/local/bin/app",
                    "\"/usr/local/bin/app\""
                ),
            ignored: [".build"],
            dependencies: text
        )
    }

    static func dotNet(_ repository: Repository) -> Stack? {
        guard
            let project = [".csproj", ".fsproj"].compactMap({ repository.file(endingIn: $0) })
                .first,
            let name = plain(project.split(separator: ".").dropLast().joined(separator: "."))
        else { return nil }
        let text = repository.text(project)
        let version = first(/<TargetFramework>net(\d+\.\d+)/, in: text) ?? "8.0"
        return Stack(
            language: ".NET",
            port: ports,
            notes: [".NET \(version): \(project) is taken to be a web program"],
            dockerfile: head + """
                FROM mcr.microsoft.com/dotnet/sdk:\(version) AS build
                WORKDIR /src
                # The packages first: they change less often than the program, and stay cached.
                COPY \(project) ./
                RUN dotnet restore
                COPY . .
                RUN dotnet publish --no-restore -o /out
                """ + "\n"
                + runtime(
                    "mcr.microsoft.com/dotnet/aspnet:\(version)",
                    "COPY --from=build /out ./",
                    "\"dotnet\", \"\(name).dll\""
                ),
            ignored: ["bin", "obj"],
            dependencies: text
        )
    }

    static func java(_ repository: Repository) -> Stack? {
        let gradle = ["build.gradle", "build.gradle.kts"].first(where: repository.has)
        guard repository.has("pom.xml") || gradle != nil else { return nil }
        let text = repository.text("pom.xml") + repository.text(gradle ?? "")
        let version =
            first(/(?:java\.version|maven\.compiler\.release)>(\d+)</, in: text)
            ?? first(/(?:JavaLanguageVersion\.of\(|jvmToolchain\()(\d+)/, in: text) ?? "21"
        let usesMaven = repository.has("pom.xml")
        let build =
            usesMaven
            ? """
            FROM maven:3-eclipse-temurin-\(version) AS build
            WORKDIR /src
            COPY . .
            # The cache keeps what was downloaded before; it is no part of the image.
            RUN --mount=type=cache,target=/root/.m2 \\
                mvn --batch-mode package -DskipTests && cp "$(ls target/*.jar | head -n 1)" /app.jar
            """
            : """
            FROM gradle:8-jdk\(version) AS build
            WORKDIR /src
            COPY . .
            # The cache keeps what was downloaded before; it is no part of the image.
            RUN --mount=type=cache,target=/home/gradle/.gradle \\
                gradle --no-daemon assemble && cp "$(ls build/libs/*.jar | head -n 1)" /app.jar
            """
        return Stack(
            language: "Java",
            port: ports,
            notes: ["Java \(version): the jar is taken to hold all that it needs"],
            dockerfile: head + build + "\n"
                + runtime(
                    "eclipse-temurin:\(version)-jre",
                    "COPY --from=build /app.jar ./",
                    "\"java\", \"-jar\", \"app.jar\""
                ),
            ignored: [usesMaven ? "target" : "build", ".gradle"],
            dependencies: text
        )
    }
}
