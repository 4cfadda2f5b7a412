import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import berth

/// `docs/berth.1` describes every option; that part is made from the commands.
@Suite("manual")
struct ManualTests {
    private static let file = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/berth.1")
    private static let begin = ".\\\" options: begin\n"
    private static let end = ".\\\" options: end\n"

    private static func text() throws -> String { try String(contentsOf: file, encoding: .utf8) }

    /// As roff wants it: hyphens that are typed, and no line that looks like a request.
    private static func roff(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        let line = escaped.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    private static func options(of type: any ParsableCommand.Type, called name: String) throws
        -> String
    {
        let arguments = try CommandDescription(of: type).arguments.filter {
            $0.shouldDisplay && $0.sectionTitle != ProjectOptions.title && $0.long != "--help"
        }
        let positionals = arguments.filter { $0.kind == .positional }
        let options = arguments.filter { $0.kind != .positional }
        let words = positionals.map { argument in
            let word = "\\fI\(roff(argument.valueName ?? ""))\\fR"
            let repeated = argument.isRepeating ? word + "..." : word
            return argument.isOptional ? "[\(repeated)]" : repeated
        }
        var text = ".SS berth \(roff(name))\n"
        text += ([".B berth \(roff(name))\n"] + (options.isEmpty ? [] : ["[\\fIoptions\\fR]\n"]))
            .joined()
        if !words.isEmpty { text += words.joined(separator: " ") + "\n" }
        text += ".PP\n\(roff(type.configuration.abstract))\n"
        for option in options {
            let names = option.spellings.map { "\\fB\(roff($0))\\fR" }.joined(separator: ", ")
            let value = option.kind == .option ? " \\fI\(roff(option.valueName ?? ""))\\fR" : ""
            text += ".TP\n\(names)\(value)\n\(roff(option.abstract ?? ""))\n"
        }
        return text
    }

    /// Every command but those of docker's, which are other ones' by another name.
    private static func all(below type: any ParsableCommand.Type, _ path: [String]) throws -> String
    {
        try type.configuration.subcommands.filter { inner in
            inner.configuration.shouldDisplay && inner != Docker.self
                && !(inner is any RenamedCommand.Type)
        }.map { inner in
            let path = path + [inner.configuration.commandName ?? ""]
            guard inner.configuration.subcommands.isEmpty else {
                return try all(below: inner, path)
            }
            return try options(of: inner, called: path.joined(separator: " "))
        }.joined()
    }

    @Test("the manual has the options of every command, as the commands have them")
    func options() throws {
        try Golden(Self.file).compare(
            Self.all(below: Berth.self, []),
            between: Self.begin,
            and: Self.end
        )
    }

    @Test("the manual has every global option, and the sections that a manual has")
    func sections() throws {
        let text = try Self.text()
        let sections = text.components(separatedBy: "\n.SH ")
        let global = try #require(sections.first { $0.hasPrefix("GLOBAL OPTIONS") })
        for argument in try CommandDescription(of: ProjectOptions.self).arguments
        where argument.long != "--help" {
            #expect(global.contains("\\fB\(Self.roff(argument.long ?? ""))\\fR"), "\(argument)")
        }
        for short in LeadingOptions.valued.keys where short.count == 2 {
            #expect(global.contains("\\fB\(Self.roff(short))\\fR"))
        }
        for name in ["COMMANDS", "OPTIONS", "EXAMPLES", "FILES", "ENVIRONMENT", "EXIT STATUS"] {
            #expect(sections.contains { $0.hasPrefix(name + "\n") }, "\(name)")
        }
    }

    @Test("what the manual's examples do, the commands take")
    func examples() throws {
        let text = try Self.text()
        let section = try #require(
            text.components(separatedBy: "\n.SH ").first { $0.hasPrefix("EXAMPLES\n") }
        )
        let lines = section.split(separator: "\n").filter { $0.hasPrefix("berth ") }
        #expect(lines.count > 5)
        for line in lines {
            let plain = line.replacing("\\-", with: "-").replacing("\\e", with: "\\")
            let words = plain.split(separator: " ").dropFirst().map(String.init)
                .prefix { !["|", ">"].contains($0) }.map(\.self)
            let fitting = try GlobalOptions.fitting(words)
            #expect(throws: Never.self, "\(plain)") {
                try UnknownCommand.check(fitting)
                _ = try Berth.parseAsRoot(fitting)
            }
            #expect(try DocumentClaimsTests.unknownOptions(in: words) == [], "\(plain)")
        }
    }
}
