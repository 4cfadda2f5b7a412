/// An expression of HCL, and where it begins.
indirect enum HCLExpression: Hashable, Sendable {
    case literal(BakeValue, BakePlace)
    /// A text with values in it: `"app-${TAG}"`.
    case template([TemplatePart], BakePlace)
    case list([HCLExpression], BakePlace)
    case object([Entry], BakePlace)
    /// A variable or a block by its name.
    case name(String, BakePlace)
    case member(HCLExpression, String, BakePlace)
    case element(HCLExpression, HCLExpression, BakePlace)
    /// `list[*].name`: what follows, of each element, which `steps` find in the variable `HCLExpression.each`.
    case splat(HCLExpression, each: HCLExpression, BakePlace)
    case call(String, [HCLExpression], spreadsLast: Bool, BakePlace)
    case unary(Operator, HCLExpression, BakePlace)
    case binary(Operator, HCLExpression, HCLExpression, BakePlace)
    case conditional(HCLExpression, HCLExpression, HCLExpression, BakePlace)
    case loop(Loop, BakePlace)

    /// An entry of an object.
    struct Entry: Hashable, Sendable {
        var key: HCLExpression
        var value: HCLExpression
    }

    /// `[for k, v in list : v if v != ""]` and `{for v in list : v => 1}`.
    struct Loop: Hashable, Sendable {
        var keyName: String?
        var valueName: String
        var collection: HCLExpression
        /// nil makes a list.
        var key: HCLExpression?
        var value: HCLExpression
        var condition: HCLExpression?
        /// `...` behind the value: values of one key are a list.
        var groups = false
    }

    /// The operators, by how they are written.
    enum Operator: String, Hashable, Sendable {
        case or = "||"
        case and = "&&"
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
        case not = "!"

        /// Higher binds closer; nil for what stands before one operand.
        var precedence: Int? {
            switch self {
            case .or: 1
            case .and: 2
            case .equal, .notEqual: 3
            case .less, .greater, .lessOrEqual, .greaterOrEqual: 4
            case .add, .subtract: 5
            case .multiply, .divide, .remainder: 6
            case .not: nil
            }
        }
    }

    /// The variable that a splat's elements are; no file can name it.
    static let each = "*"

    var place: BakePlace {
        switch self {
        case .literal(_, let place), .template(_, let place), .list(_, let place),
            .object(_, let place), .name(_, let place), .member(_, _, let place),
            .element(_, _, let place), .splat(_, _, let place), .call(_, _, _, let place),
            .unary(_, _, let place), .binary(_, _, _, let place),
            .conditional(_, _, _, let place), .loop(_, let place):
            place
        }
    }
}

/// A part of a template.
indirect enum TemplatePart: Hashable, Sendable {
    case text(String)
    case value(HCLExpression)
    /// `%{ if … }…%{ else }…%{ endif }`
    case condition(HCLExpression, then: [TemplatePart], otherwise: [TemplatePart])
    /// `%{ for x in … }…%{ endfor }`
    case loop(keyName: String?, valueName: String, HCLExpression, [TemplatePart])
}

/// The attributes and blocks between two braces, or of a file.
struct HCLBody: Hashable, Sendable {
    /// `name = expression`.
    struct Attribute: Hashable, Sendable {
        var name: String
        var value: HCLExpression
        var place: BakePlace
    }

    /// `type "label" { … }`.
    struct Block: Hashable, Sendable {
        var type: String
        var labels: [Label]
        var body: HCLBody
        var place: BakePlace
    }

    /// A block's name.
    struct Label: Hashable, Sendable {
        var text: String
        var place: BakePlace
    }

    var attributes: [Attribute] = []
    var blocks: [Block] = []

    subscript(name: String) -> Attribute? { attributes.first { $0.name == name } }
}
