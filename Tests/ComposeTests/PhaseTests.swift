import Foundation
import TestSupport
import Testing

@testable import Compose

/// The lists of phases that a load goes through.
@Suite("phases")
struct PhaseTests {
    private static let rows: [(name: LoadPhase, kind: Problem.Kind)] =
        DocumentDraft.phases.map { ($0.name, $0.kind) }
        + ModelDraft.phases.map { ($0.name, $0.kind) }
        + (ProjectDraft.phases + ProjectDraft.phasesOfSelected + ProjectDraft.phasesOfChecked)
        .map { ($0.name, $0.kind) }

    @Test("every phase runs once, in the order of their names")
    func order() { #expect(Self.rows.map(\.name) == LoadPhase.allCases) }

    @Test("docs/compose.md has every phase in its order, with the kind of its problems")
    func documented() throws {
        var folder = URL(filePath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        let text = try String(
            contentsOf: folder.appending(path: "docs/compose.md"),
            encoding: .utf8
        )
        let table = text.split(separator: "| phase | finds | what it does |").last ?? ""
        let rows = table.split(separator: "\n", omittingEmptySubsequences: false)
            .dropFirst(2).prefix { $0.hasPrefix("|") }
            .map { $0.split(separator: "|").prefix(2).map { $0.trimmingPrefix(" ") } }
            .map { $0.map { String($0.reversed().drop { $0 == " " }.reversed()) } }
        #expect(
            rows.dropFirst(2)  // Reading and parsing, which come before.
                .map { $0.joined(separator: ": ") }
                == Self.rows.map { "\($0.name.rawValue): \($0.kind.rawValue)" }
        )
    }

    @Test("a purpose leaves out the phases that it has no use for")
    func purposes() {
        func left(_ purpose: LoadOptions.Purpose) -> [LoadPhase] {
            let options = LoadOptions.test(purpose)
            return LoadPhase.allCases.filter { !options.runs($0) }
        }
        #expect(left(.run) == [])
        #expect(
            left(.config) == [
                .readSeccompProfiles, .readDeviceFiles, .checkHostNames, .checkAttributes,
                .checkValues,
            ]
        )
        #expect(left(.explain) == left(.config))
        #expect(
            left(.images) == [
                .lint, .resolveEnvironment, .readSeccompProfiles, .readDeviceFiles, .checkHostNames,
            ]
        )
        #expect(
            left(.lookUp) == [.checkReferences, .lint, .resolveEnvironment] + left(.config)
        )
    }

    @Test(
        "a phase does not run without what it needs",
        arguments: [LoadPhase.interpolate, .checkReferences]
    )
    func needs(phase: LoadPhase) throws {
        let text = "services: {a: {image: x, networks: [gone]}}\nvolumes: {unused: {}}\n"
        #expect(problems(text, options: .test(.run)).contains("gone"))
        var options = LoadOptions.test(.run)
        options.without = [phase]
        // The lint of what nobody uses needs both.
        #expect(try load(text, options: options).warnings.isEmpty)
    }

    @Test("an element of a limit comes from the file that sets the limit")
    func wholeLimits() throws {
        var options = LoadOptions.test(.explain)
        options.files = ["compose.yaml", "b.yaml"]
        let loaded = try load(
            "services: {a: {image: x, ulimits: {nofile: {soft: 1, hard: 2}}}}",
            files: ["b.yaml": "services: {a: {ulimits: {nofile: {soft: 3, hard: 4}}}}"],
            options: options
        )
        let sources = try loaded.explain("services.a.ulimits.nofile.soft").sources
        #expect(sources.map(\.value) == ["1", "3"])
        #expect(
            sources.map(\.because)
                == ["replaced as a whole", "it replaces what earlier ones set"]
        )
    }

    @Test(
        "what is not carried out is reported together with what is wrong, of what takes part only"
    )
    func together() {
        let text = """
            services:
              web: {image: x, use_api_socket: true, networks: [gone]}
            networks:
              unused: {driver: overlay, enable_ipv6: true}
            """
        let found = problems(text, options: .test(.run))
        #expect(found.contains("use_api_socket: cannot be carried out"))
        #expect(found.contains("gone"))
        #expect(!found.contains("enable_ipv6"))
    }

    @Test("a problem has the kind of the phase that found it")
    func kinds() throws {
        func kind(_ text: String, _ purpose: LoadOptions.Purpose = .run) -> Problem.Kind? {
            do {
                _ = try load(text, options: .test(purpose))
                return nil
            } catch { return error.problems.first?.kind }
        }
        #expect(kind("services: {a: {image: x, hostname: a..b}}") == .rule)
        #expect(kind("services: {a: {image: x, networks: [b]}}") == .reference)
        #expect(kind("services: {a: {image: x, env_file: gone.env}}") == .environment)
        #expect(kind("services: {a: {image: x, runtime: r}}") == .unsupported)
        #expect(kind("services: {a: {image: x, extends: b}}") == .combination)
        #expect(kind("services: {a: {image: \"${A\"}}") == .interpolation)
        #expect(kind("services: {a: {image: [x]}}") == .form)
        #expect(kind("services: [") == .syntax)
    }
}
