/// Data that could not be taken in: which file, where in it, what was wrong, and what helps.
public struct ImportError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// A line is not what the format says.
        case malformed
        /// A catalog lists an id twice.
        case duplicateItem
        /// The file's kind is unknown or needs another tool first.
        case unsupported
        /// The header lacks a column that the mapping names.
        case missingColumn
        /// An option cannot be used as given.
        case invalidOption
        /// The file could not be opened or read.
        case unreadable
    }

    /// A position in a file; lines and columns count from 1, columns in bytes.
    public struct Place: Sendable, Hashable {
        public var fileName: String
        public var line: Int?
        public var column: Int?

        public init(fileName: String, line: Int? = nil, column: Int? = nil) {
            self.fileName = fileName
            self.line = line
            self.column = column
        }
    }

    public var code: Code
    public var place: Place
    public var message: String

    public init(_ code: Code, at place: Place, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    /// `file:line:column: message`, as compilers write it.
    public var description: String {
        var text = place.fileName
        if let line = place.line { text += ":\(line)" }
        if let column = place.column { text += ":\(column)" }
        return text + ": " + message
    }
}
