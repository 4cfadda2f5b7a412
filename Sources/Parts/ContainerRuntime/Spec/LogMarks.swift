/// What of a container goes with each line that its log keeps, for `logs --details`. Docker's options
/// `labels`, `env`, the expressions for names of both, and `tag`.
package struct LogMarks: Hashable, Codable, Sendable {
    /// Names of labels.
    package var labels: [String] = []
    /// A regular expression for names of labels.
    package var labelsExpression: String?
    /// Names of variables.
    package var variables: [String] = []
    /// A regular expression for names of variables.
    package var variablesExpression: String?
    /// A Go template about the container.
    package var tag: String?
    /// Nothing goes with a line.
    package init() {}
}

extension LogDelivery {
    /// What goes with each line that is sent.
    package var marks: LogMarks {
        var marks = LogMarks()
        marks.labels = labels
        marks.labelsExpression = labelsExpression
        marks.variables = variables
        marks.variablesExpression = variablesExpression
        marks.tag = tag
        return marks
    }
}
