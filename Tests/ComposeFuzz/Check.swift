import Compose
import Foundation

/// What must hold for every input.
enum Check {
    /// What does not hold, in words; nil when all is well. `isAccepted` says whether it loaded.
    static func finding(_ input: FuzzInput) -> (text: String?, isAccepted: Bool) {
        do throws(ComposeError) {
            let loaded = try ComposeLoader(files: InputFiles(files: input.files))
                .load(input.options)
            if let text = misplaced(loaded.warnings, input) { return (text, true) }
            let (yaml, json) = (loaded.yaml(), loaded.json())
            guard !yaml.isEmpty, !json.isEmpty else { return ("empty output", true) }
            return (input.isReloadable ? reloaded(yaml, json, input) : nil, true)
        } catch {
            if error.problems.isEmpty { return ("an error without a problem", false) }
            return (misplaced(error.problems, input), false)
        }
    }

    /// Loading the output of `config` gives the same output; the JSON is JSON.
    private static func reloaded(_ yaml: String, _ json: String, _ input: FuzzInput) -> String? {
        if (try? JSONSerialization.jsonObject(with: Data(json.utf8))) == nil {
            return "the JSON output is none:\n\(json)"
        }
        // docker compose doubles the dollar signs of keys too, which nobody halves when reading.
        let hasDollarKey = yaml.split(separator: "\n").contains { line in
            guard let dollar = line.firstIndex(of: "$") else { return false }
            return line[dollar...].contains(":")
        }
        do throws(ComposeError) {
            let again = try load(yaml, input).yaml()
            // An empty name of a Dockerfile is not said, and so becomes the default.
            let isSame =
                again == yaml || withoutDockerfile(again) == withoutDockerfile(yaml)
            if !isSame, !hasDollarKey { return "reloading changes:\n" + difference(yaml, again) }
        } catch {
            // As with docker compose: a negative size is a number, but not in quotes, and a content
            // that is empty is not said.
            let isKnown = error.problems.allSatisfy {
                $0.message.hasPrefix("\"-") && $0.message.contains("is not a size")
                    || $0.message.hasPrefix("one of file|environment|content")
            }
            return isKnown ? nil : "the output cannot be loaded: \(error)\n\(yaml)"
        }
        return nil
    }

    private static func withoutDockerfile(_ yaml: String) -> String {
        yaml.split(separator: "\n").filter { !$0.hasSuffix(" dockerfile: Dockerfile") }
            .joined(separator: "\n")
    }

    private static func load(
        _ text: String,
        _ original: FuzzInput
    ) throws(ComposeError) -> LoadedProject {
        var input = FuzzInput(files: [FuzzInput.main: Array(text.utf8)])
        input.options.environment = [:]
        input.options.profiles = ["*"]
        // A service that a profile leaves out may still be named by one that is printed.
        input.options.without =
            original.options.without.intersection([.dropResources]).union([.checkReferences])
        return try ComposeLoader(files: InputFiles(files: input.files)).load(input.options)
    }

    private static func difference(_ left: String, _ right: String) -> String {
        let a = left.split(separator: "\n", omittingEmptySubsequences: false)
        let b = right.split(separator: "\n", omittingEmptySubsequences: false)
        let index = zip(a, b).enumerated().first { $1.0 != $1.1 }?.offset ?? min(a.count, b.count)
        let before = a[max(0, index - 3)..<index].joined(separator: "\n")
        let (old, new) = (index < a.count ? a[index] : "", index < b.count ? b[index] : "")
        return "\(before)\n-\(old)\n+\(new)"
    }

    /// A position that is in no file of the input, or outside of its text.
    private static func misplaced(_ problems: [Problem], _ input: FuzzInput) -> String? {
        var known: [String: [Int]] = [:]
        for problem in problems {
            let position = problem.position
            if problem.message.isEmpty { return "a problem without words at \(position)" }
            guard !position.file.isEmpty, position.line > 0 else { continue }
            let path = position.file.hasPrefix("/") ? position.file : "/project/" + position.file
            guard let bytes = input.files[path] else { return "no such file: \(problem)" }
            let lines = known[path] ?? lines(of: bytes, isYAML: !path.contains(".env"))
            known[path] = lines
            guard position.line <= lines.count else { return "outside of the file: \(problem)" }
            let length = lines[position.line - 1]
            guard position.column > 0, position.column <= length + 1 else {
                return "outside of the line: \(problem)"
            }
            _ = problem.rendered()
        }
        return nil
    }

    /// Lengths of the lines. YAML 1.1 ends them with LF, CR, CR LF, NEL, LS and PS, env files with LF.
    private static func lines(of bytes: [UInt8], isYAML: Bool) -> [Int] {
        var lengths = [0]
        var previous: UnicodeScalar = " "
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\n" {
                if !isYAML || previous != "\r" { lengths.append(0) }
            } else if isYAML, "\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains(scalar) {
                lengths.append(0)
            } else {
                lengths[lengths.count - 1] += 1
            }
            previous = scalar
        }
        return lengths
    }
}
