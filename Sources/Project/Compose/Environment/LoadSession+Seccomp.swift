import OrderedCollections
import TextForms

extension LoadSession {
    /// The files that `security_opt` of the services names, read, by the paths that it says.
    mutating func seccompProfiles(of root: Node, in directory: String) -> [String: String] {
        var profiles: [String: String] = [:]
        for (name, service) in root["services"]?.map ?? [:] {
            for (index, item) in (service["security_opt"]?.list ?? []).enumerated() {
                guard case .seccompProfile(let path, _)? = item.string.flatMap(SecurityOption.init),
                    profiles[path] == nil
                else { continue }
                let place = "services.\(name).security_opt[\(index)]"
                let whole = pathBase(directory).absolute(path)
                guard let file = namedFile(whole, askedAt: item.mark, attribute: place) else {
                    continue
                }
                if let reason = Self.mistake(in: file.bytes) {
                    diagnostics.problem(
                        "\(whole) is not a seccomp profile: \(reason)",
                        at: item.mark,
                        hint: "name a file of JSON with \"defaultAction\" and \"syscalls\"",
                        path: place
                    )
                } else {
                    profiles[path] = String(decoding: file.bytes, as: UTF8.self)
                }
            }
        }
        return profiles
    }

    /// A longer one is no profile; what its rules mean is looked at when a container starts.
    private static let longestProfile = 1 << 20

    private static func mistake(in bytes: [UInt8]) -> String? {
        guard bytes.count <= longestProfile else { return "it is larger than 1 MiB" }
        do throws(JSONValue.Malformed) {
            let value = try JSONValue(parsing: bytes)
            guard value["defaultAction"]?.string != nil else { return "it has no defaultAction" }
            return nil
        } catch {
            return error.description
        }
    }
}

extension SecurityDeclaration {
    /// Gives the options that name files their content.
    mutating func fill(from profiles: [String: String]) {
        for index in securityOpt.indices {
            guard case .seccompProfile(let path, _) = securityOpt[index] else { continue }
            securityOpt[index] = .seccompProfile(path: path, json: profiles[path])
        }
    }
}
