/// A condition a row must meet to be taken in, such as `Quantity > 0` or `Country = Germany`.
public struct RowPredicate: Sendable, Hashable, CustomStringConvertible {
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case equal = "="
        case notEqual = "!="
        case greaterOrEqual = ">="
        case greater = ">"
    }

    public var column: String
    public var comparison: Comparison
    /// Compared as a number if it is one, else as text, for which only `=` and `!=` have a meaning.
    public var value: String

    /// - Throws: ``ImportError`` when text is to be compared by order.
    public init(column: String, comparison: Comparison, value: String) throws {
        self.column = column
        self.comparison = comparison
        self.value = value
        if number == nil, comparison != .equal, comparison != .notEqual {
            throw ImportError(
                .invalidOption, at: .init(fileName: "row condition"),
                "\"\(column) \(comparison.rawValue) \(value)\" compares by order, for which the value must be a number; use = or != for text")
        }
    }

    /// Reads `column comparison value`; white space around the three does not count.
    /// - Throws: ``ImportError`` when it is not of that shape.
    public init(parsing text: String) throws {
        let signs = ["<=", ">=", "!=", "<", ">", "="]
        let characters = Array(text)
        for index in characters.indices {
            for sign in signs where characters[index...].starts(with: Array(sign)) {
                let column = Self.trimmed(characters[..<index])
                let value = Self.trimmed(characters[(index + sign.count)...])
                guard !column.isEmpty, !value.isEmpty, let comparison = Comparison(rawValue: sign) else { break }
                try self.init(column: column, comparison: comparison, value: value)
                return
            }
        }
        throw ImportError(
            .invalidOption, at: .init(fileName: "row condition"),
            "expected a column, one of < <= = != >= >, and a value, such as \"Quantity > 0\"; found \"\(text)\"")
    }

    public var description: String { "\(column) \(comparison.rawValue) \(value)" }

    private var number: Double? {
        var copy = value
        return copy.withUTF8 { NumberText.decimal($0) }
    }

    /// Whether a field meets the condition, or nil when a number was expected and the field is none.
    func holds(for field: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard let bound = number else {
            let isEqual = field.elementsEqual(value.utf8)
            return comparison == .equal ? isEqual : !isEqual
        }
        guard let number = NumberText.decimal(field) else {
            // A text is certainly not that number; whether it is larger cannot be told.
            return comparison == .equal ? false : comparison == .notEqual ? true : nil
        }
        return switch comparison {
        case .less: number < bound
        case .lessOrEqual: number <= bound
        case .equal: number == bound
        case .notEqual: number != bound
        case .greaterOrEqual: number >= bound
        case .greater: number > bound
        }
    }

    private static func trimmed(_ characters: ArraySlice<Character>) -> String {
        String(characters.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
