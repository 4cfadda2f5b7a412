/// Where a value of a project comes from: everything that says something about it, and which wins.
package struct Explanation: Hashable, Sendable {
    /// `services.web.environment.DB_URL`
    package var path: String
    /// The value as the project has it, on one line; nil where it has none in the end.
    package var value: String?
    /// The same as JSON.
    package var json: String
    /// What gives a value, oldest first; of a mapping or list, see `parts`.
    package var sources: [Source] = []
    /// Of a mapping or list: each value in it with what it comes from.
    package var parts: [Part] = []
    /// Of a variable: where it is used.
    package var uses: [Position] = []
    /// Why there is no value in the end.
    package var note: String?

    /// One thing that says what a value is.
    package struct Source: Hashable, Sendable {
        /// What kind of place a value came from.
        package enum Kind: String, Hashable, Sendable {
            case file, override, include, extends
            case envFile = "env_file"
            case labelFile = "label_file"
            case environment, commandLine = "command line", `default`
        }

        package var kind: Kind
        /// What it is, in words: `service "base", which web extends`.
        package var title: String
        package var position: Position
        /// How it came into the project, nearest first.
        package var route: [Step] = []
        /// The value it gives, on one line.
        package var value: String
        /// The text as written, where it differs.
        package var written: String?
        package var variables: [Variable] = []
        package var isWinner = false
        /// Why it wins or not.
        package var because = ""
    }

    /// A place on the way from where something is written to the project.
    package struct Step: Hashable, Sendable {
        /// `included`, `named`, `extended`
        package var words: String
        package var position: Position
    }

    /// A variable that went into a value.
    package struct Variable: Hashable, Sendable {
        /// Where a variable got its value.
        package enum Origin: String, Hashable, Sendable {
            /// The environment that the command was called with.
            case shell
            /// An env file, or another value: the position says where.
            case file
            /// The project's own: its name.
            case project
            /// The template's own word for when there is none.
            case `default`
            /// It has no value.
            case unset
        }

        package var name: String
        package var value: String
        package var origin: Origin
        package var position: Position?
    }

    /// A value within the one that was asked for.
    package struct Part: Hashable, Sendable {
        package var path: String
        package var value: String
        package var kind: Source.Kind
        package var title: String
        package var position: Position
    }
}
