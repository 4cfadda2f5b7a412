import Bake
import Compose

extension BakeDefinition {
    /// The definition of texts, as files of HCL unless they begin with a brace.
    static func of(_ texts: String..., environment: [String: String] = [:]) throws -> BakeDefinition
    {
        let files = texts.enumerated().map { index, text in
            BakeFile(
                name: text.hasPrefix("{") ? "\(index).json" : "\(index).hcl",
                bytes: Array(text.utf8)
            )
        }
        return try BakeDefinition(
            files,
            in: .init(
                environment: environment,
                platform: "linux/amd64",
                now: 1_577_934_245_000_000_000
            )
        )
    }

    /// The first problem of a text, as `line:column: path: message; hint`.
    static func problem(_ text: String, environment: [String: String] = [:]) throws -> String? {
        do {
            _ = try of(text, environment: environment)
            return nil
        } catch let error as BakeError {
            let problem = error.problems[0]
            return String(problem.description.drop { $0 != ":" }.dropFirst())
        }
    }

    /// What an expression comes to as an argument of a build; nil for null.
    static func value(of expression: String, environment: [String: String] = [:]) throws -> String?
    {
        let text = "target \"t\" {\n args = { V = \(expression) }\n}\n"
        let target = try of(text, environment: environment).targets["t"]
        return target?.map(.args).first?.value
    }
}
