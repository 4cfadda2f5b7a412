import TextForms

extension Stack {
    static func node(_ repository: Repository) -> Stack? {
        guard repository.has("package.json") else { return nil }
        let text = repository.text("package.json")
        var manifest: JSONValue?
        var warning: String?
        do { manifest = try JSONValue(parsing: Array(text.utf8)) } catch {
            warning =
                "package.json in \(repository.name) is no JSON, so its scripts are not known: \(error)"
        }
        let scripts = manifest?["scripts"]
        let (install, lock) = installation(repository)
        let version = nodeVersion(repository, manifest)
        let builds = scripts?["build"]?.string != nil
        let starts = scripts?["start"]?.string != nil
        let base = """
            FROM node:\(version)-slim
            """
        let copied = """
            WORKDIR /app
            # The dependencies first: they change less often than the program, and stay cached.
            COPY package.json \(lock.map { $0 + " " } ?? "")./
            RUN --mount=type=cache,target=/root/.npm \(install)
            COPY . .
            """
        let isPage = builds && !starts
        let dockerfile =
            isPage
            ? """
            \(base) AS build
            \(copied)
            RUN npm run build

            # What a browser loads needs no Node. `dist` is what Vite writes; others write `build`.
            FROM nginx:stable
            COPY --from=build /app/dist /usr/share/nginx/html
            EXPOSE 80

            """
            : """
            \(base)
            \(copied)
            \(builds ? "RUN npm run build\n" : "")ENV NODE_ENV=production
            # A program that is not root can do less harm.
            USER node
            EXPOSE 3000
            CMD [\(starts ? "\"npm\", \"start\"" : "\"node\", \"\(entry(repository, manifest))\"")]

            """
        var stack = Stack(
            language: "Node.js",
            port: isPage ? 80 : 3000,
            notes: [
                isPage
                    ? "Node.js: `npm run build` makes pages, which nginx serves"
                    : "Node.js: the program is taken to listen on port 3000"
            ],
            dockerfile: head + dockerfile,
            ignored: ["node_modules", "dist", "npm-debug.log*"],
            dependencies: text
        )
        stack.warning = warning
        return stack
    }

    /// The installer that left its lock, and the lock.
    private static func installation(_ repository: Repository) -> (String, String?) {
        if repository.has("pnpm-lock.yaml") {
            return ("corepack enable && pnpm install --frozen-lockfile", "pnpm-lock.yaml")
        }
        if repository.has("yarn.lock") {
            return ("corepack enable && yarn install --immutable", "yarn.lock")
        }
        return repository.has("package-lock.json")
            ? ("npm ci", "package-lock.json") : ("npm install", nil)
    }

    private static func nodeVersion(_ repository: Repository, _ manifest: JSONValue?) -> String {
        first(/^v?(\d{2})/, in: repository.text(".nvmrc"))
            ?? first(/(\d{2})/, in: manifest?["engines"]?["node"]?.string ?? "") ?? "22"
    }

    private static func entry(_ repository: Repository, _ manifest: JSONValue?) -> String {
        if let main = manifest?["main"]?.string, main.wholeMatch(of: /[\w.\/-]+/) != nil {
            return main
        }
        return ["index.js", "server.js", "app.js"].first(where: repository.has) ?? "index.js"
    }
}
