/// `--force=true` and `--human=false`, which Go's flags take and the argument parser does not.
enum BooleanFlags {
    /// Flags of docker's image, registry and system commands, and what they are by themselves.
    private static let defaults: [String: Bool] = [
        "--all": false, "-a": false, "--all-tags": false, "--digests": false,
        "--disable-content-trust": true, "--force": false, "-f": false, "--human": true,
        "-H": true, "--no-prune": false, "--no-trunc": false, "--password-stdin": false,
        "--pause": true, "-p": true, "--quiet": false, "-q": false, "--size": false, "-s": false,
        "--tree": false, "--verbose": false, "-v": false, "--volumes": false,
    ]
    private static let short = ["-H": "human", "-p": "pause"]

    /// `--flag=true` as `--flag`; `--flag=false` as nothing, or as `--no-flag` where it is on by
    /// itself. What follows `--` stays.
    static func normalised(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let options = arguments[..<end].flatMap { word -> [String] in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let isOn = defaults[parts[0]], let value = truth[parts[1]]
            else { return [word] }
            if value == isOn { return [] }
            guard !value else { return [parts[0]] }
            return ["--no-\(short[parts[0]] ?? String(parts[0].dropFirst(2)))"]
        }
        return options + arguments[end...]
    }

    /// strconv.ParseBool.
    private static let truth: [String: Bool] = [
        "1": true, "t": true, "T": true, "true": true, "TRUE": true, "True": true, "0": false,
        "f": false, "F": false, "false": false, "FALSE": false, "False": false,
    ]
}
