import Builder
package import Compose
package import ContainerRuntime
import SystemPackage

/// One rule of compose-spec `develop.watch`, ready to judge paths.
///
/// A path is none of the rule's business where its `ignore` says so, where it is beneath a `.git`, where
/// an editor keeps it only while it works, and where the `.dockerignore` of the service's build
/// leaves it out. What the rule itself names always is.
package struct WatchTrigger: Equatable, Sendable {
    /// Whose rule it is.
    package let service: String
    /// As the file has it.
    package let rule: DevelopDeclaration.WatchRule
    private let ignored: IgnoreRules
    private let included: IgnoreRules?
    private let context: Context?
    /// Absolute paths of files that say what the build leaves out, whether they are there or not.
    package let ignoreFiles: [String]

    /// The context of the service's build, with the rules of its `.dockerignore`.
    private struct Context: Equatable, Sendable {
        var folder: String
        var rules: IgnoreRules
    }

    /// Reads the `.dockerignore` of the service's build.
    /// - Throws: where a pattern cannot be read.
    package init(_ rule: DevelopDeclaration.WatchRule, of service: Service) throws {
        self.rule = rule
        self.service = service.name
        ignored = try IgnoreRules(patterns: Self.transient + rule.ignore.map(Self.relative))
        included =
            rule.include.isEmpty
            ? nil : try IgnoreRules(patterns: rule.include.map(Self.relative))
        guard let build = service.build, FilePath(build.context).isAbsolute else {
            context = nil
            ignoreFiles = []
            return
        }
        let folder = FilePath(build.context)
        let dockerfile = (build.dockerfileInline == nil ? build.dockerfile : nil)
            .map { folder.pushing(FilePath($0)) }
        ignoreFiles =
            [folder.appending(".dockerignore").string]
            + (dockerfile.map { [$0.string + ".dockerignore"] } ?? [])
        context = try IgnoreRules(ofContext: folder, dockerfile: dockerfile)
            .map { Context(folder: folder.string, rules: $0) }
    }

    /// A pattern is relative to the rule's path, also with a slash in front of it.
    private static func relative(_ pattern: String) -> String {
        pattern.hasPrefix("!")
            ? "!" + pattern.dropFirst().drop { $0 == "/" } : String(pattern.drop { $0 == "/" })
    }

    /// What no rule means: repositories, and what editors write while they work.
    private static let transient =
        [".git", ".idea", "*~", "#*#", ".#*", ".*.swp", ".*.swpx", ".*.swo", ".*.swx", "4913"]
        .map { "**/" + $0 }
        + ["**/*.kate-swp", "**/*___jb_old___", "**/*___jb_tmp___", "**/*-go-tmp-umask"]

    /// What a change of a path means.
    package enum Match: Equatable, Sendable {
        /// It is not for this rule.
        case none
        /// The rule's action is to be done.
        case action
        /// The same, and the path is to be copied.
        case copy(FileSync.Item)
    }

    /// Judges an absolute path.
    package func match(_ path: String) -> Match {
        guard let relative = Self.relative(path, to: rule.path) else { return .none }
        if relative != "." {
            guard !ignored.judge(relative).excluded, !isOutsideContext(path) else { return .none }
        }
        if let included, !included.judge(relative).excluded { return .none }
        guard rule.action.copies, let target = rule.target else { return .action }
        let place = relative == "." ? target : (target == "/" ? "" : target) + "/" + relative
        return .copy(FileSync.Item(path, to: place))
    }

    /// Whether nothing in a folder is for this rule.
    package func skips(_ folder: String) -> Bool {
        guard let relative = Self.relative(folder, to: rule.path) else {
            // One on the way to the rule's path has to be gone through.
            return Self.relative(rule.path, to: folder) == nil
        }
        guard relative != "." else { return false }
        let verdict = ignored.judge(relative)
        if verdict.excluded, !verdict.mayIncludeBeneath { return true }
        guard let context, let inner = Self.relative(folder, to: context.folder) else {
            return false
        }
        let outer = context.rules.judge(inner)
        return outer.excluded && !outer.mayIncludeBeneath
    }

    private func isOutsideContext(_ path: String) -> Bool {
        guard let context, let inner = Self.relative(path, to: context.folder) else { return false }
        return context.rules.judge(inner).excluded
    }

    /// `.` for the folder itself, nil for what is not in it.
    private static func relative(_ path: String, to folder: String) -> String? {
        if path == folder { return "." }
        let start = folder == "/" ? folder : folder + "/"
        return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : nil
    }
}

extension DevelopDeclaration.WatchRule.Action {
    /// Whether files are copied into the containers.
    package var copies: Bool {
        switch self {
        case .sync, .syncAndRestart, .syncAndExec: true
        case .rebuild, .restart: false
        }
    }
}
