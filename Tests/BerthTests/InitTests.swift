import Compose
import Foundation
import OCI
import OrderedCollections
import TestSupport
import Testing

@testable import Builder
@testable import berth

/// What `berth init` writes is what berth itself loads and builds without a word.
@Suite("berth init")
struct InitTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        /// By path; folders come of them.
        var files: [String: String]
        var found: [String]
        /// What the compose file or a Dockerfile must say.
        var words: [String]
        var testDescription: String { name }
    }

    private static func repository(_ files: [String: String], name: String = "shop") -> Repository {
        var repository = Repository(name: name)
        for (path, text) in files {
            let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
            if parts.count == 1 {
                repository.names.insert(path)
                repository.texts[path] = text
            } else {
                repository.names.insert(parts[0] + "/")
                let inner = Self.repository([parts[1]: text], name: parts[0])
                repository.folders[parts[0], default: Repository(name: parts[0])].names
                    .formUnion(inner.names)
                repository.folders[parts[0]]?.texts.merge(inner.texts) { $1 }
            }
        }
        return repository
    }

    private static let samples = [
        Sample(
            name: "python-fastapi",
            files: [
                "requirements.txt": "fastapi==0.1\nuvicorn\npsycopg2-binary>=2\nredis\n",
                "main.py": "", ".python-version": "3.13\n",
            ],
            found: ["Python", "PostgreSQL", "Redis"],
            words: ["FROM python:3.13-slim", "\"uvicorn\", \"main:app\"", "8000:8000"]
        ),
        Sample(
            name: "python-django",
            files: [
                "pyproject.toml": "requires-python = \">=3.8\"\ndependencies = [\"mysqlclient\"]",
                "manage.py": "",
            ],
            found: ["Python", "MySQL"],
            words: ["FROM python:3.12-slim", "pip install .", "runserver"]
        ),
        Sample(
            name: "python-flask",
            files: ["Pipfile": "flask = \"*\"\npika = \"*\"", "app.py": ""],
            found: ["Python", "RabbitMQ"],
            words: ["--app\", \"app\"", "pipenv"]
        ),
        Sample(
            name: "python-plain",
            files: ["app.py": ""],
            found: ["Python"],
            words: ["CMD [\"python\", \"app.py\"]"]
        ),
        Sample(
            name: "node-server",
            files: [
                "package.json": """
                {"scripts": {"start": "node x.js", "build": "tsc"}, "engines": {"node": ">=20"},
                 "dependencies": {"mongoose": "^8", "pg": "^8", "bullmq": "1"}}
                """, "package-lock.json": "",
            ],
            found: ["Node.js", "PostgreSQL", "Redis", "MongoDB"],
            words: ["FROM node:20-slim", "npm ci", "\"npm\", \"start\"", "127.0.0.1:3000:3000"]
        ),
        Sample(
            name: "node-page",
            files: ["package.json": #"{"scripts": {"build": "vite build"}}"#, "yarn.lock": ""],
            found: ["Node.js"],
            words: ["FROM nginx:stable", "yarn install", "127.0.0.1:8080:80"]
        ),
        Sample(
            name: "node-broken",
            files: ["package.json": "{", "server.js": ""],
            found: ["Node.js"],
            words: ["\"node\", \"server.js\""]
        ),
        Sample(
            name: "go",
            files: [
                "go.mod": "module x\n\ngo 1.23\n\nrequire github.com/jackc/pgx/v5 v5",
                "main.go": "",
            ],
            found: ["Go", "PostgreSQL"],
            words: ["FROM golang:1.23 AS build", "CGO_ENABLED=0"]
        ),
        Sample(
            name: "rust",
            files: ["Cargo.toml": "[package]\nname = \"shop-web\"\n[dependencies]\nlapin = \"2\""],
            found: ["Rust", "RabbitMQ"],
            words: ["target/release/shop-web", "cargo build"]
        ),
        Sample(
            name: "java-maven",
            files: [
                "pom.xml":
                    "<java.version>17</java.version><artifactId>mysql-connector-j</artifactId>"
            ],
            found: ["Java", "MySQL"],
            words: ["maven:3-eclipse-temurin-17", "eclipse-temurin:17-jre"]
        ),
        Sample(
            name: "java-gradle",
            files: ["build.gradle.kts": "kotlin { jvmToolchain(21) }"],
            found: ["Java"],
            words: ["gradle:8-jdk21"]
        ),
        Sample(
            name: "ruby-rails",
            files: [
                "Gemfile": "gem \"rails\"\ngem 'pg'\ngem 'sidekiq'", "Gemfile.lock": "",
                "bin/rails": "",
            ],
            found: ["Ruby", "PostgreSQL", "Redis"],
            words: ["bin/rails", "FROM ruby:3.4"]
        ),
        Sample(
            name: "php",
            files: [
                "composer.json": #"{"require": {"php": "^8.2", "ext-pdo_mysql": "*"}}"#,
                "public/index.php": "",
            ],
            found: ["PHP", "MySQL"],
            words: ["FROM php:8.2-apache", "pdo_mysql", "html/public"]
        ),
        Sample(
            name: "swift",
            files: [
                "Package.swift": """
                let package = Package(name: "shop", dependencies: [
                  .package(url: "https://example.org/vapor/fluent-postgres-driver.git", from: "2.0.0")],
                  targets: [.executableTarget(name: "Server")])
                """
            ],
            found: ["Swift", "PostgreSQL"],
            words: ["--product Server", "FROM swift:6.1-slim"]
        ),
        Sample(
            name: "dotnet",
            files: [
                "Shop.Web.csproj": """
                <TargetFramework>net9.0</TargetFramework>
                <PackageReference Include="Npgsql" Version="8"/>
                """
            ],
            found: [".NET", "PostgreSQL"],
            words: ["dotnet/sdk:9.0", "\"dotnet\", \"Shop.Web.dll\""]
        ),
        Sample(
            name: "pages",
            files: ["public/index.html": "<p>"],
            found: ["pages"],
            words: ["COPY public/ /usr/share/nginx/html", "127.0.0.1:8080:80"]
        ),
        Sample(
            name: "several parts",
            files: [
                "web/package.json": #"{"scripts": {"start": "x"}, "dependencies": {"redis": "4"}}"#,
                "api/go.mod": "module x\n\nrequire github.com/redis/go-redis/v9 v9.0.0\n",
                "redis/requirements.txt": "x\n", "notes/a.txt": "",
            ],
            found: ["Go in api", "Python in redis", "Node.js in web", "Redis"],
            words: ["build: ./api", "build: ./web", "  app:\n    build: ./redis"]
        ),
    ]

    @Test("what is written is loaded and linted without a warning", arguments: samples)
    func clean(sample: Sample) throws {
        let wanted = try #require(InitialFiles(for: Self.repository(sample.files)))
        #expect(wanted.found == sample.found)
        let all = wanted.files.map(\.text).joined(separator: "\n")
        for words in sample.words { #expect(all.contains(words), "\(words) is not in\n\(all)") }
        var files: [String: String] = [:]
        for file in wanted.files { files["/shop/\(file.path)"] = file.text }
        for (name, text) in sample.files { files["/shop/\(name)"] = text }
        var options = LoadOptions(purpose: .run, workingDirectory: "/shop", environment: [:])
        options.strictness = .warnings
        let loaded = try ComposeLoader(files: MemoryFiles(files)).load(options)
        #expect(loaded.warnings.isEmpty)
        for service in loaded.project.services.values where service.build != nil {
            let path = (service.build?.context ?? "") + "/Dockerfile"
            let dockerfile = try #require(files[path], "\(path)")
            let report = try Self.report(dockerfile)
            #expect(report.error == nil && report.findings.isEmpty, "\(path)\n\(report.lines)")
        }
        #expect(loaded.project.services.count == wanted.found.count)
    }

    private static func report(_ text: String) throws -> CheckReport {
        var request = BuildRequest(context: nil)
        request.dockerfile = .inline(text)
        return try DockerfileSource(of: request)
            .report(request, images: [:], ignored: nil, all: true)
    }

    @Test(
        "a package is known by its whole name",
        arguments: [
            ("pg = \"1\"", Database.postgres, true), ("\"pg\": \"8\"", .postgres, true),
            ("pgp-tools", .postgres, false), ("@types/pg", .postgres, true),
            ("github.com/jackc/pgx/v5 v5.1", .postgres, true), ("redis-mock", .redis, false),
            ("gem 'redis', '~> 5'", .redis, true), ("mysql2", .mysql, true),
            ("StackExchange.Redis", .redis, true), ("nomongo", .mongodb, false),
            ("pika==1.3", .rabbitmq, true), ("paprika", .rabbitmq, false),
        ]
    )
    func packages(manifest: String, database: Database, isNamed: Bool) {
        #expect(Database.isNamed(database, in: manifest) == isNamed)
    }

    @Test("a folder without any language that is known gives nothing")
    func nothing() {
        #expect(InitialFiles(for: Self.repository(["README.md": "", "notes/a.txt": ""])) == nil)
    }

    @Test(
        "a folder of any name gives a project that loads",
        arguments: [
            ("Ünï (1)", "n-1", false), ("my app!", "my-app", false), ("-x-", "x", false),
            ("...", "app", true), ("日本語", "app", true), ("redis", "app", false),
            ("__UPPER_x", "upper_x", false),
        ]
    )
    func oddNames(folder: String, service: String, isNamed: Bool) throws {
        let wanted = try #require(
            InitialFiles(for: Self.repository(["index.html": ""], name: folder))
        )
        let text = try #require(wanted.files.first { $0.path == "compose.yaml" }?.text)
        #expect(text.contains("\n  \(service):\n"), "\(text)")
        #expect(text.contains("\nname: app\n") == isNamed, "\(text)")
        var options = LoadOptions.test(.run)
        options.workingDirectory = "/srv/\(folder)"
        let loaded = try ComposeLoader(files: MemoryFiles(["/srv/\(folder)/compose.yaml": text]))
            .load(options)
        #expect(Array(loaded.project.services.keys) == [service])
    }

    @Test("a package.json that is damaged is told, and what it would say is guessed")
    func damaged() throws {
        for text in ["", "{\"name\": \"x\"", "[1,"] {
            let wanted = try #require(InitialFiles(for: Self.repository(["package.json": text])))
            #expect(wanted.warnings.count == 1 && wanted.found == ["Node.js"], "\(wanted.warnings)")
            #expect(wanted.warnings[0].hasPrefix("package.json in shop is no JSON"))
        }
        let right = try #require(InitialFiles(for: Self.repository(["package.json": "{}"])))
        #expect(right.warnings == [])
    }

    @Test("names that a manifest makes up come into no instruction")
    func hostile() throws {
        let files = ["Cargo.toml": "name = \"x; curl evil\"", "Package.swift": ""]
        let stack = try #require(Stack.of(Self.repository(files)))
        #expect(!stack.dockerfile.contains("evil"))
        let node = Self.repository(["package.json": #"{"main": "a\", \"b"}"#])
        #expect(Stack.of(node)?.dockerfile.contains("index.js") == true)
    }
}
